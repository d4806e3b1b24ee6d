public import Model

/// One run of one node: the owner of five logs, one for each lane.
public struct RunId: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The node.
  public let origin: NodeId
  /// Which run of its daemon.
  public let incarnation: Incarnation

  /// Names a run.
  public init(origin: NodeId, incarnation: Incarnation) {
    self.origin = origin
    self.incarnation = incarnation
  }

  /// By origin as bytes, then by the incarnation as a number: the order of have-vectors.
  public static func < (left: RunId, right: RunId) -> Bool {
    if left.origin != right.origin {
      return left.origin.bytes.lexicographicallyPrecedes(right.origin.bytes)
    }
    return left.incarnation.number < right.incarnation.number
  }

  /// Node and incarnation, for a log.
  public var description: String { "\(origin)/\(incarnation)" }
}

/// One log: what is numbered from 1 without gaps by its origin.
public struct LogId: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Whose.
  public let run: RunId
  /// Which of its five.
  public let lane: Lane

  /// Names a log.
  public init(_ run: RunId, _ lane: Lane) {
    self.run = run
    self.lane = lane
  }

  /// By run, then by lane: the order of have-vectors.
  public static func < (left: LogId, right: LogId) -> Bool {
    if left.run != right.run { return left.run < right.run }
    return left.lane.rawValue < right.lane.rawValue
  }

  /// Run and lane, for a log.
  public var description: String { "\(run)/\(lane.rawValue)" }
}

extension RecordId {
  /// The run that made it.
  var run: RunId { RunId(origin: origin, incarnation: incarnation) }
}

extension RunId {
  /// The record of this run with that lane and number.
  public func record(_ lane: Lane, _ seq: UInt64) -> RecordId {
    RecordId(origin: origin, incarnation: incarnation, lane: lane, seq: seq)
  }
}

extension Lane {
  /// The numbers of this lane's records stay below this: what a store's keys have room for.
  public var seqEnd: UInt64 {
    switch self {
    case .telemetry, .rollups: return UInt64(Limits.rangeSeqEnd)
    case .control, .state, .blobs: return Limits.entrySeqEnd
    }
  }
}

extension FieldWriter {
  mutating func run(_ run: RunId) {
    raw(run.origin.bytes)
    fixed(run.incarnation.number)
  }
}

extension FieldReader {
  mutating func run() throws(DecodeError) -> RunId {
    let start = offset
    let origin = NodeId(try raw(NodeId.byteCount))
    let incarnation = Incarnation(try fixed(UInt64.self))
    guard let origin, incarnation.number != 0 else { throw DecodeError(.range, at: start) }
    return RunId(origin: origin, incarnation: incarnation)
  }

  mutating func clockEpoch() throws(DecodeError) -> ClockEpoch {
    let start = offset
    guard let clockEpoch = ClockEpoch(try raw(16)) else { throw DecodeError(.range, at: start) }
    return clockEpoch
  }

  /// The number of a record of a lane: from 1, below the lane's end.
  mutating func seq(_ lane: Lane) throws(DecodeError) -> UInt64 {
    let start = offset
    let seq = try varint()
    guard seq > 0, seq < lane.seqEnd else { throw DecodeError(.range, at: start) }
    return seq
  }
}
