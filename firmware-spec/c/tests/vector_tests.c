/*
 * Runs ../vectors/link.txt against what a board reads and writes: `framing`, `wire` and `body`
 * (host messages are read; board messages are composed). Descriptors are bytes to this library.
 */
#include "harness.h"

#include <stdlib.h>

#include "../src/internal.h"

enum { FIELD = 1 << 15 };

static char line_text[1 << 16], hex[FIELD], expected[FIELD];
static uint8_t bytes[FIELD];
static int run_count, skipped;

static size_t from_hex(const char *text, uint8_t *to) {
  size_t count = 0;
  if (text[0] == '-') return 0;
  for (; text[0] > ' ' && text[1] > ' '; text += 2) {
    const char pair[3] = {text[0], text[1], 0};
    to[count++] = (uint8_t)strtoul(pair, NULL, 16);
  }
  return count;
}

/* The text after `key=` in the expected row, or null. */
static const char *value_of(const char *key) {
  size_t length = strlen(key);
  for (const char *at = expected; at != NULL; at = strchr(at, ' ')) {
    if (*at == ' ') at++;
    if (strncmp(at, key, length) == 0 && at[length] == '=') return at + length + 1;
  }
  return NULL;
}

static uint64_t number_of(const char *key) {
  const char *text = value_of(key);
  CHECK(text != NULL);
  if (text == NULL) return 0;
  return text[0] == '-' ? (uint64_t)strtoll(text, NULL, 10) : strtoull(text, NULL, 10);
}

static bool type_is(const char *name) {
  const char *type = value_of("type");
  size_t length = strlen(name);
  return type != NULL && strncmp(type, name, length) == 0 && (type[length] <= ' ');
}

/* One frame out of its body, and back. */
static void run_framing(size_t count) {
  static struct fixture fixture;
  uint8_t body[256];
  fixture_make(&fixture);
  bivouac_start(&fixture.board, &fixture.config, 0, 1);
  size_t body_count = from_hex(value_of("body"), body);
  memcpy(fixture.board.tx + 2, body, body_count);
  bv_close_frame(&fixture.board, body[0], fixture.board.tx + 2 + body_count);
  CHECK(fixture.board.tx_count == count && memcmp(fixture.board.tx, bytes, count) == 0);
}

/* How many frames a reader finds, and how many candidates it drops. */
static void run_wire(size_t count) {
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_boot(&fixture);
  for (size_t at = 0; at < count; at++) bv_receive_byte(&fixture.board, bytes[at]);
  uint32_t frames = fixture.board.counts[BIVOUAC_ACTED] + fixture.board.counts[BIVOUAC_IGNORED] +
                    fixture.board.counts[BIVOUAC_MALFORMED] + fixture.board.counts[BIVOUAC_UNKNOWN];
  CHECK(frames == number_of("frames"));
  CHECK(fixture.board.counts[BIVOUAC_CORRUPT] == number_of("corrupt") + number_of("overruns"));
}

/* A message that boards take: refused exactly when the vector says so. */
static void run_host_body(size_t count, bool reject) {
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_attach(&fixture, 1);
  enum bivouac_counter outcome = bv_handle(&fixture.board, bytes, (bivouac_size)count);
  CHECK((outcome == BIVOUAC_MALFORMED) == reject && outcome != BIVOUAC_UNKNOWN);
}

static void set_ticks(uint8_t *to, uint64_t ticks) {
  (void)bv_put32(to, (uint32_t)ticks);
  to[4] = (uint8_t)(ticks >> 32);
  to[5] = (uint8_t)(ticks >> 40);
}

static void push_samples(struct bivouac_board *board) {
  uint64_t ticks = 0;
  for (const char *at = strstr(expected, " s="); at != NULL; at = strstr(at, " s=")) {
    char *end;
    uint8_t channel = (uint8_t)strtoul(at + 3, &end, 10);
    ticks = strtoull(end + 1, &end, 10);
    char kind = end[1];
    at = end + 3;
    /* The clock is set rather than stepped: the vectors go to the end of 48 bits. */
    set_ticks(board->now, ticks);
    if (kind == 'i') {
      CHECK(bivouac_push_integer(board, channel, strtoll(at, NULL, 10), (uint32_t)ticks));
    } else if (kind == 'f') {
      uint64_t bits = strtoull(at, NULL, 16);
      double value;
      memcpy(&value, &bits, sizeof value);
      CHECK(bivouac_push_float(board, channel, value, (uint32_t)ticks));
    } else {
      uint8_t text[256];
      size_t text_count = from_hex(at, text);
      CHECK(bivouac_push_text(board, channel, (char *)text, text_count, (uint32_t)ticks));
    }
  }
}

static void compare(struct fixture *fixture, size_t count) {
  struct seen seen;
  uint8_t byte;
  while (bivouac_take(&fixture->board, &byte)) fixture->tx[fixture->tx_put++] = byte;
  CHECK(fixture_hear(fixture, &seen));
  CHECK(seen.count == count && memcmp(seen.body, bytes, count) == 0);
}

static void run_samples(size_t count) {
  static struct fixture fixture;
  static struct bivouac_slot ring[2048];
  fixture_make(&fixture);
  fixture.config.ring = ring;
  fixture.config.ring_slots = 2048;
  fixture.config.batch_ms = 0;
  fixture_attach(&fixture, UINT32_MAX);
  struct bivouac_board *board = &fixture.board;
  uint32_t first = (uint32_t)number_of("first");
  (void)bv_put32(board->oldest, first);
  (void)bv_put32(board->next, first);
  (void)bv_put32(board->send, first);
  bivouac_set_maxima(board, (uint8_t)number_of("max"), 250, 512);
  push_samples(board);
  CHECK(bv_compose_samples(board));
  compare(&fixture, count);
}

static void run_hello(size_t count) {
  static struct fixture fixture;
  fixture_make(&fixture);
  fixture_boot(&fixture);
  (void)fixture_count(&fixture, 0);
  struct bivouac_board *board = &fixture.board;
  uint64_t id = number_of("id"), hint = number_of("hint");
  memcpy(board->id, &id, 8);
  memcpy(fixture.config.hardware_hint, &hint, 8);
  (void)bv_put32(board->nonce, (uint32_t)number_of("nonce"));
  board->flags |= number_of("unwritable") != 0;
  bivouac_set_maxima(board, bytes[33], bytes[34], bv_get16(bytes + 35));
  fixture.config.ring_slots = bv_get32(bytes + 37);
  fixture.config.sampling_rate = bv_get32(bytes + 41);
  memcpy(board->epoch, bytes + 46, 4);
  memcpy(board->oldest, bytes + 50, 4);
  memcpy(board->next, bytes + 54, 4);
  /* The vector's hash is of no descriptor: it and its length are taken as they are. */
  fixture_step(&fixture, 600);
  struct seen seen;
  CHECK(fixture_hear(&fixture, &seen) && seen.count == count);
  memcpy(seen.body + 23, bytes + 23, 10);
  CHECK(memcmp(seen.body, bytes, count) == 0);
}

static void run_board_body(size_t count) {
  static struct fixture fixture;
  if (type_is("samples")) {
    if (number_of("index") == 0) run_samples(count);
    return;
  }
  if (type_is("hello")) {
    if (count == 58) run_hello(count);
    return;
  }
  fixture_make(&fixture);
  fixture_attach(&fixture, UINT32_MAX);
  struct bivouac_board *board = &fixture.board;
  board->due = 0;
  if (type_is("result")) {
    (void)bv_put32(board->result.attached, (uint32_t)number_of("attached"));
    (void)bv_put32(board->result.session, (uint32_t)number_of("session"));
    board->result.id[0] = (uint8_t)number_of("id");
    board->result.id[1] = (uint8_t)(number_of("id") >> 8);
    board->result.status = (uint8_t)number_of("status");
    (void)bv_put32(board->result.value, (uint32_t)number_of("value"));
    board->due = DUE_RESULT;
  } else if (type_is("time-reply")) {
    uint64_t ticks = number_of("ticks"), segment = number_of("segment");
    (void)bv_put32(board->cookie, (uint32_t)number_of("cookie"));
    set_ticks(board->now, ticks);
    set_ticks(board->segment, segment);
    board->due = DUE_TIME;
  } else if (type_is("gap") && number_of("index") == 0) {
    uint32_t first = (uint32_t)number_of("first");
    (void)bv_put32(board->send, first);
    (void)bv_put32(board->oldest, first + (uint32_t)number_of("count"));
    memcpy(board->next, board->oldest, 4);
  } else if (type_is("log")) {
    char text[256] = "";
    (void)from_hex(value_of("text"), (uint8_t *)text);
    CHECK(bivouac_log(board, (uint8_t)number_of("level"), text));
    compare(&fixture, count);
    return;
  } else {
    skipped++;
    return;
  }
  CHECK(bv_compose(board));
  compare(&fixture, count);
}

static void run_line(const char *name, const char *kind) {
  size_t count = from_hex(hex, bytes);
  bool reject = strcmp(kind, "reject") == 0;
  const char *host[] = {"provision", "descriptor-read", "resume", "ack",
                        "command",   "time",            "reset-to-boot"};
  run_count++;
  if (strncmp(name, "framing.", 8) == 0) {
    run_framing(count);
  } else if (strncmp(name, "wire.", 5) == 0) {
    run_wire(count);
  } else if (strncmp(name, "body.", 5) == 0) {
    for (size_t at = 0; at < sizeof host / sizeof host[0]; at++) {
      if (!type_is(host[at])) continue;
      run_host_body(count, reject);
      return;
    }
    if (strcmp(kind, "golden") == 0) run_board_body(count);
  } else {
    skipped++;
  }
}

int main(int count, char **arguments) {
  FILE *file = count == 2 ? fopen(arguments[1], "r") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: vectors link.txt\n");
    return 2;
  }
  char name[128], kind[16];
  while (fgets(line_text, sizeof line_text, file) != NULL) {
    if (line_text[0] == '#' || line_text[0] == '\n') continue;
    int before = checks_failed;
    int fields = sscanf(
        line_text, "%127s | %15s | %32767s | %32767[^\n]", name, kind, hex, expected);
    CHECK(fields == 4);
    if (fields == 4) run_line(name, kind);
    if (checks_failed != before) printf("  in %s\n", name);
  }
  fclose(file);
  printf("vectors: %d run, %d not a board's, %d checks, %d failed\n", run_count, skipped,
         checks_done, checks_failed);
  return checks_failed == 0 && run_count > 0 ? 0 : 1;
}
