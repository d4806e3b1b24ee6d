// Clocks that a test moves, to be preloaded: the page that MOVED_CLOCK names says how far the node's
// are ahead of ours, and whether the kernel calls the wall clock synchronised. Timers of the loop
// that are due by them fire at once. MOVED_BOOT names a file that is read as the kernel's boot id.
#include "preloaded_clock.h"
#include <sys/timex.h>

struct page {
  // CLOCK_BOOTTIME alone: a timer of the runtime on CLOCK_MONOTONIC would be due at once, for ever.
  _Atomic int64_t boot_ahead_us;
  _Atomic int64_t wall_ahead_us;  // CLOCK_REALTIME
  _Atomic int64_t unsynchronised; // nobody vouches for the wall clock
};

static struct page *page;

__attribute__((constructor)) static void begin(void) {
  page = shared_page("MOVED_CLOCK", sizeof *page);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  static __typeof__(&clock_gettime) real;
  if (!real) real = REAL(clock_gettime);
  int code = real(clock, time);
  int is_wall = clock == CLOCK_REALTIME;
  if (code || !page || (clock != CLOCK_BOOTTIME && !is_wall)) {
    return code;
  }
  int64_t ahead = atomic_load(is_wall ? &page->wall_ahead_us : &page->boot_ahead_us);
  int64_t us = microseconds(*time) + ahead;
  *time = (struct timespec){us / 1000000, us % 1000000 * 1000 + time->tv_nsec % 1000};
  return 0;
}

int adjtimex(struct timex *state) {
  int is_wrong = atomic_load(&page->unsynchronised) != 0;
  *state = (struct timex){.maxerror = 2000, .status = is_wrong ? STA_UNSYNC : 0};
  return is_wrong ? TIME_ERROR : TIME_OK;
}

int open(const char *path, int flags, ...) {
  const char *boot = getenv("MOVED_BOOT");
  if (boot && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0) path = boot;
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  return REAL(open)(path, flags, mode);
}

int epoll_wait(int file, struct epoll_event *events, int room, int timeout_ms) {
  static __typeof__(&epoll_wait) real;
  if (!real) real = REAL(epoll_wait);
  if (timeout_ms != -1 || !is_loop()) return real(file, events, room, timeout_ms);
  for (;;) {
    int count = real(file, events, room, 1);
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    int64_t due = atomic_load(&timer_us);
    if (count != 0 || (due && due <= microseconds(now))) return count;
  }
}
