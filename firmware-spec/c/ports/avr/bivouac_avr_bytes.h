/*
 * The byte loops of bytes.c for AVR, by hand. The compiler cannot carry from byte to byte in a
 * loop, and takes a call to cost twelve registers; each of these costs the two pointers and a
 * count at most, which spares the callers from saving what they hold: 0.3 KB less flash in all.
 *
 * Each wrapper says what its routine, in bivouac_avr_bytes.c, takes and leaves in which register.
 */
#ifndef BIVOUAC_AVR_BYTES_H
#define BIVOUAC_AVR_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#define BIVOUAC_AVR_INLINE static inline __attribute__((always_inline))

/* Copies upwards, so `to` may lie below `from` in one buffer; what is behind the copy. */
BIVOUAC_AVR_INLINE uint8_t *bv_put(uint8_t *to, const uint8_t *from, uint8_t count) {
  if (__builtin_constant_p(count) && count == 4) {
    __asm__ volatile("%~call bivouac_avr_put4" : "+x"(to), "+z"(from) : : "r24", "memory");
  } else {
    register uint8_t left __asm__("r24") = count;
    __asm__ volatile("%~call bivouac_avr_put" : "+x"(to), "+z"(from), "+r"(left) : : "memory");
  }
  return to;
}

BIVOUAC_AVR_INLINE bool bv_same(const uint8_t *left, const uint8_t *right, uint8_t count) {
  register uint8_t rest __asm__("r24") = count;
  __asm__ volatile("%~call bivouac_avr_same"
                   : "+x"(left), "+z"(right), "+r"(rest)
                   :
                   : "r25", "memory");
  return rest == 0;
}

BIVOUAC_AVR_INLINE bool bv_is_zero(const uint8_t *bytes, uint8_t count) {
  register uint8_t rest __asm__("r24") = count;
  __asm__ volatile("%~call bivouac_avr_is_zero" : "+z"(bytes), "+r"(rest) : : "memory");
  return rest == 0;
}

/* Whether one 32-bit number is below another. */
BIVOUAC_AVR_INLINE bool bv_below(const uint8_t *left, const uint8_t *right) {
  register uint8_t borrow __asm__("r24");
  __asm__ volatile("%~call bivouac_avr_below"
                   : "+x"(left), "+z"(right), "=r"(borrow)
                   :
                   : "r25", "memory");
  return borrow != 0;
}

/* Adds one to a 32-bit number. */
BIVOUAC_AVR_INLINE void bv_increment(uint8_t *number) {
  __asm__ volatile("%~call bivouac_avr_increment" : "+z"(number) : : "r24", "memory");
}

BIVOUAC_AVR_INLINE void bv_add(uint8_t *to, const uint8_t *by, uint8_t count) {
  register uint8_t left __asm__("r24") = count;
  __asm__ volatile("%~call bivouac_avr_add"
                   : "+x"(to), "+z"(by), "+r"(left)
                   :
                   : "r25", "memory");
}

BIVOUAC_AVR_INLINE void bv_subtract(uint8_t *to, const uint8_t *by, uint8_t count) {
  register uint8_t left __asm__("r24") = count;
  __asm__ volatile("%~call bivouac_avr_subtract"
                   : "+x"(to), "+z"(by), "+r"(left)
                   :
                   : "r25", "memory");
}

BIVOUAC_AVR_INLINE uint8_t *bv_put32(uint8_t *to, uint32_t value) {
  register uint32_t all __asm__("r22") = value;
  __asm__ volatile("%~call bivouac_avr_put32" : "+x"(to) : "r"(all) : "memory");
  return to;
}

BIVOUAC_AVR_INLINE uint32_t bv_crc32c(const uint8_t *bytes, uint8_t count) {
  register uint32_t crc __asm__("r22");
  register uint8_t left __asm__("r20") = count;
  __asm__ volatile("%~call bivouac_avr_crc32c"
                   : "+z"(bytes), "+r"(left), "=r"(crc)
                   :
                   : "r21", "r26", "memory");
  return crc;
}

#endif
