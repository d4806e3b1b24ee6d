// What a disk is made of; not for tests.
#pragma once
#include "FaultVfs.h"
#include <pthread.h>
#include <sqlite3.h>

enum { SECTOR = 512, NAME_MAX_BYTES = 256, FILES_MAX = 16, SHM_REGIONS_MAX = 64 };

struct bytes {
  unsigned char *data;
  size_t size;
  size_t room;
};

/// A change that was not synced yet: a write, or (data NULL) a new size.
struct change {
  struct change *next;
  uint64_t offset;
  size_t size;
  unsigned char *data;
};

struct node {
  char name[NAME_MAX_BYTES];
  int exists;
  int exists_on_disk;
  /// What the machine sees, and what is surely on the disk.
  struct bytes seen;
  struct bytes saved;
  struct change *first;
  struct change *last;
  /// What a backup keeps of it.
  struct bytes kept;
  int exists_kept;
  // Locks of the rollback protocol.
  int shared;
  struct fault_file *reserved;
  struct fault_file *pending;
  struct fault_file *exclusive;
  // The shared memory of the write-ahead log's index.
  void *regions[SHM_REGIONS_MAX];
  int shm_shared[SQLITE_SHM_NLOCK];
  struct fault_file *shm_exclusive[SQLITE_SHM_NLOCK];
};

struct fault_file {
  sqlite3_file base;
  fault_disk *disk;
  struct node *node;
  int level;
  uint16_t shm_shared;
  uint16_t shm_exclusive;
  /// Made before the last power cut: it may only be closed.
  uint64_t age;
};

struct fault_disk {
  sqlite3_vfs vfs;
  pthread_mutex_t mutex;
  uint64_t random;
  struct node nodes[FILES_MAX];
  uint64_t operations;
  uint64_t reads;
  int armed;
  uint64_t armed_at;
  uint64_t read_armed_at;
  int struck;
  int is_off;
  int is_full;
  int lying;
  int read_only;
  int has_backup;
  /// The bytes that the files and the ballast may take together; 0 for any.
  uint64_t room;
  uint64_t ballast;
  uint64_t age;
};

enum verdict { GO_ON, FAIL_OFF, FAIL_IO };

uint64_t disk_random(fault_disk *disk);
/// Whether so many bytes more have no room.
int disk_lacks(const fault_disk *disk, uint64_t more);
enum verdict disk_step(fault_disk *disk);
struct node *disk_find(fault_disk *disk, const char *name, int make);
void node_write(struct node *node, uint64_t offset, const void *data, size_t size);
void node_resize(struct node *node, uint64_t size);
void node_sync(struct node *node);
/// Saves a part of what was not synced, by chance, and forgets the rest.
void node_scatter(fault_disk *disk, struct node *node);
const sqlite3_io_methods *disk_methods(void);
void file_unlock_all(struct fault_file *file);
