/// Reads the numbers of a coded column: four lanes of bits, so that a processor can read four codes
/// at once where one would wait for the one before.
enum CodedDecoder {
  /// Parts of the column that are coded one beside the other.
  static let laneCount = 4

  /// Groups in every lane but the last ones, which may have fewer or none.
  static func groupsPerLane(count: Int) -> Int {
    let groups = (count + Limits.groupCount - 1) / Limits.groupCount
    return (groups + laneCount - 1) / laneCount
  }

  /// Replaces the numbers from `first` on by what the column holds.
  @_lifetime(source: copy source)
  static func decode(
    _ source: inout ByteSource, from first: Int, into numbers: inout [Int64]
  ) throws(CodecError) {
    let count = numbers.count - first
    guard count > 0 else { throw source.error(.mode) }
    let table = try CodeTable(&source)
    let means = try means(&source, count: count)
    var ends = InlineArray<4, Int>(repeating: 0)
    var bytes = 0
    for lane in 0..<laneCount {
      bytes += try source.count(max: source.bytes.count)
      guard bytes <= source.bytes.count else { throw source.error(.truncated) }
      ends[lane] = bytes
    }
    let start = try source.skip(bytes)
    var lanes = LaneReader(start: start, ends: ends)
    var span = numbers.mutableSpan
    if start + bytes + LaneReader.margin <= source.bytes.count {
      try lanes.read(source.bytes, table.entries.span, means.span, from: first, into: &span)
    } else {
      // The last column of a content: its own copy, with room behind it to load eight bytes.
      var padded: [UInt8] = []
      padded.reserveCapacity(bytes + LaneReader.margin)
      for index in start..<(start + bytes) { padded.append(source.bytes[index]) }
      for _ in 0..<LaneReader.margin { padded.append(0) }
      lanes = LaneReader(start: 0, ends: ends)
      do throws(CodecError) {
        try lanes.read(padded.span, table.entries.span, means.span, from: first, into: &span)
      } catch {
        throw CodecError(error.reason, at: start + error.offset)
      }
    }
  }

  @_lifetime(source: copy source)
  private static func means(
    _ source: inout ByteSource, count: Int
  ) throws(CodecError) -> [Int64] {
    var means: [Int64] = []
    let groups = (count + Limits.groupCount - 1) / Limits.groupCount
    means.reserveCapacity(groups)
    var mean: Int64 = 0
    for _ in 0..<groups {
      let step = try source.zigzag()
      mean &+= step
      means.append(mean)
    }
    return means
  }

  /// Steps over a coded column of `count` numbers.
  @_lifetime(source: copy source)
  static func skip(_ source: inout ByteSource, count: Int) throws(CodecError) {
    let symbols = Int(try source.u8())
    _ = try source.skip((symbols + 1) / 2)
    let groups = (count + Limits.groupCount - 1) / Limits.groupCount
    for _ in 0..<groups { _ = try source.varint() }
    var bytes = 0
    for _ in 0..<laneCount {
      bytes += try source.count(max: source.bytes.count)
      guard bytes <= source.bytes.count else { throw source.error(.truncated) }
    }
    _ = try source.skip(bytes)
  }
}
