/*
 * The C peer of the daemon, for `make bench`: epoll, read, and with "store" COBS and CRC-32C of
 * each frame and one row of `hot` a second in SQLite (WAL, synchronous=FULL), as the daemon writes them.
 *
 * Usage: peer read|store DATABASE LINE...
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "CPeer.h"

enum { LINES_MAX = 64, READ_BYTES = 4096, COMMIT_MAX = 4 << 20 };

static uint8_t commit[COMMIT_MAX];
static struct { uint8_t held[READ_BYTES * 2]; size_t count; } lines[LINES_MAX];

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void must(int code, const char *what) {
  if (code == SQLITE_OK || code == SQLITE_DONE) return;
  fprintf(stderr, "peer: %s: %d\n", what, code);
  exit(1);
}

int main(int count, char **arguments) {
  if (count < 4 || count - 3 > LINES_MAX) return 2;
  int is_storing = strcmp(arguments[1], "store") == 0;
  sqlite3 *database = NULL;
  sqlite3_stmt *insert = NULL;
  if (is_storing) {
    must(sqlite3_open(arguments[2], &database), "open");
    must(sqlite3_exec(database,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE hot("
                      "id INTEGER PRIMARY KEY, clock_epoch INTEGER NOT NULL, body BLOB NOT NULL,"
                      "cursors BLOB NOT NULL, clock BLOB NOT NULL)", NULL, NULL, NULL), "schema");
    must(sqlite3_prepare_v2(database, "INSERT INTO hot VALUES(NULL, 1, ?, x'00', x'00')", -1,
                            &insert, NULL), "prepare");
  }
  int ready = epoll_create1(0);
  for (int at = 0; at < count - 3; at++) {
    int line = atoi(arguments[3 + at]);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)at << 32 | (uint32_t)line};
    if (fcntl(line, F_SETFL, O_NONBLOCK) || epoll_ctl(ready, EPOLL_CTL_ADD, line, &event)) return 1;
  }
  size_t held = 0;
  long long due = now_ms() + 1000;
  unsigned long long good = 0, bytes = 0;
  for (;;) {
    struct epoll_event events[LINES_MAX];
    long long left = due - now_ms();
    int found = epoll_wait(ready, events, LINES_MAX, left > 0 ? (int)left : 0);
    for (int at = 0; at < found; at++) {
      int line = (int)(uint32_t)events[at].data.u64;
      size_t which = (size_t)(events[at].data.u64 >> 32);
      uint8_t *into = lines[which].held + lines[which].count;
      ssize_t got = read(line, into, READ_BYTES);
      if (got <= 0) continue;
      bytes += (size_t)got;
      if (!is_storing) continue;
      /* Whole frames are judged; what follows the last zero waits for its rest. */
      size_t all = lines[which].count + (size_t)got, end = all;
      while (end > 0 && lines[which].held[end - 1] != 0) end--;
      good += peer_decode(lines[which].held, end);
      if (held + end <= COMMIT_MAX) memcpy(commit + held, lines[which].held, end), held += end;
      if (all - end > READ_BYTES) return 3;
      memmove(lines[which].held, lines[which].held + end, all - end);
      lines[which].count = all - end;
    }
    if (now_ms() < due) continue;
    due += 1000;
    if (is_storing && held > 0) {
      must(sqlite3_bind_blob(insert, 1, commit, (int)held, SQLITE_STATIC), "bind");
      must(sqlite3_step(insert), "step");
      must(sqlite3_reset(insert), "reset");
      held = 0;
    }
    printf("%llu %llu\n", good, bytes);
    fflush(stdout);
  }
}
