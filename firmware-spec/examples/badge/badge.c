/*
 * A badge reader and its door, on any POSIX machine with a reader that types (most USB ones do):
 * each line of standard input is a badge, sent as a text event; the door opens on command for as
 * long as the lease says, and locks by itself when the host is silent.
 *
 *   badge IDENTITY-FILE [SERIAL-DEVICE]
 *
 * Without a device it makes a pty and prints its name.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "bivouac_descriptor.h"
#include "bivouac_posix.h"

enum { BADGE = 0, DOOR = 1, OP_DOOR = 1, SLOTS = 4096, BADGE_MAX = 64 };

#define DOORS(X) X(door, "door", "/", 1, 0)
#define COMMANDS(X) X(set_door, "door", OP_DOOR, "open", BIVOUAC_UP_TO_63(1), 1)

static const struct descriptor {
  BIVOUAC_MODEL_FIELD("Badge reader", "1.0")
  BIVOUAC_TEXT_FIELD(badge, "badge")
  DOORS(BIVOUAC_CHANNEL_FIELD)
  COMMANDS(BIVOUAC_COMMAND_FIELD)
} described = {
    BIVOUAC_MODEL("Badge reader", "1.0"),
    BIVOUAC_TEXT(badge, "badge")
    DOORS(BIVOUAC_CHANNEL)
    COMMANDS(BIVOUAC_COMMAND)
};

static uint8_t descriptor(struct bivouac_board *board, uint16_t offset) {
  (void)board;
  return ((const uint8_t *)&described)[offset];
}

/* Says so, and numbers the change: a door that opened is a reading. */
static void set_door(struct bivouac_board *board, int32_t open) {
  printf("door %s\n", open != 0 ? "open" : "locked");
  fflush(stdout);
  (void)bivouac_push(board, DOOR, open, bivouac_posix_ticks());
}

static enum bivouac_status on_command(
    struct bivouac_board *board, uint8_t op, struct bivouac_arguments *arguments,
    int32_t *value) {
  int32_t open;
  if (op != OP_DOOR) return BIVOUAC_UNKNOWN_OP;
  if (!bivouac_argument_integer(arguments, &open) || open < 0 || open > 1) {
    return BIVOUAC_BAD_ARGUMENT;
  }
  set_door(board, open);
  *value = open;
  return BIVOUAC_DONE;
}

static void on_lease_lapsed(struct bivouac_board *board, uint8_t op) {
  if (op == OP_DOOR) set_door(board, 0);
}

static void on_reset_to_boot(struct bivouac_board *board) {
  (void)board;
  /* A process has no boot loader; whoever runs it may start another one. */
  _exit(0);
}

/* Takes what was typed; a line is a badge. False at the end of input. */
static bool read_badges(struct bivouac_board *board) {
  static char line[BADGE_MAX];
  static size_t count;
  char bytes[64];
  ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
  for (ssize_t at = 0; at < got; at++) {
    if (bytes[at] != '\n' && bytes[at] != '\r') {
      if (count < sizeof line) line[count++] = bytes[at];
      continue;
    }
    /* Before the board has an identity nothing is numbered: say so, and lose nothing silently. */
    if (count > 0 && !bivouac_push_text(board, BADGE, line, count, bivouac_posix_ticks())) {
      fprintf(stderr, "badge not taken: no host has given this reader an identity yet\n");
    }
    count = 0;
  }
  return got != 0;
}

static int open_line(const char *device) {
  struct termios raw;
  char path[64];
  if (device == NULL) {
    int line = bivouac_posix_open_pty(path, sizeof path);
    if (line >= 0) printf("%s\n", path);
    fflush(stdout);
    return line;
  }
  int line = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (line < 0 || tcgetattr(line, &raw) != 0) return -1;
  cfmakeraw(&raw);
  cfsetspeed(&raw, B115200);
  return tcsetattr(line, TCSANOW, &raw) == 0 ? line : -1;
}

int main(int count, char **arguments) {
  static struct bivouac_slot ring[SLOTS];
  static struct bivouac_board board;
  if (count < 2) {
    fprintf(stderr, "usage: badge IDENTITY-FILE [SERIAL-DEVICE]\n");
    return 2;
  }
  struct bivouac_posix port = {open_line(arguments[2]), arguments[1], false};
  if (port.line < 0) {
    perror("badge: cannot open the line");
    return 1;
  }
  const struct bivouac_config config = {
      .context = &port,
      .ring = ring,
      .ring_slots = SLOTS,
      .descriptor_length = sizeof described,
      .descriptor = descriptor,
      .on_command = on_command,
      .on_lease_lapsed = on_lease_lapsed,
      .on_reset_to_boot = on_reset_to_boot,
      .receive = bivouac_posix_receive,
      .transmit = bivouac_posix_transmit,
      .load = bivouac_posix_load,
      .store = bivouac_posix_store,
  };
  bivouac_start(&board, &config, bivouac_posix_ticks(), bivouac_posix_random());
  bool has_input = true;
  while (!port.is_hung_up) {
    struct pollfd both[] = {{port.line, POLLIN, 0}, {has_input ? STDIN_FILENO : -1, POLLIN, 0}};
    (void)poll(both, 2, 20);
    bivouac_poll(&board, bivouac_posix_ticks());
    if (both[1].revents != 0) has_input = read_badges(&board);
  }
  return 0;
}
