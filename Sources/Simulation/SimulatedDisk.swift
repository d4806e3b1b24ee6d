internal import CFaultVfs

/// The disk of one node, in memory, that fails on demand; it outlives the node's runs.
@safe final class SimulatedDisk {
  /// The name of its VFS.
  let name: String
  private let disk: OpaquePointer

  /// Makes one under a name that no other has at the time.
  init(name: String, seed: UInt64) {
    self.name = name
    unsafe disk = fault_disk_make(name, seed)
  }

  /// Every connection is closed by now.
  deinit { unsafe fault_disk_free(disk) }

  /// The power goes at that changing operation from now.
  func cut(after operations: Int) {
    unsafe fault_disk_arm(disk, Int32(FAULT_CUT.rawValue), UInt64(operations))
  }

  /// From that changing operation on there is no space to grow.
  func fill(after operations: Int) {
    unsafe fault_disk_arm(disk, Int32(FAULT_FULL.rawValue), UInt64(operations))
  }

  /// That changing operation fails once.
  func fail(after operations: Int) {
    unsafe fault_disk_arm(disk, Int32(FAULT_IO.rawValue), UInt64(operations))
  }

  /// That read fails once.
  func failRead(after reads: Int) { unsafe fault_disk_arm_read(disk, UInt64(reads)) }

  /// No fault any more; a full disk has space again.
  func heal() {
    unsafe fault_disk_arm(disk, Int32(FAULT_NONE.rawValue), 0)
    unsafe fault_disk_arm_read(disk, 0)
  }

  /// The power goes now.
  func cut() { unsafe fault_disk_cut(disk) }

  /// The power is back; every connection of before is closed.
  func restore() { unsafe fault_disk_restore(disk) }

  /// Keeps a copy of what was synced; every connection is closed.
  func backUp() { unsafe fault_disk_backup(disk) }

  /// Puts the copy back; false where there is none.
  func putBack() -> Bool { unsafe fault_disk_put_back(disk) != 0 }

  /// Says "synced" and does nothing.
  func lie(_ isLying: Bool) { unsafe fault_disk_set_lying(disk, isLying ? 1 : 0) }

  /// Whether the fault that was armed last has struck.
  var hasStruck: Bool { unsafe fault_disk_struck(disk) != 0 }

  /// Changing operations so far.
  var operations: UInt64 { unsafe fault_disk_operations(disk) }
}
