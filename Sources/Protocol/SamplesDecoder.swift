/// SAMPLES (06), read: columns of samples in one body (PROTOCOL.md 2.5).
///
/// A value of this type exists only for a body that is right to its last byte, so that nothing of a
/// wrong one is ever given out.
public struct SamplesDecoder: Equatable, Sendable {
  /// Of the epoch in the HELLO that the session answered, 0 to 3.
  public let index: UInt8
  /// The seq of the first sample.
  public let first: UInt32
  /// How many samples there are, at least 1.
  public let count: UInt32

  /// Reads the whole body and gives nothing out.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    try self.init(body) { _ in }
  }

  /// Reads the whole body. Each sample is given to `each` as it is read, before the rest is known
  /// to be right: what came so counts only when this does not throw.
  public init(_ body: Span<UInt8>, each: (Sample) -> Void) throws(Malformed) {
    let header = try Self.walk(body, emit: each)
    index = header.index
    first = header.first
    count = header.count
  }

  /// Gives out the samples of the body that this value was made from, from seq `from` on, in order.
  public static func forEach(
    in body: Span<UInt8>, from: UInt32 = 0, emit: (Sample) -> Void
  ) throws(Malformed) {
    _ = try walk(body) { sample in
      if sample.seq >= from { emit(sample) }
    }
  }

  private typealias Header = (index: UInt8, first: UInt32, count: UInt32)

  private static func walk(
    _ body: Span<UInt8>, emit: (Sample) -> Void
  ) throws(Malformed) -> Header {
    var reader = ByteReader(body)
    try reader.expect(.samples)
    let index = try reader.u8()
    let first = try reader.varint()
    var ticks = try reader.varint()
    guard Int(index) < Limits.epochsMax, first <= UInt64(Limits.seqMax), ticks < Limits.ticksEnd
    else { throw .field }
    var seq = first
    repeat {
      switch try reader.u8() {
      case 0xFF: try Self.float(&reader, ticks: &ticks, seq: &seq, emit: emit)
      case 0xFE: try Self.text(&reader, ticks: &ticks, seq: &seq, emit: emit)
      case let channel where Int(channel) < Limits.channelsMax:
        try Self.group(&reader, channel: channel, ticks: &ticks, seq: &seq, emit: emit)
      default: throw .field
      }
    } while reader.remaining > 0
    return (
      index, UInt32(truncatingIfNeeded: first), UInt32(truncatingIfNeeded: seq &- first)
    )
  }

  /// Adds a difference of ticks; the sum stays below 2^48.
  private static func advance(_ ticks: inout UInt64, by: UInt64) throws(Malformed) {
    guard by < Limits.ticksEnd, ticks + by < Limits.ticksEnd else { throw .field }
    ticks += by
  }

  private static func give(
    _ value: Sample.Value, channel: UInt8, ticks: UInt64, seq: inout UInt64,
    emit: (Sample) -> Void
  ) throws(Malformed) {
    guard seq <= UInt64(Limits.seqMax) else { throw .field }
    emit(
      Sample(seq: UInt32(truncatingIfNeeded: seq), ticks: ticks, channel: channel, value: value))
    seq += 1
  }

  private static func single(
    _ reader: inout ByteReader, ticks: inout UInt64
  ) throws(Malformed) -> UInt8 {
    let channel = try reader.u8()
    guard Int(channel) < Limits.channelsMax else { throw .field }
    try advance(&ticks, by: try reader.varint())
    return channel
  }

  private static func float(
    _ reader: inout ByteReader, ticks: inout UInt64, seq: inout UInt64, emit: (Sample) -> Void
  ) throws(Malformed) {
    let channel = try single(&reader, ticks: &ticks)
    let value = Double(bitPattern: try reader.u64())
    try give(.float(value), channel: channel, ticks: ticks, seq: &seq, emit: emit)
  }

  private static func text(
    _ reader: inout ByteReader, ticks: inout UInt64, seq: inout UInt64, emit: (Sample) -> Void
  ) throws(Malformed) {
    let channel = try single(&reader, ticks: &ticks)
    let count = Int(try reader.u8())
    guard count <= Limits.sampleTextBytesMax else { throw .field }
    let offset = try reader.skip(count)
    try give(
      .text(offset: offset, count: count), channel: channel, ticks: ticks, seq: &seq, emit: emit)
  }

  private static func group(
    _ reader: inout ByteReader, channel: UInt8, ticks: inout UInt64, seq: inout UInt64,
    emit: (Sample) -> Void
  ) throws(Malformed) {
    let width = Int(try reader.u8())
    let rows = Int(try reader.u8())
    guard width >= 1, Int(channel) + width <= Limits.channelsMax,
      (1...Limits.rowsMax).contains(rows)
    else { throw .field }
    try advance(&ticks, by: try reader.varint())
    let period = try reader.varint()
    // No value is shorter than one byte: a lie about the size is seen before any work is done.
    guard rows * width <= reader.remaining else { throw .short }
    var row = InlineArray<240, Int64>(repeating: 0)
    for rowIndex in 0..<rows {
      if rowIndex > 0 { try advance(&ticks, by: period) }
      for column in 0..<width {
        let (value, overflow) = row[column].addingReportingOverflow(try reader.zigzag())
        guard !overflow else { throw .field }
        row[column] = value
        try give(
          .integer(value), channel: channel + UInt8(column), ticks: ticks, seq: &seq, emit: emit)
      }
    }
  }
}
