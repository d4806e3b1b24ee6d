/* The reference encoder of SAMPLES (PROTOCOL.md 2.5 and appendix A). */
#include "internal.h"

/* Bytes of the largest number written: ticks, or a 64-bit value where there are any. */
enum { NUMBER = BIVOUAC_WIDE ? 8 : BIVOUAC_TICKS_BYTES };

/* What is being written, and the first sample that is not yet in it. */
struct encoder {
  const struct bivouac_board *board;
  uint8_t *at;
  const uint8_t *end;
  bivouac_index slot;
  bivouac_index left;
};

/* Writes a number of NUMBER bytes, and leaves it 0; false, and nothing written, without room. */
static bool put_varint(struct encoder *encoder, uint8_t *number) {
  uint8_t *at = encoder->at;
  do {
    if (at == encoder->end) return false;
    uint8_t byte = number[0] & 0x7F;
    uint8_t carry = 0;
    for (uint8_t index = NUMBER; index-- > 0;) {
      uint8_t whole = number[index];
      number[index] = (uint8_t)((whole >> 7) | carry);
      carry = (uint8_t)(whole << 1);
    }
    *at++ = bv_is_zero(number, NUMBER) ? byte : byte | 0x80;
  } while (at[-1] >= 0x80);
  encoder->at = at;
  return true;
}

static bool put_ticks(struct encoder *encoder, const uint8_t *ticks) {
  uint8_t number[NUMBER] = {0};
  memcpy(number, ticks, BIVOUAC_TICKS_BYTES);
  return put_varint(encoder, number);
}

static bool put_number(struct encoder *encoder, uint32_t value) {
  uint8_t number[NUMBER] = {0};
  (void)bv_put32(number, value);
  return put_varint(encoder, number);
}

static bool put_zigzag(struct encoder *encoder, int32_t value) {
  uint32_t bits = (uint32_t)value << 1;
  return put_number(encoder, value < 0 ? ~bits : bits);
}

#if BIVOUAC_WIDE
static int64_t integer_of(const struct sample *sample) {
  uint64_t bits = ((uint64_t)(uint32_t)sample->upper << 32) | (uint32_t)sample->value;
  return (int64_t)bits;
}

static bool put_value(struct encoder *encoder, const struct sample *sample) {
  int64_t value = integer_of(sample);
  uint64_t bits = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
  uint8_t number[NUMBER];
  (void)bv_put32(bv_put32(number, (uint32_t)bits), (uint32_t)(bits >> 32));
  return put_varint(encoder, number);
}

/* The difference of two samples, when 32 bits hold it. */
static bool difference(const struct sample *sample, const struct sample *before, int32_t *value) {
  int64_t left = integer_of(sample), right = integer_of(before);
  if (right < 0 ? left > INT64_MAX + right : left < INT64_MIN + right) return false;
  int64_t wide = left - right;
  if (wide < INT32_MIN || wide > INT32_MAX) return false;
  *value = (int32_t)wide;
  return true;
}

static bool is_integer(const struct sample *sample) { return sample->kind == KIND_INTEGER; }
#else
static bool put_value(struct encoder *encoder, const struct sample *sample) {
  return put_zigzag(encoder, sample->value);
}

static bool difference(const struct sample *sample, const struct sample *before, int32_t *value) {
  uint32_t left = (uint32_t)sample->value, right = (uint32_t)before->value;
  uint32_t bits = left - right;
  *value = (int32_t)bits;
  return (((left ^ right) & (left ^ bits)) >> 31) == 0;
}

#define is_integer(sample) true
#endif

static bool same_scan(const struct sample *sample, uint8_t channel) {
  return is_integer(sample) && sample->channel == channel &&
         bv_is_zero(sample->delta, BIVOUAC_TICKS_BYTES);
}

/* How many samples stand on neighbouring channels with the ticks of the first; and the period. */
static uint8_t measure_run(const struct encoder *encoder, uint8_t *period) {
  struct sample sample;
  bivouac_index slot = encoder->slot;
  uint8_t run = 1;
  memset(period, 0, BIVOUAC_TICKS_BYTES);
  bv_ring_read(encoder->board, &slot, &sample);
  uint8_t channel = sample.channel;
  while (run < encoder->left) {
    bv_ring_read(encoder->board, &slot, &sample);
    if (channel + run > BIVOUAC_CHANNEL_MAX || !same_scan(&sample, (uint8_t)(channel + run))) {
      if (is_integer(&sample) && sample.channel == channel) {
        memcpy(period, sample.delta, BIVOUAC_TICKS_BYTES);
      }
      break;
    }
    run++;
  }
  return run;
}

/* Writes one more row from `*slot`, all of it or nothing; `*before` reads the row above it. */
static bool put_row(
    struct encoder *encoder, uint8_t width, const uint8_t *period,
    bivouac_index *before, bivouac_index *slot) {
  struct sample sample, above;
  uint8_t *start = encoder->at;
  if (encoder->left < width) return false;
  for (uint8_t column = 0; column < width; column++) {
    int32_t step;
    bv_ring_read(encoder->board, before, &above);
    bv_ring_read(encoder->board, slot, &sample);
    /* The first of a row stands one period on; what follows it, at the same time. */
    if (column == 0) bv_subtract(sample.delta, period, BIVOUAC_TICKS_BYTES);
    if (!same_scan(&sample, above.channel) || !difference(&sample, &above, &step) ||
        !put_zigzag(encoder, step)) {
      encoder->at = start;
      return false;
    }
  }
  encoder->left = (bivouac_index)(encoder->left - width);
  encoder->slot = *slot;
  return true;
}

/* Writes as much of the first row as fits; its width, or 0. `*slot` moves behind it. */
static uint8_t put_first_row(struct encoder *encoder, uint8_t run, bivouac_index *slot) {
  struct sample sample;
  uint8_t width = 0;
  while (width < run) {
    bivouac_index next = *slot;
    bv_ring_read(encoder->board, &next, &sample);
    if (!put_value(encoder, &sample)) break;
    *slot = next;
    width++;
  }
  return width;
}

/* Writes one group of integers; false, and nothing written, when its first value does not fit. */
static bool put_integers(
    struct encoder *encoder, uint8_t channel, const uint8_t *delta) {
  uint8_t period[BIVOUAC_TICKS_BYTES];
  uint8_t *head = encoder->at;
  uint8_t run = measure_run(encoder, period);
  if (encoder->end - head < 3) return false;
  encoder->at += 3;
  if (!put_ticks(encoder, delta)) return false;
  uint8_t *period_at = encoder->at;
  if (!put_ticks(encoder, period)) return false;
  uint8_t *values = encoder->at;
  bivouac_index before = encoder->slot, slot = encoder->slot;
  uint8_t width = put_first_row(encoder, run, &slot);
  if (width == 0) return false;
  uint8_t rows = 1;
  encoder->left = (bivouac_index)(encoder->left - width);
  encoder->slot = slot;
  if (width == run && !bv_is_zero(period, BIVOUAC_TICKS_BYTES)) {
    while (rows < 250 && put_row(encoder, width, period, &before, &slot)) rows++;
  }
  if (rows == 1) {
    /* The period was needed only to measure with; one row has none. */
    *period_at++ = 0;
    memmove(period_at, values, (size_t)(encoder->at - values));
    encoder->at -= values - period_at;
  }
  head[0] = channel;
  head[1] = width;
  head[2] = rows;
  return true;
}

#if BIVOUAC_WIDE
/* Writes a float or a text, a group of its own. */
static bool put_single(
    struct encoder *encoder, struct sample *sample, const uint8_t *delta,
    bivouac_index after) {
  bool is_text = sample->kind == KIND_TEXT;
  size_t payload = is_text ? 1U + sample->text_count : 8U;
  if (encoder->end - encoder->at < 2) return false;
  *encoder->at++ = is_text ? 0xFE : 0xFF;
  *encoder->at++ = sample->channel;
  if (!put_ticks(encoder, delta) || (size_t)(encoder->end - encoder->at) < payload) return false;
  if (is_text) {
    *encoder->at++ = sample->text_count;
    const struct bivouac_slot *ring = encoder->board->config->ring;
    for (uint8_t put = 0; put < sample->text_count; put++) {
      const struct bivouac_slot *slot =
          &ring[(sample->text_slot + put / SLOT_TEXT) % encoder->board->config->ring_slots];
      *encoder->at++ = ((const uint8_t *)slot)[put % SLOT_TEXT];
    }
  } else {
    encoder->at = bv_put32(encoder->at, (uint32_t)sample->value);
    encoder->at = bv_put32(encoder->at, (uint32_t)sample->upper);
  }
  encoder->left--;
  encoder->slot = after;
  return true;
}
#endif

/* Writes the next group; false, and nothing written, when it does not fit. */
static bool put_group(struct encoder *encoder, bool first) {
  struct sample sample;
  bivouac_index after = encoder->slot;
  uint8_t *start = encoder->at;
  bv_ring_read(encoder->board, &after, &sample);
  if (first) memset(sample.delta, 0, BIVOUAC_TICKS_BYTES);
#if BIVOUAC_WIDE
  if (!is_integer(&sample)) {
    if (put_single(encoder, &sample, sample.delta, after)) return true;
    encoder->at = start;
    return false;
  }
#endif
  if (put_integers(encoder, sample.channel, sample.delta)) return true;
  encoder->at = start;
  return false;
}

/* The ticks of the first unsent sample. */
static void first_ticks(const struct bivouac_board *board, uint8_t *ticks) {
  struct sample sample;
  bivouac_index slot = board->send_slot;
  bv_ring_read(board, &slot, &sample);
  memcpy(ticks, board->send_ticks, BIVOUAC_TICKS_BYTES);
  bv_add(ticks, sample.delta, BIVOUAC_TICKS_BYTES);
}

/* Whether ticks `ticks` lie `batch` back or more. */
static bool is_old(const struct bivouac_board *board, const uint8_t *ticks) {
  uint8_t age[BIVOUAC_TICKS_BYTES];
  memcpy(age, board->now, BIVOUAC_TICKS_BYTES);
  bv_subtract(age, ticks, BIVOUAC_TICKS_BYTES);
  return !bv_is_zero(age + 2, BIVOUAC_TICKS_BYTES - 2) ||
         bv_get16(age) >= CONFIG_U16(board, batch_ms);
}

bool bv_compose_samples(struct bivouac_board *board) {
  uint32_t stop = board->limit < board->next ? board->limit : board->next;
  if (stop <= board->send) return false;
  uint8_t ticks[BIVOUAC_TICKS_BYTES];
  bivouac_index count = (bivouac_index)(stop - board->send);
  uint8_t *body = board->tx + 2;
  struct encoder encoder = {
      board, body + 2, body + BODY_MAX_TO_HOST(board), board->send_slot, count};
  body[0] = SAMPLES;
  body[1] = 0;
  first_ticks(board, ticks);
  (void)put_number(&encoder, board->send);
  (void)put_ticks(&encoder, ticks);
  bool first = true;
  while (encoder.left > 0 && put_group(&encoder, first)) first = false;
  if (encoder.left == 0 && !is_old(board, ticks)) return false;
  bv_close_frame(board, encoder.at);
  bv_ring_advance(board, (bivouac_index)(count - encoder.left));
  board->sent = bv_get32(board->now);
  return true;
}
