/*
 * A board that is a process: the C library on its POSIX port, for the fault tests. Its line is a
 * descriptor it inherits. What it makes is a function of epoch and seq, so that a reader of the
 * database knows every value. Orders come on stdin, one letter each; events leave on stdout, one
 * JSON object a line:
 *
 *   s status, r reset (all but the identity record is forgotten), p pause, q quit,
 *   w sleep (its ticks go on by three seconds, in which it made nothing)
 *
 * Usage: posix_board LINE IDENTITY_PATH RATE RING SEED NARROW
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bivouac_descriptor.h"
#include "bivouac_posix.h"

enum { SCAN = 4, FLOAT_CHANNEL = 4, TEXT_CHANNEL = 5, OP_MARK = 1 };
/* Quiet is shortened for the tests: the board says that it began this long ago. */
enum { HEAD_START_MS = 1900, RUNNING_MS = 40, BACKLOG_MS = 200, SLEEP_MS = 3000 };

#define CHANNELS(X)       \
  X(a, "a", "Cel", 0, -2) \
  X(b, "b", "Cel", 0, -2) \
  X(c, "c", "Cel", 0, -2) \
  X(d, "d", "Cel", 0, -2) \
  X(f, "f", "m", 0, 0)    \
  X(t, "t", "1", 4, 0)

static const struct {
  BIVOUAC_MODEL_FIELD("Fault board", "1.0")
  CHANNELS(BIVOUAC_CHANNEL_FIELD)
  uint8_t mark[16]; /* the command: one integer n, of any size */
} descriptor = {
  BIVOUAC_MODEL("Fault board", "1.0"),
  CHANNELS(BIVOUAC_CHANNEL)
  {0x11, 14, 0x01, 4, 'm', 'a', 'r', 'k', 0x02, 1, OP_MARK, 0x03, 3, 0, 0, 'n'},
};

static struct bivouac_board board;
static uint32_t finish_at;
static int32_t finish_value;
static bool is_running;
static uint32_t slept;

static int64_t boot_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Milliseconds since some time before boot, sleep included. */
static uint32_t ticks_now(void) { return bivouac_posix_ticks() + slept; }

static uint8_t descriptor_byte(struct bivouac_board *of, uint16_t offset) {
  (void)of;
  return ((const uint8_t *)&descriptor)[offset];
}

/* Every execution is told, so that a second one of the same number shows. */
static enum bivouac_status on_command(
    struct bivouac_board *to, uint8_t op, struct bivouac_arguments *arguments, int32_t *value) {
  int32_t number;
  (void)to;
  if (op != OP_MARK) return BIVOUAC_UNKNOWN_OP;
  if (!bivouac_argument_integer(arguments, &number)) return BIVOUAC_BAD_ARGUMENT;
  printf("{\"event\":\"ran\",\"number\":%" PRId32 ",\"us\":%" PRId64 ",\"epoch\":%" PRIu32 "}\n",
         number, boot_us(), bivouac_epoch(&board));
  *value = number;
  if (number % 5 != 1) return BIVOUAC_DONE;
  is_running = true;
  finish_value = number;
  finish_at = ticks_now() + RUNNING_MS;
  return BIVOUAC_RUNNING;
}

static void on_lease_lapsed(struct bivouac_board *of, uint8_t op) { (void)of, (void)op; }
static void on_reset_to_boot(struct bivouac_board *of) { (void)of; }

static void tell(const char *event) {
  printf("{\"event\":\"%s\",\"id\":\"", event);
  for (int at = 0; at < 8; at++) printf("%02x", board.id[at]);
  printf("\",\"epoch\":%" PRIu32 ",\"made\":%" PRIu32 ",\"lost\":%" PRIu32 ",\"attached\":%s}\n",
         bivouac_epoch(&board), bivouac_made(&board), bivouac_lost(&board),
         bivouac_is_attached(&board) ? "true" : "false");
}

/* One sample; false when the board numbers none now. */
static bool make(uint32_t ticks) {
  uint32_t seq = bivouac_made(&board), epoch = bivouac_epoch(&board);
  int32_t value = (int32_t)((seq * 2654435761U ^ epoch * 40503U) >> 22) - 512;
  if (seq % 97 == 96) return bivouac_push_float(&board, FLOAT_CHANNEL, value / 8.0, ticks);
  if (seq % 101 == 100) {
    char text[32];
    int count = snprintf(text, sizeof text, "e%" PRIu32 "s%" PRIu32, epoch, seq);
    return bivouac_push_text(&board, TEXT_CHANNEL, text, (size_t)count, ticks);
  }
  return bivouac_push(&board, (uint8_t)(seq % SCAN), value, ticks);
}

static uint32_t scramble(uint32_t *state) {
  *state = *state * 1664525U + 1013904223U;
  return *state ^ *state >> 15;
}

static void start(const struct bivouac_config *config, uint32_t *random, bool narrow) {
  memset(&board, 0, sizeof board);
  is_running = false;
  bivouac_start(&board, config, ticks_now() - HEAD_START_MS, scramble(random));
  if (narrow) bivouac_set_maxima(&board, 62, 40, 48);
}

int main(int count, char **arguments) {
  if (count != 7) return 2;
  struct bivouac_posix port = {.line = atoi(arguments[1]), .identity_path = arguments[2]};
  uint32_t rate = (uint32_t)atoi(arguments[3]), slots = (uint32_t)atoi(arguments[4]);
  uint32_t random = (uint32_t)strtoul(arguments[5], NULL, 10);
  bool narrow = atoi(arguments[6]) != 0, is_sampling = true;
  struct bivouac_config config = {
      .context = &port,
      .ring = calloc(slots, sizeof(struct bivouac_slot)),
      .ring_slots = slots,
      .batch_ms = 20,
      .sampling_rate = rate * 1000,
      .descriptor_length = sizeof descriptor,
      .descriptor = descriptor_byte,
      .on_command = on_command,
      .on_lease_lapsed = on_lease_lapsed,
      .on_reset_to_boot = on_reset_to_boot,
      .receive = bivouac_posix_receive,
      .transmit = bivouac_posix_transmit,
      .load = bivouac_posix_load,
      .store = bivouac_posix_store,
  };
  if (config.ring == NULL || fcntl(port.line, F_SETFL, O_NONBLOCK) != 0) return 1;
  setvbuf(stdout, NULL, _IOLBF, 0);
  start(&config, &random, narrow);
  int64_t last_us = boot_us(), owed = 0; /* millionths of a sample */
  for (;;) {
    struct pollfd ready[2] = {{port.line, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    (void)poll(ready, 2, 2);
    char order = 0;
    if (ready[1].revents != 0 && read(STDIN_FILENO, &order, 1) != 1) order = 'q';
    if (order == 'p') is_sampling = false;
    if (order == 's' || order == 'p') tell("status");
    if (order == 'r' || order == 'q') tell("epoch");
    if (order == 'q') return 0;
    if (order == 'r') {
      start(&config, &random, narrow);
      tell("reset");
    }
    if (order == 'w') slept += SLEEP_MS;
    uint32_t ticks = ticks_now();
    if (order == 'w') bivouac_sleep_ended(&board, ticks);
    int64_t now_us = boot_us();
    owed += (now_us - last_us) * rate;
    last_us = now_us;
    /* A process that the machine let wait does not make up for all of it. */
    if (owed > (int64_t)BACKLOG_MS * 1000 * rate) owed = (int64_t)BACKLOG_MS * 1000 * rate;
    for (; owed >= 1000000; owed -= 1000000) {
      if (is_sampling) (void)make(ticks);
    }
    if (is_running && ticks - finish_at < 0x80000000UL) {
      is_running = false;
      bivouac_finish(&board, BIVOUAC_DONE, finish_value);
    }
    uint32_t epoch = bivouac_epoch(&board);
    bivouac_poll(&board, ticks);
    if (bivouac_epoch(&board) != epoch) tell("began");
  }
}
