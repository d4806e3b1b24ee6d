#include "harness.h"

int checks_failed, checks_done;

void check_at(bool holds, const char *what, const char *file, int line) {
  checks_done++;
  if (holds) return;
  checks_failed++;
  printf("%s:%d: does not hold: %s\n", file, line, what);
}

static int16_t fake_receive(struct bivouac_board *board) {
  struct fixture *fixture = board->config->context;
  return fixture->rx_got < fixture->rx_put ? fixture->rx[fixture->rx_got++] : -1;
}

static bivouac_size fake_transmit(
    struct bivouac_board *board, const uint8_t *bytes, bivouac_size count) {
  struct fixture *fixture = board->config->context;
  if (count > fixture->tx_room) count = (bivouac_size)fixture->tx_room;
  if (fixture->tx_put + count > LINE) return 0;
  memcpy(fixture->tx + fixture->tx_put, bytes, count);
  fixture->tx_put += count;
  fixture->tx_room -= count;
  return count;
}

static uint8_t fake_descriptor(struct bivouac_board *board, uint16_t offset) {
  (void)board;
  return (uint8_t)(offset * 7 + 1);
}

static bool fake_load(
    struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]) {
  const struct fixture *fixture = board->config->context;
  memcpy(record, fixture->slots[slot], BIVOUAC_RECORD_BYTES);
  return true;
}

static void fake_store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]) {
  struct fixture *fixture = board->config->context;
  fixture->stores++;
  for (int at = 0; at < BIVOUAC_RECORD_BYTES && !fixture->store_is_dead; at++) {
    if (fixture->store_bytes == 0) return;
    if (fixture->store_bytes > 0) fixture->store_bytes--;
    fixture->slots[slot][at] = record[at];
  }
}

static enum bivouac_status fake_command(
    struct bivouac_board *board, uint8_t op, struct bivouac_arguments *arguments, int32_t *value) {
  struct fixture *fixture = board->config->context;
  fixture->commands++;
  fixture->last_op = op;
  if (!bivouac_argument_integer(arguments, &fixture->last_argument)) return BIVOUAC_BAD_ARGUMENT;
  *value = fixture->answer_value;
  return fixture->answer;
}

static void fake_lapse(struct bivouac_board *board, uint8_t op) {
  struct fixture *fixture = board->config->context;
  fixture->lapses++;
  fixture->last_lapse = op;
}

static void fake_boot(struct bivouac_board *board) {
  ((struct fixture *)board->config->context)->boots++;
}

void fixture_make(struct fixture *fixture) {
  memset(fixture, 0, sizeof *fixture);
  memset(fixture->slots, 0xFF, sizeof fixture->slots);
  fixture->tx_room = LINE;
  fixture->store_bytes = -1;
  fixture->config = (struct bivouac_config){
      .context = fixture,
      .ring = fixture->ring,
      .ring_slots = RING,
      .sampling_rate = 27000,
      .batch_ms = 100,
      .descriptor_length = 300,
      .hardware_hint = {1, 2, 3, 4, 5, 6, 7, 8},
      .descriptor = fake_descriptor,
      .receive = fake_receive,
      .transmit = fake_transmit,
      .load = fake_load,
      .store = fake_store,
      .on_command = fake_command,
      .on_lease_lapsed = fake_lapse,
      .on_reset_to_boot = fake_boot,
  };
}

void fixture_step(struct fixture *fixture, uint32_t ms) {
  fixture->ticks += ms;
  fixture->tx_room = LINE;
  bivouac_poll(&fixture->board, fixture->ticks);
}

void fixture_boot(struct fixture *fixture) {
  fixture_record(fixture->slots[0], 0xA1, 7);
  bivouac_start(&fixture->board, &fixture->config, fixture->ticks, 0xC0FFEE);
  fixture_step(fixture, 1999);
  fixture_step(fixture, 1);
}

void fixture_attach(struct fixture *fixture, uint32_t limit) {
  fixture_boot(fixture);
  fixture_say_bytes(fixture, (const uint8_t[]){0}, 1);
  fixture_resume(fixture, 1, limit, 9, 0);
  fixture_step(fixture, 10);
  (void)fixture_count(fixture, 0x11);
}

uint32_t wire_crc(const uint8_t *bytes, size_t count) {
  uint32_t crc = ~0U;
  for (size_t at = 0; at < count; at++) {
    crc ^= bytes[at];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78U & (0U - (crc & 1)));
  }
  return ~crc;
}

size_t wire_encode(const uint8_t *body, size_t count, uint8_t *wire) {
  size_t code = 1, put = 2;
  wire[0] = 0;
  for (size_t at = 0; at < count; at++) {
    if (body[at] == 0) {
      wire[code] = (uint8_t)(put - code);
      code = put;
    }
    wire[put++] = body[at];
  }
  wire[code] = (uint8_t)(put - code);
  uint32_t crc = wire_crc(wire + 1, put - 1);
  for (int part = 0; part < 5; part++) wire[put++] = (uint8_t)(0x80 | ((crc >> (7 * part)) & 0x7F));
  wire[put++] = 0;
  return put;
}

void fixture_say_bytes(struct fixture *fixture, const uint8_t *bytes, size_t count) {
  if (fixture->rx_got == fixture->rx_put) fixture->rx_got = fixture->rx_put = 0;
  for (size_t at = 0; at < count && fixture->rx_put < LINE; at++) {
    fixture->rx[fixture->rx_put++] = bytes[at];
  }
}

void fixture_say(struct fixture *fixture, const uint8_t *body, size_t count) {
  uint8_t wire[300];
  fixture_say_bytes(fixture, wire, wire_encode(body, count, wire));
}

bool fixture_hear(struct fixture *fixture, struct seen *seen) {
  while (fixture->tx_seen < fixture->tx_put) {
    const uint8_t *segment = fixture->tx + fixture->tx_seen;
    size_t left = fixture->tx_put - fixture->tx_seen, count = 0;
    while (count < left && segment[count] != 0) count++;
    if (count == left) return false;
    fixture->tx_seen += count + 1;
    /* Text between frames is printable where a frame has its type. */
    if (count < 7 || segment[1] >= 0x20) continue;
    uint32_t crc = 0;
    for (int part = 0; part < 5; part++) {
      crc |= (uint32_t)(segment[count - 5 + part] & 0x7F) << (7 * part);
    }
    CHECK(crc == wire_crc(segment, count - 5));
    memcpy(seen->body, segment + 1, count - 6);
    seen->count = count - 6;
    for (size_t at = segment[0]; at < count - 5; at += segment[at]) seen->body[at - 1] = 0;
    return true;
  }
  fixture->tx_seen = fixture->tx_put = 0;
  return false;
}

int fixture_count(struct fixture *fixture, uint8_t type) {
  struct seen seen;
  int count = 0;
  while (fixture_hear(fixture, &seen)) count += seen.body[0] == type;
  return count;
}

uint32_t get32(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static size_t put(uint8_t *body, size_t at, uint64_t value, int bytes) {
  for (int byte = 0; byte < bytes; byte++) body[at++] = (uint8_t)(value >> (8 * byte));
  return at;
}

void fixture_resume(
    struct fixture *fixture, uint32_t session, uint32_t limit, uint32_t epoch, uint32_t durable) {
  uint8_t body[18] = {0x05};
  size_t at = put(body, put(body, 1, session, 4), limit, 4);
  at = put(body, at, 1, 1);
  at = put(body, put(body, at, epoch, 4), durable, 4);
  fixture_say(fixture, body, at);
}

void fixture_ack(
    struct fixture *fixture, uint32_t epoch, uint32_t durable, uint32_t received, uint32_t limit,
    bool again) {
  uint8_t body[18] = {0x0E};
  size_t at = put(body, put(body, 1, epoch, 4), durable, 4);
  at = put(body, put(body, at, received, 4), limit, 4);
  at = put(body, at, again, 1);
  fixture_say(fixture, body, at);
}

void fixture_command(
    struct fixture *fixture, uint32_t session, uint16_t id, uint32_t life, uint32_t lease,
    uint8_t op, int8_t argument) {
  uint8_t body[24] = {0x10};
  size_t at = put(body, put(body, 1, 9, 4), session, 4);
  at = put(body, put(body, at, id, 2), life, 4);
  at = put(body, put(body, at, lease, 4), op, 1);
  body[at++] = (uint8_t)(argument < 0 ? -2 * argument - 1 : 2 * argument);
  fixture_say(fixture, body, at);
}

void fixture_record(uint8_t record[BIVOUAC_RECORD_BYTES], uint8_t id, uint32_t epoch) {
  memset(record, 0, BIVOUAC_RECORD_BYTES);
  record[0] = 'B';
  record[1] = 'V';
  record[2] = 1;
  memset(record + 4, id, 8);
  (void)put(record, 12, epoch, 4);
  (void)put(record, 16, wire_crc(record, 16), 4);
}

uint32_t random_next(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}
