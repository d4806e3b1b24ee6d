/*
 * The POSIX port: a board on a file descriptor (a pty, a serial port, a socket), its identity in a
 * file. For boards that run Linux, and for tests; what it does is what any port has to do.
 */
#ifndef BIVOUAC_POSIX_H
#define BIVOUAC_POSIX_H

#include "bivouac_board.h"

/* What the port keeps. Owned by the application; the board's config points at it as `context`. */
struct bivouac_posix {
  int line;                 /* open, non-blocking; the application's to close */
  const char *identity_path; /* a file of 40 bytes, made when it is missing */
  bool is_hung_up;          /* the line said end of file or an error other than "try again" */
};

/* Opens a new pty in raw mode: the master is returned, the slave's path written; -1 on error. */
int bivouac_posix_open_pty(char *slave_path, size_t capacity);

/* Milliseconds of the monotonic clock, sleep included, modulo 2^32. */
uint32_t bivouac_posix_ticks(void);
/* 32 random bits of the kernel. */
uint32_t bivouac_posix_random(void);
/* Waits until the line can be read, or the time is over. */
void bivouac_posix_wait(const struct bivouac_posix *port, int timeout_ms);

/* The callbacks of `struct bivouac_config`, with a `struct bivouac_posix` as context. */
int16_t bivouac_posix_receive(struct bivouac_board *board);
bivouac_size bivouac_posix_transmit(
    struct bivouac_board *board, const uint8_t *bytes, bivouac_size count);
bool bivouac_posix_load(
    struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]);
void bivouac_posix_store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]);

#endif
