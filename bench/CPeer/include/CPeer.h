/* The honest C peer of FrameReader, and a count of allocations for both. */
#ifndef CPEER_H
#define CPEER_H
#include <stddef.h>
#include <stdint.h>

/* Frames with a right check in `count` bytes: COBS undone, CRC-32C by a table of 256 words. */
size_t peer_decode(const uint8_t *_Nonnull bytes, size_t count);

/* Calls of malloc, calloc and realloc in this process so far. */
unsigned long peer_allocations(void);
#endif
