import CFaultVfs
import Synchronization

@testable import Storage

/// A disk in memory that fails on demand, under a VFS name of its own.
@safe final class FaultDisk {
  private static let made = Atomic<Int>(0)

  /// The name of the VFS.
  let name: String
  private let disk: OpaquePointer

  init(seed: UInt64) {
    let number = Self.made.add(1, ordering: .relaxed).newValue
    name = "fault-\(number)"
    unsafe disk = fault_disk_make(name, seed)
  }

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

  /// The power goes now, if it has not gone yet, and comes back. Every connection of before must be
  /// closed.
  func powerCycle() {
    unsafe fault_disk_cut(disk)
    unsafe fault_disk_restore(disk)
  }

  /// Whether the armed fault came.
  var hasStruck: Bool { unsafe fault_disk_struck(disk) != 0 }

  /// Changing operations so far.
  var operations: Int { Int(unsafe fault_disk_operations(disk)) }

  /// Says "synced" and does nothing.
  func lie() { unsafe fault_disk_set_lying(disk, 1) }

  /// Only lets itself be read.
  func setReadOnly(_ readOnly: Bool) { unsafe fault_disk_set_read_only(disk, readOnly ? 1 : 0) }

  /// How to open a store on it.
  func options(run: UInt64 = 1) -> StoreOptions {
    var options = Fixture.options("node.db", run: run)
    options.vfs = name
    return options
  }
}
