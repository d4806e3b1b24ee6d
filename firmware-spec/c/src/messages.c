/* What the host says (PROTOCOL.md 2), one function a message. */
#include "internal.h"

/* "BOOT", as a number so that AVR keeps no string in RAM. */
#define BOOT_WORD 0x544F4F42UL

/*
 * What a board takes: the bytes before the TLVs, and those of them that may not all be zero, in a
 * number of four bytes. No message has the type of the last.
 */
#define MESSAGE(type, fields, nonzero_at, nonzero) \
  ((type) | (uint32_t)(fields) << 8 | (uint32_t)(nonzero_at) << 16 | (uint32_t)(nonzero) << 24)
static const uint32_t messages[] BIVOUAC_ROM = {
    MESSAGE(PROVISION, 13, 5, 8), MESSAGE(DESCRIPTOR_READ, 4, 3, 1),
    MESSAGE(RESUME, 10, 1, 4),    MESSAGE(ACK, 18, 0, 1),
    MESSAGE(COMMAND, 20, 5, 4),   MESSAGE(TIME, 5, 0, 1),
    MESSAGE(RESET_TO_BOOT, 13, 0, 1), 0,
};

LOCAL void bv_unattach(struct bivouac_board *board) {
  board->state = UNATTACHED;
  bv_set_timer(board, BIVOUAC_FAST, HELLO_FAST_FOR_MS);
  board->due = (uint8_t)((board->due & ~DUE_RESULT) | DUE_HELLO);
}

static bool provision(struct bivouac_board *board, const uint8_t *body) {
  if (!bv_same4(body + 1, board->nonce)) return false;
  if (bv_identity_is_missing(board)) {
    bv_identity_provision(board, body + 5);
    bv_unattach(board);
    return true;
  }
  if ((board->flags & FLAG_PROVISIONED) == 0 || !bv_same(board->id, body + 5, 8)) return false;
  board->due |= DUE_HELLO;
  return true;
}

static bool read_descriptor(struct bivouac_board *board, const uint8_t *body) {
  uint16_t offset = bv_get16(body + 1);
  if (offset >= CONFIG_U16(board, descriptor_length)) return false;
  board->descriptor_offset = offset;
  board->descriptor_count = body[3];
  board->due |= DUE_DESCRIPTOR;
  return true;
}

static bool resume(struct bivouac_board *board, const uint8_t *body) {
  const uint8_t *durable = body + 14;
  if (bv_identity_is_missing(board) || !bv_same4(body + 10, board->epoch) ||
      bv_below(board->next, durable)) {
    return false;
  }
  (void)bv_put4(board->result.attached, body + 1);
  (void)bv_put4(board->limit, body + 5);
  bv_ring_free(board, durable);
  bv_ring_seek(board, durable);
  board->state = ATTACHED;
  bv_set_timer(board, BIVOUAC_SILENCE, SILENCE_MS);
  board->due = (uint8_t)((board->due & ~DUE_HELLO) | DUE_RESULT);
  return true;
}

static bool acknowledge(struct bivouac_board *board, const uint8_t *body) {
  const uint8_t *durable = body + 5;
  const uint8_t *received = body + 9;
  if (board->state != ATTACHED || !bv_same4(body + 1, board->epoch) ||
      bv_below(board->next, received) || bv_below(received, durable)) {
    return false;
  }
  (void)bv_put4(board->limit, body + 13);
  bv_ring_free(board, durable);
  bv_set_timer(board, BIVOUAC_SILENCE, SILENCE_MS);
  if ((body[17] & 1) == 0 && !bv_is_due(board, BIVOUAC_RESEND)) return true;
  if (bv_below(received, board->send)) bv_ring_seek(board, received);
  return true;
}

static bool probe(struct bivouac_board *board, const uint8_t *body) {
  (void)bv_put4(board->cookie, body + 1);
  board->due |= DUE_TIME;
  return true;
}

static bool reset_to_boot(struct bivouac_board *board, const uint8_t *body) {
  if (!bv_same(body + 1, board->id, 8)) return false;
  CONFIG_CALL(board, on_reset_to_boot)(board);
  return true;
}

/* Obeys a message whose fields are whole; false when it changes nothing. */
static bool act(struct bivouac_board *board, const uint8_t *body) {
  switch (body[0]) {
    case PROVISION: return provision(board, body);
    case DESCRIPTOR_READ: return read_descriptor(board, body);
    case RESUME: return resume(board, body);
    case ACK: return acknowledge(board, body);
    case TIME: return probe(board, body);
    default: return reset_to_boot(board, body);
  }
}

/* Obeys a message; says as what it is to be counted. */
LOCAL enum bivouac_counter bv_handle(
    struct bivouac_board *board, const uint8_t *body, bivouac_size count) {
  const uint32_t *entry = messages;
  uint32_t message;
  do {
    message = ROM_U32(*entry++);
    if ((uint8_t)message == 0) return BIVOUAC_UNKNOWN;
  } while ((uint8_t)message != body[0]);
  if (bv_is_zero(body + (uint8_t)(message >> 16), (uint8_t)(message >> 24))) {
    return BIVOUAC_MALFORMED;
  }
  if (body[0] == COMMAND) return bv_command(board, body, count);
  if (body[0] == DESCRIPTOR_READ && body[3] > 247) return BIVOUAC_MALFORMED;
  if (body[0] == RESET_TO_BOOT && bv_get32(body + 9) != BOOT_WORD) return BIVOUAC_MALFORMED;
  uint16_t at = (uint8_t)(message >> 8);
  if (body[0] == RESUME) {
    if (body[9] == 0 || body[9] > 4) return BIVOUAC_MALFORMED;
    at = (uint16_t)(at + 8 * body[9]);
  }
  /* From TLV to TLV; a message that is too short for its fields does not end there either. */
  while (at + 1 < count) at = (uint16_t)(at + 2 + body[at + 1]);
  if (at != count) return BIVOUAC_MALFORMED;
  return act(board, body) ? BIVOUAC_ACTED : BIVOUAC_IGNORED;
}
