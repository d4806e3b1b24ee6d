/*
 * Runs AVR firmware in libsimavr at the speed of the real chip, UART0 on a pty.
 *
 *   avr_board [-l LINK | -F FD] [-e EEPROM] [-s SEED] [-p] FIRMWARE.elf
 *
 * -l  makes a pty, and a symbolic link to it          -F  uses this open pty master instead
 * -e  a file that keeps the EEPROM over runs           -s  seeds what a chip has from noise
 * -p  not paced: as fast as this machine can
 *
 * Commands on standard input, a line each: reset, brownout HZ COUNT, erase-eeprom, tear-eeprom N
 * (power fails after N more bytes of EEPROM), unplug, plug, status, quit. Standard output is a
 * JSON object a line: ready, epoch (at the end of each run of a board: what it made), status, end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <avr_adc.h>
#include <avr_eeprom.h>
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_elf.h>

#include "avr_symbols.h"

enum { EEPROM_BYTES = 4096, LINE_MAX_BYTES = 256, OUT_MAX = 4096, PAINT = 0xC5 };

static struct {
  avr_t *avr;
  avr_irq_t *uart_in;
  int master;
  const char *link;
  const char *eeprom_path;
  uint64_t seed;
  bool is_paced, is_powered, is_waiting, should_stop;
  uint8_t eeprom[EEPROM_BYTES];
  long tear_after; /* -1: no */
  uint8_t in[64], out[OUT_MAX];
  size_t in_put, in_got, out_put;
  uint64_t received, sent, unheard, resets;
  uint16_t stack_deepest;
} rig = {.master = -1, .is_paced = true, .tear_after = -1};

/* Standard output as it was given to us: libsimavr prints to the other one. */
static FILE *reports;

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(reports, format, arguments);
  va_end(arguments);
  fputc('\n', reports);
  fflush(reports);
}

static _Noreturn void give_up(const char *what) {
  fprintf(stderr, "avr_board: %s\n", what);
  exit(2);
}

static uint32_t noise(void) {
  rig.seed ^= rig.seed << 13;
  rig.seed ^= rig.seed >> 7;
  rig.seed ^= rig.seed << 17;
  return (uint32_t)(rig.seed >> 16);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const uint8_t *in_board(int offset) {
  return rig.avr->data + symbols[BOARD].value + symbols[offset].value;
}

static uint32_t number(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The deepest stack so far, by what is left of the paint. */
static void measure_stack(void) {
  if (!symbols[END].is_found) return;
  uint32_t at = symbols[END].value;
  while (at <= rig.avr->ramend && rig.avr->data[at] == PAINT) at++;
  uint16_t depth = (uint16_t)(rig.avr->ramend + 1 - at);
  /* Before the paint is on, everything looks used. */
  if (at != symbols[END].value && depth > rig.stack_deepest) rig.stack_deepest = depth;
}

static void report(const char *event) {
  measure_stack();
  if (!symbols[NEXT].is_found) return say("{\"event\": \"%s\"}", event);
  char id[17];
  for (int at = 0; at < 8; at++) snprintf(id + 2 * at, 3, "%02x", in_board(ID)[7 - at]);
  const uint8_t *counts = in_board(COUNTS);
  say("{\"event\": \"%s\", \"state\": %u, \"id\": \"%s\", \"epoch\": %u, \"made\": %u, "
      "\"lost\": %u, \"acted\": %u, \"ignored\": %u, \"malformed\": %u, \"unknown\": %u, "
      "\"corrupt\": %u, \"overruns\": %u, \"stack\": %u, \"received\": %llu, \"sent\": %llu, "
      "\"unheard\": %llu, \"resets\": %llu, \"simulated_s\": %.3f}",
      event, *in_board(STATE), id, number(in_board(EPOCH)), number(in_board(NEXT)),
      number(in_board(LOST)), counts[0] | counts[1] << 8, counts[2] | counts[3] << 8,
      counts[4] | counts[5] << 8, counts[6] | counts[7] << 8, counts[8] | counts[9] << 8,
      rig.avr->data[symbols[OVERRUNS].value], rig.stack_deepest,
      (unsigned long long)rig.received, (unsigned long long)rig.sent,
      (unsigned long long)rig.unheard, (unsigned long long)rig.resets,
      (double)rig.avr->cycle / rig.avr->frequency);
}

/* What the run that now ends has made, unless it never came so far as to have an epoch. */
static void report_epoch(void) {
  if (symbols[EPOCH].is_found && number(in_board(EPOCH)) != 0) report("epoch");
}

static uint8_t *eeprom(void) {
  avr_eeprom_desc_t whole = {.ee = NULL, .offset = 0, .size = EEPROM_BYTES};
  /* Answers -1 even when it works. */
  (void)avr_ioctl(rig.avr, AVR_IOCTL_EEPROM_GET, &whole);
  if (whole.ee == NULL) give_up("no EEPROM");
  return whole.ee;
}

static void save_eeprom(void) {
  memcpy(rig.eeprom, eeprom(), EEPROM_BYTES);
  if (rig.eeprom_path == NULL) return;
  FILE *file = fopen(rig.eeprom_path, "wb");
  if (file == NULL || fwrite(rig.eeprom, EEPROM_BYTES, 1, file) != 1 || fclose(file) != 0) {
    give_up("cannot write the EEPROM's file");
  }
}

static void set_eeprom(const uint8_t *bytes) { memcpy(eeprom(), bytes, EEPROM_BYTES); }

static void load_eeprom(void) {
  memset(rig.eeprom, 0xFF, EEPROM_BYTES);
  FILE *file = rig.eeprom_path == NULL ? NULL : fopen(rig.eeprom_path, "rb");
  if (file != NULL) {
    if (fread(rig.eeprom, EEPROM_BYTES, 1, file) != 1) give_up("the EEPROM's file is short");
    fclose(file);
  }
  set_eeprom(rig.eeprom);
}

static void begin_run(void) {
  /* What stands here now must not be taken for what the new run has made. */
  if (symbols[NEXT].is_found) memset(rig.avr->data + symbols[BOARD].value, 0, 256);
  rig.resets++;
  rig.in_put = rig.in_got = 0;
  rig.is_waiting = false;
}

/* Power on: RAM wakes up as noise, the EEPROM as it was left. */
static void power_on(void) {
  avr_t *avr = rig.avr;
  avr_reset(avr);
  for (uint32_t at = 0x200; at <= avr->ramend; at++) avr->data[at] = (uint8_t)noise();
  set_eeprom(rig.eeprom);
  rig.is_powered = true;
  begin_run();
}

/* The reset button, or DTR: RAM stays, everything else starts again. */
static void reset(void) {
  report_epoch();
  avr_reset(rig.avr);
  begin_run();
}

static void plug(void) {
  char path[64];
  struct termios raw = {0};
  int slave;
  cfmakeraw(&raw);
  if (openpty(&rig.master, &slave, NULL, &raw, NULL) != 0) give_up("no pty");
  if (ttyname_r(slave, path, sizeof path) != 0) give_up("a pty without a name");
  /* Closed again, so that a host that leaves is noticed and its exclusive use ends. */
  close(slave);
  fcntl(rig.master, F_SETFL, O_NONBLOCK);
  fcntl(rig.master, F_SETFD, FD_CLOEXEC);
  unlink(rig.link);
  if (symlink(path, rig.link) != 0) give_up("cannot link to the pty");
  say("{\"event\": \"ready\", \"path\": \"%s\"}", path);
}

static void unplug(void) {
  report_epoch();
  if (rig.link != NULL) unlink(rig.link);
  if (rig.master >= 0) close(rig.master);
  rig.master = -1;
  rig.is_powered = false;
}

/* Runs some milliseconds of the board's time. */
static void run(uint32_t milliseconds);

static void obey(char *line) {
  unsigned hz = 0, count = 0;
  if (strcmp(line, "reset") == 0) {
    reset();
  } else if (sscanf(line, "brownout %u %u", &hz, &count) == 2 && hz > 0) {
    while (count-- > 0) {
      report_epoch();
      power_on();
      run(1000 / hz);
    }
    say("{\"event\": \"brownout-over\"}");
  } else if (strcmp(line, "erase-eeprom") == 0) {
    uint8_t erased[EEPROM_BYTES];
    memset(erased, 0xFF, sizeof erased);
    set_eeprom(erased);
    save_eeprom();
  } else if (sscanf(line, "tear-eeprom %u", &count) == 1) {
    rig.tear_after = (long)count;
  } else if (strcmp(line, "unplug") == 0) {
    unplug();
  } else if (strcmp(line, "plug") == 0 && !rig.is_powered && rig.link != NULL) {
    plug();
    power_on();
  } else if (strcmp(line, "status") == 0) {
    report("status");
  } else if (strcmp(line, "quit") == 0) {
    rig.should_stop = true;
  } else {
    say("{\"event\": \"unknown-command\"}");
  }
}

static void read_commands(void) {
  static char line[LINE_MAX_BYTES];
  static size_t count;
  char byte;
  ssize_t got;
  while ((got = read(STDIN_FILENO, &byte, 1)) == 1) {
    if (byte == '\n') {
      line[count] = 0;
      count = 0;
      obey(line);
    } else if (count + 1 < sizeof line) {
      line[count++] = byte;
    }
  }
  if (got == 0) rig.should_stop = true;
}

static void on_sent(struct avr_irq_t *irq, uint32_t value, void *parameter) {
  (void)irq;
  (void)parameter;
  rig.sent++;
  if (rig.out_put < OUT_MAX) rig.out[rig.out_put++] = (uint8_t)value;
}

static void on_ready(struct avr_irq_t *irq, uint32_t value, void *parameter) {
  (void)irq;
  (void)value;
  rig.is_waiting = parameter == NULL;
}

/* Moves bytes both ways. With nobody on the line they are lost, as on a real one. */
static void exchange(void) {
  struct pollfd line = {rig.master, POLLIN | POLLOUT, 0};
  bool is_heard = rig.master >= 0 && poll(&line, 1, 0) > 0 && (line.revents & POLLHUP) == 0;
  if (rig.out_put > 0) {
    ssize_t put = is_heard ? write(rig.master, rig.out, rig.out_put) : 0;
    rig.unheard += rig.out_put - (size_t)(put > 0 ? put : 0);
    rig.out_put = 0;
  }
  if (is_heard && rig.in_got == rig.in_put) {
    ssize_t got = read(rig.master, rig.in, sizeof rig.in);
    rig.in_got = 0;
    rig.in_put = got > 0 ? (size_t)got : 0;
  }
  while (rig.in_got < rig.in_put && !rig.is_waiting) {
    avr_raise_irq(rig.uart_in, rig.in[rig.in_got++]);
    rig.received++;
  }
}

/* Saves what the firmware wrote; power may be meant to fail in the middle of it. */
static void watch_eeprom(void) {
  const uint8_t *now = eeprom();
  if (memcmp(now, rig.eeprom, EEPROM_BYTES) == 0) return;
  for (int at = 0; at < EEPROM_BYTES && rig.tear_after >= 0; at++) {
    if (now[at] == rig.eeprom[at]) continue;
    if (rig.tear_after-- > 0) continue;
    /* The byte that was being written is left half done. */
    uint8_t torn[EEPROM_BYTES];
    memcpy(torn, now, sizeof torn);
    torn[at] &= (uint8_t)noise();
    set_eeprom(torn);
    save_eeprom();
    report_epoch();
    power_on();
    say("{\"event\": \"torn\"}");
    return;
  }
  save_eeprom();
}

static void run(uint32_t milliseconds) {
  avr_t *avr = rig.avr;
  while (milliseconds-- > 0) {
    if (rig.is_powered) {
      avr_cycle_count_t end = avr->cycle + avr->frequency / 1000;
      avr_irq_t *adc = avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + 15);
      if (adc != NULL) avr_raise_irq(adc, noise() % 5000);
      while (avr->cycle < end) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) give_up("the firmware crashed");
      }
      watch_eeprom();
      exchange();
    } else {
      usleep(1000);
    }
  }
}

static void start(const char *path) {
  elf_firmware_t firmware;
  memset(&firmware, 0, sizeof firmware);
  if (elf_read_firmware(path, &firmware) != 0) give_up("cannot read the firmware");
  rig.avr = avr_make_mcu_by_name("atmega2560");
  if (rig.avr == NULL) give_up("no such chip");
  avr_init(rig.avr);
  rig.avr->log = LOG_ERROR;
  firmware.frequency = 16000000;
  avr_load_firmware(rig.avr, &firmware);
  rig.avr->frequency = 16000000;
  rig.avr->avcc = rig.avr->aref = rig.avr->vcc = 5000;
  uint32_t flags = 0;
  avr_ioctl(rig.avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(rig.avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  uint32_t uart = AVR_IOCTL_UART_GETIRQ('0');
  avr_irq_register_notify(avr_io_getirq(rig.avr, uart, UART_IRQ_OUTPUT), on_sent, NULL);
  avr_irq_register_notify(avr_io_getirq(rig.avr, uart, UART_IRQ_OUT_XOFF), on_ready, NULL);
  avr_irq_register_notify(avr_io_getirq(rig.avr, uart, UART_IRQ_OUT_XON), on_ready, &rig);
  rig.uart_in = avr_io_getirq(rig.avr, uart, UART_IRQ_INPUT);
  load_eeprom();
}

static void on_signal(int number) {
  (void)number;
  rig.should_stop = true;
}

int main(int count, char **arguments) {
  rig.seed = (uint64_t)(seconds() * 1e9) | 1;
  int option;
  reports = fdopen(dup(STDOUT_FILENO), "w");
  if (reports == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) give_up("no output");
  while ((option = getopt(count, arguments, "l:F:e:s:p")) != -1) {
    switch (option) {
      case 'l': rig.link = optarg; break;
      case 'F': fcntl(rig.master = atoi(optarg), F_SETFL, O_NONBLOCK); break;
      case 'e': rig.eeprom_path = optarg; break;
      case 's': rig.seed = strtoull(optarg, NULL, 0) * 2654435761U | 1; break;
      case 'p': rig.is_paced = false; break;
      default: give_up("see the head of avr_board.c for the options");
    }
  }
  if (optind + 1 != count) give_up("one firmware, please");
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, on_signal);
  signal(SIGINT, on_signal);
  fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  if (!read_symbols(arguments[optind])) give_up("cannot read the firmware");
  start(arguments[optind]);
  if (rig.master >= 0) say("{\"event\": \"ready\", \"path\": \"\"}");
  if (rig.link != NULL) plug();
  power_on();
  double began = seconds() - (double)rig.avr->cycle / rig.avr->frequency;
  while (!rig.should_stop) {
    run(1);
    read_commands();
    double ahead = (double)rig.avr->cycle / rig.avr->frequency - (seconds() - began);
    if (!rig.is_paced || !rig.is_powered || ahead < -0.25) {
      /* Power was off, or this machine was too slow: the board's clock goes on from here. */
      began = seconds() - (double)rig.avr->cycle / rig.avr->frequency;
    } else if (ahead > 0.0005) {
      usleep((useconds_t)(ahead * 1e6));
    }
  }
  report_epoch();
  report("end");
  if (rig.link != NULL) unlink(rig.link);
  return 0;
}
