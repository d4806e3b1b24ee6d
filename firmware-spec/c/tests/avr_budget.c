/*
 * Runs tests/avr/application.c on an emulated ATmega2560 through every message there is, then says
 * how deep the painted stack has been, and checks it and the sizes against the budgets.
 *
 *   avr_budget FIRMWARE.elf STACK_FOOT FLASH_BYTES RAM_BYTES
 *
 * STACK_FOOT is the address of `_end`; the sizes were taken from the ELF files by the Makefile.
 */
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_elf.h>

#include <stdlib.h>

#include "harness.h"

enum { FLASH_MAX = 6144, RAM_MAX = 352, STACK_MAX = 160, SAMPLE_MAX = 8, PAINT = 0xC5 };
enum { IN_MAX = 4096, OUT_MAX = 1 << 20 };

static avr_t *avr;
static avr_irq_t *uart_in;
static bool is_waiting;
static uint8_t in[IN_MAX], out[OUT_MAX];
static size_t in_put, in_got, out_put, out_seen;
static int heard[32];
static struct seen last[32];

static void on_sent(struct avr_irq_t *irq, uint32_t value, void *parameter) {
  (void)irq;
  (void)parameter;
  if (out_put < OUT_MAX) out[out_put++] = (uint8_t)value;
}

static void on_ready(struct avr_irq_t *irq, uint32_t value, void *parameter) {
  (void)irq;
  (void)value;
  is_waiting = parameter == NULL;
}

/* Notes the frames that came since the last call. */
static void hear(void) {
  static struct fixture fixture;
  struct seen seen;
  while (out_seen < out_put && fixture.tx_put < LINE) {
    fixture.tx[fixture.tx_put++] = out[out_seen++];
  }
  while (fixture_hear(&fixture, &seen)) {
    heard[seen.body[0] & 31]++;
    last[seen.body[0] & 31] = seen;
  }
}

static void run(uint32_t milliseconds) {
  while (milliseconds-- > 0) {
    avr_cycle_count_t end = avr->cycle + avr->frequency / 1000;
    while (avr->cycle < end) {
      int state = avr_run(avr);
      if (state == cpu_Done || state == cpu_Crashed) {
        printf("the firmware crashed\n");
        exit(1);
      }
    }
    while (in_got < in_put && !is_waiting) avr_raise_irq(uart_in, in[in_got++]);
    hear();
  }
}

/* Says a frame, and lets the board have `milliseconds` for it. */
static void say(const uint8_t *body, size_t count, uint32_t milliseconds) {
  in_got = in_put = 0;
  in_put = wire_encode(body, count, in);
  run(milliseconds);
}

static void put(uint8_t *at, uint32_t value) {
  for (int byte = 0; byte < 4; byte++) at[byte] = (uint8_t)(value >> (8 * byte));
}

static void say_resume(uint32_t session, uint32_t epoch, uint32_t durable) {
  uint8_t body[18] = {0x05};
  put(body + 1, session);
  put(body + 5, 0xFFFFFFFFU);
  body[9] = 1;
  put(body + 10, epoch);
  put(body + 14, durable);
  say(body, sizeof body, 30);
}

static void say_ack(uint32_t epoch, uint32_t durable, uint32_t received, bool again) {
  uint8_t body[18] = {0x0E};
  put(body + 1, epoch);
  put(body + 5, durable);
  put(body + 9, received);
  put(body + 13, 0xFFFFFFFFU);
  body[17] = again;
  say(body, sizeof body, 30);
}

static void say_command(uint32_t epoch, uint16_t id, uint8_t op, uint32_t lease) {
  /* As long as a board of 40 bytes takes them; the first argument is -1. */
  uint8_t body[40] = {0x10};
  put(body + 1, epoch);
  put(body + 5, 77);
  put(body + 9, id);
  put(body + 11, 5000);
  put(body + 15, lease);
  body[19] = op;
  body[20] = 1;
  say(body, sizeof body, 60);
}

static uint32_t next_of_hello(void) { return get32(last[1].body + 54); }

static void converse(void) {
  run(2100);
  CHECK(heard[0x01] > 0 && get32(last[1].body + 3) == 0);
  uint8_t provision[13] = {0x02, 0xEE, 0xFF, 0xC0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
  say(provision, sizeof provision, 300);
  CHECK(get32(last[1].body + 3) == 0x04030201 && get32(last[1].body + 46) == 1);
  for (uint8_t offset = 0; offset < 200; offset = (uint8_t)(offset + 50)) {
    const uint8_t read[] = {0x03, offset, 0, 247};
    say(read, sizeof read, 30);
  }
  CHECK(heard[0x04] == 4);
  run(1500);
  say_resume(77, 1, 0);
  CHECK(heard[0x11] == 1 && heard[0x0F] > 0);
  for (uint16_t turn = 1; turn <= 60; turn++) {
    run(100);
    const uint8_t time[] = {0x12, 1, 2, 3, (uint8_t)turn};
    say(time, sizeof time, 20);
    say_command(1, (uint16_t)(turn / 2 + 1), (uint8_t)(turn / 2 % 12), turn % 3 * 300U);
    say_ack(1, turn * 8U, turn * 12U, turn % 4 == 0);
  }
  CHECK(heard[0x06] > 60 && heard[0x13] == 60 && heard[0x11] > 50 && heard[0x14] > 0);
  uint8_t boot[13] = {0x15, 1, 2, 3, 4, 5, 6, 7, 8, 'B', 'O', 'O', 'T'};
  say(boot, sizeof boot, 20);
  /* Silence, noise, and a second life with a record to read. */
  for (size_t at = 0; at < IN_MAX; at++) in[at] = (uint8_t)(at * 31);
  in_got = 0;
  in_put = 600;
  run(3500);
  int hellos = heard[0x01];
  avr_reset(avr);
  run(2600);
  CHECK(heard[0x01] > hellos && get32(last[1].body + 46) == 3 && next_of_hello() > 0);
  say_resume(78, 3, 0);
  run(300);
}

static int verdict(const char *what, long is, long most) {
  printf("  %-34s %5ld of %5ld bytes%s\n", what, is, most, is > most ? "   TOO MUCH" : "");
  return is > most;
}

int main(int count, char **arguments) {
  elf_firmware_t firmware;
  memset(&firmware, 0, sizeof firmware);
  if (count != 5 || elf_read_firmware(arguments[1], &firmware) != 0) return 2;
  avr = avr_make_mcu_by_name("atmega2560");
  if (avr == NULL) return 2;
  avr_init(avr);
  avr->log = LOG_ERROR;
  avr_load_firmware(avr, &firmware);
  avr->frequency = 16000000;
  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  uint32_t uart = AVR_IOCTL_UART_GETIRQ('0');
  avr_irq_register_notify(avr_io_getirq(avr, uart, UART_IRQ_OUTPUT), on_sent, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, uart, UART_IRQ_OUT_XOFF), on_ready, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, uart, UART_IRQ_OUT_XON), on_ready, &uart_in);
  uart_in = avr_io_getirq(avr, uart, UART_IRQ_INPUT);
  converse();
  uint32_t foot = (uint32_t)strtoul(arguments[2], NULL, 16) & 0xFFFF;
  while (foot <= avr->ramend && avr->data[foot] == PAINT) foot++;
  printf("ATmega2560, avr-gcc -Os, all messages:\n");
  int excess = verdict("flash, library and port", atol(arguments[3]), FLASH_MAX);
  excess += verdict("RAM, fixed", atol(arguments[4]), RAM_MAX);
  excess += verdict("RAM, a sample", sizeof(struct bivouac_slot), SAMPLE_MAX);
  excess += verdict("stack, painted, interrupts included", avr->ramend + 1 - foot, STACK_MAX);
  CHECK(excess == 0);
  printf("  %d checks of the conversation, %d failed\n", checks_done, checks_failed);
  return checks_failed == 0 ? 0 : 1;
}
