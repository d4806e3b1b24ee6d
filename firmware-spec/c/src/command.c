/* Commands and leases (PROTOCOL.md 5): at most once, and never late. */
#include "internal.h"

/*
 * A lease is kept as what remains plus one, so that 1 means "run out, not yet told" and 0 "free".
 * Counting down instead of keeping a time of expiry stays exact when the ticks wrap.
 */
enum { LEASE_FREE = 0, LEASE_RUN_OUT = 1 };

void bv_leases_elapse(struct bivouac_board *board, uint32_t elapsed) {
  for (uint8_t at = 0; at < BIVOUAC_LEASES; at++) {
    uint32_t *remaining = &board->leases[at].remaining_ms;
    if (*remaining == LEASE_FREE) continue;
    *remaining = *remaining > elapsed ? *remaining - elapsed : LEASE_RUN_OUT;
    if (*remaining == LEASE_FREE) *remaining = LEASE_RUN_OUT;
  }
}

void bv_leases_lapse(struct bivouac_board *board) {
  for (uint8_t at = 0; at < BIVOUAC_LEASES; at++) {
    struct bivouac_lease *lease = &board->leases[at];
    if (lease->remaining_ms != LEASE_RUN_OUT) continue;
    lease->remaining_ms = LEASE_FREE;
    CONFIG_CALL(board, on_lease_lapsed)(CONFIG_CALL(board, context), lease->op);
  }
}

/* The entry of `op`, else the lowest free one, else null. */
static struct bivouac_lease *lease_for(struct bivouac_board *board, uint8_t op) {
  struct bivouac_lease *found = NULL;
  for (uint8_t at = BIVOUAC_LEASES; at-- > 0;) {
    struct bivouac_lease *lease = &board->leases[at];
    if (lease->remaining_ms == LEASE_FREE) {
      if (found == NULL || found->remaining_ms == LEASE_FREE) found = lease;
    } else if (lease->op == op) {
      found = lease;
    }
  }
  return found;
}

/* Lets the device decide, and keeps the lease. */
static uint8_t carry_out(
    struct bivouac_board *board, const uint8_t *body, bivouac_size count) {
  uint32_t lease_ms = bv_get32(body + 15);
  uint8_t op = body[19];
  struct bivouac_lease *lease = lease_for(board, op);
  if (lease_ms != 0 && lease == NULL) return BIVOUAC_REFUSED;
  struct bivouac_arguments arguments = {body + 20, (bivouac_size)(count - 20)};
  uint8_t status = (uint8_t)CONFIG_CALL(board, on_command)(
      CONFIG_CALL(board, context), op, &arguments, &board->command_value);
  if (status == BIVOUAC_RUNNING) board->flags |= FLAG_RUNNING;
  if (status > BIVOUAC_RUNNING || lease == NULL) return status;
  lease->op = op;
  if (lease_ms == 0xFFFFFFFFUL) lease_ms--;
  lease->remaining_ms = lease_ms == 0 ? LEASE_FREE : lease_ms + 1;
  return status;
}

void bv_command(struct bivouac_board *board, const uint8_t *body, bivouac_size count) {
  uint32_t session = bv_get32(body + 5);
  uint16_t id = bv_get16(body + 9);
  uint32_t life = bv_get32(body + 11);
  if (session == 0 || id == 0 || life == 0) {
    board->counts.malformed++;
    return;
  }
  bool same_session = session == board->command_session;
  uint16_t last = same_session ? board->command_id : 0;
  if (board->state != ATTACHED || session != board->session ||
      (id != last && id - 1 != (int32_t)last)) {
    board->counts.ignored++;
    return;
  }
  board->due |= DUE_RESULT;
  if (id == last) return;
  board->command_session = session;
  board->command_id = id;
  board->command_value = 0;
  uint8_t status;
  if (bv_get32(body + 1) != board->epoch) {
    status = BIVOUAC_OTHER_EPOCH;
  } else if (life <= board->now.low - board->emptied) {
    status = BIVOUAC_EXPIRED;
  } else if ((board->flags & FLAG_RUNNING) != 0) {
    status = BIVOUAC_BUSY;
  } else {
    status = carry_out(board, body, count);
  }
  board->command_status = status;
}

void bivouac_finish(struct bivouac_board *board, enum bivouac_status status, int32_t value) {
  if ((board->flags & FLAG_RUNNING) == 0) return;
  board->flags &= (uint8_t)~FLAG_RUNNING;
  if (board->command_status != BIVOUAC_RUNNING) return;
  board->command_status = (uint8_t)status;
  board->command_value = value;
  if (board->state == ATTACHED) board->due |= DUE_RESULT;
}

bool bivouac_argument_integer(struct bivouac_arguments *arguments, int32_t *value) {
  uint32_t bits = 0;
  uint8_t shift = 0;
  while (arguments->count > 0 && shift < 35) {
    uint8_t byte = *arguments->bytes++;
    arguments->count--;
    if (shift == 28 && byte > 0x0F) return false;
    bits |= (uint32_t)(byte & 0x7F) << shift;
    shift = (uint8_t)(shift + 7);
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && shift > 7) return false;
    *value = (int32_t)((bits >> 1) ^ (0UL - (bits & 1)));
    return true;
  }
  return false;
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
