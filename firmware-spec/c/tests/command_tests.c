#include "harness.h"

enum { NO_LIMIT = 0x7FFFFFFF };

/* Steps once, and hears the RESULT; its status, or -1 when there is none. */
static int result(struct fixture *fixture, struct seen *seen) {
  fixture_step(fixture, 1);
  while (fixture_hear(fixture, seen)) {
    if (seen->body[0] == 0x11) return seen->body[11];
  }
  return -1;
}

static void replay(void) {
  SENTENCE("a command runs once, and its result is told again when the command is repeated");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  fixture.answer_value = -5;
  fixture_command(&fixture, 1, 1, 1000, 0, 3, -7);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE && fixture.commands == 1);
  CHECK(get32(seen.body + 5) == 1 && seen.body[9] == 1 && get32(seen.body + 12) == 0xFFFFFFFBU);
  CHECK(fixture.last_op == 3 && fixture.last_argument == -7);
  fixture_command(&fixture, 1, 1, 500, 0, 3, -7);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE && fixture.commands == 1);
}

static void wrong_numbers(void) {
  SENTENCE("an id below the last, and another session's command, are ignored; a higher one runs");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  fixture_command(&fixture, 2, 1, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == -1 && fixture.commands == 0);
  fixture_command(&fixture, 1, 7, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE && seen.body[9] == 7);
  fixture_command(&fixture, 1, 6, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == -1 && fixture.commands == 1);
  fixture_resume(&fixture, 2, NO_LIMIT, 9, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE && get32(seen.body + 5) == 1);
  fixture_command(&fixture, 1, 8, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == -1 && fixture.commands == 1);
  fixture_command(&fixture, 2, 1, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE && fixture.commands == 2);
}

static void other_epoch(void) {
  SENTENCE("a command for another epoch is refused");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  const uint8_t body[] = {0x10, 8, 0, 0, 0, 1, 0, 0, 0, 1, 0, 232, 3, 0, 0, 0, 0, 0, 0, 3, 0};
  fixture_say(&fixture, body, sizeof body);
  CHECK(result(&fixture, &seen) == BIVOUAC_OTHER_EPOCH && fixture.commands == 0);
}

static void expiry(void) {
  SENTENCE("a command that may have waited as long as its life while the loop hung is expired");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  fixture_command(&fixture, 1, 1, 2000, 0, 3, 0);
  fixture_step(&fixture, 1999);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE && fixture.commands == 1);
  fixture_ack(&fixture, 9, 0, 0, NO_LIMIT, false);
  fixture_command(&fixture, 1, 2, 2000, 0, 3, 0);
  fixture_step(&fixture, 1999);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE && fixture.commands == 2);
  fixture_ack(&fixture, 9, 0, 0, NO_LIMIT, false);
  fixture_command(&fixture, 1, 3, 2000, 0, 3, 0);
  fixture_step(&fixture, 2000);
  CHECK(fixture.commands == 2 && fixture.board.result.status == BIVOUAC_EXPIRED);
}

static void flooded_receiver(void) {
  SENTENCE("a receiver that one poll could not empty keeps counting against a command's life");
  static struct fixture fixture;
  static const uint8_t zeros[600];
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  fixture_say_bytes(&fixture, zeros, sizeof zeros);
  fixture_command(&fixture, 1, 1, 100, 0, 3, 0);
  fixture_step(&fixture, 60);
  fixture_step(&fixture, 60);
  CHECK(fixture.commands == 0 && (fixture.board.due & 1) == 0);
  fixture_step(&fixture, 1);
  CHECK(fixture.commands == 0 && fixture.board.result.status == BIVOUAC_EXPIRED);
}

static void running(void) {
  SENTENCE("a running command refuses the next one as busy; its end is told when it is the last");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  fixture.answer = BIVOUAC_RUNNING;
  fixture_command(&fixture, 1, 1, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_RUNNING);
  bivouac_finish(&fixture.board, BIVOUAC_FAILED, 12);
  CHECK(result(&fixture, &seen) == BIVOUAC_FAILED && get32(seen.body + 12) == 12);
  bivouac_finish(&fixture.board, BIVOUAC_DONE, 1);
  CHECK(result(&fixture, &seen) == -1);
  fixture_command(&fixture, 1, 2, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_RUNNING);
  fixture_command(&fixture, 1, 3, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_BUSY);
  bivouac_finish(&fixture.board, BIVOUAC_DONE, 0);
  CHECK(result(&fixture, &seen) == -1 && fixture.board.result.status == BIVOUAC_BUSY);
  fixture.answer = BIVOUAC_DONE;
  fixture_command(&fixture, 1, 4, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE);
}

static void lease(void) {
  SENTENCE("a lease lapses once, by the board's clock, attached or not, and may be renewed");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  fixture_command(&fixture, 1, 1, 1000, 5000, 3, 1);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE);
  fixture_step(&fixture, 2000);
  fixture_command(&fixture, 1, 2, 1000, 5000, 3, 1);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE);
  fixture_step(&fixture, 4999);
  CHECK(fixture.lapses == 0 && !bivouac_is_attached(&fixture.board));
  fixture_step(&fixture, 1);
  CHECK(fixture.lapses == 1 && fixture.last_lapse == 3);
  fixture_step(&fixture, 60000);
  CHECK(fixture.lapses == 1);
}

static void lease_release(void) {
  SENTENCE("lease 0 releases, a failed command takes no lease, and a wrap of ticks is nothing");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture.ticks = 0xFFFFFFFFU - 5000;
  fixture_attach(&fixture, NO_LIMIT);
  fixture_command(&fixture, 1, 1, 1000, 1000, 3, 1);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE);
  fixture_command(&fixture, 1, 2, 1000, 0, 3, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE);
  fixture.answer = BIVOUAC_FAILED;
  fixture_command(&fixture, 1, 3, 1000, 500, 4, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_FAILED);
  fixture.answer = BIVOUAC_DONE;
  fixture_command(&fixture, 1, 4, 1000, 4000, 5, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE);
  fixture_step(&fixture, 3999);
  CHECK(fixture.lapses == 0);
  fixture_step(&fixture, 1);
  CHECK(fixture.lapses == 1 && fixture.last_lapse == 5);
}

static void lease_table(void) {
  SENTENCE("one lease more than the table holds is refused before the device hears of it");
  static struct fixture fixture;
  struct seen seen;
  fixture_make(&fixture);
  fixture_attach(&fixture, NO_LIMIT);
  for (uint16_t at = 0; at < BIVOUAC_LEASES; at++) {
    fixture_command(&fixture, 1, (uint16_t)(at + 1), 1000, 500, (uint8_t)at, 0);
    CHECK(result(&fixture, &seen) == BIVOUAC_DONE);
  }
  fixture_command(&fixture, 1, BIVOUAC_LEASES + 1, 1000, 500, 99, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_REFUSED && fixture.commands == BIVOUAC_LEASES);
  fixture_command(&fixture, 1, BIVOUAC_LEASES + 2, 1000, 0, 99, 0);
  CHECK(result(&fixture, &seen) == BIVOUAC_DONE);
  fixture_step(&fixture, 600);
  CHECK(fixture.lapses == BIVOUAC_LEASES);
}

static void arguments(void) {
  SENTENCE("arguments are read in their shortest form and within 32 bits, or not at all");
  int32_t value = 0;
  const uint8_t *text;
  uint8_t count;
  const uint8_t good[] = {0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x02, 2, 'h', 'i', 0};
  struct bivouac_arguments arguments = {good, sizeof good};
  CHECK(bivouac_argument_integer(&arguments, &value) && value == INT32_MIN);
  CHECK(bivouac_argument_integer(&arguments, &value) && value == 1);
  CHECK(bivouac_argument_text(&arguments, &text, &count) && count == 2 && text[1] == 'i');
  CHECK(bivouac_argument_text(&arguments, &text, &count) && count == 0);
  CHECK(!bivouac_argument_text(&arguments, &text, &count));
  const uint8_t bad[][6] = {
      {0x80, 0x00}, {0xFF, 0xFF, 0xFF, 0xFF, 0x10}, {0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, {0x80}};
  const bivouac_size counts[] = {2, 5, 6, 1};
  for (int at = 0; at < 4; at++) {
    arguments = (struct bivouac_arguments){bad[at], counts[at]};
    CHECK(!bivouac_argument_integer(&arguments, &value));
  }
}

void command_tests(void) {
  replay();
  wrong_numbers();
  other_epoch();
  expiry();
  flooded_receiver();
  running();
  lease();
  lease_release();
  lease_table();
  arguments();
}
