/*
 * The companion firmware on an Otomate's ATmega2560, at 115200 baud. The greenhouse is imagined
 * (otomate.c); the loop behaves like the stock one, whose turn takes 66 ms, and seconds while it
 * calibrates its roll-ups, and which prints between frames.
 */
#include <avr/interrupt.h>
#include <stddef.h>
#include <util/delay.h>

#include "bivouac_avr.h"
#include "otomate.h"

/* Half of the chip's 8 KB of RAM: 19 s of samples at 27 a second. */
#ifndef RING_SLOTS
#define RING_SLOTS 512
#endif
/* Every how many seconds the loop hangs, for 2, 3, 4 s in turn; 0: never. */
#ifndef CALIBRATION_EVERY_S
#define CALIBRATION_EVERY_S 45
#endif

enum { TURN_MS = 66, SCAN_MS = 1000, LINE_EVERY_S = 10 };

static struct bivouac_slot ring[RING_SLOTS];
static struct otomate otomate;

static enum bivouac_status on_command(
    struct bivouac_board *board, uint8_t op, struct bivouac_arguments *arguments,
    int32_t *value) {
  (void)board;
  return otomate_command(&otomate, op, arguments, value);
}

static void on_lease_lapsed(struct bivouac_board *board, uint8_t op) {
  (void)board;
  otomate_lapse(&otomate, op);
}

/* The boot loader of a Mega starts after a reset, and the watchdog is the only way to one. */
static void on_reset_to_boot(struct bivouac_board *board) {
  (void)board;
  cli();
  WDTCSR = _BV(WDCE) | _BV(WDE);
  WDTCSR = _BV(WDE);
  for (;;) continue;
}

const struct bivouac_config bivouac_config_only BIVOUAC_ROM = {
    .ring = ring,
    .ring_slots = RING_SLOTS,
    .batch_ms = 100,
    .sampling_rate = 27000,
    .descriptor_length = sizeof(struct otomate_descriptor),
    .descriptor = otomate_descriptor,
    .on_command = on_command,
    .on_lease_lapsed = on_lease_lapsed,
    .on_reset_to_boot = on_reset_to_boot,
};

/* Prints a line as the stock firmware does: what has no room within 20 ms is lost. */
static void print(const char *line) {
  for (uint8_t tries = 0; tries < 20 && !bivouac_text(&bivouac_board_only, line); tries++) {
    _delay_ms(1);
  }
}

static void scan(uint32_t now) {
  for (uint8_t channel = 0; channel < OTOMATE_CHANNEL_COUNT; channel++) {
    (void)bivouac_push(&bivouac_board_only, channel, otomate.values[channel], now);
  }
}

static void hang(uint8_t seconds) {
  print("start opening\r\n");
  for (uint16_t at = 0; at < seconds * 10U; at++) _delay_ms(100);
  print("rotation up : 1\r\n");
}

int main(void) {
  /* Where in the board a test rig finds the library's counters. */
  __asm__ volatile(
      ".global rig_offset_next\n.set rig_offset_next, %0\n"
      ".global rig_offset_lost\n.set rig_offset_lost, %1\n"
      ".global rig_offset_epoch\n.set rig_offset_epoch, %2\n"
      ".global rig_offset_id\n.set rig_offset_id, %3\n"
      ".global rig_offset_state\n.set rig_offset_state, %4\n"
      ".global rig_offset_counts\n.set rig_offset_counts, %5\n"
      :
      : "i"(offsetof(struct bivouac_board, next)), "i"(offsetof(struct bivouac_board, lost)),
        "i"(offsetof(struct bivouac_board, epoch)), "i"(offsetof(struct bivouac_board, id)),
        "i"(offsetof(struct bivouac_board, state)), "i"(offsetof(struct bivouac_board, counts)));
  uint32_t nonce = bivouac_avr_nonce(15);
  bivouac_avr_open(BIVOUAC_AVR_BAUD(115200UL));
  bivouac_avr_start_clock();
  sei();
  otomate_start(&otomate);
  uint32_t next_scan = bivouac_avr_ticks();
  uint16_t seconds = 0;
  uint8_t calibration = 0;
  bivouac_start(&bivouac_board_only, &bivouac_config_only, next_scan, nonce);
  for (;;) {
    uint32_t now = bivouac_avr_ticks();
    bivouac_poll(&bivouac_board_only, now);
    if (now - next_scan < 0x80000000UL) {
      /* Seconds that passed in a calibration are not made up for. */
      do next_scan += SCAN_MS;
      while (now - next_scan < 0x80000000UL);
      if (otomate_second(&otomate)) {
        bivouac_finish(&bivouac_board_only, BIVOUAC_DONE, otomate.moving_to);
      }
      scan(now);
      seconds++;
      if (seconds == 3) print("Version : 113\r\nVersion : 113\r\nVersion : 113\r\n");
      if (seconds % LINE_EVERY_S == 0) print("DDATALOG/20200512.txt\r\n");
      if (CALIBRATION_EVERY_S != 0 && seconds % CALIBRATION_EVERY_S == 0) {
        hang((uint8_t)(2 + calibration++ % 3));
      }
    }
    _delay_ms(TURN_MS);
  }
}
