internal import Model
internal import Storage
internal import Sync

/// What the node knows of snapshots: the manifests of the site, and which contents are here.
struct SnapshotBook {
  /// The manifests.
  var fold: SnapshotFold
  /// The contents, as of the last word of `store`.
  var contents = SnapshotContents()
  /// What keeps contents; made when there are some, or the first is added.
  var store: SnapshotStore?
  /// The look at what is there at the start.
  var look: Task<Void, Never>?
  /// Contents whose manifests are on their way to the disk, and how many of each: they stay.
  var pending: [[UInt8]: Int] = [:]
  /// Whether the journal was read whole, so that what it does not name is nobody's.
  let isWhole: Bool
  /// What contents may take together, in bytes; nil for no quota of their own.
  let quotaBytes: Int64?

  init(_ opening: StoreOpening, _ settings: NodeSettings) {
    fold = opening.snapshots
    isWhole = opening.damageCount == 0 && opening.unappliedCount == 0
    quotaBytes = settings.snapshotQuotaBytes
  }

  /// Where the bytes of a manifest are.
  func place(of taken: SnapshotTaken, isOwn: Bool) -> SnapshotView.Content {
    if contents.here.contains(taken.hash) { return .here }
    if contents.damaged.contains(taken.hash) { return .damaged }
    return isOwn ? .gone : .elsewhere
  }

  /// How many bytes more must be free so that a content fits and the reserve of the disk stays.
  static func lacking(
    _ size: Int64, diskBytes: Int64, freeBytes: Int64, databaseBytes: Int64
  ) -> Int64 {
    let reserve = RoomJudge.reserveBytes(diskBytes, usedBytes: databaseBytes)
    return max(0, size + reserve - freeBytes)
  }
}
