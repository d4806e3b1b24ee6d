/* One board of the C library under a stream of any bytes. */
#ifndef FUZZ_BOARD_H
#define FUZZ_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the board counted. */
struct fuzz_heard {
  uint32_t good;    /* frames with a right check, whatever they said */
  uint32_t corrupt; /* candidates that were none, overruns included */
  bool is_whole;    /* every byte was taken */
};

/* Boots a board with an identity, gives it the bytes in pieces, time passing, and samples made. */
struct fuzz_heard fuzz_board(const uint8_t *bytes, size_t count);

#endif
