/*
 * The byte loops of bytes.c for AVR, by hand. The compiler cannot carry from byte to byte in a
 * loop, and takes a call to cost twelve registers; each of these costs the two pointers and a
 * count at most, which spares the callers from saving what they hold.
 *
 * Each wrapper says what its routine, in bytes_avr.c, takes and leaves in which register.
 * What the compiler knows to lie in the first 256 bytes of the one board is handed over as its
 * offset there, in half the bytes of an address; and most numbers have four bytes.
 */
#ifndef BIVOUAC_BYTES_AVR_H
#define BIVOUAC_BYTES_AVR_H

#include "bivouac_board.h"

#define BV_AVR_INLINE static inline __attribute__((always_inline))

#if BIVOUAC_LINKED_PORT
#define BV_AVR_OFFSET(bytes) ((uintptr_t)(bytes) - (uintptr_t)&bivouac_board_only)
#define BV_AVR_IN_BOARD(bytes) \
  (__builtin_constant_p(BV_AVR_OFFSET(bytes)) && BV_AVR_OFFSET(bytes) < 256)
#else
#define BV_AVR_OFFSET(bytes) 0
#define BV_AVR_IN_BOARD(bytes) false
#endif
#define BV_AVR_IS(count, constant) (__builtin_constant_p(count) && (count) == (constant))

/* Copies upwards, so `to` may lie below `from` in one buffer; what is behind the copy. */
BV_AVR_INLINE uint8_t *bv_put(uint8_t *to, const uint8_t *from, uint8_t count) {
  register uint8_t x __asm__("r26") = (uint8_t)BV_AVR_OFFSET(to);
  register uint8_t z __asm__("r30") = (uint8_t)BV_AVR_OFFSET(from);
  register uint8_t left __asm__("r24") = count;
  if (BV_AVR_IN_BOARD(to) && BV_AVR_IN_BOARD(from)) {
    if (BV_AVR_IS(count, 4)) {
      __asm__ volatile("%~call bv_avr_put4_within"
                       : "+r"(x), "+r"(z)
                       :
                       : "r24", "r27", "r31", "memory");
    } else {
      __asm__ volatile("%~call bv_avr_put_within"
                       : "+r"(x), "+r"(z), "+r"(left)
                       :
                       : "r27", "r31", "memory");
    }
    return to + count;
  }
  if (BV_AVR_IN_BOARD(from)) {
    if (BV_AVR_IS(count, 4)) {
      __asm__ volatile("%~call bv_avr_put4_from"
                       : "+x"(to), "+r"(z)
                       :
                       : "r24", "r31", "memory");
    } else {
      __asm__ volatile("%~call bv_avr_put_from"
                       : "+x"(to), "+r"(z), "+r"(left)
                       :
                       : "r31", "memory");
    }
  } else {
    __asm__ volatile("%~call bv_avr_put" : "+x"(to), "+z"(from), "+r"(left) : : "memory");
  }
  return to;
}

BV_AVR_INLINE bool bv_same(const uint8_t *left, const uint8_t *right, uint8_t count) {
  register uint8_t x __asm__("r26") = (uint8_t)BV_AVR_OFFSET(left);
  register uint8_t z __asm__("r30") = (uint8_t)BV_AVR_OFFSET(right);
  register uint8_t rest __asm__("r24") = count;
  if (BV_AVR_IN_BOARD(left) && BV_AVR_IN_BOARD(right)) {
    if (BV_AVR_IS(count, 4)) {
      __asm__ volatile("%~call bv_avr_same4_within"
                       : "+r"(x), "+r"(z), "=r"(rest)
                       :
                       : "r25", "r27", "r31", "memory");
    } else {
      __asm__ volatile("%~call bv_avr_same_within"
                       : "+r"(x), "+r"(z), "+r"(rest)
                       :
                       : "r25", "r27", "r31", "memory");
    }
  } else {
    __asm__ volatile("%~call bv_avr_same"
                     : "+x"(left), "+z"(right), "+r"(rest)
                     :
                     : "r25", "memory");
  }
  return rest == 0;
}

BV_AVR_INLINE bool bv_is_zero(const uint8_t *bytes, uint8_t count) {
  register uint8_t z __asm__("r30") = (uint8_t)BV_AVR_OFFSET(bytes);
  register uint8_t rest __asm__("r24") = count;
  if (!BV_AVR_IN_BOARD(bytes)) {
    __asm__ volatile("%~call bv_avr_is_zero" : "+z"(bytes), "+r"(rest) : : "memory");
  } else if (BV_AVR_IS(count, 4)) {
    __asm__ volatile("%~call bv_avr_is_zero4_within"
                     : "+r"(z), "=r"(rest)
                     :
                     : "r31", "memory");
  } else {
    __asm__ volatile("%~call bv_avr_is_zero_within"
                     : "+r"(z), "+r"(rest)
                     :
                     : "r31", "memory");
  }
  return rest == 0;
}

/* Whether one 32-bit number is below another. */
BV_AVR_INLINE bool bv_below(const uint8_t *left, const uint8_t *right) {
  register uint8_t x __asm__("r26") = (uint8_t)BV_AVR_OFFSET(left);
  register uint8_t z __asm__("r30") = (uint8_t)BV_AVR_OFFSET(right);
  register uint8_t borrow __asm__("r24");
  if (BV_AVR_IN_BOARD(left) && BV_AVR_IN_BOARD(right)) {
    __asm__ volatile("%~call bv_avr_below_within"
                     : "+r"(x), "+r"(z), "=r"(borrow)
                     :
                     : "r25", "r27", "r31", "memory");
  } else {
    __asm__ volatile("%~call bv_avr_below"
                     : "+x"(left), "+z"(right), "=r"(borrow)
                     :
                     : "r25", "memory");
  }
  return borrow != 0;
}

/* Adds one to a 32-bit number. */
BV_AVR_INLINE void bv_increment(uint8_t *number) {
  register uint8_t z __asm__("r30") = (uint8_t)BV_AVR_OFFSET(number);
  if (BV_AVR_IN_BOARD(number)) {
    __asm__ volatile("%~call bv_avr_increment_within"
                     : "+r"(z)
                     :
                     : "r24", "r31", "memory");
  } else {
    __asm__ volatile("%~call bv_avr_increment" : "+z"(number) : : "r24", "memory");
  }
}

BV_AVR_INLINE void bv_add(uint8_t *to, const uint8_t *by, uint8_t count) {
  register uint8_t x __asm__("r26") = (uint8_t)BV_AVR_OFFSET(to);
  register uint8_t z __asm__("r30") = (uint8_t)BV_AVR_OFFSET(by);
  register uint8_t left __asm__("r24") = count;
  if (BV_AVR_IN_BOARD(to) && BV_AVR_IN_BOARD(by)) {
    __asm__ volatile("%~call bv_avr_add_within"
                     : "+r"(x), "+r"(z), "+r"(left)
                     :
                     : "r25", "r27", "r31", "memory");
  } else {
    __asm__ volatile("%~call bv_avr_add"
                     : "+x"(to), "+z"(by), "+r"(left)
                     :
                     : "r25", "memory");
  }
}

BV_AVR_INLINE void bv_subtract(uint8_t *to, const uint8_t *by, uint8_t count) {
  register uint8_t x __asm__("r26") = (uint8_t)BV_AVR_OFFSET(to);
  register uint8_t z __asm__("r30") = (uint8_t)BV_AVR_OFFSET(by);
  register uint8_t left __asm__("r24") = count;
  if (BV_AVR_IN_BOARD(to) && BV_AVR_IN_BOARD(by)) {
    __asm__ volatile("%~call bv_avr_subtract_within"
                     : "+r"(x), "+r"(z), "+r"(left)
                     :
                     : "r25", "r27", "r31", "memory");
  } else {
    __asm__ volatile("%~call bv_avr_subtract"
                     : "+x"(to), "+z"(by), "+r"(left)
                     :
                     : "r25", "memory");
  }
}

BV_AVR_INLINE uint8_t *bv_put32(uint8_t *to, uint32_t value) {
  register uint8_t x __asm__("r26") = (uint8_t)BV_AVR_OFFSET(to);
  if (BV_AVR_IN_BOARD(to) && BV_AVR_IS(value >> 16, 0)) {
    register uint16_t low __asm__("r22") = (uint16_t)value;
    __asm__ volatile("%~call bv_avr_put16_within"
                     : "+r"(x)
                     : "r"(low)
                     : "r24", "r25", "r27", "memory");
    return to + 4;
  }
  register uint32_t all __asm__("r22") = value;
  if (BV_AVR_IN_BOARD(to)) {
    __asm__ volatile("%~call bv_avr_put32_within" : "+r"(x) : "r"(all) : "r27", "memory");
    return to + 4;
  }
  __asm__ volatile("%~call bv_avr_put32" : "+x"(to) : "r"(all) : "memory");
  return to;
}

BV_AVR_INLINE uint32_t bv_crc32c(const uint8_t *bytes, uint8_t count) {
  register uint32_t crc __asm__("r22");
  register uint8_t left __asm__("r20") = count;
  __asm__ volatile("%~call bv_avr_crc32c"
                   : "+z"(bytes), "+r"(left), "=r"(crc)
                   :
                   : "r21", "r26", "memory");
  return crc;
}

#endif
