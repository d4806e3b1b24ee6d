/* The reference encoder of SAMPLES (PROTOCOL.md 2.5 and appendix A). */
#include "internal.h"

/* Bytes of the largest number written: ticks, or a 64-bit value where there are any. */
enum { NUMBER = BIVOUAC_WIDE ? 8 : BIVOUAC_TICKS_BYTES };

static const uint8_t *body_end(const struct bivouac_board *board) {
  return board->tx + 2 + BODY_MAX_TO_HOST(board);
}

/*
 * Writes a number of `count` bytes as a varint; false, and nothing written, without room. What is
 * left of the number stands where its next byte goes, and reaches NUMBER bytes behind the body.
 */
static bool put_varint(struct bivouac_board *board, const uint8_t *from, uint8_t count) {
  uint8_t *at = board->at;
  bool is_last;
  do {
    if (at >= body_end(board)) return false;
    *bv_put(at, from, count) = 0;
    /* Doubled, its lowest seven bits fill the first byte, and the others are behind. */
    bv_add(at, at, (uint8_t)(count + 1));
    *at >>= 1;
    from = at + 1;
    is_last = bv_is_zero(from, count);
    if (!is_last) *at |= 0x80;
    at++;
  } while (!is_last);
  board->at = at;
  return true;
}

static bool put_ticks(struct bivouac_board *board, const uint8_t *ticks) {
  return put_varint(board, ticks, BIVOUAC_TICKS_BYTES);
}

#if BIVOUAC_WIDE
/* An array either way, which is handed over by its address. */
typedef int64_t integer[1];

static void take_integer(int64_t *to, const struct bivouac_sample *sample) {
  *to = (int64_t)(((uint64_t)(uint32_t)sample->upper << 32) | bv_get32(sample->value));
}

/* Writes what the sample's value is above `above`; of a row above, 32 bits must hold it. */
static bool put_step(struct bivouac_board *board, const int64_t *above, bool is_first) {
  int64_t value, before = *above;
  take_integer(&value, &board->sample);
  uint8_t number[NUMBER];
  if (before < 0 ? value > INT64_MAX + before : value < INT64_MIN + before) return false;
  int64_t step = value - before;
  if (!is_first && (step < INT32_MIN || step > INT32_MAX)) return false;
  uint64_t bits = ((uint64_t)step << 1) ^ (step < 0 ? UINT64_MAX : 0);
  (void)bv_put32(bv_put32(number, (uint32_t)bits), (uint32_t)(bits >> 32));
  return put_varint(board, number, NUMBER);
}

static bool is_integer(const struct bivouac_sample *sample) { return sample->kind == KIND_INTEGER; }
#else
typedef uint8_t integer[4];

#define is_integer(sample) true

static void take_integer(uint8_t *to, const struct bivouac_sample *sample) {
  (void)bv_put4(to, sample->value);
}

/* Writes what the sample's value is above `before`; 32 bits must hold the difference. */
static bool put_step(struct bivouac_board *board, const uint8_t *before, bool is_first) {
  uint8_t *step = board->sample.value;
  uint8_t value = step[3];
  (void)is_first;
  (void)bv_subtract(step, before, 4);
  /* It does not fit when the signs were unlike and it has not that of the value. */
  bool is_negative = (step[3] & 0x80) != 0;
  if (((value ^ before[3]) & (value ^ step[3]) & 0x80) != 0) return false;
  bv_add(step, step, 4);
  for (uint8_t at = 0; is_negative && at < 4; at++) step[at] = (uint8_t)~step[at];
  return put_varint(board, step, 4);
}
#endif

/* Whether the sample just read stands on `channel` at the time of the one before. */
static LARGE bool stands_beside(const struct bivouac_sample *sample, uint8_t channel) {
  return is_integer(sample) && sample->channel == channel &&
         bv_is_zero(sample->delta, BIVOUAC_TICKS_BYTES);
}

/* How many samples stand on neighbouring channels with the ticks of the first; and the period. */
static uint8_t measure_run(struct bivouac_board *board, uint8_t channel, uint8_t *period) {
  struct bivouac_sample *sample = &board->sample;
  bivouac_index index = board->index;
  uint8_t run = 0;
  memset(period, 0, BIVOUAC_TICKS_BYTES);
  bv_ring_read(board, &index);
  while (++run < board->unsent) {
    bv_ring_read(board, &index);
    if (sample->channel > channel && stands_beside(sample, (uint8_t)(channel + run))) continue;
    if (is_integer(sample) && sample->channel == channel) {
      (void)bv_put(period, sample->delta, BIVOUAC_TICKS_BYTES);
    }
    break;
  }
  return run;
}

/*
 * Writes a row of `width` samples: the first one as far as it fits; a further one as a whole or not
 * at all. How many were written. `*above` reads the row before.
 */
static uint8_t put_row(
    struct bivouac_board *board, uint8_t channel, uint8_t width, const uint8_t *period,
    bool is_first, bivouac_index *above) {
  struct bivouac_sample *sample = &board->sample;
  bivouac_index index = board->index;
  uint8_t *start = board->at;
  uint8_t column = 0;
  if (board->unsent < width) return 0;
  while (column < width) {
    integer before = {0};
    if (!is_first) {
      (void)bv_ring_read(board, above);
      take_integer(before, sample);
    }
    bivouac_index next = index;
    bv_ring_read(board, &next);
    /* The first sample of a row stands one period on, the others beside it. */
    if (!is_first && column == 0) {
      (void)bv_subtract(sample->delta, period, BIVOUAC_TICKS_BYTES);
    }
    if ((!is_first && !stands_beside(sample, (uint8_t)(channel + column))) ||
        !put_step(board, before, is_first)) {
      if (is_first) break;
      board->at = start;
      return 0;
    }
    index = next;
    column++;
  }
  board->index = index;
  board->unsent = (bivouac_index)(board->unsent - column);
  return column;
}

/* Writes one group of integers; false when its first value does not fit. */
static bool put_integers(struct bivouac_board *board, const uint8_t *delta) {
  uint8_t period[BIVOUAC_TICKS_BYTES];
  uint8_t *head = board->at;
  uint8_t channel = board->sample.channel;
  uint8_t run = measure_run(board, channel, period);
  board->at += 3;
  if (!put_ticks(board, delta)) return false;
  uint8_t *period_at = board->at;
  if (!put_ticks(board, period)) return false;
  uint8_t *values = board->at;
  bivouac_index above = board->index;
  /* The first row may be shorter than the run, and is the only one then. */
  uint8_t rows = 0, width = run;
  do {
    uint8_t written = put_row(board, channel, width, period, rows == 0, &above);
    if (written == 0) break;
    width = written;
    rows++;
  } while (rows < 250 && width == run && !bv_is_zero(period, BIVOUAC_TICKS_BYTES));
  if (rows == 0) return false;
  if (rows == 1) {
    /* The period was needed only to measure with; one row has none. */
    *period_at++ = 0;
    board->at = bv_put(period_at, values, (bivouac_size)(board->at - values));
  }
  head[0] = channel;
  head[1] = width;
  head[2] = rows;
  return true;
}

#if BIVOUAC_WIDE
/* Writes a float or a text, a group of its own; false when it does not fit. */
static bool put_single(struct bivouac_board *board, const uint8_t *delta, bivouac_index after) {
  const struct bivouac_sample *sample = &board->sample;
  const struct bivouac_config *config = board->config;
  bool is_text = sample->kind == KIND_TEXT;
  *board->at++ = is_text ? 0xFE : 0xFF;
  *board->at++ = sample->channel;
  if (!put_ticks(board, delta)) return false;
  if (body_end(board) - board->at < (is_text ? 1 + sample->text_count : 8)) return false;
  if (is_text) {
    *board->at++ = sample->text_count;
    for (uint8_t put = 0; put < sample->text_count; put++) {
      bivouac_index slot = (sample->text_slot + put / SLOT_TEXT) % config->ring_slots;
      *board->at++ = ((const uint8_t *)&config->ring[slot])[put % SLOT_TEXT];
    }
  } else {
    board->at = bv_put4(board->at, sample->value);
    board->at = bv_put32(board->at, (uint32_t)sample->upper);
  }
  board->unsent--;
  board->index = after;
  return true;
}
#endif

/* Writes the next group, its first sample `delta` after the one before; false without room. */
static bool put_group(struct bivouac_board *board, bool is_first) {
  uint8_t delta[BIVOUAC_TICKS_BYTES] = {0};
  uint8_t *start = board->at;
  bivouac_index after = board->index;
  bv_ring_read(board, &after);
  if (!is_first) (void)bv_put(delta, board->sample.delta, BIVOUAC_TICKS_BYTES);
#if BIVOUAC_WIDE
  bool is_put = is_integer(&board->sample) ? put_integers(board, delta)
                                             : put_single(board, delta, after);
#else
  bool is_put = put_integers(board, delta);
#endif
  if (!is_put) board->at = start;
  return is_put;
}

LOCAL bool bv_compose_samples(struct bivouac_board *board) {
  const uint8_t *stop = bv_below(board->limit, board->next) ? board->limit : board->next;
  if (!bv_below(board->send, stop)) return false;
  bivouac_index count = bv_ring_distance(board->send, stop);
  board->at = board->tx + 4;
  board->index = board->send_at.slot;
  board->unsent = count;
  board->tx[3] = 0;
  /* Where the first unsent sample ends, with its own ticks, and how long ago they were. */
  struct bivouac_place place;
  uint8_t age[BIVOUAC_TICKS_BYTES];
  bv_copy_place(&place, &board->send_at);
  (void)bv_ring_pass(board, &place);
  (void)bv_put(age, board->now, BIVOUAC_TICKS_BYTES);
  (void)bv_subtract(age, place.ticks, BIVOUAC_TICKS_BYTES);
  (void)put_varint(board, board->send, sizeof board->send);
  (void)put_ticks(board, place.ticks);
  while (board->unsent > 0 && put_group(board, board->unsent == count)) continue;
  bool is_young = bv_is_zero(age + 2, BIVOUAC_TICKS_BYTES - 2) &&
                  bv_get16(age) < CONFIG_U16(board, batch_ms);
  if (board->unsent == 0 && is_young) return false;
  bv_close_frame(board, SAMPLES, board->at);
  bv_ring_advance(board, (bivouac_index)(count - board->unsent));
  bv_set_timer(board, BIVOUAC_RESEND, RESEND_MS);
  return true;
}
