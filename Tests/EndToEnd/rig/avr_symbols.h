/* Where a firmware keeps what the rig looks at. */
#ifndef AVR_SYMBOLS_H
#define AVR_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

enum { BOARD, NEXT, LOST, EPOCH, ID, STATE, COUNTS, OVERRUNS, END, SYMBOLS };

/* Addresses in RAM, or offsets in the board (NEXT to COUNTS). */
extern struct symbol {
  const char *name;
  uint32_t value;
  bool is_found;
} symbols[SYMBOLS];

/* Looks them up in the firmware's ELF file; false when it cannot be read. */
bool read_symbols(const char *path);

#endif
