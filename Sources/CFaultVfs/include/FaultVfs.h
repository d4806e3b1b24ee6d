#pragma once
#include <stddef.h>
#include <stdint.h>

/// A disk in memory, as an SQLite VFS, that fails on demand.
///
/// Every write is kept apart until its file is synced. When the power is cut, each 512-byte
/// sector of each unsynced write reaches the disk or does not, by the seed. A sync that fails
/// loses what it should have saved in the same way, while reads go on seeing it (as Linux does).
typedef struct fault_disk fault_disk;

enum fault_kind {
  FAULT_NONE = 0,
  /// The power goes at that operation: it and everything after it fails.
  FAULT_CUT = 1,
  /// From that operation on, what would grow a file fails for want of space.
  FAULT_FULL = 2,
  /// That operation fails once with an input or output error.
  FAULT_IO = 3,
};

/// Makes a disk and registers it as a VFS of that name. Never freed while it is registered.
fault_disk *fault_disk_make(const char *name, uint64_t seed);

/// Unregisters and frees a disk; every connection must be closed.
void fault_disk_free(fault_disk *disk);

/// Arms a fault for the `after`-th changing operation from now (1 is the next one).
void fault_disk_arm(fault_disk *disk, int kind, uint64_t after);

/// Changing operations (create, write, truncate, sync, delete) so far.
uint64_t fault_disk_operations(const fault_disk *disk);

/// Whether a fault that was armed has struck.
int fault_disk_struck(const fault_disk *disk);

/// Cuts the power now, if it is not cut already.
void fault_disk_cut(fault_disk *disk);

/// Gives the power back: what the disk now holds is what was synced, and some of the rest.
/// Connections of before must be closed.
void fault_disk_restore(fault_disk *disk);

/// Keeps a copy of what was synced; every connection is closed.
void fault_disk_backup(fault_disk *disk);

/// Puts the copy back in the place of everything; 0 where there is none. Every connection is closed.
int fault_disk_put_back(fault_disk *disk);

/// Puts what was synced on another disk in the place of everything; every connection of both is
/// closed.
void fault_disk_copy(fault_disk *disk, const fault_disk *from);

/// A new disk in the place of this one: nothing is on it. Every connection is closed.
void fault_disk_wipe(fault_disk *disk);

/// The bytes that the files and the ballast may take together: a write that would make them more
/// fails for want of space. 0 for any.
uint64_t fault_disk_room(const fault_disk *disk);
void fault_disk_set_room(fault_disk *disk, uint64_t bytes);

/// A file beside the others of which nothing counts but the bytes that it takes.
uint64_t fault_disk_ballast(const fault_disk *disk);
void fault_disk_set_ballast(fault_disk *disk, uint64_t bytes);

/// The bytes that the files take as the machine sees them, without the ballast.
uint64_t fault_disk_used(const fault_disk *disk);

/// A disk that says "synced" and does nothing.
void fault_disk_set_lying(fault_disk *disk, int lying);

/// A disk that only lets itself be read.
void fault_disk_set_read_only(fault_disk *disk, int read_only);

/// The read of that number from now fails once with an input or output error (1 is the next one).
void fault_disk_arm_read(fault_disk *disk, uint64_t after);
