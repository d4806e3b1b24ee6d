#include "harness.h"

/* Starts and passes Quiet; the epoch that the board runs under, 0 without an id. */
static uint32_t boot(struct fixture *fixture) {
  bivouac_start(&fixture->board, &fixture->config, fixture->ticks, fixture->ticks + 1);
  fixture_step(fixture, 2000);
  (void)fixture_count(fixture, 0);
  return get32(fixture->board.epoch);
}

static void provision(struct fixture *fixture, uint32_t nonce, uint8_t id) {
  uint8_t body[13] = {0x02, (uint8_t)nonce, (uint8_t)(nonce >> 8), (uint8_t)(nonce >> 16),
                      (uint8_t)(nonce >> 24)};
  memset(body + 5, id, 8);
  fixture_say_bytes(fixture, (const uint8_t[]){0}, 1);
  fixture_say(fixture, body, sizeof body);
  fixture_step(fixture, 1);
}

static void epochs(void) {
  SENTENCE("the epoch rises by one at every boot, and both slots are used in turn");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_record(fixture.slots[0], 0xA1, 7);
  fixture_record(fixture.slots[1], 0xA1, 6);
  for (uint32_t epoch = 8; epoch < 30; epoch++) CHECK(boot(&fixture) == epoch);
  CHECK(fixture.stores == 22);
}

static void one_slot_good(void) {
  SENTENCE("with one good slot the next epoch skips one, which may have been used");
  static struct fixture fixture;
  for (int good = 0; good < 2; good++) {
    fixture_make(&fixture);
    fixture_record(fixture.slots[good], 0xA1, 7);
    CHECK(boot(&fixture) == 9 && boot(&fixture) == 10);
  }
}

static void erased(void) {
  SENTENCE("an erased memory means id 0, no numbered sample, and PROVISION once per nonce");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  CHECK(boot(&fixture) == 0 && !bivouac_push(&fixture.board, 0, 1, fixture.ticks));
  uint32_t nonce = get32(fixture.board.nonce);
  provision(&fixture, nonce + 1, 0xB2);
  CHECK(!fixture_hear(&fixture, &seen) && fixture.stores == 0);
  provision(&fixture, nonce, 0x00);
  CHECK(!fixture_hear(&fixture, &seen) && fixture.board.counts[BIVOUAC_MALFORMED] == 1);
  provision(&fixture, nonce, 0xB2);
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 1 && seen.body[3] == 0xB2);
  CHECK(get32(seen.body + 46) == 1 && fixture.stores == 1);
  CHECK(bivouac_push(&fixture.board, 0, 1, fixture.ticks));
  provision(&fixture, nonce, 0xB2);
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 1 && fixture.stores == 1);
  provision(&fixture, nonce, 0xB3);
  CHECK(!fixture_hear(&fixture, &seen) && fixture.board.id[0] == 0xB2);
  CHECK(boot(&fixture) == 3 && boot(&fixture) == 4);
  provision(&fixture, get32(fixture.board.nonce), fixture.board.id[0]);
  CHECK(!fixture_hear(&fixture, &seen));
}

static void torn_writes(void) {
  SENTENCE("a write torn at any byte keeps the id, and no epoch is ever used twice");
  static struct fixture fixture;
  for (long torn = 0; torn <= BIVOUAC_RECORD_BYTES; torn++) {
    for (int before = 0; before < 3; before++) {
      fixture_make(&fixture);
      fixture_record(fixture.slots[0], 0xA1, 7);
      for (int at = 0; at < before; at++) (void)boot(&fixture);
      uint32_t used = get32(fixture.board.epoch);
      fixture.store_bytes = torn;
      uint32_t maybe = boot(&fixture);
      fixture.store_bytes = -1;
      /* A torn record was never run under, unless it happened to be whole. */
      uint32_t next = boot(&fixture);
      CHECK(next > used && next > maybe && next > 7 && fixture.board.id[7] == 0xA1);
    }
  }
}

static void dead_memory(void) {
  SENTENCE("a record that cannot be written means id 0 with flag bit 0, and nothing is numbered");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_record(fixture.slots[0], 0xA1, 7);
  fixture.store_is_dead = true;
  bivouac_start(&fixture.board, &fixture.config, 0, 5);
  fixture_step(&fixture, 2000);
  CHECK(fixture_hear(&fixture, &seen) && seen.body[2] == 1 && seen.body[3] == 0);
  CHECK(get32(seen.body + 46) == 0 && !bivouac_push(&fixture.board, 0, 1, fixture.ticks));
}

static void bad_records(void) {
  SENTENCE("a record with a wrong byte anywhere, id 0 or an epoch out of range is not good");
  static struct fixture fixture;
  for (int bit = 0; bit < BIVOUAC_RECORD_BYTES * 8; bit++) {
    fixture_make(&fixture);
    fixture_record(fixture.slots[0], 0xA1, 7);
    fixture.slots[0][bit / 8] ^= (uint8_t)(1 << (bit % 8));
    CHECK(boot(&fixture) == 0);
  }
  const uint32_t epochs[] = {0, 0xFFFFFFFEU, 0xFFFFFFFFU};
  for (int at = 0; at < 3; at++) {
    fixture_make(&fixture);
    fixture_record(fixture.slots[1], 0xA1, epochs[at]);
    CHECK(boot(&fixture) == 0);
  }
  fixture_make(&fixture);
  fixture_record(fixture.slots[1], 0, 7);
  CHECK(boot(&fixture) == 0);
  fixture_make(&fixture);
  fixture_record(fixture.slots[1], 0xA1, 0xFFFFFFFDU);
  CHECK(boot(&fixture) == 0xFFFFFFFFU);
}

static void brown_outs(void) {
  SENTENCE("brown-outs at 10 Hz write nothing and burn no epoch");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_record(fixture.slots[0], 0xA1, 7);
  for (int at = 0; at < 1000; at++) {
    bivouac_start(&fixture.board, &fixture.config, fixture.ticks, 1);
    for (int ms = 0; ms < 100; ms += 5) fixture_step(&fixture, 5);
  }
  CHECK(fixture.stores == 0 && fixture.tx_put == 0);
  CHECK(boot(&fixture) == 9);
}

void identity_tests(void) {
  epochs();
  one_slot_good();
  erased();
  torn_writes();
  dead_memory();
  bad_records();
  brown_outs();
}
