// A disk that takes a fifth of a second (or SYNC_MS) to sync, to be preloaded: nothing may wait for
// it on the loop.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

#ifndef SYNC_MS
#define SYNC_MS 200
#endif

static int slowly(const char *name, int file) {
  usleep(SYNC_MS * 1000);
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(file);
}

int fsync(int file) { return slowly("fsync", file); }

int fdatasync(int file) { return slowly("fdatasync", file); }
