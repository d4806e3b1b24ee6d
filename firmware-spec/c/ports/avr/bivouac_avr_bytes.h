/*
 * The byte loops of bytes.c for AVR, by hand. The compiler cannot carry from byte to byte in a
 * loop, and takes a call to cost twelve registers; each of these costs the two pointers and a
 * count at most, which spares the callers from saving what they hold.
 *
 * Each wrapper says what its routine, in bivouac_avr_bytes.c, takes and leaves in which register.
 * What the compiler knows to lie in the first 256 bytes of the one board is handed over as its
 * offset there, in half the bytes of an address; and most numbers have four bytes.
 */
#ifndef BIVOUAC_AVR_BYTES_H
#define BIVOUAC_AVR_BYTES_H

#include "bivouac_board.h"

#define BIVOUAC_AVR_INLINE static inline __attribute__((always_inline))

#if BIVOUAC_LINKED_PORT
#define BIVOUAC_AVR_OFFSET(bytes) ((uintptr_t)(bytes) - (uintptr_t)&bivouac_board_only)
#define BIVOUAC_AVR_IN_BOARD(bytes) \
  (__builtin_constant_p(BIVOUAC_AVR_OFFSET(bytes)) && BIVOUAC_AVR_OFFSET(bytes) < 256)
#else
#define BIVOUAC_AVR_OFFSET(bytes) 0
#define BIVOUAC_AVR_IN_BOARD(bytes) false
#endif
#define BIVOUAC_AVR_IS(count, constant) (__builtin_constant_p(count) && (count) == (constant))

/* Copies upwards, so `to` may lie below `from` in one buffer; what is behind the copy. */
BIVOUAC_AVR_INLINE uint8_t *bv_put(uint8_t *to, const uint8_t *from, uint8_t count) {
  register uint8_t x __asm__("r26") = (uint8_t)BIVOUAC_AVR_OFFSET(to);
  register uint8_t z __asm__("r30") = (uint8_t)BIVOUAC_AVR_OFFSET(from);
  register uint8_t left __asm__("r24") = count;
  if (BIVOUAC_AVR_IN_BOARD(to) && BIVOUAC_AVR_IN_BOARD(from)) {
    if (BIVOUAC_AVR_IS(count, 4)) {
      __asm__ volatile("%~call bivouac_avr_put4_within"
                       : "+r"(x), "+r"(z)
                       :
                       : "r24", "r27", "r31", "memory");
    } else {
      __asm__ volatile("%~call bivouac_avr_put_within"
                       : "+r"(x), "+r"(z), "+r"(left)
                       :
                       : "r27", "r31", "memory");
    }
    return to + count;
  }
  if (BIVOUAC_AVR_IN_BOARD(from)) {
    if (BIVOUAC_AVR_IS(count, 4)) {
      __asm__ volatile("%~call bivouac_avr_put4_from"
                       : "+x"(to), "+r"(z)
                       :
                       : "r24", "r31", "memory");
    } else {
      __asm__ volatile("%~call bivouac_avr_put_from"
                       : "+x"(to), "+r"(z), "+r"(left)
                       :
                       : "r31", "memory");
    }
  } else {
    __asm__ volatile("%~call bivouac_avr_put" : "+x"(to), "+z"(from), "+r"(left) : : "memory");
  }
  return to;
}

BIVOUAC_AVR_INLINE bool bv_same(const uint8_t *left, const uint8_t *right, uint8_t count) {
  register uint8_t x __asm__("r26") = (uint8_t)BIVOUAC_AVR_OFFSET(left);
  register uint8_t z __asm__("r30") = (uint8_t)BIVOUAC_AVR_OFFSET(right);
  register uint8_t rest __asm__("r24") = count;
  if (BIVOUAC_AVR_IN_BOARD(left) && BIVOUAC_AVR_IN_BOARD(right)) {
    if (BIVOUAC_AVR_IS(count, 4)) {
      __asm__ volatile("%~call bivouac_avr_same4_within"
                       : "+r"(x), "+r"(z), "=r"(rest)
                       :
                       : "r25", "r27", "r31", "memory");
    } else {
      __asm__ volatile("%~call bivouac_avr_same_within"
                       : "+r"(x), "+r"(z), "+r"(rest)
                       :
                       : "r25", "r27", "r31", "memory");
    }
  } else {
    __asm__ volatile("%~call bivouac_avr_same"
                     : "+x"(left), "+z"(right), "+r"(rest)
                     :
                     : "r25", "memory");
  }
  return rest == 0;
}

BIVOUAC_AVR_INLINE bool bv_is_zero(const uint8_t *bytes, uint8_t count) {
  register uint8_t z __asm__("r30") = (uint8_t)BIVOUAC_AVR_OFFSET(bytes);
  register uint8_t rest __asm__("r24") = count;
  if (!BIVOUAC_AVR_IN_BOARD(bytes)) {
    __asm__ volatile("%~call bivouac_avr_is_zero" : "+z"(bytes), "+r"(rest) : : "memory");
  } else if (BIVOUAC_AVR_IS(count, 4)) {
    __asm__ volatile("%~call bivouac_avr_is_zero4_within"
                     : "+r"(z), "=r"(rest)
                     :
                     : "r31", "memory");
  } else {
    __asm__ volatile("%~call bivouac_avr_is_zero_within"
                     : "+r"(z), "+r"(rest)
                     :
                     : "r31", "memory");
  }
  return rest == 0;
}

/* Whether one 32-bit number is below another. */
BIVOUAC_AVR_INLINE bool bv_below(const uint8_t *left, const uint8_t *right) {
  register uint8_t x __asm__("r26") = (uint8_t)BIVOUAC_AVR_OFFSET(left);
  register uint8_t z __asm__("r30") = (uint8_t)BIVOUAC_AVR_OFFSET(right);
  register uint8_t borrow __asm__("r24");
  if (BIVOUAC_AVR_IN_BOARD(left) && BIVOUAC_AVR_IN_BOARD(right)) {
    __asm__ volatile("%~call bivouac_avr_below_within"
                     : "+r"(x), "+r"(z), "=r"(borrow)
                     :
                     : "r25", "r27", "r31", "memory");
  } else {
    __asm__ volatile("%~call bivouac_avr_below"
                     : "+x"(left), "+z"(right), "=r"(borrow)
                     :
                     : "r25", "memory");
  }
  return borrow != 0;
}

/* Adds one to a 32-bit number. */
BIVOUAC_AVR_INLINE void bv_increment(uint8_t *number) {
  register uint8_t z __asm__("r30") = (uint8_t)BIVOUAC_AVR_OFFSET(number);
  if (BIVOUAC_AVR_IN_BOARD(number)) {
    __asm__ volatile("%~call bivouac_avr_increment_within"
                     : "+r"(z)
                     :
                     : "r24", "r31", "memory");
  } else {
    __asm__ volatile("%~call bivouac_avr_increment" : "+z"(number) : : "r24", "memory");
  }
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
  register uint8_t x __asm__("r26") = (uint8_t)BIVOUAC_AVR_OFFSET(to);
  if (BIVOUAC_AVR_IN_BOARD(to) && BIVOUAC_AVR_IS(value >> 16, 0)) {
    register uint16_t low __asm__("r22") = (uint16_t)value;
    __asm__ volatile("%~call bivouac_avr_put16_within"
                     : "+r"(x)
                     : "r"(low)
                     : "r24", "r25", "r27", "memory");
    return to + 4;
  }
  register uint32_t all __asm__("r22") = value;
  if (BIVOUAC_AVR_IN_BOARD(to)) {
    __asm__ volatile("%~call bivouac_avr_put32_within" : "+r"(x) : "r"(all) : "r27", "memory");
    return to + 4;
  }
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
