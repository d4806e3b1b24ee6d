#define _GNU_SOURCE
#include "bivouac_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

int bivouac_posix_open_pty(char *slave_path, size_t capacity) {
  struct termios raw = {0};
  int master, slave;
  cfmakeraw(&raw);
  /* The slave is opened raw before anyone else can open it: a fresh tty echoes. */
  if (openpty(&master, &slave, NULL, &raw, NULL) != 0) return -1;
  if (ttyname_r(slave, slave_path, capacity) != 0 ||
      fcntl(master, F_SETFL, O_NONBLOCK) != 0) {
    close(master);
    master = -1;
  }
  /*
   * The slave stays open for as long as the program runs: the master of a pty without a slave
   * reads as hung up, and a host that closes the port would look like an unplugged one.
   */
  return master;
}

uint32_t bivouac_posix_ticks(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (uint32_t)((uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U);
}

uint32_t bivouac_posix_random(void) {
  uint32_t bits = 0;
  /* Cannot fail for so few bytes once the kernel has started. */
  if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits) abort();
  return bits;
}

void bivouac_posix_wait(const struct bivouac_posix *port, int timeout_ms) {
  struct pollfd line = {port->line, POLLIN, 0};
  (void)poll(&line, 1, timeout_ms);
}

static bool is_passing(int error) { return error == EAGAIN || error == EINTR; }

int16_t bivouac_posix_receive(struct bivouac_board *board) {
  struct bivouac_posix *port = board->config->context;
  uint8_t byte;
  ssize_t got = read(port->line, &byte, 1);
  if (got == 1) return byte;
  if (got == 0 || !is_passing(errno)) port->is_hung_up = true;
  return -1;
}

bivouac_size bivouac_posix_transmit(
    struct bivouac_board *board, const uint8_t *bytes, bivouac_size count) {
  struct bivouac_posix *port = board->config->context;
  ssize_t put = write(port->line, bytes, count);
  if (put >= 0) return (bivouac_size)put;
  if (!is_passing(errno)) port->is_hung_up = true;
  return 0;
}

bool bivouac_posix_load(
    struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]) {
  const struct bivouac_posix *port = board->config->context;
  int file = open(port->identity_path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t got = pread(file, record, BIVOUAC_RECORD_BYTES, slot * BIVOUAC_RECORD_BYTES);
  close(file);
  return got == BIVOUAC_RECORD_BYTES;
}

void bivouac_posix_store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]) {
  const struct bivouac_posix *port = board->config->context;
  int file = open(port->identity_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  /* What goes wrong here is seen when the library reads the record back. */
  ssize_t put = pwrite(file, record, BIVOUAC_RECORD_BYTES, slot * BIVOUAC_RECORD_BYTES);
  if (put != BIVOUAC_RECORD_BYTES || fsync(file) != 0) {
    fprintf(stderr, "bivouac: identity record not written to %s\n", port->identity_path);
  }
  close(file);
}
