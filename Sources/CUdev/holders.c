#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CUdev.h"

int cserial_node(const char *path, uint64_t *device, uint32_t *group, uint32_t *mode) {
  struct stat status;
  if (stat(path, &status) < 0) return -1;
  if (!S_ISCHR(status.st_mode)) {
    errno = ENOTTY;
    return -1;
  }
  *device = status.st_rdev;
  *group = status.st_gid;
  *mode = status.st_mode & 07777;
  return 0;
}

int cserial_group_name(uint32_t group, char *name, size_t size) {
  char text[4096];
  struct group entry, *found = NULL;
  if (getgrgid_r(group, &entry, text, sizeof text, &found) != 0 || !found) return -1;
  return snprintf(name, size, "%s", found->gr_name) < (int)size ? 0 : -1;
}

// Only links into /dev are followed: a stat of anything else could hang on a dead network disk.
static int has_open(int files, uint64_t device, int files_max) {
  DIR *folder = fdopendir(files);
  if (!folder) {
    close(files);
    return 0;
  }
  int found = 0;
  struct dirent *entry;
  while (!found && files_max > 0 && (entry = readdir(folder))) {
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    files_max--;
    char target[16];
    ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target);
    if (length < 5 || memcmp(target, "/dev/", 5) != 0) continue;
    struct stat status;
    if (fstatat(dirfd(folder), entry->d_name, &status, 0) < 0) continue;
    found = S_ISCHR(status.st_mode) && status.st_rdev == device;
  }
  closedir(folder);
  return found;
}

void cserial_holders(uint64_t device, int processes, int files_per_process,
                     void (*found)(void *context, int32_t process), void *context) {
  DIR *folder = opendir("/proc");
  if (!folder) return;
  struct dirent *entry;
  while (processes > 0 && (entry = readdir(folder))) {
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    processes--;
    char path[64];
    snprintf(path, sizeof path, "%.20s/fd", entry->d_name);
    int files = openat(dirfd(folder), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (files < 0) continue;
    if (has_open(files, device, files_per_process)) found(context, atoi(entry->d_name));
  }
  closedir(folder);
}
