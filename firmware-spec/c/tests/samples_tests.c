#include "harness.h"

#if BIVOUAC_WIDE
/* What only the wide build has: floats, texts and 64-bit integers. */
static void kinds(void) {
  SENTENCE("floats, texts and 64-bit integers are kept exactly, and sent between integers");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, 1000);
  uint32_t now = fixture.ticks;
  CHECK(bivouac_push(&fixture.board, 1, 5, now));
  CHECK(bivouac_push_float(&fixture.board, 2, -0.0, now + 3));
  CHECK(bivouac_push_text(&fixture.board, 3, "04:A2:1F:9B", 11, now + 4));
  CHECK(bivouac_push_integer(&fixture.board, 4, INT64_MIN, now + 4));
  CHECK(bivouac_push_text(&fixture.board, 3, "", 0, now + 5));
  fixture_step(&fixture, 200);
  const uint8_t wanted[] = {6, 0, 0, 0xDA, 0x0F,
                            1, 1, 1, 0, 0, 10,
                            0xFF, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0x80,
                            0xFE, 3, 1, 11, '0', '4', ':', 'A', '2', ':', '1', 'F', ':', '9', 'B',
                            4, 1, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1,
                            0xFE, 3, 1, 0};
  CHECK(fixture_hear(&fixture, &seen) && seen.count == sizeof wanted);
  CHECK(memcmp(seen.body, wanted, sizeof wanted) == 0);
}

static void text_bounds(void) {
  SENTENCE("a text that would not fit a body of its own is refused; one that does is always sent");
  static struct fixture fixture;
  struct seen seen;
  char text[201];
  memset(text, 'x', sizeof text);
  fixture_make(&fixture);
  fixture_attach(&fixture, 1000);
  CHECK(!bivouac_push_text(&fixture.board, 3, text, 201, fixture.ticks));
  CHECK(bivouac_push_text(&fixture.board, 3, text, 200, fixture.ticks));
  bivouac_set_maxima(&fixture.board, 10, 10, 10);
  CHECK(fixture.board.body_max_to_host == 58 && fixture.board.window == 48);
  CHECK(!bivouac_push_text(&fixture.board, 3, text, 41, fixture.ticks));
  bivouac_set_maxima(&fixture.board, 250, 250, 512);
  fixture_step(&fixture, 200);
  CHECK(fixture_hear(&fixture, &seen) && seen.count > 200);
}

static void many_texts(void) {
  SENTENCE("texts that wrap round the ring and are dropped from it leave whole samples only");
  static struct fixture fixture;
  struct seen seen;
  uint32_t state = 77, expected = 0;
  fixture_make(&fixture);
  fixture_attach(&fixture, 0x7FFFFFFF);
  for (uint32_t round = 0; round < 3000; round++) {
    char text[201];
    size_t count = random_next(&state) % 201;
    memset(text, (int)(round % 90) + 33, sizeof text);
    CHECK(bivouac_push_text(&fixture.board, (uint8_t)(round % 240), text, count, fixture.ticks));
    if (random_next(&state) % 3 != 0) continue;
    fixture_ack(&fixture, 9, expected, expected, 0x7FFFFFFF, false);
    fixture_step(&fixture, 100);
    while (fixture_hear(&fixture, &seen)) {
      if (seen.body[0] == 0x0F) expected += get32(seen.body + 6);
      if (seen.body[0] != 0x06) continue;
      size_t at = 2;
      while (seen.body[at++] >= 0x80) continue;
      while (seen.body[at++] >= 0x80) continue;
      while (at < seen.count) {
        CHECK(seen.body[at] == 0xFE && seen.body[at + 1] == expected % 240);
        at += 2;
        while (seen.body[at++] >= 0x80) continue;
        size_t length = seen.body[at++];
        for (size_t byte = 0; byte < length; byte++) {
          CHECK(seen.body[at + byte] == expected % 90 + 33);
        }
        at += length;
        expected++;
      }
    }
  }
  CHECK(expected <= 3000 && expected > 2900);
}

void samples_tests(void) {
  kinds();
  text_bounds();
  many_texts();
}
#endif
