#include "disk.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out) {
  fault_disk *disk = vfs->pAppData;
  struct fault_file *file = (struct fault_file *)base;
  memset(file, 0, sizeof *file);
  pthread_mutex_lock(&disk->mutex);
  int code = SQLITE_CANTOPEN;
  struct node *node = NULL;
  char anonymous[32];
  if (!name) {
    snprintf(anonymous, sizeof anonymous, "temporary-%llu",
             (unsigned long long)disk->operations);
    name = anonymous;
  }
  if (!disk->is_off) node = disk_find(disk, name, flags & SQLITE_OPEN_CREATE);
  if (node && !node->exists && (flags & SQLITE_OPEN_CREATE)) {
    switch (disk_step(disk)) {
    case FAIL_OFF:
    case FAIL_IO: node = NULL; break;
    case GO_ON:
      node_resize(node, 0);
      node->exists = 1;
      break;
    }
  }
  if (node && node->exists) {
    file->base.pMethods = disk_methods();
    file->disk = disk;
    file->node = node;
    file->age = disk->age;
    if (disk->read_only) flags = (flags & ~SQLITE_OPEN_READWRITE) | SQLITE_OPEN_READONLY;
    if (out) *out = flags;
    code = SQLITE_OK;
  }
  pthread_mutex_unlock(&disk->mutex);
  return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  fault_disk *disk = vfs->pAppData;
  pthread_mutex_lock(&disk->mutex);
  int code = SQLITE_OK;
  struct node *node = disk_find(disk, name, 0);
  if (!node || !node->exists) {
    code = SQLITE_IOERR_DELETE_NOENT;
  } else if (disk_step(disk) != GO_ON) {
    code = SQLITE_IOERR_DELETE;
  } else {
    node->exists = 0;
    node_resize(node, 0);
    if (sync && !disk->lying) node_sync(node);
  }
  pthread_mutex_unlock(&disk->mutex);
  return code;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
  (void)flags;
  fault_disk *disk = vfs->pAppData;
  pthread_mutex_lock(&disk->mutex);
  struct node *node = disk_find(disk, name, 0);
  *out = node && node->exists && !disk->is_off;
  pthread_mutex_unlock(&disk->mutex);
  return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  (void)vfs;
  snprintf(out, (size_t)size, "%s", name);
  return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *out) {
  fault_disk *disk = vfs->pAppData;
  for (int i = 0; i < size; i++) out[i] = (char)disk_random(disk);
  return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us) {
  (void)vfs;
  return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *out) {
  (void)vfs;
  *out = 2461000.5;
  return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs;
  if (size > 0) out[0] = 0;
  return 0;
}

fault_disk *fault_disk_make(const char *name, uint64_t seed) {
  fault_disk *disk = calloc(1, sizeof *disk);
  if (!disk) abort();
  pthread_mutex_init(&disk->mutex, NULL);
  disk->random = seed;
  disk->vfs = (sqlite3_vfs){
      .iVersion = 1,
      .szOsFile = sizeof(struct fault_file),
      .mxPathname = NAME_MAX_BYTES - 16,
      .zName = strdup(name),
      .pAppData = disk,
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_full_name,
      .xRandomness = vfs_randomness,
      .xSleep = vfs_sleep,
      .xCurrentTime = vfs_time,
      .xGetLastError = vfs_last_error,
  };
  if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK) abort();
  return disk;
}
