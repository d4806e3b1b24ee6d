internal import Model

/// A compacted range that came in part: what came of it is kept, and need not be sent again.
public struct BegunRange: Hashable, Sendable {
  /// The number of its first commit.
  public var first: UInt64
  /// Its blocks before this one, in the order of its header, are here with their contents.
  public var blocks: Int

  /// Says how far a range has come.
  public init(first: UInt64, blocks: Int) {
    self.first = first
    self.blocks = blocks
  }
}

extension FieldWriter {
  mutating func begun(_ ranges: [BegunRange]) {
    precondition(ranges.count <= Limits.begunRangesMax, "\(ranges.count) begun ranges")
    varint(ranges.count)
    for range in ranges {
      varint(range.first)
      varint(range.blocks)
    }
  }
}

extension FieldReader {
  /// Ranges that were begun, ascending; `least` of them.
  mutating func begun(least: Int) throws(DecodeError) -> [BegunRange] {
    let start = offset
    let count = try count(max: Limits.begunRangesMax)
    guard count >= least else { throw DecodeError(.count, at: start) }
    var ranges: [BegunRange] = []
    for _ in 0..<count {
      let at = offset
      let first = try seq(.telemetry)
      let blocks = try self.count(max: Limits.rangeBlocksMax)
      guard blocks > 0 else { throw DecodeError(.canonical, at: at) }
      if let last = ranges.last, last.first >= first { throw DecodeError(.order, at: at) }
      ranges.append(BegunRange(first: first, blocks: blocks))
    }
    return ranges
  }
}
