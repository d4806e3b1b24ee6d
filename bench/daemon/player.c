/*
 * Many boards in one process, for `make bench`: the C library on inherited pty masters, or, for the
 * C peer that speaks no protocol, frames of the same size. Each second it says on stdout how many
 * readings, frames and bytes went out so far.
 *
 * Usage: player boards|raw FRAMES_A_SECOND READINGS_A_FRAME RAW_BODY_BYTES LINE...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bivouac_descriptor.h"
#include "bivouac_posix.h"

enum { BOARDS_MAX = 64, RING_SLOTS = 65535, HEAD_START_MS = 1900, FRAME_MAX = 260 };

#define CHANNELS(X)                                                                     \
  X(a, "t0", "Cel", 0, -1) X(b, "t1", "Cel", 0, -1) X(c, "t2", "Cel", 0, -1)            \
  X(d, "t3", "Cel", 0, -1) X(e, "t4", "Cel", 0, -1) X(f, "t5", "Cel", 0, -1)            \
  X(g, "t6", "Cel", 0, -1) X(h, "t7", "Cel", 0, -1) X(i, "t8", "Cel", 0, -1)            \
  X(j, "t9", "Cel", 0, -1)

/* A frame is one scan of so many of its ten channels. */
static const struct {
  BIVOUAC_MODEL_FIELD("Bench board", "1.0")
  CHANNELS(BIVOUAC_CHANNEL_FIELD)
} descriptor = {BIVOUAC_MODEL("Bench board", "1.0"), CHANNELS(BIVOUAC_CHANNEL)};

struct played {
  struct bivouac_board board;
  struct bivouac_config config;
  struct bivouac_posix port;
  uint8_t slots[2][BIVOUAC_RECORD_BYTES];
};

static struct played boards[BOARDS_MAX];
static unsigned long long readings, frames, bytes;

static uint8_t descriptor_byte(struct bivouac_board *of, uint16_t offset) {
  (void)of;
  return ((const uint8_t *)&descriptor)[offset];
}
static enum bivouac_status on_command(
    struct bivouac_board *to, uint8_t op, struct bivouac_arguments *with, int32_t *value) {
  (void)to, (void)op, (void)with, (void)value;
  return BIVOUAC_UNKNOWN_OP;
}
static void on_lease_lapsed(struct bivouac_board *of, uint8_t op) { (void)of, (void)op; }
static void on_reset_to_boot(struct bivouac_board *of) { (void)of; }

static bivouac_size transmit(
    struct bivouac_board *board, const uint8_t *from, bivouac_size count) {
  bivouac_size put = bivouac_posix_transmit(board, from, count);
  bytes += put;
  if (put == count) frames++;
  return put;
}
static bool load(struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]) {
  struct played *played = (struct played *)(void *)board;
  memcpy(record, played->slots[slot], BIVOUAC_RECORD_BYTES);
  return true;
}
static void store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]) {
  struct played *played = (struct played *)(void *)board;
  memcpy(played->slots[slot], record, BIVOUAC_RECORD_BYTES);
}

static void start(struct played *played, int line, uint32_t rate) {
  memset(played->slots, 0xFF, sizeof played->slots);
  played->port.line = line;
  played->config = (struct bivouac_config){
      .context = &played->port,
      .ring = calloc(RING_SLOTS, sizeof(struct bivouac_slot)),
      .ring_slots = RING_SLOTS,
      .batch_ms = 1,
      .sampling_rate = rate * 1000,
      .descriptor_length = sizeof descriptor,
      .descriptor = descriptor_byte,
      .on_command = on_command,
      .on_lease_lapsed = on_lease_lapsed,
      .on_reset_to_boot = on_reset_to_boot,
      .receive = bivouac_posix_receive,
      .transmit = transmit,
      .load = load,
      .store = store,
  };
  bivouac_start(&played->board, &played->config, bivouac_posix_ticks() - HEAD_START_MS,
                bivouac_posix_random());
}

static uint32_t crc32c(const uint8_t *from, size_t count) {
  uint32_t crc = 0xFFFFFFFFU;
  while (count-- > 0) {
    crc ^= *from++;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78U : 0);
  }
  return ~crc;
}

/* A body without zeros needs no COBS but its one code. */
static size_t make_frame(uint8_t *frame, size_t body) {
  frame[0] = 0;
  frame[1] = (uint8_t)(body + 1);
  for (size_t at = 0; at < body; at++) frame[2 + at] = (uint8_t)(1 + at % 255);
  uint32_t crc = crc32c(frame + 1, body + 1);
  for (int part = 0; part < 5; part++) {
    frame[2 + body + (size_t)part] = (uint8_t)(0x80 | crc);
    crc >>= 7;
  }
  frame[7 + body] = 0;
  return body + 8;
}

static long long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int main(int count, char **arguments) {
  if (count < 6 || count - 5 > BOARDS_MAX) return 2;
  bool is_raw = strcmp(arguments[1], "raw") == 0;
  uint32_t rate = (uint32_t)atoi(arguments[2]), each = (uint32_t)atoi(arguments[3]);
  size_t body = (size_t)atoi(arguments[4]);
  uint8_t frame[FRAME_MAX];
  if (body < 1 || body > 250) return 2;
  size_t frame_bytes = make_frame(frame, body);
  int lines = count - 5;
  for (int at = 0; at < lines; at++) {
    int line = atoi(arguments[5 + at]);
    if (fcntl(line, F_SETFL, O_NONBLOCK) != 0) return 1;
    boards[at].port.line = line;
    if (!is_raw) start(&boards[at], line, rate * each);
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  long long began = now_us(), told = began;
  unsigned long long turns = 0;
  for (;;) {
    long long now = now_us();
    bool is_due = now - began >= (long long)(turns * 1000000ULL / rate);
    uint32_t ticks = bivouac_posix_ticks();
    for (int at = 0; at < lines; at++) {
      if (is_raw && is_due) {
        ssize_t put = write(boards[at].port.line, frame, frame_bytes);
        if (put != (ssize_t)frame_bytes) return 3;
        frames++, bytes += frame_bytes, readings += each;
      }
      for (uint32_t one = 0; !is_raw && is_due && one < each; one++) {
        int32_t value = 215 + (int32_t)((turns * 7 + one * 13) % 11);
        if (bivouac_push(&boards[at].board, (uint8_t)(one % 10), value, ticks)) readings++;
      }
      if (!is_raw) bivouac_poll(&boards[at].board, ticks);
    }
    if (is_due) turns++;
    if (now - told >= 1000000) {
      told += 1000000;
      printf("%llu %llu %llu\n", readings, frames, bytes);
    }
    usleep(500);
  }
}
