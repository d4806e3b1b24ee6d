#include "harness.h"

enum { NO_LIMIT = 0x7FFFFFFF };

/* A decoder of SAMPLES, written apart from the encoder: integers only. */
struct decoded {
  uint32_t first;
  size_t count;
  uint64_t ticks[1024];
  int64_t values[1024];
  uint8_t channels[1024];
};

static uint64_t varint(const struct seen *seen, size_t *at) {
  uint64_t value = 0;
  for (int shift = 0; *at < seen->count && shift < 64; shift += 7) {
    uint8_t byte = seen->body[(*at)++];
    value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  CHECK(!"a varint ends");
  return value;
}

static int64_t zigzag(const struct seen *seen, size_t *at) {
  uint64_t bits = varint(seen, at);
  return (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
}

static void decode(const struct seen *seen, struct decoded *out) {
  size_t at = 2;
  out->first = (uint32_t)varint(seen, &at);
  uint64_t ticks = varint(seen, &at);
  out->count = 0;
  while (at < seen->count) {
    uint8_t channel = seen->body[at], width = seen->body[at + 1], rows = seen->body[at + 2];
    at += 3;
    ticks += varint(seen, &at);
    uint64_t period = varint(seen, &at);
    for (int row = 0; row < rows; row++) {
      if (row > 0) ticks += period;
      for (int column = 0; column < width && out->count < 1024; column++) {
        int64_t value = zigzag(seen, &at);
        if (row > 0) value += out->values[out->count - width];
        out->values[out->count] = value;
        out->ticks[out->count] = ticks;
        out->channels[out->count++] = (uint8_t)(channel + column);
      }
    }
  }
}

static void overflow(void) {
  SENTENCE("a full ring drops its oldest, says so by GAP, and made = sent + declared");
  static struct fixture fixture;
  static struct decoded decoded;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  uint32_t expected = 0;
  for (int32_t made = 0; made < 1000; made++) {
    CHECK(bivouac_push(&fixture.board, 1, made, fixture.ticks + (uint32_t)made));
  }
  CHECK(bivouac_made(&fixture.board) == 1000 && bivouac_lost(&fixture.board) == 1000 - RING);
  fixture_ack(&fixture, 9, 0, 0, NO_LIMIT, false);
  fixture_step(&fixture, 2000);
  while (fixture_hear(&fixture, &seen)) {
    if (seen.body[0] == 0x0F) {
      CHECK(get32(seen.body + 2) == expected && expected == 0);
      expected += get32(seen.body + 6);
    } else if (seen.body[0] == 0x06) {
      decode(&seen, &decoded);
      CHECK(decoded.first == expected);
      for (size_t at = 0; at < decoded.count; at++) {
        CHECK(decoded.values[at] == (int64_t)expected++);
      }
    }
  }
  CHECK(expected == 1000);
}

static void acknowledge(void) {
  SENTENCE("durable frees, again sends once more from received, and wrong ACKs change nothing");
  static struct fixture fixture;
  static struct decoded decoded;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  for (int32_t at = 0; at < 20; at++) {
    CHECK(bivouac_push(&fixture.board, 2, at, fixture.ticks + (uint32_t)at));
  }
  fixture_step(&fixture, 200);
  CHECK(fixture_count(&fixture, 0x06) >= 1 && get32(fixture.board.send) == 20);
  fixture_ack(&fixture, 9, 5, 10, NO_LIMIT, true);
  fixture_step(&fixture, 1);
  CHECK(get32(fixture.board.oldest) == 5 && fixture.board.used == 15);
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 0x06);
  decode(&seen, &decoded);
  CHECK(decoded.first == 10 && decoded.values[0] == 10 && decoded.count == 10);
  fixture_ack(&fixture, 8, 20, 20, NO_LIMIT, false);
  fixture_ack(&fixture, 9, 20, 19, NO_LIMIT, false);
  fixture_ack(&fixture, 9, 20, 21, NO_LIMIT, false);
  fixture_step(&fixture, 1);
  CHECK(get32(fixture.board.oldest) == 5 && fixture.board.counts[BIVOUAC_IGNORED] == 3);
  fixture_ack(&fixture, 9, 5, 12, NO_LIMIT, false);
  fixture_step(&fixture, 500);
  CHECK(fixture_count(&fixture, 0x06) == 0);
  fixture_ack(&fixture, 9, 5, 12, NO_LIMIT, false);
  fixture_step(&fixture, 600);
  CHECK(fixture_hear(&fixture, &seen));
  decode(&seen, &decoded);
  CHECK(decoded.first == 12 && decoded.count == 8);
}

static void limit(void) {
  SENTENCE("no sample at or above the limit is sent, and an absolute limit repairs a lost one");
  static struct fixture fixture;
  static struct decoded decoded;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, 3);
  for (int32_t at = 0; at < 20; at++) CHECK(bivouac_push(&fixture.board, 2, at, fixture.ticks));
  fixture_step(&fixture, 200);
  CHECK(fixture_hear(&fixture, &seen));
  decode(&seen, &decoded);
  CHECK(decoded.count == 3 && !fixture_hear(&fixture, &seen));
  fixture_ack(&fixture, 9, 0, 3, 5, false);
  fixture_step(&fixture, 200);
  CHECK(fixture_hear(&fixture, &seen));
  decode(&seen, &decoded);
  CHECK(decoded.first == 3 && decoded.count == 2);
}

static void long_pauses(void) {
  SENTENCE("ticks are exact to 48 bits after any pause, through wraps, drops and sending again");
  static struct fixture fixture;
  static struct decoded decoded;
  const uint32_t pauses[] = {1, 0xFFFFFF, 0x1000000, 0x1000001, 0xFFFFFFFF, 0, 0x80000000,
                             5, 0xFFFFFFFF, 0xFFFFFFFF, 7};
  struct seen seen;
  uint64_t now = 2010, wanted[11];
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  for (int at = 0; at < 11; at++) {
    now += pauses[at];
    wanted[at] = now;
    CHECK(bivouac_push(&fixture.board, 4, at, (uint32_t)now));
  }
  fixture.ticks = (uint32_t)now;
  fixture_resume(&fixture, 2, NO_LIMIT, 9, 0);
  fixture_step(&fixture, 200);
  size_t heard = 0;
  while (fixture_hear(&fixture, &seen)) {
    if (seen.body[0] != 0x06) continue;
    decode(&seen, &decoded);
    for (size_t at = 0; at < decoded.count; at++) {
      CHECK(decoded.ticks[at] == wanted[heard] && decoded.values[at] == (int64_t)heard);
      heard++;
    }
  }
  CHECK(heard == 11);
  fixture_ack(&fixture, 9, 6, 8, NO_LIMIT, true);
  fixture_step(&fixture, 1);
  CHECK(fixture_hear(&fixture, &seen));
  decode(&seen, &decoded);
  CHECK(decoded.first == 8 && decoded.ticks[0] == wanted[8] && decoded.ticks[2] == wanted[10]);
}

/* The host of `any_order`: takes what continues at `received`, drops the rest. */
struct host {
  uint32_t made, received, stored;
  int32_t values[1 << 16];
  uint8_t channels[1 << 16];
};

static void hear_all(struct fixture *fixture, struct host *host, bool is_lossy) {
  static struct decoded decoded;
  struct seen seen;
  while (fixture_hear(fixture, &seen)) {
    if (is_lossy) continue;
    if (seen.body[0] == 0x0F && get32(seen.body + 2) == host->received) {
      host->received += get32(seen.body + 6);
    } else if (seen.body[0] == 0x06) {
      decode(&seen, &decoded);
      for (size_t at = 0; at < decoded.count; at++) {
        if (decoded.first + at != host->received) continue;
        CHECK(decoded.values[at] == host->values[host->received & 0xFFFF]);
        CHECK(decoded.channels[at] == host->channels[host->received & 0xFFFF]);
        host->received++;
      }
    }
  }
}

static void push_scan(struct fixture *fixture, struct host *host, uint32_t *state) {
  uint32_t dice = random_next(state);
  uint32_t width = 1 + dice % 30, channel = (dice >> 8) % 200;
  for (uint32_t at = 0; at < width; at++) {
    uint32_t slot = host->made++ & 0xFFFF;
    host->values[slot] = (int32_t)random_next(state) >> (dice >> 27);
    host->channels[slot] = (uint8_t)(channel + at);
    CHECK(bivouac_push(
        &fixture->board, host->channels[slot], host->values[slot], fixture->ticks));
  }
}

static void any_order(void) {
  SENTENCE("random scans, pauses, drops and losses: what arrives is what was made, in order");
  static struct fixture fixture;
  static struct host host;
  for (uint32_t seed = 1; seed <= 40; seed++) {
    uint32_t state = seed * 2654435761U;
    memset(&host, 0, sizeof host);
    fixture_make(&fixture);
    fixture_attach(&fixture, NO_LIMIT);
    for (int round = 0; round < 450; round++) {
      uint32_t dice = random_next(&state);
      bool is_last = round >= 440;
      if (!is_last) push_scan(&fixture, &host, &state);
      bool again = is_last || dice % 4 == 0;
      fixture_ack(&fixture, 9, host.stored, host.received, NO_LIMIT, again);
      fixture_step(&fixture, (dice >> 16) % 300);
      hear_all(&fixture, &host, !is_last && (dice >> 4) % 4 == 0);
      if ((dice >> 24) % 2 == 0) host.stored = host.received;
    }
    CHECK(host.received == host.made && bivouac_made(&fixture.board) == host.made);
    if (checks_failed > 0) {
      printf("    seed %u: made %u received %u\n", seed, host.made, host.received);
      return;
    }
  }
}

static void numbers_run_out(void) {
  SENTENCE("after 2^32 - 1 samples an epoch numbers no more");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_boot(&fixture);
  const uint8_t last[4] = {0xFE, 0xFF, 0xFF, 0xFF};
  memcpy(fixture.board.oldest, last, 4);
  memcpy(fixture.board.next, last, 4);
  memcpy(fixture.board.send, last, 4);
  CHECK(bivouac_push(&fixture.board, 0, 1, fixture.ticks));
  CHECK(!bivouac_push(&fixture.board, 0, 1, fixture.ticks));
  CHECK(!bivouac_push(&fixture.board, 240, 1, fixture.ticks));
}

void ring_tests(void) {
  overflow();
  acknowledge();
  limit();
  long_pauses();
  any_order();
  numbers_run_out();
}
