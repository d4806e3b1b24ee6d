/* What the host says (PROTOCOL.md 2), one function a message. */
#include "internal.h"

/* "BOOT", as a number so that AVR keeps no string in RAM. */
#define BOOT_WORD 0x544F4F42UL

/* Whether what follows the fields is whole TLVs. */
static bool tlvs_are_whole(const uint8_t *body, bivouac_size at, bivouac_size count) {
  while (at < count) {
    if (count - at < 2 || body[at + 1] > count - at - 2) return false;
    at = (bivouac_size)(at + 2 + body[at + 1]);
  }
  return at == count;
}

/* The bytes before the TLVs, 0 for a message that a board does not take. */
static bivouac_size length_of(const uint8_t *body, bivouac_size count) {
  switch (body[0]) {
    case PROVISION: return 13;
    case DESCRIPTOR_READ: return 4;
    case RESUME: return count < 10 || body[9] > 4 ? 10 : (bivouac_size)(10 + 8 * body[9]);
    case ACK: return 18;
    case COMMAND: return 20;
    case TIME: return 5;
    case RESET_TO_BOOT: return 13;
    default: return 0;
  }
}

void bv_unattach(struct bivouac_board *board) {
  board->state = UNATTACHED;
  board->since = board->now.low;
  board->flags &= (uint8_t)~FLAG_SLOW;
  board->due = (uint8_t)((board->due & ~DUE_RESULT) | DUE_HELLO);
}

static bool provision(struct bivouac_board *board, const uint8_t *body) {
  if (bv_get32(body + 1) != board->nonce) return false;
  if (bv_identity_is_missing(board)) {
    bv_identity_provision(board, body + 5);
    bv_unattach(board);
    return true;
  }
  if ((board->flags & FLAG_PROVISIONED) == 0 || memcmp(board->id, body + 5, 8) != 0) return false;
  board->due |= DUE_HELLO;
  return true;
}

static bool resume(struct bivouac_board *board, const uint8_t *body) {
  uint32_t durable = bv_get32(body + 14);
  if (bv_identity_is_missing(board) || bv_get32(body + 10) != board->epoch ||
      durable > board->next) {
    return false;
  }
  board->session = bv_get32(body + 1);
  board->limit = bv_get32(body + 5);
  bv_ring_free(board, durable);
  bv_ring_seek(board, durable);
  board->state = ATTACHED;
  board->since = board->now.low;
  board->due = (uint8_t)((board->due & ~DUE_HELLO) | DUE_RESULT);
  return true;
}

static bool acknowledge(struct bivouac_board *board, const uint8_t *body) {
  uint32_t durable = bv_get32(body + 5);
  uint32_t received = bv_get32(body + 9);
  if (board->state != ATTACHED || bv_get32(body + 1) != board->epoch || durable > received ||
      received > board->next) {
    return false;
  }
  board->since = board->now.low;
  bv_ring_free(board, durable);
  board->limit = bv_get32(body + 13);
  bool again = (body[17] & 1) != 0 || board->now.low - board->sent >= RESEND_MS;
  if (received < board->send && again) bv_ring_seek(board, received);
  return true;
}

static bool reset_to_boot(struct bivouac_board *board, const uint8_t *body) {
  if (memcmp(body + 1, board->id, 8) != 0) return false;
  CONFIG_CALL(board, on_reset_to_boot)(CONFIG_CALL(board, context));
  return true;
}

/* Whether the fields hold what their table excludes. */
static bool is_malformed(const uint8_t *body) {
  uint8_t any = 0;
  switch (body[0]) {
    case PROVISION:
      for (uint8_t at = 5; at < 13; at++) any |= body[at];
      return any == 0;
    case DESCRIPTOR_READ: return body[3] == 0 || body[3] > 247;
    case RESUME: return bv_get32(body + 1) == 0 || body[9] == 0 || body[9] > 4;
    case RESET_TO_BOOT: return bv_get32(body + 9) != BOOT_WORD;
    default: return false;
  }
}

static bool act(struct bivouac_board *board, const uint8_t *body) {
  switch (body[0]) {
    case PROVISION: return provision(board, body);
    case DESCRIPTOR_READ:
      if (bv_get16(body + 1) >= CONFIG_U16(board, descriptor_length)) return false;
      board->descriptor_offset = bv_get16(body + 1);
      board->descriptor_count = body[3];
      board->due |= DUE_DESCRIPTOR;
      return true;
    case RESUME: return resume(board, body);
    case ACK: return acknowledge(board, body);
    case TIME:
      board->cookie = bv_get32(body + 1);
      board->due |= DUE_TIME;
      return true;
    default: return reset_to_boot(board, body);
  }
}

void bv_handle(struct bivouac_board *board, const uint8_t *body, bivouac_size count) {
  bivouac_size fields = length_of(body, count);
  if (fields == 0) {
    board->counts.unknown++;
  } else if (count < fields || is_malformed(body)) {
    board->counts.malformed++;
  } else if (body[0] == COMMAND) {
    bv_command(board, body, count);
  } else if (!tlvs_are_whole(body, fields, count)) {
    board->counts.malformed++;
  } else if (!act(board, body)) {
    board->counts.ignored++;
  }
}
