/* Commands and leases (PROTOCOL.md 5): at most once, and never late. */
#include "internal.h"

/* Offsets in COMMAND. Session and id stand together, as in RESULT. */
enum { OF_EPOCH = 1, SESSION = 5, COMMAND_ID = 9, LIFE = 11, LEASE = 15, OP = 19, ARGUMENTS = 20 };

LOCAL void bv_leases_lapse(struct bivouac_board *board) {
  for (uint8_t at = 0; at < BIVOUAC_LEASES; at++) {
    if (!board->lease_is_held[at] || !bv_is_zero4(board->left[BIVOUAC_TIMERS + at])) continue;
    board->lease_is_held[at] = false;
    CONFIG_CALL(board, on_lease_lapsed)(board, board->lease_ops[at]);
  }
}

/* The entry of `op`, else the lowest free one, else BIVOUAC_LEASES. */
static uint8_t lease_for(struct bivouac_board *board, uint8_t op) {
  uint8_t found = BIVOUAC_LEASES;
  for (uint8_t at = BIVOUAC_LEASES; at-- > 0;) {
    if (!board->lease_is_held[at]) {
      found = at;
    } else if (board->lease_ops[at] == op) {
      return at;
    }
  }
  return found;
}

/* Lets the device decide, and keeps the lease. */
static uint8_t carry_out(
    struct bivouac_board *board, const uint8_t *body, bivouac_size count, int32_t *value) {
  uint8_t lease = lease_for(board, body[OP]);
  bool is_full = lease == BIVOUAC_LEASES;
  bool is_held = !bv_is_zero4(body + LEASE);
  if (is_full && is_held) return BIVOUAC_REFUSED;
  struct bivouac_arguments arguments = {body + ARGUMENTS, (bivouac_size)(count - ARGUMENTS)};
  uint8_t status =
      (uint8_t)CONFIG_CALL(board, on_command)(board, body[OP], &arguments, value);
  if (status > BIVOUAC_RUNNING) return status;
  if (status == BIVOUAC_RUNNING) board->flags |= FLAG_RUNNING;
  if (is_full) return status;
  board->lease_ops[lease] = body[OP];
  board->lease_is_held[lease] = is_held;
  (void)bv_put4(board->left[BIVOUAC_TIMERS + lease], body + LEASE);
  return status;
}

static uint8_t decide(
    struct bivouac_board *board, const uint8_t *body, bivouac_size count, int32_t *value) {
  if (!bv_same4(body + OF_EPOCH, board->epoch)) return BIVOUAC_OTHER_EPOCH;
  if (!bv_below(board->waited, body + LIFE)) return BIVOUAC_EXPIRED;
  if ((board->flags & FLAG_RUNNING) != 0) return BIVOUAC_BUSY;
  return carry_out(board, body, count, value);
}

LOCAL enum bivouac_counter bv_command(
    struct bivouac_board *board, const uint8_t *body, bivouac_size count) {
  struct bivouac_result *last = &board->result;
  const uint8_t *session = body + SESSION;
  uint16_t id = bv_get16(body + COMMAND_ID);
  if (count < ARGUMENTS || id == 0 || bv_is_zero4(body + LIFE)) return BIVOUAC_MALFORMED;
  if (board->state != ATTACHED || !bv_same4(session, last->attached)) return BIVOUAC_IGNORED;
  uint16_t last_id = bv_same4(session, last->session) ? bv_get16(last->id) : 0;
  if (id != last_id) {
    if (id < last_id) return BIVOUAC_IGNORED;
    int32_t value = 0;
    (void)bv_put(last->session, session, 6);
    last->status = decide(board, body, count, &value);
    (void)bv_put32(last->value, (uint32_t)value);
  }
  board->due |= DUE_RESULT;
  return BIVOUAC_ACTED;
}

void bivouac_finish(struct bivouac_board *board, enum bivouac_status status, int32_t value) {
  board = KNOWN(board);
  if ((board->flags & FLAG_RUNNING) == 0) return;
  board->flags &= (uint8_t)~FLAG_RUNNING;
  if (board->result.status != BIVOUAC_RUNNING) return;
  board->result.status = (uint8_t)status;
  (void)bv_put32(board->result.value, (uint32_t)value);
  if (board->state == ATTACHED) board->due |= DUE_RESULT;
}

bool bivouac_argument_integer(struct bivouac_arguments *arguments, int32_t *value) {
  const uint8_t *bytes = arguments->bytes;
  uint8_t count = 0;
  do {
    if (count == 5 || count == arguments->count) return false;
  } while (bytes[count++] >= 0x80);
  arguments->bytes += count;
  arguments->count = (bivouac_size)(arguments->count - count);
  /* Longer than it needs to be, or more than 32 bits. */
  uint8_t last = bytes[count - 1];
  if ((last == 0 && count > 1) || (last > 0x0F && count == 5)) return false;
  uint32_t bits = 0;
  do bits = (bits << 7) | (bytes[--count] & 0x7F);
  while (count > 0);
  *value = (int32_t)((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
  return true;
}

bool bivouac_argument_text(
    struct bivouac_arguments *arguments, const uint8_t **text, uint8_t *count) {
  if (arguments->count == 0 || *arguments->bytes >= arguments->count) return false;
  *count = *arguments->bytes;
  *text = arguments->bytes + 1;
  arguments->bytes += *count + 1;
  arguments->count = (bivouac_size)(arguments->count - *count - 1);
  return true;
}
