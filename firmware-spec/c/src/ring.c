/*
 * The ring of samples (PROTOCOL.md 4.1 point 6). A slot holds a value and the time since the
 * sample before in 24 bits (4.6 hours); what does not fit goes into slots without a number before
 * it, so that 48-bit ticks are exact after any pause and an ordinary sample costs 8 bytes.
 */
#include "internal.h"

/* The slot at `*index`, which moves on. */
static struct bivouac_slot *step(const struct bivouac_board *board, bivouac_index *index) {
  struct bivouac_slot *slot = CONFIG_CALL(board, ring) + *index;
  if (++*index == CONFIG_INDEX(board, ring_slots)) *index = 0;
  return slot;
}

/*
 * Reads the sample that starts at `*index` into the board's, and moves `*index` behind it. How many
 * slots it takes.
 */
LOCAL uint8_t bv_ring_read(struct bivouac_board *board, bivouac_index *index) {
  struct bivouac_sample *sample = &board->sample;
  const struct bivouac_slot *slot = step(board, index);
  uint8_t slots = 1;
  memset(sample->delta + 3, 0, 3);
  if (slot->channel == SLOT_TIME) {
    (void)bv_put(sample->delta + 3, slot->value, 3);
    slot = step(board, index);
    slots++;
  }
#if BIVOUAC_WIDE
  bool has_upper = slot->channel == SLOT_WIDE;
  sample->kind = KIND_INTEGER;
  if (has_upper) {
    sample->kind = slot->delta[0];
    sample->text_count = slot->delta[1];
    sample->upper = (int32_t)bv_get32(slot->value);
    sample->text_slot = *index;
    do {
      slot = step(board, index);
      slots++;
    } while (slot->channel == SLOT_BYTES);
  }
#endif
  (void)bv_put(sample->value, slot->value, SLOT_BOTH);
  sample->channel = slot->channel;
#if BIVOUAC_WIDE
  if (!has_upper) sample->upper = (sample->value[3] & 0x80) != 0 ? -1 : 0;
#endif
  return slots;
}

/* Moves `place` behind one sample; how many slots it takes. */
LOCAL uint8_t bv_ring_pass(struct bivouac_board *board, struct bivouac_place *place) {
  uint8_t slots = bv_ring_read(board, &place->slot);
  bv_add(place->ticks, board->sample.delta, BIVOUAC_TICKS_BYTES);
  return slots;
}

/* Forgets the oldest sample. */
static LARGE void drop_oldest(struct bivouac_board *board) {
  board->used = (bivouac_index)(board->used - bv_ring_pass(board, &board->head));
  bv_increment(board->oldest);
}

LOCAL void bv_ring_free(struct bivouac_board *board, const uint8_t *durable) {
  while (bv_below(board->oldest, durable)) drop_oldest(board);
  if (bv_below(board->send, durable)) bv_ring_seek(board, durable);
}

/* Moves the send position behind the next `samples` unsent ones. */
LOCAL void bv_ring_advance(struct bivouac_board *board, bivouac_index samples) {
  while (samples-- > 0) {
    bv_increment(board->send);
    (void)bv_ring_pass(board, &board->send_at);
  }
}

/* How many samples lie between two numbers of the ring's. */
LOCAL bivouac_index bv_ring_distance(const uint8_t *from, const uint8_t *to) {
#if BIVOUAC_WIDE
  return bv_get32(to) - bv_get32(from);
#else
  return (bivouac_index)(bv_get16(to) - bv_get16(from));
#endif
}

/* Puts the send position at `seq`; below the oldest sample (a GAP is due) only `send` counts. */
LOCAL void bv_ring_seek(struct bivouac_board *board, const uint8_t *seq) {
  bivouac_index samples = bv_ring_distance(board->oldest, seq);
  (void)bv_put4(board->send, seq);
  if (bv_below(seq, board->oldest)) return;
  bv_copy_place(&board->send_at, &board->head);
  while (samples-- > 0) (void)bv_ring_pass(board, &board->send_at);
}

/* Fills the next slot behind the newest with `count` bytes of value and delta. */
static void put_slot(
    struct bivouac_board *board, uint8_t channel, const uint8_t *bytes, uint8_t count) {
  bivouac_index slots = CONFIG_INDEX(board, ring_slots);
  bivouac_index index = (bivouac_index)(board->head.slot + board->used++);
  if (index >= slots) index = (bivouac_index)(index - slots);
  struct bivouac_slot *slot = CONFIG_CALL(board, ring) + index;
  (void)bv_put(slot->value, bytes, count);
  slot->channel = channel;
}

/* Makes room for a sample of `extra` slots besides its own; its delta is left in the board's. */
static bool begin_sample(
    struct bivouac_board *board, uint8_t channel, uint32_t ticks, bivouac_index extra) {
  uint8_t *delta = board->sample.delta;
  bv_clock(board, ticks);
  if (board->state == QUIET || bv_identity_is_missing(board) || channel > BIVOUAC_CHANNEL_MAX ||
      bv_get32(board->next) == 0xFFFFFFFFUL) {
    return false;
  }
  for (;;) {
    (void)bv_put(delta, board->now, BIVOUAC_TICKS_BYTES);
    (void)bv_subtract(delta, board->tail_ticks, BIVOUAC_TICKS_BYTES);
    bool is_long = !bv_is_zero(delta + 3, 3);
    bivouac_index slots = CONFIG_INDEX(board, ring_slots);
    bivouac_index wanted = (bivouac_index)(extra + 1 + is_long);
    if (wanted > slots) return false;
    if (slots - board->used >= wanted) {
      if (is_long) put_slot(board, SLOT_TIME, delta + 3, 3);
      (void)bv_put(board->tail_ticks, board->now, BIVOUAC_TICKS_BYTES);
      return true;
    }
    /* The sample that is dropped is read to where the delta was. */
    drop_oldest(board);
    bv_increment(board->lost);
  }
}

/* Puts the numbered slot of the sample that was begun. */
static void end_sample(struct bivouac_board *board, uint8_t channel, uint32_t value) {
  (void)bv_put32(board->sample.value, value);
  put_slot(board, channel, board->sample.value, SLOT_BOTH);
  bv_increment(board->next);
}

bool bivouac_push(struct bivouac_board *board, uint8_t channel, int32_t value, uint32_t ticks) {
  board = KNOWN(board);
  if (!begin_sample(board, channel, ticks, 0)) return false;
  end_sample(board, channel, (uint32_t)value);
  return true;
}

#if BIVOUAC_WIDE
/* Puts what extends the sample that was begun. */
static void put_wide(
    struct bivouac_board *board, uint32_t upper, uint8_t kind, uint8_t text_count) {
  uint8_t bytes[6];
  uint8_t *at = bv_put32(bytes, upper);
  *at++ = kind;
  *at++ = text_count;
  put_slot(board, SLOT_WIDE, bytes, sizeof bytes);
}

static bool push_wide(
    struct bivouac_board *board, uint8_t channel, uint8_t kind, uint64_t bits, uint32_t ticks) {
  if (!begin_sample(board, channel, ticks, 1)) return false;
  put_wide(board, (uint32_t)(bits >> 32), kind, 0);
  end_sample(board, channel, (uint32_t)bits);
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
  /* A text must fit a body of its own: type, index, first, base, and four bytes of group. */
  if (count > BIVOUAC_TEXT_MAX || count > (size_t)BODY_MAX_TO_HOST(board) - 18) return false;
  bivouac_index extra = (bivouac_index)(1 + (count + SLOT_TEXT - 1) / SLOT_TEXT);
  if (!begin_sample(board, channel, ticks, extra)) return false;
  put_wide(board, 0, KIND_TEXT, (uint8_t)count);
  for (size_t at = 0; at < count; at += SLOT_TEXT) {
    size_t more = count - at < SLOT_TEXT ? count - at : SLOT_TEXT;
    put_slot(board, SLOT_BYTES, (const uint8_t *)text + at, (uint8_t)more);
  }
  end_sample(board, channel, 0);
  return true;
}
#endif
