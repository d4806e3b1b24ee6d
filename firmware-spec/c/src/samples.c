/* The reference encoder of SAMPLES (PROTOCOL.md 2.5 and appendix A). */
#include "internal.h"

/* Bytes of the largest number written: ticks, or a 64-bit value where there are any. */
enum { NUMBER = BIVOUAC_WIDE ? 8 : BIVOUAC_TICKS_BYTES };

static const uint8_t *body_end(const struct bivouac_board *board) {
  return board->tx + 2 + BODY_MAX_TO_HOST(board);
}

/* Writes a number of `count` bytes as a varint; false, and nothing written, without room. */
static bool put_varint(struct bivouac_board *board, const uint8_t *from, uint8_t count) {
  uint8_t number[NUMBER] = {0};
  uint8_t *at = board->at;
  uint8_t any;
  (void)bv_put(number, from, count);
  do {
    uint8_t carry = 0;
    uint8_t *byte = number + NUMBER;
    if (at >= body_end(board)) return false;
    any = 0;
    /* The whole number moves seven bits down, and they come out as `carry >> 1`. */
    do {
      uint8_t whole = *--byte;
      *byte = (uint8_t)((whole >> 7) | carry);
      carry = (uint8_t)(whole << 1);
      any |= *byte;
    } while (byte != number);
    *at++ = any != 0 ? (uint8_t)(0x80 | carry >> 1) : carry >> 1;
  } while (any != 0);
  board->at = at;
  return true;
}

static bool put_ticks(struct bivouac_board *board, const uint8_t *ticks) {
  return put_varint(board, ticks, BIVOUAC_TICKS_BYTES);
}

#if BIVOUAC_WIDE
typedef int64_t integer;

static integer integer_of(const struct bivouac_sample *sample) {
  uint64_t bits = ((uint64_t)(uint32_t)sample->upper << 32) | (uint32_t)sample->value;
  return (integer)bits;
}

/* Writes what `value` is above `before`; 32 bits must hold the difference to a row above. */
static bool put_step(struct bivouac_board *board, integer value, integer before, bool is_first) {
  uint8_t number[NUMBER];
  if (before < 0 ? value > INT64_MAX + before : value < INT64_MIN + before) return false;
  integer step = value - before;
  if (!is_first && (step < INT32_MIN || step > INT32_MAX)) return false;
  uint64_t bits = ((uint64_t)step << 1) ^ (step < 0 ? UINT64_MAX : 0);
  (void)bv_put32(bv_put32(number, (uint32_t)bits), (uint32_t)(bits >> 32));
  return put_varint(board, number, NUMBER);
}

static bool is_integer(const struct bivouac_sample *sample) { return sample->kind == KIND_INTEGER; }
#else
typedef int32_t integer;

#define integer_of(sample) ((sample)->value)
#define is_integer(sample) true

/* Writes what `value` is above `before`; 32 bits must hold the difference. */
static bool put_step(struct bivouac_board *board, integer value, integer before, bool is_first) {
  uint32_t bits = (uint32_t)value - (uint32_t)before;
  (void)is_first;
  /* The difference fits when it is negative exactly if `value` is below `before`. */
  bool is_negative = value < before;
  if (is_negative != ((int32_t)bits < 0)) return false;
  uint8_t number[4];
  bits <<= 1;
  (void)bv_put32(number, is_negative ? ~bits : bits);
  return put_varint(board, number, sizeof number);
}
#endif

/* Whether the sample just read stands on `channel` at the time of the one before. */
static bool stands_beside(const struct bivouac_sample *sample, uint8_t channel) {
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
 * Writes a row of `width` samples: the first one, without a period, as far as it fits; a further
 * one as a whole or not at all. How many were written. `*above` reads the row before.
 */
static uint8_t put_row(
    struct bivouac_board *board, uint8_t channel, uint8_t width, const uint8_t *period,
    bivouac_index *above) {
  struct bivouac_sample *sample = &board->sample;
  bivouac_index index = board->index;
  uint8_t *start = board->at;
  uint8_t column = 0;
  if (board->unsent < width) return 0;
  while (column < width) {
    integer before = 0;
    if (period != NULL) {
      bv_ring_read(board, above);
      before = integer_of(sample);
    }
    bivouac_index next = index;
    bv_ring_read(board, &next);
    /* The first sample of a row stands one period on, the others beside it. */
    if (period != NULL && column == 0) bv_subtract(sample->delta, period, BIVOUAC_TICKS_BYTES);
    if ((period != NULL && !stands_beside(sample, (uint8_t)(channel + column))) ||
        !put_step(board, integer_of(sample), before, period == NULL)) {
      if (period == NULL) break;
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
  uint8_t width = put_row(board, channel, run, NULL, NULL);
  if (width == 0) return false;
  uint8_t rows = 1;
  if (width == run && !bv_is_zero(period, BIVOUAC_TICKS_BYTES)) {
    while (rows < 250 && put_row(board, channel, width, period, &above) != 0) rows++;
  }
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
    board->at = bv_put32(board->at, (uint32_t)sample->value);
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
  board->index = board->send_slot;
  board->unsent = count;
  board->tx[3] = 0;
  /* The ticks of the first unsent sample, and how long ago they were. */
  uint8_t ticks[BIVOUAC_TICKS_BYTES], age[BIVOUAC_TICKS_BYTES];
  bivouac_index slot = board->send_slot;
  (void)bv_put(ticks, board->send_ticks, BIVOUAC_TICKS_BYTES);
  bv_ring_pass(board, &slot, ticks);
  (void)bv_put(age, board->now, BIVOUAC_TICKS_BYTES);
  bv_subtract(age, ticks, BIVOUAC_TICKS_BYTES);
  (void)put_varint(board, board->send, sizeof board->send);
  (void)put_varint(board, ticks, BIVOUAC_TICKS_BYTES);
  while (board->unsent > 0 && put_group(board, board->unsent == count)) continue;
  bool is_young = bv_is_zero(age + 2, BIVOUAC_TICKS_BYTES - 2) &&
                  bv_get16(age) < CONFIG_U16(board, batch_ms);
  if (board->unsent == 0 && is_young) return false;
  bv_close_frame(board, SAMPLES, board->at);
  bv_ring_advance(board, (bivouac_index)(count - board->unsent));
  bv_set_timer(board, BIVOUAC_RESEND, RESEND_MS);
  return true;
}
