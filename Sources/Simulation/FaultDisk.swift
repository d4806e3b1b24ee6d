internal import CFaultVfs
internal import Synchronization

/// A disk in memory that fails on demand, under a VFS name of its own: of a simulated node, which
/// it outlives, and of tests.
@safe public final class FaultDisk {
  private static let made = Atomic<Int>(0)

  /// The name of its VFS, which no other has in this process.
  public let name: String
  private let disk: OpaquePointer

  /// Makes one; what a cut leaves of writes that were not synced follows from the seed.
  public init(seed: UInt64) {
    name = "fault-\(Self.made.add(1, ordering: .relaxed).newValue)"
    unsafe disk = fault_disk_make(name, seed)
  }

  /// Every connection is closed by now.
  deinit { unsafe fault_disk_free(disk) }

  /// The power goes at that changing operation from now.
  public func cut(after operations: Int) {
    unsafe fault_disk_arm(disk, Int32(FAULT_CUT.rawValue), UInt64(operations))
  }

  /// From that changing operation on there is no space to grow.
  public func fill(after operations: Int = 0) {
    unsafe fault_disk_arm(disk, Int32(FAULT_FULL.rawValue), UInt64(operations))
  }

  /// That changing operation fails once.
  public func fail(after operations: Int) {
    unsafe fault_disk_arm(disk, Int32(FAULT_IO.rawValue), UInt64(operations))
  }

  /// That read fails once.
  public func failRead(after reads: Int) { unsafe fault_disk_arm_read(disk, UInt64(reads)) }

  /// No fault any more; a full disk has space again.
  public func heal() {
    unsafe fault_disk_arm(disk, Int32(FAULT_NONE.rawValue), 0)
    unsafe fault_disk_arm_read(disk, 0)
  }

  /// The power goes now, if it has not gone yet.
  public func cut() { unsafe fault_disk_cut(disk) }

  /// The power is back; every connection of before is closed.
  public func restore() { unsafe fault_disk_restore(disk) }

  /// Keeps a copy of what was synced; every connection is closed.
  public func backUp() { unsafe fault_disk_backup(disk) }

  /// Puts the copy back; false where there is none.
  public func putBack() -> Bool { unsafe fault_disk_put_back(disk) != 0 }

  /// Puts what was synced on another disk in the place of everything; every connection of both is
  /// closed.
  public func copy(_ other: FaultDisk) { unsafe fault_disk_copy(disk, other.disk) }

  /// A new disk in the place of this one.
  public func wipe() { unsafe fault_disk_wipe(disk) }

  /// Whether it says "synced" and does nothing.
  public func lie(_ isLying: Bool = true) { unsafe fault_disk_set_lying(disk, isLying ? 1 : 0) }

  /// Whether it only lets itself be read.
  public func setReadOnly(_ isReadOnly: Bool) {
    unsafe fault_disk_set_read_only(disk, isReadOnly ? 1 : 0)
  }

  /// The bytes that its files and the ballast may take together; 0 for any.
  public var roomBytes: Int {
    get { Int(unsafe fault_disk_room(disk)) }
    set { unsafe fault_disk_set_room(disk, UInt64(newValue)) }
  }

  /// The bytes of a file beside them that only takes room.
  public var ballastBytes: Int {
    get { Int(unsafe fault_disk_ballast(disk)) }
    set { unsafe fault_disk_set_ballast(disk, UInt64(newValue)) }
  }

  /// The bytes that its files take.
  public var usedBytes: Int { Int(unsafe fault_disk_used(disk)) }

  /// Whether the fault that was armed last has struck.
  public var hasStruck: Bool { unsafe fault_disk_struck(disk) != 0 }

  /// Changing operations so far.
  public var operations: Int { Int(unsafe fault_disk_operations(disk)) }
}
