/*
 * The ring of samples (PROTOCOL.md 4.1 point 6). A slot holds a value and the time since the
 * sample before in 24 bits (4.6 hours); what does not fit goes into slots without a number before
 * it, so that 48-bit ticks are exact after any pause and an ordinary sample costs 8 bytes.
 */
#include "internal.h"

static bivouac_index slot_after(const struct bivouac_board *board, bivouac_index slot) {
  slot++;
  return slot == CONFIG_INDEX(board, ring_slots) ? 0 : slot;
}

static struct bivouac_slot *slot_at(const struct bivouac_board *board, bivouac_index slot) {
  return CONFIG_CALL(board, ring) + slot;
}

static uint32_t delta_of(const struct bivouac_slot *slot) {
  return bv_get16(slot->delta) | ((uint32_t)slot->delta[2] << 16);
}

/* The 49.7 days that a millisecond counter lasts are extended here, and leases run down. */
void bv_clock(struct bivouac_board *board, uint32_t ticks) {
  struct bivouac_ticks elapsed = {ticks - board->now.low, 0};
  bv_add_ticks(&board->now, &elapsed);
  bv_leases_elapse(board, elapsed.low);
}

/* Reads the sample that starts at `*slot`, and moves `*slot` behind it. */
void bv_ring_read(const struct bivouac_board *board, bivouac_index *slot, struct sample *sample) {
  const struct bivouac_slot *at = slot_at(board, *slot);
  uint32_t upper = 0;
  *slot = slot_after(board, *slot);
  if (at->channel == SLOT_TIME) {
    upper = (uint32_t)at->value;
    at = slot_at(board, *slot);
    *slot = slot_after(board, *slot);
  }
#if BIVOUAC_WIDE
  sample->kind = KIND_INTEGER;
  sample->text_count = 0;
  bool has_upper = at->channel == SLOT_WIDE;
  if (has_upper) {
    sample->kind = at->delta[0];
    sample->text_count = at->delta[1];
    sample->upper = at->value;
    sample->text_slot = *slot;
    do {
      at = slot_at(board, *slot);
      *slot = slot_after(board, *slot);
    } while (at->channel == SLOT_BYTES);
  } else {
    sample->upper = at->value < 0 ? -1 : 0;
  }
#endif
  sample->delta.low = delta_of(at) | (upper << 24);
  sample->delta.high = (uint16_t)(upper >> 8);
  sample->value = at->value;
  sample->channel = at->channel;
}

/* Forgets the oldest sample. */
static void drop_oldest(struct bivouac_board *board) {
  struct sample sample;
  bivouac_index slot = board->head;
  bv_ring_read(board, &slot, &sample);
  bivouac_index slots = (bivouac_index)(slot - board->head);
  if (slot <= board->head) slots = (bivouac_index)(slots + CONFIG_INDEX(board, ring_slots));
  board->used = (bivouac_index)(board->used - slots);
  board->head = slot;
  bv_add_ticks(&board->head_ticks, &sample.delta);
  board->oldest++;
}

void bv_ring_free(struct bivouac_board *board, uint32_t durable) {
  while (board->oldest < durable) drop_oldest(board);
  if (board->send < durable) bv_ring_seek(board, durable);
}

/* Moves the send position behind the next `samples` unsent ones. */
void bv_ring_advance(struct bivouac_board *board, bivouac_index samples) {
  struct sample sample;
  while (samples-- > 0) {
    bv_ring_read(board, &board->send_slot, &sample);
    bv_add_ticks(&board->send_ticks, &sample.delta);
    board->send++;
  }
}

/* Puts the send position at `seq`; below the oldest sample only the number counts (a GAP is due). */
void bv_ring_seek(struct bivouac_board *board, uint32_t seq) {
  board->send = seq;
  if (seq < board->oldest) return;
  board->send = board->oldest;
  board->send_slot = board->head;
  board->send_ticks = board->head_ticks;
  bv_ring_advance(board, (bivouac_index)(seq - board->oldest));
}

/* Writes one slot behind the newest. */
static void put_slot(
    struct bivouac_board *board, uint8_t channel, int32_t value, uint32_t delta) {
  bivouac_index slots = CONFIG_INDEX(board, ring_slots);
  bivouac_index slot = (bivouac_index)(board->head + board->used);
  if (slot >= slots || slot < board->head) slot = (bivouac_index)(slot - slots);
  struct bivouac_slot *at = slot_at(board, slot);
  at->value = value;
  (void)bv_put16(at->delta, (uint16_t)delta);
  at->delta[2] = (uint8_t)(delta >> 16);
  at->channel = channel;
  board->used++;
}

/* Makes room for a sample of `extra` slots besides its own; its delta is left in `*delta`. */
static bool begin_sample(
    struct bivouac_board *board, uint8_t channel, uint32_t ticks, bivouac_index extra,
    uint32_t *delta) {
  bv_clock(board, ticks);
  if (board->state == QUIET || bv_identity_is_missing(board) || channel > BIVOUAC_CHANNEL_MAX ||
      board->next == 0xFFFFFFFFUL) {
    return false;
  }
  struct bivouac_ticks since = board->now;
  bv_subtract_ticks(&since, &board->tail_ticks);
  uint32_t upper = (since.low >> 24) | ((uint32_t)since.high << 8);
  bivouac_index slots = CONFIG_INDEX(board, ring_slots);
  bivouac_index needed = (bivouac_index)(extra + (upper != 0 ? 2 : 1));
  if (needed > slots) return false;
  while (slots - board->used < needed) {
    drop_oldest(board);
    board->lost++;
  }
  if (upper != 0) put_slot(board, SLOT_TIME, (int32_t)upper, 0);
  board->tail_ticks = board->now;
  *delta = since.low & 0xFFFFFFUL;
  return true;
}

bool bivouac_push(struct bivouac_board *board, uint8_t channel, int32_t value, uint32_t ticks) {
  uint32_t delta;
  if (!begin_sample(board, channel, ticks, 0, &delta)) return false;
  put_slot(board, channel, value, delta);
  board->next++;
  return true;
}

#if BIVOUAC_WIDE
static bool push_wide(
    struct bivouac_board *board, uint8_t channel, uint8_t kind, uint64_t bits, uint32_t ticks) {
  uint32_t delta;
  if (!begin_sample(board, channel, ticks, 1, &delta)) return false;
  put_slot(board, SLOT_WIDE, (int32_t)(uint32_t)(bits >> 32), kind);
  put_slot(board, channel, (int32_t)(uint32_t)bits, delta);
  board->next++;
  return true;
}

bool bivouac_push_integer(
    struct bivouac_board *board, uint8_t channel, int64_t value, uint32_t ticks) {
  if (value >= INT32_MIN && value <= INT32_MAX) {
    return bivouac_push(board, channel, (int32_t)value, ticks);
  }
  return push_wide(board, channel, KIND_INTEGER, (uint64_t)value, ticks);
}

bool bivouac_push_float(
    struct bivouac_board *board, uint8_t channel, double value, uint32_t ticks) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return push_wide(board, channel, KIND_FLOAT, bits, ticks);
}

bool bivouac_push_text(
    struct bivouac_board *board, uint8_t channel, const char *text, size_t count, uint32_t ticks) {
  enum { SLOT_TEXT = 7 };
  uint32_t delta;
  /* A text must fit a body of its own: type, index, first, base, and four bytes of group. */
  if (count > BIVOUAC_TEXT_MAX || count > (size_t)BODY_MAX_TO_HOST(board) - 18) return false;
  bivouac_index extra = (bivouac_index)(1 + (count + SLOT_TEXT - 1) / SLOT_TEXT);
  if (!begin_sample(board, channel, ticks, extra, &delta)) return false;
  put_slot(board, SLOT_WIDE, 0, KIND_TEXT | ((uint32_t)count << 8));
  for (size_t at = 0; at < count; at += SLOT_TEXT) {
    uint8_t part[8] = {0};
    memcpy(part, text + at, count - at < SLOT_TEXT ? count - at : SLOT_TEXT);
    put_slot(board, SLOT_BYTES, (int32_t)bv_get32(part), bv_get32(part + 4));
  }
  put_slot(board, channel, 0, delta);
  board->next++;
  return true;
}
#endif
