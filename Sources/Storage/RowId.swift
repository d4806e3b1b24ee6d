internal import Model

/// The keys of `hot` and `journal`: the identity of a record, with its incarnation's local id.
enum RowId {
  /// `incarnation << 40 | seq` in lane 2, `incarnation << 40 | lane << 36 | seq` in the others.
  static func make(incarnation: Int64, lane: Lane, seq: Int64) -> Int64 {
    let base = range(incarnation: incarnation, lane: lane)
    precondition(seq > 0 && base.lowerBound + seq <= base.upperBound, "seq \(seq)")
    return base.lowerBound + seq
  }

  /// From the key that seq 0 would have to the key of the last seq.
  static func range(incarnation: Int64, lane: Lane) -> ClosedRange<Int64> {
    let base = incarnation << 40
    guard lane != .telemetry else { return base...(base + Limits.hotSeqEnd - 1) }
    let start = base | Int64(lane.rawValue) << 36
    return start...(start + Limits.journalSeqEnd - 1)
  }

  static func incarnationId(_ id: Int64) -> Int64 { id >> 40 }

  /// Incarnations and boots of other nodes have local ids from this one on, those of this node the
  /// ones below. So what is this node's own is one span of keys, and the first one.
  static let foreignFirst: Int64 = Limits.incarnationsMax
  /// Every key of a record of this node is below.
  static let ownEnd: Int64 = foreignFirst << 40

  static func isOwn(_ id: Int64) -> Bool { id < ownEnd }

  /// Most significant byte first, so that SQL's hex() shows what everything else shows.
  static func bytes(_ incarnation: Incarnation) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: incarnation.number >> (56 - 8 * UInt64($0))) }
  }

  static func incarnation(_ bytes: [UInt8]) -> Incarnation {
    Incarnation(bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }
}

extension RowId {
  /// The identity that a journal key stands for.
  static func record(_ id: Int64, _ owner: (NodeId, Incarnation)) -> RecordId? {
    guard let lane = Lane(rawValue: UInt8(id >> 36 & 15)) else { return nil }
    return RecordId(
      origin: owner.0, incarnation: owner.1, lane: lane,
      seq: UInt64(id & (Limits.journalSeqEnd - 1)))
  }
}
