// A clock that does not wait, to be preloaded: whenever the loop has nothing to do, the time of its
// next timer is now, up to a time that the test allows. So a day of the shipped program, with every
// timer at its time, passes in seconds.
//
// The page that DAY_CLOCK names is shared with the test, which writes `until_us` and reads the rest.
#include "preloaded_clock.h"
#include <stdio.h>

enum { PORTS = 8, FILES = 1024 };

struct page {
  _Atomic int64_t until_us;       // the time that may be skipped to; nothing is skipped beyond it
  _Atomic int64_t idle_us;        // the last time at which the loop had nothing left to do
  _Atomic int64_t skips;          // how often time was skipped: the loop's wake-ups by timers
  _Atomic int64_t opens[PORTS];   // of /dev/ttyUSB<n>
  _Atomic int64_t bytes[PORTS];   // read from it
};

static struct page *page;
static _Atomic int64_t ahead_us;
static signed char port_of[FILES];

__attribute__((constructor)) static void begin(void) {
  memset(port_of, -1, sizeof port_of);
  page = shared_page("DAY_CLOCK", sizeof *page);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  static __typeof__(&clock_gettime) real;
  if (!real) real = REAL(clock_gettime);
  int code = real(clock, time);
  // The time that the processor spent is not skipped.
  if (code || (clock != CLOCK_BOOTTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)) {
    return code;
  }
  int64_t ahead = atomic_load(&ahead_us);
  int64_t nanoseconds = time->tv_nsec + ahead % 1000000 * 1000;
  time->tv_sec += ahead / 1000000 + nanoseconds / 1000000000;
  time->tv_nsec = nanoseconds % 1000000000;
  return 0;
}

static int64_t now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return microseconds(time);
}

int epoll_wait(int file, struct epoll_event *events, int room, int timeout_ms) {
  static __typeof__(&epoll_wait) real;
  if (!real) real = REAL(epoll_wait);
  if (timeout_ms != -1 || !is_loop()) return real(file, events, room, timeout_ms);
  for (int wait_ms = 0;;) {
    int count = real(file, events, room, wait_ms);
    if (count != 0) return count;
    int64_t now = now_us(), until = atomic_load(&page->until_us);
    if (timer_us && timer_us <= now) return 0;
    wait_ms = now < until ? 0 : 1;
    if (wait_ms) {
      atomic_store(&page->idle_us, now);
      continue;
    }
    int64_t next = timer_us && timer_us < until ? timer_us : until;
    atomic_fetch_add(&ahead_us, next - now);
    atomic_fetch_add(&page->skips, 1);
  }
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  int file = REAL(open)(path, flags, mode);
  int number;
  if (file >= 0 && file < FILES && page && sscanf(path, "/dev/ttyUSB%d", &number) == 1) {
    if (number >= PORTS) abort();
    atomic_fetch_add(&page->opens[number], 1);
    port_of[file] = number;
  }
  return file;
}

int close(int file) {
  if (file >= 0 && file < FILES) port_of[file] = -1;
  return REAL(close)(file);
}

ssize_t read(int file, void *bytes, size_t count) {
  static __typeof__(&read) real;
  if (!real) real = REAL(read);
  ssize_t got = real(file, bytes, count);
  if (got > 0 && file < FILES && port_of[file] >= 0) {
    atomic_fetch_add(&page->bytes[(int)port_of[file]], got);
  }
  return got;
}
