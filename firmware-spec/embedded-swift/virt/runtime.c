/* What compiled Swift calls and bare metal lacks; and where a board that trapped says so. */
#include <stddef.h>

#include "registers.h"

/* As in BenchPage.swift. */
enum { BENCH_TRAP_CAUSE = 0x80F00068, BENCH_TRAP_ADDRESS = 0x80F0006C };

/* A board with a watchdog would let it bite; this one stays as it is, to be looked at. */
void board_trapped(uint32_t cause, uint32_t address);
void board_trapped(uint32_t cause, uint32_t address) {
  mmio_w32((uint32_t)BENCH_TRAP_ADDRESS, address);
  mmio_w32((uint32_t)BENCH_TRAP_CAUSE, cause + 1);
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  unsigned char *restrict target = to;
  const unsigned char *restrict source = from;
  for (size_t at = 0; at < count; at++) target[at] = source[at];
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  unsigned char *target = to;
  const unsigned char *source = from;
  if (target <= source) return memcpy(to, from, count);
  while (count-- > 0) target[count] = source[count];
  return to;
}

void *memset(void *to, int value, size_t count) {
  unsigned char *target = to;
  for (size_t at = 0; at < count; at++) target[at] = (unsigned char)value;
  return to;
}

/* 64-bit shifts at -Osize are calls (the names are those of libgcc and compiler-rt). */
union halves {
  uint64_t whole;
  struct {
    uint32_t low, high;
  } part;
};

uint64_t __ashldi3(uint64_t value, int count);
uint64_t __ashldi3(uint64_t value, int count) {
  union halves in = {value}, out = {0};
  if (count >= 32) {
    out.part.high = in.part.low << (count - 32);
  } else if (count == 0) {
    return value;
  } else {
    out.part.low = in.part.low << count;
    out.part.high = in.part.high << count | in.part.low >> (32 - count);
  }
  return out.whole;
}

uint64_t __lshrdi3(uint64_t value, int count);
uint64_t __lshrdi3(uint64_t value, int count) {
  union halves in = {value}, out = {0};
  if (count >= 32) {
    out.part.low = in.part.high >> (count - 32);
  } else if (count == 0) {
    return value;
  } else {
    out.part.high = in.part.high >> count;
    out.part.low = in.part.low >> count | in.part.high << (32 - count);
  }
  return out.whole;
}
