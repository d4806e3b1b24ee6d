/* What the thermometer says of itself. Without commands it refuses every one. */
#include "board.h"

#include "bivouac_descriptor.h"

/* 64 samples: a minute at one a second, in 512 of an Uno's 2048 bytes. */
enum { SLOTS = 64 };

#define CHANNELS(X) X(temperature, "temperature", "Cel", 0, -2)

static const struct descriptor {
  BIVOUAC_MODEL_FIELD("Thermometer", "1.0")
  CHANNELS(BIVOUAC_CHANNEL_FIELD)
} described BIVOUAC_ROM = {
    BIVOUAC_MODEL("Thermometer", "1.0"),
    CHANNELS(BIVOUAC_CHANNEL)
};

static struct bivouac_slot ring[SLOTS];

static uint8_t descriptor(struct bivouac_board *board, uint16_t offset) {
  (void)board;
  return pgm_read_byte((const uint8_t *)&described + offset);
}

static enum bivouac_status on_command(
    struct bivouac_board *board, uint8_t op, struct bivouac_arguments *arguments,
    int32_t *value) {
  (void)board;
  (void)op;
  (void)arguments;
  (void)value;
  return BIVOUAC_UNKNOWN_OP;
}

static void on_lease_lapsed(struct bivouac_board *board, uint8_t op) {
  (void)board;
  (void)op;
}

/* The boot loader starts after a reset, and the watchdog is the only way to one. */
static void on_reset_to_boot(struct bivouac_board *board) {
  (void)board;
  __asm__ volatile("cli");
  WDTCSR = _BV(WDCE) | _BV(WDE);
  WDTCSR = _BV(WDE);
  for (;;) continue;
}

struct bivouac_board bivouac_board_only;

const struct bivouac_config bivouac_config_only BIVOUAC_ROM = {
    .ring = ring,
    .ring_slots = SLOTS,
    .batch_ms = 100,
    .sampling_rate = 1000,
    .descriptor_length = sizeof(struct descriptor),
    .descriptor = descriptor,
    .on_command = on_command,
    .on_lease_lapsed = on_lease_lapsed,
    .on_reset_to_boot = on_reset_to_boot,
};
