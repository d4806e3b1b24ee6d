/* The board's life (PROTOCOL.md 4.1 and appendix B): quiet, unattached, attached. */
#include "internal.h"

void bivouac_start(
    struct bivouac_board *board, const struct bivouac_config *config, uint32_t ticks,
    uint32_t nonce) {
  board = KNOWN(board);
#if BIVOUAC_LINKED_PORT
  /* The one board is zero since reset. */
  (void)config;
#else
  memset(board, 0, sizeof *board);
  board->config = config;
#endif
  (void)bv_put32(board->now, ticks);
  (void)bv_put32(board->nonce, nonce);
  bv_set_timer(board, BIVOUAC_SILENCE, QUIET_MS);
#if BIVOUAC_WIDE
  bivouac_set_maxima(
      board, BIVOUAC_BODY_MAX_TO_HOST, BIVOUAC_BODY_MAX_TO_BOARD, BIVOUAC_WINDOW);
#endif
}

#if BIVOUAC_WIDE
static uint8_t clamped(uint8_t value, uint8_t low, uint8_t high) {
  return value < low ? low : value > high ? high : value;
}

void bivouac_set_maxima(
    struct bivouac_board *board, uint8_t body_max_to_host, uint8_t body_max_to_board,
    uint16_t window) {
  board->body_max_to_host = clamped(body_max_to_host, 58, BIVOUAC_BODY_MAX_TO_HOST);
  board->body_max_to_board = clamped(body_max_to_board, 40, BIVOUAC_BODY_MAX_TO_BOARD);
  board->window = window < 48 ? 48 : window;
}
#endif

LOCAL LARGE void bv_set_timer(struct bivouac_board *board, enum bivouac_timer timer, uint16_t ms) {
  (void)bv_put32(board->left[timer], ms);
}

LOCAL bool bv_is_due(const struct bivouac_board *board, enum bivouac_timer timer) {
  return bv_is_zero4(board->left[timer]);
}

/* The 49.7 days that a millisecond counter lasts are extended here, and all timers run down. */
LOCAL void bv_clock(struct bivouac_board *board, uint32_t ticks) {
  /* Where the sample read last was is free between two calls, and costs no stack. */
  uint8_t *elapsed = board->sample.delta;
  memset(elapsed + 4, 0, BIVOUAC_TICKS_BYTES - 4);
  (void)bv_put32(elapsed, ticks);
  (void)bv_subtract(elapsed, board->now, 4);
  bv_add(board->now, elapsed, BIVOUAC_TICKS_BYTES);
  bv_add(board->waited, elapsed, 4);
  for (uint8_t at = 0; at < BIVOUAC_TIMERS + BIVOUAC_LEASES; at++) {
    uint8_t *left = board->left[at];
    if (!bv_subtract(left, elapsed, 4)) memset(left, 0, 4);
  }
}

/* Takes what was received, at most RECEIVE_MAX bytes; true when that was all. */
static bool receive(struct bivouac_board *board) {
  for (uint16_t taken = 0; taken < RECEIVE_MAX; taken++) {
    int16_t byte = PORT(board, receive)(board);
    if (byte < 0) return true;
    if (board->state != QUIET) bv_receive_byte(board, (uint8_t)byte);
  }
  return false;
}

/* Offers the frame under way to the port; true when all of it is gone. */
static bool offer(struct bivouac_board *board) {
  bivouac_size taken = board->tx_taken;
  bivouac_size left = (bivouac_size)(board->tx_count - taken);
  if (left == 0) return true;
  bivouac_size more = PORT(board, transmit)(board, board->tx + taken, left);
  /* A port that pulls moves `tx_taken` itself, and answers 0. */
  if (more > 0) board->tx_taken = (bivouac_size)(taken + more);
  return !bv_is_sending(board);
}

void bivouac_poll(struct bivouac_board *board, uint32_t ticks) {
  board = KNOWN(board);
  bv_clock(board, ticks);
  bool is_all = receive(board);
  bool is_silent = bv_is_due(board, BIVOUAC_SILENCE);
  if (board->state == QUIET) {
    if (!is_silent) return;
    bv_identity_boot(board);
    bv_unattach(board);
    is_all = true;
  }
  if (is_all) memset(board->waited, 0, sizeof board->waited);
  bv_leases_lapse(board);
  if (board->state == ATTACHED) {
    if (is_silent) bv_unattach(board);
  } else if (bv_is_due(board, BIVOUAC_HELLO)) {
    board->due |= DUE_HELLO;
  }
  for (uint8_t frames = 0; offer(board) && frames < FRAMES_MAX; frames++) {
    if (!bv_compose(board)) return;
  }
}

bool bivouac_log(struct bivouac_board *board, uint8_t level, const char *text) {
  board = KNOWN(board);
  if (board->state == QUIET || bv_is_sending(board) || level > 7) {
    bv_count(board, BIVOUAC_LOGS_LOST);
    return false;
  }
  uint8_t *at = board->tx + 3;
  const uint8_t *end = board->tx + 2 + BODY_MAX_TO_HOST(board);
  *at++ = level;
  while (*text != 0 && at < end) *at++ = (uint8_t)*text++;
  /* A character that was cut goes whole: back over its continuation bytes and its first. */
  uint8_t next = (uint8_t)*text;
  while ((next & 0xC0) == 0x80 && at > board->tx + 4) next = *--at;
  bv_close_frame(board, LOG, at);
  (void)offer(board);
  return true;
}

bool bivouac_text(struct bivouac_board *board, const char *text) {
  board = KNOWN(board);
  size_t count = strlen(text);
  size_t most = (size_t)BODY_MAX_TO_HOST(board) + BIVOUAC_WIRE_OVERHEAD;
  if (bv_is_sending(board) || count > most) return false;
  (void)bv_put(board->tx, (const uint8_t *)text, (bivouac_size)count);
  board->tx_taken = 0;
  board->tx_count = (bivouac_size)count;
  (void)offer(board);
  return true;
}

void bivouac_sleep_ended(struct bivouac_board *board, uint32_t ticks) {
  board = KNOWN(board);
  bv_clock(board, ticks);
  (void)bv_put(board->segment, board->now, BIVOUAC_TICKS_BYTES);
}

uint32_t bivouac_made(const struct bivouac_board *board) { return bv_get32(board->next); }

uint32_t bivouac_lost(const struct bivouac_board *board) { return bv_get32(board->lost); }

uint32_t bivouac_epoch(const struct bivouac_board *board) { return bv_get32(board->epoch); }

bool bivouac_is_attached(const struct bivouac_board *board) { return board->state == ATTACHED; }
