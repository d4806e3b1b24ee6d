/* The smallest application that uses everything, to measure the library and its port with. */
#include <avr/interrupt.h>

#include "bivouac_avr.h"

enum { SLOTS = 128, SCAN = 9, SCAN_MS = 20, DESCRIPTOR_BYTES = 400 };

static struct bivouac_slot ring[SLOTS];
static char line[] = "Version : 113\r\n";

static uint8_t descriptor(struct bivouac_board *board, uint16_t offset) {
  (void)board;
  return (uint8_t)(offset * 7 + 1);
}

static enum bivouac_status on_command(
    struct bivouac_board *board, uint8_t op, struct bivouac_arguments *arguments,
    int32_t *value) {
  (void)board;
  if (!bivouac_argument_integer(arguments, value)) return BIVOUAC_BAD_ARGUMENT;
  return op == 1 ? BIVOUAC_RUNNING : BIVOUAC_DONE;
}

static void on_lease_lapsed(struct bivouac_board *board, uint8_t op) {
  (void)board;
  PORTB = op;
}

static void on_reset_to_boot(struct bivouac_board *board) {
  (void)board;
  PORTC = 1;
}

const struct bivouac_config bivouac_config_only BIVOUAC_ROM = {
    .ring = ring,
    .ring_slots = SLOTS,
    .batch_ms = 100,
    .sampling_rate = 450000,
    .descriptor_length = DESCRIPTOR_BYTES,
    .descriptor = descriptor,
    .on_command = on_command,
    .on_lease_lapsed = on_lease_lapsed,
    .on_reset_to_boot = on_reset_to_boot,
};

int main(void) {
  bivouac_avr_open(BIVOUAC_AVR_BAUD(115200UL));
  bivouac_avr_start_clock();
  sei();
  bivouac_start(&bivouac_board_only, &bivouac_config_only, bivouac_avr_ticks(), 0xC0FFEE);
  uint32_t last = 0;
  uint8_t turn = 0;
  for (;;) {
    uint32_t now = bivouac_avr_ticks();
    bivouac_poll(&bivouac_board_only, now);
    if (now - last < SCAN_MS) continue;
    last = now;
    for (uint8_t channel = 0; channel < SCAN; channel++) {
      (void)bivouac_push(&bivouac_board_only, channel, (int32_t)now * channel, now);
    }
    switch (++turn) {
      case 50: (void)bivouac_log(&bivouac_board_only, 6, line); break;
      case 100: (void)bivouac_text(&bivouac_board_only, line); break;
      case 150: bivouac_finish(&bivouac_board_only, BIVOUAC_DONE, 1); break;
      case 200: bivouac_sleep_ended(&bivouac_board_only, now); break;
      default: break;
    }
  }
}
