#include "harness.h"

enum { NO_LIMIT = 0x7FFFFFFF };

static void quiet(void) {
  SENTENCE("for 2 s nothing is sent, numbered or written; then HELLO comes at once");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_record(fixture.slots[0], 0xA1, 7);
  bivouac_start(&fixture.board, &fixture.config, 0, 0xC0FFEE);
  for (int step = 0; step < 1999; step++) fixture_step(&fixture, 1);
  CHECK(fixture.tx_put == 0 && fixture.stores == 0);
  CHECK(!bivouac_push(&fixture.board, 0, 1, fixture.ticks));
  fixture_step(&fixture, 1);
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 0x01 && seen.count == 58);
  CHECK(seen.body[1] == 1 && seen.body[2] == 0 && seen.body[3] == 0xA1);
  CHECK(get32(seen.body + 11) == 0xC0FFEE && seen.body[15] == 1 && seen.body[22] == 8);
  CHECK(seen.body[33] == BIVOUAC_BODY_MAX_TO_HOST && seen.body[34] == BIVOUAC_BODY_MAX_TO_BOARD);
  CHECK(get32(seen.body + 37) == RING && get32(seen.body + 41) == 27000);
  CHECK(seen.body[45] == 1 && get32(seen.body + 46) == 9);
  uint64_t hash = 0xCBF29CE484222325U;
  for (uint16_t at = 0; at < 300; at++) hash = (hash ^ (uint8_t)(at * 7 + 1)) * 0x100000001B3U;
  CHECK(get32(seen.body + 23) == (uint32_t)hash && get32(seen.body + 27) == hash >> 32);
}

static void hello_times(void) {
  SENTENCE("HELLO comes every 500 ms for 10 s, then every 2 s");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_boot(&fixture);
  CHECK(fixture_count(&fixture, 0x01) == 1);
  int hellos = 0;
  for (int ms = 1; ms <= 10000; ms++) {
    fixture_step(&fixture, 1);
    hellos += fixture_count(&fixture, 0x01);
  }
  CHECK(hellos == 20);
  for (int ms = 1; ms <= 10000; ms++) {
    fixture_step(&fixture, 1);
    hellos += fixture_count(&fixture, 0x01);
  }
  CHECK(hellos == 25);
}

static void attach_and_lose(void) {
  SENTENCE("RESUME is answered by RESULT before anything else; 3 s of silence end the attachment");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_boot(&fixture);
  (void)fixture_count(&fixture, 0);
  CHECK(bivouac_push(&fixture.board, 3, 42, fixture.ticks));
  fixture_say_bytes(&fixture, (const uint8_t[]){0}, 1);
  fixture_resume(&fixture, 77, NO_LIMIT, 9, 0);
  fixture_step(&fixture, 200);
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 0x11 && get32(seen.body + 1) == 77);
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 0x06);
  CHECK(bivouac_is_attached(&fixture.board));
  fixture_step(&fixture, 2999);
  CHECK(bivouac_is_attached(&fixture.board));
  fixture_step(&fixture, 1);
  CHECK(!bivouac_is_attached(&fixture.board) && fixture_count(&fixture, 0x01) == 1);
}

static void hung_loop(void) {
  SENTENCE("an ACK that waited in the receiver while the loop hung keeps the attachment");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  fixture_ack(&fixture, 9, 0, 0, NO_LIMIT, false);
  fixture_step(&fixture, 4000);
  CHECK(bivouac_is_attached(&fixture.board) && fixture_count(&fixture, 0x01) == 0);
}

static void wrong_resumes(void) {
  SENTENCE("a RESUME of another epoch, of samples not made or with session 0 is not taken");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_boot(&fixture);
  (void)fixture_count(&fixture, 0);
  fixture_say_bytes(&fixture, (const uint8_t[]){0}, 1);
  fixture_resume(&fixture, 1, NO_LIMIT, 8, 0);
  fixture_resume(&fixture, 1, NO_LIMIT, 9, 1);
  fixture_resume(&fixture, 0, NO_LIMIT, 9, 0);
  fixture_step(&fixture, 1);
  CHECK(!bivouac_is_attached(&fixture.board));
  CHECK(fixture.board.counts[BIVOUAC_IGNORED] == 2 && fixture.board.counts[BIVOUAC_MALFORMED] == 1);
}

static void descriptor(void) {
  SENTENCE("the descriptor is read in parts, in any state, and not beyond its end");
  static struct fixture fixture;
  struct seen seen;
  uint8_t whole[300];
  fixture_make(&fixture);
  fixture_boot(&fixture);
  (void)fixture_count(&fixture, 0);
  fixture_say_bytes(&fixture, (const uint8_t[]){0}, 1);
  size_t at = 0;
  while (at < sizeof whole) {
    const uint8_t read[] = {0x03, (uint8_t)at, (uint8_t)(at >> 8), 200};
    fixture_say(&fixture, read, sizeof read);
    fixture_step(&fixture, 1);
    CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 0x04 && seen.count > 3);
    if (checks_failed > 0) return;
    memcpy(whole + at, seen.body + 3, seen.count - 3);
    at += seen.count - 3;
  }
  CHECK(at == sizeof whole && whole[299] == (uint8_t)(299 * 7 + 1));
  const uint8_t past[] = {0x03, 300 & 0xFF, 300 >> 8, 1};
  fixture_say(&fixture, past, sizeof past);
  fixture_step(&fixture, 1);
  CHECK(fixture_count(&fixture, 0x04) == 0);
}

static void time_reply(void) {
  SENTENCE("TIME is answered with 48-bit ticks and the segment, across the wrap of 49.7 days");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture.ticks = 0xFFFFFFFFU - 2500;
  fixture_boot(&fixture);
  (void)fixture_count(&fixture, 0);
  bivouac_sleep_ended(&fixture.board, fixture.ticks);
  const uint8_t probe[] = {0x12, 9, 8, 7, 6};
  fixture_say_bytes(&fixture, (const uint8_t[]){0}, 1);
  fixture_say(&fixture, probe, sizeof probe);
  fixture_step(&fixture, 501);
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 0x13 && seen.count == 17);
  CHECK(get32(seen.body + 1) == 0x06070809 && get32(seen.body + 5) == 0 && seen.body[9] == 1);
  CHECK(get32(seen.body + 11) == 0xFFFFFFFFU - 500 && seen.body[15] == 0);
}

static void reset_to_boot(void) {
  SENTENCE("RESET_TO_BOOT is obeyed only with the board's id and the word");
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  uint8_t body[13] = {0x15};
  memset(body + 1, 0xA1, 8);
  memcpy(body + 9, "BOOT", 4);
  body[1] = 0xA2;
  fixture_say(&fixture, body, sizeof body);
  body[1] = 0xA1;
  body[12] = 'S';
  fixture_say(&fixture, body, sizeof body);
  fixture_step(&fixture, 1);
  CHECK(fixture.boots == 0);
  body[12] = 'T';
  fixture_say(&fixture, body, sizeof body);
  fixture_step(&fixture, 1);
  CHECK(fixture.boots == 1);
}

static void text_and_log(void) {
  SENTENCE("text and LOG go between frames or not at all; LOG is cut at a character's border");
  static struct fixture fixture;
  struct seen seen;
  char line[300] = "";
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  CHECK(bivouac_text(&fixture.board, "PARAMETERS rewrite\r\n"));
  CHECK(memcmp(fixture.tx, "PARAMETERS rewrite\r\n", 20) == 0);
  fixture.tx_put = fixture.tx_seen = 0;
  for (int at = 0; at < 140; at++) strcat(line, "é");
  CHECK(!bivouac_text(&fixture.board, line));
  CHECK(bivouac_log(&fixture.board, 4, line));
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 0x14 && seen.body[1] == 4);
  CHECK(seen.count == 2 + (BIVOUAC_BODY_MAX_TO_HOST - 2) / 2 * 2);
  CHECK(!bivouac_log(&fixture.board, 8, "no such level"));
  fixture.tx_room = 3;
  CHECK(bivouac_log(&fixture.board, 6, "waits for the line"));
  CHECK(!bivouac_log(&fixture.board, 6, "is dropped") && !bivouac_text(&fixture.board, "x"));
  CHECK(fixture.board.counts[BIVOUAC_LOGS_LOST] == 2);
}

static void slow_line(void) {
  SENTENCE("a line that takes one byte at a time gives whole frames all the same");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  for (int at = 0; at < 20; at++) {
    CHECK(bivouac_push(&fixture.board, 1, at * at, fixture.ticks + (uint32_t)at));
  }
  for (int at = 0; at < 400; at++) {
    fixture.tx_room = 1;
    bivouac_poll(&fixture.board, fixture.ticks += at == 0 ? 200 : 1);
  }
  CHECK(fixture_hear(&fixture, &seen) && seen.body[0] == 0x06);
}

void session_tests(void) {
  quiet();
  hello_times();
  attach_and_lose();
  hung_loop();
  wrong_resumes();
  descriptor();
  time_reply();
  reset_to_boot();
  text_and_log();
  slow_line();
}
