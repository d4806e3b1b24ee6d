// What clocks that are preloaded share: the page that a test writes, and the loop's one timer.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static _Atomic int64_t timer_us;  // when the loop's one timer is due; 0 when off

// The page that a variable of the environment names, shared with the test.
static void *shared_page(const char *variable, size_t bytes) {
  const char *path = getenv(variable);
  int file = path ? REAL(open)(path, O_RDWR | O_CLOEXEC) : -1;
  void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (map == MAP_FAILED) abort();
  close(file);
  return map;
}

// The loop runs on the first thread; the others, libdispatch's among them, wait as ever.
static int is_loop(void) { return gettid() == getpid(); }

static int64_t microseconds(struct timespec time) {
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

// The loop has one timer, absolute and on CLOCK_BOOTTIME; epoll_wait of each clock obeys it.
int timerfd_settime(
    int file, int flags, const struct itimerspec *new, struct itimerspec *old) {
  if (!is_loop()) return REAL(timerfd_settime)(file, flags, new, old);
  if (flags != TFD_TIMER_ABSTIME) abort();
  atomic_store(&timer_us, microseconds(new->it_value));
  return 0;
}
