#include "disk.h"
#include <stdlib.h>
#include <string.h>

static struct fault_file *enter(sqlite3_file *base) {
  struct fault_file *file = (struct fault_file *)base;
  pthread_mutex_lock(&file->disk->mutex);
  return file;
}

static int leave(struct fault_file *file, int code) {
  pthread_mutex_unlock(&file->disk->mutex);
  return code;
}

static int is_stale(const struct fault_file *file) {
  return file->age != file->disk->age || file->disk->is_off;
}

static int file_close(sqlite3_file *base) {
  struct fault_file *file = enter(base);
  if (file->age == file->disk->age) file_unlock_all(file);
  return leave(file, SQLITE_OK);
}

static int file_read(sqlite3_file *base, void *out, int size, sqlite3_int64 offset) {
  struct fault_file *file = enter(base);
  if (is_stale(file)) return leave(file, SQLITE_IOERR_READ);
  file->disk->reads++;
  if (file->disk->read_armed_at && file->disk->reads == file->disk->read_armed_at) {
    file->disk->struck = 1;
    return leave(file, SQLITE_IOERR_READ);
  }
  const struct bytes *seen = &file->node->seen;
  size_t there = (size_t)offset < seen->size ? seen->size - (size_t)offset : 0;
  size_t count = there < (size_t)size ? there : (size_t)size;
  if (count) memcpy(out, seen->data + offset, count);
  memset((char *)out + count, 0, (size_t)size - count);
  return leave(file, count == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
}

static int file_write(sqlite3_file *base, const void *data, int size, sqlite3_int64 offset) {
  struct fault_file *file = enter(base);
  fault_disk *disk = file->disk;
  if (is_stale(file)) return leave(file, SQLITE_IOERR_WRITE);
  switch (disk_step(disk)) {
  case FAIL_OFF:
    // The write that was under way when the power went may have reached the disk in part.
    node_write(file->node, (uint64_t)offset, data, (size_t)size);
    return leave(file, SQLITE_IOERR_WRITE);
  case FAIL_IO:
    node_write(file->node, (uint64_t)offset, data, (size_t)size / 2);
    return leave(file, SQLITE_IOERR_WRITE);
  case GO_ON: break;
  }
  uint64_t end = (uint64_t)offset + (uint64_t)size;
  if (end > file->node->seen.size && disk_lacks(disk, end - file->node->seen.size)) {
    return leave(file, SQLITE_FULL);
  }
  node_write(file->node, (uint64_t)offset, data, (size_t)size);
  return leave(file, SQLITE_OK);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
  struct fault_file *file = enter(base);
  if (is_stale(file)) return leave(file, SQLITE_IOERR_TRUNCATE);
  if (disk_step(file->disk) != GO_ON) return leave(file, SQLITE_IOERR_TRUNCATE);
  node_resize(file->node, (uint64_t)size);
  return leave(file, SQLITE_OK);
}

static int file_sync(sqlite3_file *base, int flags) {
  (void)flags;
  struct fault_file *file = enter(base);
  if (is_stale(file)) return leave(file, SQLITE_IOERR_FSYNC);
  switch (disk_step(file->disk)) {
  case FAIL_OFF: return leave(file, SQLITE_IOERR_FSYNC);
  case FAIL_IO:
    node_scatter(file->disk, file->node);
    return leave(file, SQLITE_IOERR_FSYNC);
  case GO_ON: break;
  }
  if (!file->disk->lying) node_sync(file->node);
  return leave(file, SQLITE_OK);
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
  struct fault_file *file = enter(base);
  *size = (sqlite3_int64)file->node->seen.size;
  return leave(file, is_stale(file) ? SQLITE_IOERR_FSTAT : SQLITE_OK);
}

static int lock_to(struct fault_file *file, int level) {
  struct node *node = file->node;
  if (file->level >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED) {
    if (node->pending || node->exclusive) return SQLITE_BUSY;
    node->shared++;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (node->reserved) return SQLITE_BUSY;
    node->reserved = file;
  } else {
    if (node->reserved && node->reserved != file) return SQLITE_BUSY;
    if (node->pending && node->pending != file) return SQLITE_BUSY;
    node->reserved = node->pending = file;
    if (node->shared > 1) {
      file->level = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    node->exclusive = file;
  }
  file->level = level;
  return SQLITE_OK;
}

static void unlock_to(struct fault_file *file, int level) {
  struct node *node = file->node;
  if (file->level <= level) return;
  if (node->reserved == file) node->reserved = NULL;
  if (node->pending == file) node->pending = NULL;
  if (node->exclusive == file) node->exclusive = NULL;
  if (level == SQLITE_LOCK_NONE && file->level >= SQLITE_LOCK_SHARED) node->shared--;
  file->level = level;
}

static int file_lock(sqlite3_file *base, int level) {
  struct fault_file *file = enter(base);
  return leave(file, is_stale(file) ? SQLITE_IOERR_LOCK : lock_to(file, level));
}

static int file_unlock(sqlite3_file *base, int level) {
  struct fault_file *file = enter(base);
  if (file->age == file->disk->age) unlock_to(file, level);
  return leave(file, SQLITE_OK);
}

static int file_check_reserved(sqlite3_file *base, int *out) {
  struct fault_file *file = enter(base);
  *out = file->node->reserved != NULL;
  return leave(file, SQLITE_OK);
}

static int file_control(sqlite3_file *base, int op, void *argument) {
  (void)base, (void)op, (void)argument;
  return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base) {
  (void)base;
  return 4096;
}

static int file_characteristics(sqlite3_file *base) {
  (void)base;
  // As the system's own VFS says: a write does not harm the bytes around it.
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out) {
  struct fault_file *file = enter(base);
  *out = NULL;
  if (is_stale(file) || region >= SHM_REGIONS_MAX) return leave(file, SQLITE_IOERR_SHMMAP);
  void **slot = &file->node->regions[region];
  if (!*slot && extend) *slot = calloc(1, (size_t)size);
  *out = *slot;
  return leave(file, SQLITE_OK);
}

static void shm_release(struct fault_file *file, int slot) {
  uint16_t bit = (uint16_t)(1u << slot);
  if (file->shm_shared & bit) file->node->shm_shared[slot]--;
  if (file->shm_exclusive & bit) file->node->shm_exclusive[slot] = NULL;
  file->shm_shared &= (uint16_t)~bit;
  file->shm_exclusive &= (uint16_t)~bit;
}

static int shm_lock(sqlite3_file *base, int offset, int count, int flags) {
  struct fault_file *file = enter(base);
  if (file->age != file->disk->age) return leave(file, SQLITE_IOERR_SHMLOCK);
  struct node *node = file->node;
  int end = offset + count;
  if (flags & SQLITE_SHM_UNLOCK) {
    for (int i = offset; i < end; i++) shm_release(file, i);
    return leave(file, SQLITE_OK);
  }
  for (int i = offset; i < end; i++) {
    int mine = (file->shm_shared >> i) & 1;
    int others = node->shm_shared[i] - mine;
    int taken = node->shm_exclusive[i] && node->shm_exclusive[i] != file;
    if (taken || ((flags & SQLITE_SHM_EXCLUSIVE) && others > 0)) return leave(file, SQLITE_BUSY);
  }
  for (int i = offset; i < end; i++) {
    uint16_t bit = (uint16_t)(1u << i);
    if (flags & SQLITE_SHM_EXCLUSIVE) {
      node->shm_exclusive[i] = file;
      file->shm_exclusive |= bit;
    } else if (!(file->shm_shared & bit)) {
      node->shm_shared[i]++;
      file->shm_shared |= bit;
    }
  }
  return leave(file, SQLITE_OK);
}

static void shm_barrier(sqlite3_file *base) {
  (void)base;
  __sync_synchronize();
}

static int shm_unmap(sqlite3_file *base, int remove) {
  struct fault_file *file = enter(base);
  if (file->age != file->disk->age) return leave(file, SQLITE_OK);
  for (int i = 0; i < SQLITE_SHM_NLOCK; i++) shm_release(file, i);
  if (remove) {
    for (int r = 0; r < SHM_REGIONS_MAX; r++) {
      free(file->node->regions[r]);
      file->node->regions[r] = NULL;
    }
  }
  return leave(file, SQLITE_OK);
}

void file_unlock_all(struct fault_file *file) {
  unlock_to(file, SQLITE_LOCK_NONE);
  for (int i = 0; i < SQLITE_SHM_NLOCK; i++) shm_release(file, i);
}

const sqlite3_io_methods *disk_methods(void) {
  static const sqlite3_io_methods methods = {
      .iVersion = 2,
      .xClose = file_close,
      .xRead = file_read,
      .xWrite = file_write,
      .xTruncate = file_truncate,
      .xSync = file_sync,
      .xFileSize = file_size,
      .xLock = file_lock,
      .xUnlock = file_unlock,
      .xCheckReservedLock = file_check_reserved,
      .xFileControl = file_control,
      .xSectorSize = file_sector_size,
      .xDeviceCharacteristics = file_characteristics,
      .xShmMap = shm_map,
      .xShmLock = shm_lock,
      .xShmBarrier = shm_barrier,
      .xShmUnmap = shm_unmap,
  };
  return &methods;
}
