/* What the board says (PROTOCOL.md 2 and 4.1 point 3): the first message that is due. */
#include "internal.h"

/* FNV-1a, 64 bits, byte by byte: `hash * 0x100000001B3` is 0x1B3 times it plus itself << 40. */
static void put_descriptor_hash(const struct bivouac_board *board, uint8_t hash[8]) {
  static const uint8_t basis[8] BIVOUAC_ROM = {0x25, 0x23, 0x22, 0x84, 0xE4, 0x9C, 0xF2, 0xCB};
  uint16_t length = CONFIG_U16(board, descriptor_length);
#if defined(__AVR__)
  memcpy_P(hash, basis, sizeof basis);
#else
  memcpy(hash, basis, sizeof basis);
#endif
  for (uint16_t offset = 0; offset < length; offset++) {
    hash[0] ^= CONFIG_CALL(board, descriptor)(CONFIG_CALL(board, context), offset);
    uint8_t product[8];
    uint16_t carry = 0;
    for (uint8_t at = 0; at < 8; at++) {
      carry = (uint16_t)(carry + hash[at] * 0xB3U);
      if (at >= 1) carry = (uint16_t)(carry + hash[at - 1]);
      if (at >= 5) carry = (uint16_t)(carry + hash[at - 5]);
      product[at] = (uint8_t)carry;
      carry >>= 8;
    }
    memcpy(hash, product, sizeof product);
  }
}

static void compose_hello(struct bivouac_board *board) {
  uint8_t *at = board->tx + 2;
  bool missing = bv_identity_is_missing(board);
  *at++ = HELLO;
  *at++ = 1;
  *at++ = board->flags & FLAG_NO_RECORD;
  memcpy(at, board->id, 8);
  at = bv_put32(at + 8, board->nonce);
  CONFIG_BYTES(board, hardware_hint, at, 8);
  put_descriptor_hash(board, at + 8);
  at = bv_put16(at + 16, CONFIG_U16(board, descriptor_length));
  *at++ = BODY_MAX_TO_HOST(board);
  *at++ = BODY_MAX_TO_BOARD(board);
  at = bv_put16(at, WINDOW(board));
  at = bv_put32(at, CONFIG_INDEX(board, ring_slots));
  at = bv_put32(at, CONFIG_U32(board, sampling_rate));
  *at++ = 1;
  at = bv_put32(at, missing ? 0 : board->epoch);
  at = bv_put32(at, board->oldest);
  at = bv_put32(at, board->next);
  bv_close_frame(board, at);
  board->due &= (uint8_t)~DUE_HELLO;
  if (board->state != UNATTACHED) return;
  board->sent = board->now.low;
  /* Noted rather than computed, because the low ticks come round again. */
  if (board->sent - board->since >= HELLO_FAST_FOR_MS) board->flags |= FLAG_SLOW;
}

static void compose_result(struct bivouac_board *board) {
  uint8_t *at = board->tx + 2;
  *at++ = RESULT;
  at = bv_put32(at, board->session);
  at = bv_put32(at, board->command_session);
  at = bv_put16(at, board->command_id);
  *at++ = board->command_status;
  at = bv_put32(at, (uint32_t)board->command_value);
  bv_close_frame(board, at);
  board->due &= (uint8_t)~DUE_RESULT;
}

static void compose_time(struct bivouac_board *board) {
  uint8_t *at = board->tx + 2;
  *at++ = TIME_REPLY;
  at = bv_put32(at, board->cookie);
  at = bv_put_ticks(at, &board->now);
  at = bv_put_ticks(at, &board->segment);
  bv_close_frame(board, at);
  board->due &= (uint8_t)~DUE_TIME;
}

static void compose_descriptor(struct bivouac_board *board) {
  uint8_t *at = board->tx + 2;
  uint8_t *end = at + BODY_MAX_TO_HOST(board);
  uint16_t offset = board->descriptor_offset;
  uint16_t length = CONFIG_U16(board, descriptor_length);
  *at++ = DESCRIPTOR;
  at = bv_put16(at, offset);
  while (at < end && offset < length && board->descriptor_count-- > 0) {
    *at++ = CONFIG_CALL(board, descriptor)(CONFIG_CALL(board, context), offset++);
  }
  bv_close_frame(board, at);
  board->due &= (uint8_t)~DUE_DESCRIPTOR;
}

static void compose_gap(struct bivouac_board *board) {
  uint8_t *at = board->tx + 2;
  *at++ = GAP;
  *at++ = 0;
  at = bv_put32(at, board->send);
  at = bv_put32(at, board->oldest - board->send);
  bv_close_frame(board, at);
  bv_ring_seek(board, board->oldest);
  board->sent = board->now.low;
}

/* Composes the first message that is due; false when none is. */
bool bv_compose(struct bivouac_board *board) {
  if ((board->due & DUE_RESULT) != 0) {
    compose_result(board);
  } else if ((board->due & DUE_TIME) != 0) {
    compose_time(board);
  } else if ((board->due & DUE_DESCRIPTOR) != 0) {
    compose_descriptor(board);
  } else if ((board->due & DUE_HELLO) != 0) {
    compose_hello(board);
  } else if (board->state != ATTACHED) {
    return false;
  } else if (board->send < board->oldest) {
    compose_gap(board);
  } else {
    return bv_compose_samples(board);
  }
  return true;
}
