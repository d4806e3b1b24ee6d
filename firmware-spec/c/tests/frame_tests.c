#include "harness.h"

static void golden_frame(void) {
  SENTENCE("the frame of the specification is written so");
  const uint8_t body[] = {0x24, 0x07, 0x00, 0x01, 0x01};
  const uint8_t wanted[] = {0x00, 0x03, 0x24, 0x07, 0x03, 0x01, 0x01,
                            0xfa, 0xbe, 0xf3, 0xd4, 0x88, 0x00};
  uint8_t wire[32];
  CHECK(wire_encode(body, sizeof body, wire) == sizeof wanted);
  CHECK(memcmp(wire, wanted, sizeof wanted) == 0);
  CHECK(wire_crc((const uint8_t *)"123456789", 9) == 0xe3069283U);
}

/* A TIME that the board would answer, as wire bytes. */
static size_t time_wire(uint8_t *wire) {
  const uint8_t body[] = {0x12, 0x0d, 0x00, 0xf0, 0xad};
  return wire_encode(body, sizeof body, wire);
}

static int answers_to(struct fixture *fixture, const uint8_t *bytes, size_t count) {
  fixture_say_bytes(fixture, bytes, count);
  fixture_say_bytes(fixture, (const uint8_t[]){0, 0}, 2);
  fixture_step(fixture, 1);
  return fixture_count(fixture, 0x13);
}

static void damage(void) {
  SENTENCE("no flip of one or two bits, drop, doubling or insertion of a byte passes as a frame");
  static struct fixture fixture;
  uint8_t wire[32], broken[40];
  size_t count = time_wire(wire);
  int passed = 0, tried = 0;
  fixture_make(&fixture);
  fixture_attach(&fixture, 100);
  CHECK(answers_to(&fixture, wire, count) == 1);
  for (size_t one = 8; one < (count - 1) * 8; one++) {
    for (size_t two = one; two < (count - 1) * 8; two++) {
      memcpy(broken, wire, count);
      broken[one / 8] ^= (uint8_t)(1 << (one % 8));
      if (two != one) broken[two / 8] ^= (uint8_t)(1 << (two % 8));
      passed += answers_to(&fixture, broken, count);
      tried++;
    }
  }
  for (size_t at = 1; at < count - 1; at++) {
    memcpy(broken, wire, at);
    memcpy(broken + at, wire + at + 1, count - at - 1);
    passed += answers_to(&fixture, broken, count - 1);
    memcpy(broken, wire, at);
    memcpy(broken + at, wire + at - 1, count - at + 1);
    tried++;
    /* A delimiter sent twice is an empty segment, and no damage. */
    if (at == 1) continue;
    passed += answers_to(&fixture, broken, count + 1);
    for (int inserted = 1; inserted < 256; inserted++) {
      broken[at] = (uint8_t)inserted;
      passed += answers_to(&fixture, broken, count + 1);
    }
    tried += 256;
  }
  CHECK(passed == 0);
  CHECK(fixture.board.counts[BIVOUAC_CORRUPT] > 0);
  printf("    %d damaged frames, %d passed\n", tried, passed);
}

static void torn(void) {
  SENTENCE("a frame torn at any byte is dropped, and the next one is taken");
  static struct fixture fixture;
  uint8_t wire[32];
  size_t count = time_wire(wire);
  fixture_make(&fixture);
  fixture_attach(&fixture, 100);
  for (size_t at = 1; at < count - 1; at++) {
    CHECK(answers_to(&fixture, wire, at) == 0);
    CHECK(answers_to(&fixture, wire, count) == 1);
  }
}

static void first_segment(void) {
  SENTENCE("what comes before the first zero is never a frame");
  static struct fixture fixture;
  uint8_t wire[32];
  size_t count = time_wire(wire);
  fixture_make(&fixture);
  fixture_boot(&fixture);
  CHECK(answers_to(&fixture, wire + 1, count - 1) == 0);
  CHECK(answers_to(&fixture, wire + 1, count - 1) == 1);
}

static void overrun(void) {
  SENTENCE("a segment longer than the buffer is dropped whole and counted once");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_attach(&fixture, 100);
  uint8_t flood[1000];
  memset(flood, 0x12, sizeof flood);
  uint32_t before = fixture.board.counts[BIVOUAC_CORRUPT];
  CHECK(answers_to(&fixture, flood, 200 + BIVOUAC_BODY_MAX_TO_BOARD) == 0);
  fixture_step(&fixture, 1);
  fixture_step(&fixture, 1);
  CHECK(fixture.board.counts[BIVOUAC_CORRUPT] == before + 1);
  uint8_t wire[32];
  CHECK(answers_to(&fixture, wire, time_wire(wire)) == 1);
}

static void noise(void) {
  SENTENCE("a megabyte of noise sends nothing wrong, stays in bounds and spoils nothing after it");
  static struct fixture fixture;
  uint32_t seed = 2463534242U;
  fixture_make(&fixture);
  fixture_attach(&fixture, 100);
  for (int round = 0; round < 4096; round++) {
    uint8_t bytes[256];
    for (size_t at = 0; at < sizeof bytes; at++) bytes[at] = (uint8_t)random_next(&seed);
    fixture_say_bytes(&fixture, bytes, sizeof bytes);
    fixture_step(&fixture, 1);
    (void)fixture_count(&fixture, 0);
  }
  uint8_t wire[32];
  CHECK(answers_to(&fixture, wire, time_wire(wire)) == 1);
  CHECK(fixture.commands == 0);
}

static void tlvs(void) {
  SENTENCE("TLVs of later versions are skipped, and malformed when they overrun the end");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_attach(&fixture, 100);
  const uint8_t whole[] = {0x12, 1, 2, 3, 4, 0x55, 2, 9, 9, 0x56, 0};
  const uint8_t over[] = {0x12, 1, 2, 3, 4, 0x55, 3, 9, 9};
  const uint8_t half[] = {0x12, 1, 2, 3, 4, 0x55};
  const uint8_t few[] = {0x12, 1, 2, 3};
  const uint8_t unknown[] = {0x1F, 1};
  fixture_say(&fixture, whole, sizeof whole);
  fixture_step(&fixture, 1);
  CHECK(fixture_count(&fixture, 0x13) == 1);
  fixture_say(&fixture, over, sizeof over);
  fixture_say(&fixture, half, sizeof half);
  fixture_say(&fixture, few, sizeof few);
  fixture_say(&fixture, unknown, sizeof unknown);
  fixture_step(&fixture, 1);
  CHECK(fixture_count(&fixture, 0x13) == 0);
  CHECK(fixture.board.counts[BIVOUAC_MALFORMED] == 3);
  CHECK(fixture.board.counts[BIVOUAC_UNKNOWN] == 1);
}

void frame_tests(void) {
  golden_frame();
  damage();
  torn();
  first_segment();
  overrun();
  noise();
  tlvs();
}
