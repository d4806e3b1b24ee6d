/*
 * The byte loops written by hand for AVR, against the same in plain C, on random numbers and on
 * those that carry far. Leaves the failures in GPIOR1, and GPIOR0 as 0xA5 when it came to the end.
 */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#include "../../src/bytes_avr.c"

enum { ROUNDS = 400, DONE = 0xA5, MOST = 12 };

struct bivouac_board bivouac_board_only;
static struct bivouac_board *const board = &bivouac_board_only;
static uint8_t left[MOST], right[MOST], wanted[MOST];
static uint32_t seed = 1;

static void check(bool is_right) {
  if (!is_right && GPIOR1 != 0xFF) GPIOR1++;
}

/* Mostly zeros and ones, so that numbers are alike, and carry. */
static uint8_t byte(void) {
  seed = seed * 1664525UL + 1013904223UL;
  uint8_t kind = (uint8_t)(seed >> 30);
  return kind == 0 ? 0 : kind == 1 ? 0xFF : (uint8_t)(seed >> 20);
}

static void fill(uint8_t *bytes, uint8_t count) {
  while (count-- > 0) *bytes++ = byte();
}

static bool are_same(const uint8_t *one, const uint8_t *other, uint8_t count) {
  return memcmp(one, other, count) == 0;
}

/* By pointer: what a routine makes of the bytes, and that it leaves those behind alone. */
static __attribute__((noinline)) void by_pointer(uint8_t *to, const uint8_t *from, uint8_t count) {
  uint8_t zero[MOST] = {0};
  check((memcmp(to, from, count) == 0) == bv_same(to, from, count));
  check((memcmp(to, zero, count) == 0) == bv_is_zero(to, count));
  check((bv_get32(to) < bv_get32(from)) == bv_below(to, from));

  uint16_t sum = 0;
  for (uint8_t at = 0; at < count; at++) {
    sum += (uint16_t)to[at] + from[at];
    wanted[at] = (uint8_t)sum;
    sum >>= 8;
  }
  uint8_t before[MOST];
  memcpy(before, to, MOST);
  bv_add(to, from, count);
  check(are_same(to, wanted, count) && are_same(to + count, before + count, MOST - count));
  bv_subtract(to, from, count);
  check(are_same(to, before, MOST));

  uint32_t value = bv_get32(to) + 1;
  bv_increment(to);
  check(bv_get32(to) == value && are_same(to + 4, before + 4, MOST - 4));

  memcpy(before, to, MOST);
  check(bv_put(to, from, count) == to + count);
  check(are_same(to, from, count) && are_same(to + count, before + count, MOST - count));
  check(bv_put(to, from, 0) == to && are_same(to, from, count));
  check(bv_put(to + 1, to + 2, 4) == to + 5);

  memcpy(before, to, MOST);
  check(bv_put32(to, value) == to + 4);
  check(bv_get32(to) == value && are_same(to + 4, before + 4, MOST - 4));
}

/* The same by offset: what the compiler knows to be the board's, next to what must not change. */
static void by_offset(void) {
  fill(board->now, sizeof board->now);
  fill(board->segment, sizeof board->segment);
  fill(board->id, sizeof board->id);
  fill(board->rx, 32);
  if (byte() == 0) memcpy(board->rx + 10, board->now, 4);

  check(are_same(board->now, board->rx + 10, 4) == bv_same(board->now, board->rx + 10, 4));
  check(are_same(board->now, board->segment, 6) == bv_same(board->now, board->segment, 6));
  check((bv_get32(board->now) == 0) == bv_is_zero(board->now, 4));
  check((bv_get32(board->id) == 0 && bv_get32(board->id + 4) == 0) == bv_is_zero(board->id, 8));
  check((bv_get32(board->now) < bv_get32(board->rx + 10)) == bv_below(board->now, board->rx + 10));

  uint32_t value = bv_get32(board->now) + 1;
  uint8_t behind = board->now[4];
  bv_increment(board->now);
  check(bv_get32(board->now) == value && board->now[4] == behind);

  check(bv_put(board->now, board->rx + 20, 4) == board->now + 4);
  check(are_same(board->now, board->rx + 20, 4) && board->now[4] == behind);
  check(bv_put(board->segment, board->now, 6) == board->segment + 6);
  check(are_same(board->segment, board->now, 6));

  uint8_t sum[6], first[6];
  memcpy(sum, board->now, 6);
  memcpy(first, board->now, 6);
  bv_add(sum, board->segment, 6);
  bv_add(board->now, board->segment, 6);
  check(are_same(board->now, sum, 6));
  bv_subtract(board->now, board->segment, 6);
  check(are_same(board->now, first, 6));
  bv_add(sum, sum, 4);
  bv_subtract(first, sum, 4);
  bv_add(first, sum, 4);
  check(are_same(first, board->now, 6));

  uint8_t *to = left;
  __asm__("" : "+r"(to));
  check(bv_put(to, board->id, 4) == left + 4 && are_same(left, board->id, 4));
  check(bv_put(to, board->id, 8) == left + 8 && are_same(left, board->id, 8));

  behind = board->now[4];
  (void)bv_put32(board->now, 0xFFFFFFFFUL);
  (void)bv_put32(board->now, 0xBEEF);
  check(bv_get32(board->now) == 0xBEEF && board->now[4] == behind);
  (void)bv_put32(board->now, value);
  check(bv_get32(board->now) == value && board->now[4] == behind);
}

static uint32_t crc_by_bit(const uint8_t *bytes, uint8_t count) {
  uint32_t crc = 0xFFFFFFFFUL;
  while (count-- > 0) {
    crc ^= *bytes++;
    for (uint8_t bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78UL : 0);
  }
  return ~crc;
}

int main(void) {
  for (uint16_t round = 0; round < ROUNDS; round++) {
    fill(left, MOST);
    fill(right, MOST);
    uint8_t count = (uint8_t)(5 + round % (MOST - 5));
    check(bv_crc32c(left, count) == crc_by_bit(left, count));
    if (byte() == 0) memcpy(left, right, count);
    if (byte() == 0) memset(left, 0, count);
    by_pointer(left, right, count);
    by_offset();
  }
  check(bv_crc32c(left, 0) == 0);
  check(bv_crc32c((const uint8_t *)"123456789", 9) == 0xE3069283UL);
  GPIOR0 = DONE;
  cli();
  sleep_mode();
  return 0;
}
