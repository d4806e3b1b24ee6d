/* Counts allocations by standing before the C library's own functions. */
#include "CPeer.h"

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static unsigned long count;

void *malloc(size_t bytes) {
  __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  return __libc_malloc(bytes);
}

void *calloc(size_t items, size_t bytes) {
  __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  return __libc_calloc(items, bytes);
}

void *realloc(void *old, size_t bytes) {
  __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  return __libc_realloc(old, bytes);
}

unsigned long peer_allocations(void) { return __atomic_load_n(&count, __ATOMIC_RELAXED); }
