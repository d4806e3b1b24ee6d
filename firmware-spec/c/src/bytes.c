/* Fixed little-endian fields, 48-bit ticks in two parts, and the check. */
#include "internal.h"

uint16_t bv_get16(const uint8_t *from) { return (uint16_t)(from[0] | ((uint16_t)from[1] << 8)); }

uint32_t bv_get32(const uint8_t *from) {
  return bv_get16(from) | ((uint32_t)bv_get16(from + 2) << 16);
}

uint8_t *bv_put16(uint8_t *to, uint16_t value) {
  to[0] = (uint8_t)value;
  to[1] = (uint8_t)(value >> 8);
  return to + 2;
}

uint8_t *bv_put32(uint8_t *to, uint32_t value) {
  return bv_put16(bv_put16(to, (uint16_t)value), (uint16_t)(value >> 16));
}

uint8_t *bv_put_ticks(uint8_t *to, const struct bivouac_ticks *ticks) {
  return bv_put16(bv_put32(to, ticks->low), ticks->high);
}

bool bv_same_ticks(const struct bivouac_ticks *left, const struct bivouac_ticks *right) {
  return left->low == right->low && left->high == right->high;
}

/* Two parts rather than 64 bits: avr-gcc spends 16 registers and a call on each uint64_t. */
void bv_add_ticks(struct bivouac_ticks *ticks, const struct bivouac_ticks *delta) {
  uint32_t low = ticks->low + delta->low;
  ticks->high = (uint16_t)(ticks->high + delta->high + (low < delta->low ? 1 : 0));
  ticks->low = low;
}

void bv_subtract_ticks(struct bivouac_ticks *ticks, const struct bivouac_ticks *earlier) {
  ticks->high =
      (uint16_t)(ticks->high - earlier->high - (ticks->low < earlier->low ? 1 : 0));
  ticks->low -= earlier->low;
}

/* Bit by bit: a table would cost 64 bytes of RAM or flash for 0.4 ms a frame at 16 MHz. */
uint32_t bv_crc32c(const uint8_t *bytes, bivouac_size count) {
  uint32_t crc = 0xFFFFFFFFUL;
  while (count-- > 0) {
    crc ^= *bytes++;
    for (uint8_t bit = 0; bit < 8; bit++) {
      bool odd = (crc & 1) != 0;
      crc >>= 1;
      if (odd) crc ^= 0x82F63B78UL;
    }
  }
  return crc ^ 0xFFFFFFFFUL;
}
