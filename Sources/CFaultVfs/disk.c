#include "disk.h"
#include <stdlib.h>
#include <string.h>

uint64_t disk_random(fault_disk *disk) {
  uint64_t z = disk->random += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static void bytes_resize(struct bytes *bytes, size_t size) {
  if (size > bytes->room) {
    size_t room = size * 2;
    unsigned char *data = realloc(bytes->data, room);
    if (!data) abort();
    bytes->data = data;
    bytes->room = room;
  }
  if (size > bytes->size) memset(bytes->data + bytes->size, 0, size - bytes->size);
  bytes->size = size;
}

static void bytes_write(struct bytes *bytes, uint64_t offset, const void *data, size_t size) {
  if (offset + size > bytes->size) bytes_resize(bytes, offset + size);
  memcpy(bytes->data + offset, data, size);
}

static void node_remember(struct node *node, uint64_t offset, const void *data, size_t size) {
  struct change *change = calloc(1, sizeof *change);
  if (!change) abort();
  change->offset = offset;
  change->size = size;
  if (data) {
    change->data = malloc(size ? size : 1);
    if (!change->data) abort();
    memcpy(change->data, data, size);
  }
  if (node->last) node->last->next = change;
  else node->first = change;
  node->last = change;
}

static void node_forget(struct node *node) {
  while (node->first) {
    struct change *change = node->first;
    node->first = change->next;
    free(change->data);
    free(change);
  }
  node->last = NULL;
}

void node_write(struct node *node, uint64_t offset, const void *data, size_t size) {
  bytes_write(&node->seen, offset, data, size);
  node_remember(node, offset, data, size);
}

void node_resize(struct node *node, uint64_t size) {
  bytes_resize(&node->seen, size);
  node_remember(node, size, NULL, 0);
}

void node_sync(struct node *node) {
  for (struct change *change = node->first; change; change = change->next) {
    if (change->data) bytes_write(&node->saved, change->offset, change->data, change->size);
    else bytes_resize(&node->saved, change->offset);
  }
  node_forget(node);
  node->exists_on_disk = node->exists;
}

void node_scatter(fault_disk *disk, struct node *node) {
  // Sometimes nothing of it arrives, sometimes nearly everything, and everything between.
  uint64_t chance = disk_random(disk) % 5 * 25;
  for (struct change *change = node->first; change; change = change->next) {
    if (!change->data) {
      if (disk_random(disk) % 100 < chance) bytes_resize(&node->saved, change->offset);
      continue;
    }
    uint64_t offset = change->offset;
    uint64_t end = change->offset + change->size;
    while (offset < end) {
      uint64_t stop = (offset / SECTOR + 1) * SECTOR;
      if (stop > end) stop = end;
      if (disk_random(disk) % 100 < chance) {
        bytes_write(&node->saved, offset, change->data + (offset - change->offset),
                    stop - offset);
        if (node->exists) node->exists_on_disk = 1;
      }
      offset = stop;
    }
  }
  // A file that was made or removed without a sync of its folder.
  if (node->exists != node->exists_on_disk && disk_random(disk) % 2) {
    node->exists_on_disk = node->exists;
  }
  node_forget(node);
}

struct node *disk_find(fault_disk *disk, const char *name, int make) {
  struct node *unused = NULL;
  for (int i = 0; i < FILES_MAX; i++) {
    struct node *node = &disk->nodes[i];
    if (!node->name[0]) {
      if (!unused) unused = node;
    } else if (strcmp(node->name, name) == 0) {
      return node;
    }
  }
  if (!make || !unused || strlen(name) >= NAME_MAX_BYTES) return NULL;
  strcpy(unused->name, name);
  return unused;
}

enum verdict disk_step(fault_disk *disk) {
  if (disk->is_off) return FAIL_OFF;
  disk->operations++;
  if (disk->armed == FAULT_NONE || disk->operations < disk->armed_at) return GO_ON;
  int kind = disk->armed;
  disk->struck = 1;
  switch (kind) {
  case FAULT_CUT:
    disk->armed = FAULT_NONE;
    disk->is_off = 1;
    return FAIL_OFF;
  case FAULT_FULL:
    disk->is_full = 1;
    return GO_ON;
  default:
    disk->armed = FAULT_NONE;
    return FAIL_IO;
  }
}

void fault_disk_arm(fault_disk *disk, int kind, uint64_t after) {
  pthread_mutex_lock(&disk->mutex);
  disk->armed = kind;
  disk->armed_at = disk->operations + after;
  disk->struck = 0;
  disk->is_full = 0;
  pthread_mutex_unlock(&disk->mutex);
}

void fault_disk_arm_read(fault_disk *disk, uint64_t after) {
  pthread_mutex_lock(&disk->mutex);
  disk->read_armed_at = after ? disk->reads + after : 0;
  disk->struck = 0;
  pthread_mutex_unlock(&disk->mutex);
}

uint64_t fault_disk_operations(const fault_disk *disk) { return disk->operations; }

uint64_t fault_disk_used(const fault_disk *disk) {
  uint64_t used = 0;
  for (int i = 0; i < FILES_MAX; i++) {
    if (disk->nodes[i].exists) used += disk->nodes[i].seen.size;
  }
  return used;
}

int disk_lacks(const fault_disk *disk, uint64_t more) {
  if (disk->is_full) return 1;
  return disk->room && fault_disk_used(disk) + disk->ballast + more > disk->room;
}

uint64_t fault_disk_room(const fault_disk *disk) { return disk->room; }

void fault_disk_set_room(fault_disk *disk, uint64_t bytes) { disk->room = bytes; }

uint64_t fault_disk_ballast(const fault_disk *disk) { return disk->ballast; }

void fault_disk_set_ballast(fault_disk *disk, uint64_t bytes) { disk->ballast = bytes; }

int fault_disk_struck(const fault_disk *disk) { return disk->struck; }

void fault_disk_set_lying(fault_disk *disk, int lying) { disk->lying = lying; }

void fault_disk_set_read_only(fault_disk *disk, int read_only) { disk->read_only = read_only; }

void fault_disk_cut(fault_disk *disk) {
  pthread_mutex_lock(&disk->mutex);
  disk->is_off = 1;
  pthread_mutex_unlock(&disk->mutex);
}

void fault_disk_restore(fault_disk *disk) {
  pthread_mutex_lock(&disk->mutex);
  for (int i = 0; i < FILES_MAX; i++) {
    struct node *node = &disk->nodes[i];
    if (!node->name[0]) continue;
    node_scatter(disk, node);
    node->exists = node->exists_on_disk;
    if (!node->exists) bytes_resize(&node->saved, 0);
    bytes_resize(&node->seen, node->saved.size);
    if (node->saved.size) memcpy(node->seen.data, node->saved.data, node->saved.size);
    for (int r = 0; r < SHM_REGIONS_MAX; r++) {
      free(node->regions[r]);
      node->regions[r] = NULL;
    }
    memset(node->shm_shared, 0, sizeof node->shm_shared);
    memset(node->shm_exclusive, 0, sizeof node->shm_exclusive);
    node->shared = 0;
    node->reserved = node->pending = node->exclusive = NULL;
  }
  disk->armed = FAULT_NONE;
  disk->is_off = 0;
  disk->is_full = 0;
  disk->age++;
  pthread_mutex_unlock(&disk->mutex);
}

static void bytes_copy(struct bytes *to, const struct bytes *from) {
  bytes_resize(to, from->size);
  if (from->size) memcpy(to->data, from->data, from->size);
}

void fault_disk_backup(fault_disk *disk) {
  for (int i = 0; i < FILES_MAX; i++) {
    struct node *node = &disk->nodes[i];
    bytes_copy(&node->kept, &node->saved);
    node->exists_kept = node->exists_on_disk;
  }
  disk->has_backup = 1;
}

int fault_disk_put_back(fault_disk *disk) {
  if (!disk->has_backup) return 0;
  for (int i = 0; i < FILES_MAX; i++) {
    struct node *node = &disk->nodes[i];
    node_forget(node);
    bytes_copy(&node->saved, &node->kept);
    node->exists_on_disk = node->exists_kept;
  }
  fault_disk_restore(disk);
  return 1;
}

void fault_disk_wipe(fault_disk *disk) {
  for (int i = 0; i < FILES_MAX; i++) {
    struct node *node = &disk->nodes[i];
    node_forget(node);
    bytes_resize(&node->saved, 0);
    node->exists = node->exists_on_disk = 0;
  }
  disk->ballast = 0;
  fault_disk_restore(disk);
}

void fault_disk_copy(fault_disk *disk, const fault_disk *from) {
  fault_disk_wipe(disk);
  for (int i = 0; i < FILES_MAX; i++) {
    const struct node *there = &from->nodes[i];
    struct node *node = there->name[0] ? disk_find(disk, there->name, 1) : NULL;
    if (!node) continue;
    bytes_copy(&node->saved, &there->saved);
    node->exists = node->exists_on_disk = there->exists_on_disk;
  }
  fault_disk_restore(disk);
}

void fault_disk_free(fault_disk *disk) {
  sqlite3_vfs_unregister(&disk->vfs);
  for (int i = 0; i < FILES_MAX; i++) {
    struct node *node = &disk->nodes[i];
    node_forget(node);
    free(node->seen.data);
    free(node->saved.data);
    free(node->kept.data);
    for (int r = 0; r < SHM_REGIONS_MAX; r++) free(node->regions[r]);
  }
  pthread_mutex_destroy(&disk->mutex);
  free((void *)disk->vfs.zName);
  free(disk);
}
