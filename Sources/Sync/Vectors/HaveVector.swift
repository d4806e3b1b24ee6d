internal import Model

/// What a node has seen of one log, and what of that it can serve.
public struct HaveLog: Hashable, Sendable {
  /// The numbers that ever were here; they only grow.
  public var seen: Intervals
  /// Those that this node can serve: within `seen`.
  public var held: Intervals
  /// Of lane 1: so many generations of runs above this one are complete here, and left out of the
  /// vector: what this log's first entry says of its parent says what they come to.
  public var ancestors: Int
  /// Of lanes 2 and 3: ranges that came in part, ascending, at most `Limits.begunRangesMax`. Their
  /// commits are not seen yet.
  public var begun: [BegunRange]

  /// Puts a log's state together.
  public init(
    seen: Intervals = Intervals(), held: Intervals = Intervals(), ancestors: Int = 0,
    begun: [BegunRange] = []
  ) {
    self.seen = seen
    self.held = held
    self.ancestors = ancestors
    self.begun = begun
  }

  /// Whether it says nothing of its log.
  public var isEmpty: Bool { seen.isEmpty && begun.isEmpty }

  /// A log of which everything that was seen can be served.
  public init(held: Intervals) { self.init(seen: held, held: held) }
}

/// What a node has, log by log (docs/sync-format.md, section 2).
///
/// Lane 3 says only what lane 2 does not: commits whose header and summaries are here, and whose
/// contents are not.
public struct HaveVector: Hashable, Sendable {
  /// The version that is written.
  public static let version: UInt8 = 1
  /// The length of a digest, in bytes.
  public static let digestByteCount = 16

  /// Every log of which anything was seen or begun.
  public private(set) var logs: [LogId: HaveLog] = [:]

  /// Nothing.
  public init() {}

  /// The state of a log; one of which nothing was seen is not listed.
  public subscript(_ log: LogId) -> HaveLog {
    get { logs[log] ?? HaveLog() }
    set { logs[log] = newValue.isEmpty ? nil : newValue }
  }

  /// What the other can serve and this node has not seen.
  public func wanted(from other: HaveVector) -> [LogId: Intervals] {
    var wanted: [LogId: Intervals] = [:]
    for (log, state) in other.logs {
      var missing = state.held.subtracting(self[log].seen)
      // Where readings are here, or were, their sums are too.
      if log.lane == .rollups {
        missing = missing.subtracting(self[LogId(log.run, .telemetry)].seen)
      }
      if !missing.isEmpty {
        wanted[log] = SeededBug.resumeFromStart.isOn ? state.held : missing
      }
    }
    return wanted
  }

  /// Without lane 3, which a session of version 1 does not know.
  public var withoutRollups: HaveVector {
    var vector = self
    for log in logs.keys where log.lane == .rollups { vector[log] = HaveLog() }
    return vector
  }

  /// Joins what another has seen; what can be served stays this node's own.
  public mutating func join(seenOf other: HaveVector) {
    for (log, state) in other.logs { logs[log, default: HaveLog()].seen.join(state.seen) }
  }

  /// The canonical bytes: logs in their order.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.varint(logs.count)
    for log in logs.keys.sorted() { writer.log(log, self[log]) }
    return writer.bytes
  }

  /// The name of a vector, from its bytes.
  public static func digest(_ encoded: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.reserve(encoded.count + 24)
    writer.purpose("bivouac vector 1")
    writer.raw(encoded)
    return Blake2b.hash(writer.bytes, byteCount: digestByteCount)
  }

  /// The name of this vector.
  public var digest: [UInt8] { Self.digest(encoded()) }

  /// Reads a vector of at most `Limits.vectorBytesMax` bytes.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    guard bytes.count <= Limits.vectorBytesMax else { throw DecodeError(.tooLong, at: 0) }
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    let count = try reader.count(max: Limits.vectorLogsMax)
    var last: LogId?
    for _ in 0..<count {
      let start = reader.offset
      let (log, state) = try reader.log()
      if let last, last >= log { throw DecodeError(.order, at: start) }
      guard !state.isEmpty else { throw DecodeError(.canonical, at: start) }
      logs[log] = state
      last = log
    }
    try reader.end()
  }
}

extension Intervals {
  mutating func join(_ other: Intervals) { self = union(other) }
}

extension FieldWriter {
  mutating func log(_ log: LogId, _ state: HaveLog) {
    precondition(state.held.isSubset(of: state.seen), "held beyond seen in \(log)")
    precondition(state.ancestors == 0 || log.lane == .state, "ancestors of \(log)")
    precondition(state.begun.isEmpty || !log.lane.hasEntries, "ranges of \(log)")
    run(log.run)
    u8(log.lane.rawValue)
    let isAllHeld = state.held == state.seen
    u8((isAllHeld ? 1 : 0) | (state.ancestors > 0 ? 2 : 0) | (state.begun.isEmpty ? 0 : 4))
    intervals(state.seen)
    if !isAllHeld { intervals(state.held) }
    if state.ancestors > 0 { varint(state.ancestors) }
    if !state.begun.isEmpty { begun(state.begun) }
  }
}

extension FieldReader {
  /// One log; a delta's may have seen nothing, which removes it.
  mutating func log() throws(DecodeError) -> (LogId, HaveLog) {
    let run = try run()
    let laneAt = offset
    guard let lane = Lane(rawValue: try u8()) else { throw DecodeError(.range, at: laneAt) }
    let flagsAt = offset
    let flags = try u8()
    guard flags <= 7, flags & 2 == 0 || lane == .state, flags & 4 == 0 || !lane.hasEntries else {
      throw DecodeError(.range, at: flagsAt)
    }
    let seen = try intervals(lane)
    var held = seen
    if flags & 1 == 0 {
      held = try intervals(lane)
      guard held.isSubset(of: seen) else { throw DecodeError(.range, at: flagsAt) }
      guard held != seen else { throw DecodeError(.canonical, at: flagsAt) }
    }
    var ancestors = 0
    if flags & 2 != 0 {
      let start = offset
      ancestors = try count(max: Limits.vectorLogsMax)
      guard ancestors > 0, seen.contains(1) else { throw DecodeError(.range, at: start) }
    }
    let begun = flags & 4 == 0 ? [] : try begun(least: 1)
    return (
      LogId(run, lane), HaveLog(seen: seen, held: held, ancestors: ancestors, begun: begun)
    )
  }
}
