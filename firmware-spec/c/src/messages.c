/* What the host says (PROTOCOL.md 2), one function a message. */
#include "internal.h"

/* "BOOT", as a number so that AVR keeps no string in RAM. */
#define BOOT_WORD 0x544F4F42UL

/* Whether what follows the fields is whole TLVs. */
static bool tlvs_are_whole(const uint8_t *tlv, const uint8_t *end) {
  while (tlv < end) {
    if (end - tlv < 2 || tlv[1] > end - tlv - 2) return false;
    tlv += 2 + tlv[1];
  }
  return true;
}

/* The bytes before the TLVs, 0 for a message that a board does not take. */
static uint8_t fields_of(uint8_t type) {
  switch (type) {
    case PROVISION:
    case RESET_TO_BOOT: return 13;
    case DESCRIPTOR_READ: return 4;
    case RESUME: return 10;
    case ACK: return 18;
    case COMMAND: return 20;
    case TIME: return 5;
    default: return 0;
  }
}

LOCAL void bv_unattach(struct bivouac_board *board) {
  board->state = UNATTACHED;
  bv_set_timer(board, BIVOUAC_FAST, HELLO_FAST_FOR_MS);
  board->due = (uint8_t)((board->due & ~DUE_RESULT) | DUE_HELLO);
}

static bool provision(struct bivouac_board *board, const uint8_t *body) {
  if (!bv_same(body + 1, board->nonce, 4)) return false;
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

/* What RESUME and ACK have in common: the epoch is the running one, and no number was not made. */
static bool fits(struct bivouac_board *board, const uint8_t *epoch, const uint8_t *seq) {
  return bv_same(epoch, board->epoch, 4) && !bv_below(board->next, seq);
}

static bool resume(struct bivouac_board *board, const uint8_t *body) {
  const uint8_t *durable = body + 14;
  if (bv_identity_is_missing(board) || !fits(board, body + 10, durable)) return false;
  memcpy(board->result.attached, body + 1, 4);
  memcpy(board->limit, body + 5, 4);
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
  if (board->state != ATTACHED || !fits(board, body + 1, received) ||
      bv_below(received, durable)) {
    return false;
  }
  memcpy(board->limit, body + 13, 4);
  bv_ring_free(board, durable);
  bv_set_timer(board, BIVOUAC_SILENCE, SILENCE_MS);
  bool again = (body[17] & 1) != 0 || bv_is_due(board, BIVOUAC_RESEND);
  if (again && bv_below(received, board->send)) bv_ring_seek(board, received);
  return true;
}

static bool probe(struct bivouac_board *board, const uint8_t *body) {
  memcpy(board->cookie, body + 1, 4);
  board->due |= DUE_TIME;
  return true;
}

static bool reset_to_boot(struct bivouac_board *board, const uint8_t *body) {
  if (!bv_same(body + 1, board->id, 8)) return false;
  CONFIG_CALL(board, on_reset_to_boot)(board);
  return true;
}

/* Whether the fields hold what their table excludes. */
static bool is_malformed(const uint8_t *body) {
  switch (body[0]) {
    case PROVISION: return bv_is_zero(body + 5, 8);
    case DESCRIPTOR_READ: return (uint8_t)(body[3] - 1) >= 247;
    case RESUME: return bv_is_zero(body + 1, 4) || (uint8_t)(body[9] - 1) >= 4;
    case RESET_TO_BOOT: return bv_get32(body + 9) != BOOT_WORD;
    default: return false;
  }
}

/* Obeys a message; says as what it is to be counted. */
LOCAL enum bivouac_counter bv_handle(
    struct bivouac_board *board, const uint8_t *body, bivouac_size count) {
  uint8_t fields = fields_of(body[0]);
  if (fields == 0) return BIVOUAC_UNKNOWN;
  if (count < fields || is_malformed(body)) return BIVOUAC_MALFORMED;
  if (body[0] == COMMAND) return bv_command(board, body, count);
  if (body[0] == RESUME) fields = (uint8_t)(fields + 8 * body[9]);
  if (count < fields || !tlvs_are_whole(body + fields, body + count)) return BIVOUAC_MALFORMED;
  bool acted;
  switch (body[0]) {
    case PROVISION: acted = provision(board, body); break;
    case DESCRIPTOR_READ: acted = read_descriptor(board, body); break;
    case RESUME: acted = resume(board, body); break;
    case ACK: acted = acknowledge(board, body); break;
    case TIME: acted = probe(board, body); break;
    default: acted = reset_to_boot(board, body); break;
  }
  return acted ? BIVOUAC_ACTED : BIVOUAC_IGNORED;
}
