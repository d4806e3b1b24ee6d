/* Little-endian numbers of any size, and the check. */
#include "internal.h"

/*
 * Copies upwards, so `to` may lie below `from` in one buffer. memcpy takes two registers more, and
 * its builtin a loop at every place.
 */
LOCAL uint8_t *bv_put(uint8_t *to, const uint8_t *from, bivouac_size count) {
  while (count-- > 0) *to++ = *from++;
  return to;
}

LOCAL bool bv_same(const uint8_t *left, const uint8_t *right, uint8_t count) {
  do {
    if (*left++ != *right++) return false;
  } while (--count > 0);
  return true;
}

LOCAL bool bv_is_zero(const uint8_t *bytes, uint8_t count) {
  uint8_t any = 0;
  do any |= *bytes++;
  while (--count > 0);
  return any == 0;
}

/* Most numbers have four bytes; on AVR their length would cost two more bytes at every call. */
LOCAL LARGE uint8_t *bv_put4(uint8_t *to, const uint8_t *from) { return bv_put(to, from, 4); }

LOCAL LARGE bool bv_same4(const uint8_t *left, const uint8_t *right) {
  return bv_same(left, right, 4);
}

LOCAL LARGE bool bv_is_zero4(const uint8_t *bytes) { return bv_is_zero(bytes, 4); }

/* Whether one 32-bit number is below another. */
LOCAL LARGE bool bv_below(const uint8_t *left, const uint8_t *right) {
  return bv_get32(left) < bv_get32(right);
}

/* Adds one to a 32-bit number. */
LOCAL void bv_increment(uint8_t *number) {
  (void)bv_put32(number, bv_get32(number) + 1);
}

/* Adds `by` with every bit flipped by `mask`, and the mask's lowest bit. */
static bool add(uint8_t *to, const uint8_t *by, uint8_t count, uint8_t mask) {
  uint16_t sum = mask & 1;
  do {
    sum = (uint16_t)(sum + *to + (uint8_t)(*by++ ^ mask));
    *to++ = (uint8_t)sum;
    sum >>= 8;
  } while (--count > 0);
  return sum != 0;
}

LOCAL void bv_add(uint8_t *to, const uint8_t *by, uint8_t count) { (void)add(to, by, count, 0); }

LOCAL bool bv_subtract(uint8_t *to, const uint8_t *by, uint8_t count) {
  return add(to, by, count, 0xFF);
}

LOCAL uint8_t *bv_put32(uint8_t *to, uint32_t value) {
  for (uint8_t byte = 0; byte < 4; byte++) {
    *to++ = (uint8_t)value;
    value >>= 8;
  }
  return to;
}

/* Bit by bit: a table would cost 64 bytes of RAM or flash for 0.4 ms a frame at 16 MHz. */
LOCAL uint32_t bv_crc32c(const uint8_t *bytes, bivouac_size count) {
  uint32_t crc = 0xFFFFFFFFUL;
  while (count-- > 0) {
    uint8_t bits = 8;
    crc ^= *bytes++;
    do {
      /* As a byte: the compiler would keep four of it. */
      uint8_t low = (uint8_t)crc;
      crc >>= 1;
      if ((low & 1) != 0) crc ^= 0x82F63B78UL;
    } while (--bits > 0);
  }
  return ~crc;
}
