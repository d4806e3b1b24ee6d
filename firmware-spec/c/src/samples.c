/* The reference encoder of SAMPLES (PROTOCOL.md 2.5 and appendix A). */
#include "internal.h"

#if BIVOUAC_WIDE
typedef uint32_t upper_part;
#else
typedef uint16_t upper_part;
#endif

/* What is being written, and the first sample that is not yet in it. */
struct encoder {
  const struct bivouac_board *board;
  uint8_t *at;
  const uint8_t *end;
  bivouac_index slot;
  bivouac_index left;
};

/* Writes a varint of `upper` and 32 lower bits; false, and nothing written, without room. */
static bool put_varint(struct encoder *encoder, uint32_t lower, upper_part upper) {
  uint8_t *at = encoder->at;
  do {
    if (at == encoder->end) return false;
    uint8_t byte = (uint8_t)(lower & 0x7F);
    lower >>= 7;
    lower |= (uint32_t)upper << 25;
    upper = (upper_part)(upper >> 7);
    if (lower != 0 || upper != 0) byte |= 0x80;
    *at++ = byte;
    if ((byte & 0x80) == 0) break;
  } while (true);
  encoder->at = at;
  return true;
}

static bool put_ticks(struct encoder *encoder, const struct bivouac_ticks *ticks) {
  return put_varint(encoder, ticks->low, ticks->high);
}

static bool put_zigzag(struct encoder *encoder, int32_t value) {
  uint32_t bits = (uint32_t)value;
  return put_varint(encoder, (bits << 1) ^ (value < 0 ? 0xFFFFFFFFUL : 0), 0);
}

#if BIVOUAC_WIDE
static int64_t integer_of(const struct sample *sample) {
  uint64_t bits = ((uint64_t)(uint32_t)sample->upper << 32) | (uint32_t)sample->value;
  return (int64_t)bits;
}

static bool put_value(struct encoder *encoder, const struct sample *sample) {
  int64_t value = integer_of(sample);
  uint64_t bits = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
  return put_varint(encoder, (uint32_t)bits, (upper_part)(bits >> 32));
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
  return is_integer(sample) && sample->channel == channel && sample->delta.low == 0 &&
         sample->delta.high == 0;
}

/* How many samples stand on neighbouring channels with the ticks of the first; and the period. */
static uint8_t measure_run(const struct encoder *encoder, struct bivouac_ticks *period) {
  struct sample sample;
  bivouac_index slot = encoder->slot;
  uint8_t run = 1;
  period->low = 0;
  period->high = 0;
  bv_ring_read(encoder->board, &slot, &sample);
  uint8_t channel = sample.channel;
  while (run < encoder->left) {
    bv_ring_read(encoder->board, &slot, &sample);
    if (channel + run > BIVOUAC_CHANNEL_MAX || !same_scan(&sample, (uint8_t)(channel + run))) {
      if (is_integer(&sample) && sample.channel == channel) *period = sample.delta;
      break;
    }
    run++;
  }
  return run;
}

/* Writes one more row from `*slot`, all of it or nothing; `*before` reads the row above it. */
static bool put_row(
    struct encoder *encoder, uint8_t width, const struct bivouac_ticks *period,
    bivouac_index *before, bivouac_index *slot) {
  struct sample sample, above;
  uint8_t *start = encoder->at;
  if (encoder->left < width) return false;
  for (uint8_t column = 0; column < width; column++) {
    int32_t step;
    bv_ring_read(encoder->board, before, &above);
    bv_ring_read(encoder->board, slot, &sample);
    bool in_place = column == 0 ? bv_same_ticks(&sample.delta, period) && is_integer(&sample)
                                : same_scan(&sample, above.channel);
    if (!in_place || sample.channel != above.channel || !difference(&sample, &above, &step) ||
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
    struct encoder *encoder, uint8_t channel, const struct bivouac_ticks *delta) {
  struct bivouac_ticks period;
  uint8_t *head = encoder->at;
  uint8_t run = measure_run(encoder, &period);
  if (encoder->end - head < 3) return false;
  encoder->at += 3;
  if (!put_ticks(encoder, delta)) return false;
  uint8_t *period_at = encoder->at;
  if (!put_ticks(encoder, &period)) return false;
  uint8_t *values = encoder->at;
  bivouac_index before = encoder->slot, slot = encoder->slot;
  uint8_t width = put_first_row(encoder, run, &slot);
  if (width == 0) return false;
  uint8_t rows = 1;
  encoder->left = (bivouac_index)(encoder->left - width);
  encoder->slot = slot;
  if (width == run && (period.low != 0 || period.high != 0)) {
    while (rows < 250 && put_row(encoder, width, &period, &before, &slot)) rows++;
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
    struct encoder *encoder, struct sample *sample, const struct bivouac_ticks *delta,
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
          &ring[(sample->text_slot + put / 7U) % encoder->board->config->ring_slots];
      uint8_t part[8];
      (void)bv_put32(part, (uint32_t)slot->value);
      memcpy(part + 4, slot->delta, 3);
      *encoder->at++ = part[put % 7];
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
  if (first) sample.delta.low = sample.delta.high = 0;
#if BIVOUAC_WIDE
  if (!is_integer(&sample)) {
    if (put_single(encoder, &sample, &sample.delta, after)) return true;
    encoder->at = start;
    return false;
  }
#endif
  if (put_integers(encoder, sample.channel, &sample.delta)) return true;
  encoder->at = start;
  return false;
}

/* The ticks of the first unsent sample. */
static void first_ticks(const struct bivouac_board *board, struct bivouac_ticks *ticks) {
  struct sample sample;
  bivouac_index slot = board->send_slot;
  bv_ring_read(board, &slot, &sample);
  *ticks = board->send_ticks;
  bv_add_ticks(ticks, &sample.delta);
}

bool bv_compose_samples(struct bivouac_board *board) {
  uint32_t stop = board->limit < board->next ? board->limit : board->next;
  if (stop <= board->send) return false;
  struct bivouac_ticks ticks;
  bivouac_index count = (bivouac_index)(stop - board->send);
  uint8_t *body = board->tx + 2;
  struct encoder encoder = {
      board, body + 2, body + BODY_MAX_TO_HOST(board), board->send_slot, count};
  body[0] = SAMPLES;
  body[1] = 0;
  first_ticks(board, &ticks);
  (void)put_varint(&encoder, board->send, 0);
  (void)put_ticks(&encoder, &ticks);
  bool first = true;
  while (encoder.left > 0 && put_group(&encoder, first)) first = false;
  struct bivouac_ticks age = board->now;
  bv_subtract_ticks(&age, &ticks);
  if (encoder.left == 0 && age.high == 0 && age.low < CONFIG_U16(board, batch_ms)) return false;
  bv_close_frame(board, encoder.at);
  bv_ring_advance(board, (bivouac_index)(count - encoder.left));
  board->sent = board->now.low;
  return true;
}
