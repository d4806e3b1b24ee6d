#pragma once
#include <zstd.h>

// What Swift cannot import: macros that are casts.

/// Whether the frame says how long its content is, and how long.
static inline int czstd_content_size(const void *frame, size_t size, unsigned long long *content) {
  *content = ZSTD_getFrameContentSize(frame, size);
  return *content != ZSTD_CONTENTSIZE_UNKNOWN && *content != ZSTD_CONTENTSIZE_ERROR;
}
