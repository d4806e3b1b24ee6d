#include "fuzz_board.h"

#include "bivouac_board.h"

#include <string.h>

enum { RING = 64, PIECE = 96, DESCRIPTOR = 300 };

struct world {
  struct bivouac_board board;
  struct bivouac_config config;
  struct bivouac_slot ring[RING];
  uint8_t slots[2][BIVOUAC_RECORD_BYTES];
  const uint8_t *bytes;
  size_t at, end;
};

static struct world *of(struct bivouac_board *board) { return board->config->context; }

static uint8_t descriptor(struct bivouac_board *board, uint16_t offset) {
  (void)board;
  if (offset >= DESCRIPTOR) __builtin_trap();
  return (uint8_t)offset;
}

static int16_t receive(struct bivouac_board *board) {
  struct world *world = of(board);
  return world->at == world->end ? -1 : (int16_t)world->bytes[world->at++];
}

static bivouac_size transmit(
    struct bivouac_board *board, const uint8_t *bytes, bivouac_size count) {
  (void)board;
  (void)bytes;
  return count;
}

static bool load(struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]) {
  memcpy(record, of(board)->slots[slot], BIVOUAC_RECORD_BYTES);
  return true;
}

static void store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]) {
  memcpy(of(board)->slots[slot], record, BIVOUAC_RECORD_BYTES);
}

/* Reads what an application would, both kinds of argument, and answers as the op says. */
static enum bivouac_status command(
    struct bivouac_board *board, uint8_t op, struct bivouac_arguments *arguments, int32_t *value) {
  const uint8_t *text;
  uint8_t count;
  (void)board;
  if (op & 1) {
    while (bivouac_argument_integer(arguments, value)) {}
  }
  while (bivouac_argument_text(arguments, &text, &count)) {
    for (uint8_t at = 0; at < count; at++) *value ^= text[at];
  }
  return op & 2 ? BIVOUAC_RUNNING : BIVOUAC_DONE;
}

static void lapsed(struct bivouac_board *board, uint8_t op) {
  (void)board;
  (void)op;
}

static void boot(struct bivouac_board *board) { (void)board; }

static void make(struct world *world, const uint8_t *bytes) {
  memset(world, 0, sizeof *world);
  memset(world->slots, 0xFF, sizeof world->slots);
  world->bytes = bytes;
  world->config = (struct bivouac_config){
      .context = world,
      .ring = world->ring,
      .ring_slots = RING,
      .batch_ms = 100,
      .sampling_rate = 1000,
      .descriptor_length = DESCRIPTOR,
      .descriptor = descriptor,
      .on_command = command,
      .on_lease_lapsed = lapsed,
      .on_reset_to_boot = boot,
      .receive = receive,
      .transmit = transmit,
      .load = load,
      .store = store,
  };
}

struct fuzz_heard fuzz_board(const uint8_t *bytes, size_t count) {
  struct world world;
  uint32_t ticks = 0;
  make(&world, bytes);
  bivouac_start(&world.board, &world.config, ticks, 9);
  ticks += 2000;
  bivouac_poll(&world.board, ticks);
  /* A poll may stop before the last byte while an answer is due: a few more take the rest. */
  for (size_t poll = 0; poll < count / 4 + 16; poll++) {
    if (world.at == world.end) {
      world.end += count - world.end < PIECE ? count - world.end : PIECE;
    }
    ticks += 20;
    (void)bivouac_push(&world.board, (uint8_t)(poll % 3), (int32_t)poll, ticks);
    if (poll % 16 == 15) bivouac_finish(&world.board, BIVOUAC_DONE, 1);
    bivouac_poll(&world.board, ticks);
  }
  bivouac_count *counts = world.board.counts;
  return (struct fuzz_heard){
      .good = counts[BIVOUAC_ACTED] + counts[BIVOUAC_IGNORED] + counts[BIVOUAC_MALFORMED] +
              counts[BIVOUAC_UNKNOWN],
      .corrupt = counts[BIVOUAC_CORRUPT],
      .is_whole = world.at == count,
  };
}
