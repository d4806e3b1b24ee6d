/* What the board says (PROTOCOL.md 2 and 4.1 point 3): the first message that is due. */
#include "internal.h"

/* Cookie, ticks and segment, as TIME_REPLY carries them. */
enum { TIME_REPLY_BYTES = 4 + 2 * BIVOUAC_TICKS_BYTES };

static LARGE uint8_t descriptor_byte(struct bivouac_board *board, uint16_t offset) {
  return CONFIG_CALL(board, descriptor)(board, offset);
}

/* FNV-1a, 64 bits: times the prime 0x100000001B3 is 0xB3 times, plus 8 and 40 bits further up. */
static uint8_t *put_descriptor_hash(struct bivouac_board *board, uint8_t *hash) {
  uint16_t length = CONFIG_U16(board, descriptor_length);
  (void)bv_put32(bv_put32(hash, 0x84222325UL), 0xCBF29CE4UL);
  for (uint16_t offset = 0; offset < length; offset++) {
    uint8_t before[8];
    hash[0] ^= descriptor_byte(board, offset);
    (void)bv_put(before, hash, sizeof before);
    uint16_t carry = 0;
    for (uint8_t at = 0; at < sizeof before; at++) {
      carry = (uint16_t)(carry + hash[at] * 0xB3U);
      hash[at] = (uint8_t)carry;
      carry >>= 8;
    }
    bv_add(hash + 1, before, 7);
    bv_add(hash + 5, before, 3);
  }
  return hash + 8;
}

static uint8_t *put_hello(struct bivouac_board *board, uint8_t *at) {
  *at++ = 1;
  *at++ = board->flags & FLAG_NO_RECORD;
  at = bv_put(at, board->id, sizeof board->id + sizeof board->nonce);
  for (uint8_t index = 0; index < 8; index++) *at++ = CONFIG_U8(board, hardware_hint[index]);
  at = put_descriptor_hash(board, at);
  uint16_t length = CONFIG_U16(board, descriptor_length);
  *at++ = (uint8_t)length;
  *at++ = (uint8_t)(length >> 8);
  uint32_t maxima = BODY_MAX_TO_HOST(board) | (uint32_t)BODY_MAX_TO_BOARD(board) << 8;
  at = bv_put32(at, maxima | (uint32_t)WINDOW(board) << 16);
  at = bv_put32(at, CONFIG_INDEX(board, ring_slots));
  at = bv_put32(at, CONFIG_U32(board, sampling_rate));
  *at++ = 1;
  at = bv_put(at, board->epoch, sizeof board->epoch + sizeof board->oldest + sizeof board->next);
  bool is_slow = bv_is_due(board, BIVOUAC_FAST);
  bv_set_timer(board, BIVOUAC_HELLO, is_slow ? HELLO_SLOW_MS : HELLO_FAST_MS);
  if (board->state == UNATTACHED) bv_set_timer(board, BIVOUAC_RESEND, RESEND_MS);
  return at;
}

static uint8_t *put_descriptor(struct bivouac_board *board, uint8_t *at) {
  const uint8_t *end = board->tx + 2 + BODY_MAX_TO_HOST(board);
  uint16_t offset = board->descriptor_offset;
  uint16_t length = CONFIG_U16(board, descriptor_length);
  *at++ = (uint8_t)offset;
  *at++ = (uint8_t)(offset >> 8);
  while (at < end && offset < length && board->descriptor_count-- > 0) {
    *at++ = descriptor_byte(board, offset++);
  }
  return at;
}

static uint8_t *put_gap(struct bivouac_board *board, uint8_t *at) {
  *at++ = 0;
  at = bv_put4(at, board->send);
  at = bv_put4(at, board->oldest);
  (void)bv_subtract(at - 4, board->send, 4);
  bv_ring_seek(board, board->oldest);
  bv_set_timer(board, BIVOUAC_RESEND, RESEND_MS);
  return at;
}

/* Composes the first message that is due; false when none is. */
LOCAL bool bv_compose(struct bivouac_board *board) {
  uint8_t *at = board->tx + 3;
  enum message_type type;
  /* The lowest bit is what comes first. */
  uint8_t first = board->due & (uint8_t)-board->due;
  board->due ^= first;
  if (first == DUE_RESULT) {
    type = RESULT;
    at = bv_put(at, board->result.attached, sizeof board->result);
  } else if (first == DUE_TIME) {
    type = TIME_REPLY;
    at = bv_put(at, board->cookie, TIME_REPLY_BYTES);
  } else if (first == DUE_DESCRIPTOR) {
    type = DESCRIPTOR;
    at = put_descriptor(board, at);
  } else if (first == DUE_HELLO) {
    type = HELLO;
    at = put_hello(board, at);
  } else if (board->state != ATTACHED) {
    return false;
  } else if (bv_below(board->send, board->oldest)) {
    type = GAP;
    at = put_gap(board, at);
  } else {
    return bv_compose_samples(board);
  }
  bv_close_frame(board, type, at);
  return true;
}
