/// Reads four lanes of codes.
struct LaneReader {
  /// Bytes that must be there behind the last lane, since eight are loaded at once.
  static let margin = 8

  /// Where each lane stands and where it ends, in bits.
  private var bit = InlineArray<4, Int>(repeating: 0)
  private var end = InlineArray<4, Int>(repeating: 0)

  /// Lanes one after the other from a byte on, each up to its end behind that.
  init(start: Int, ends: InlineArray<4, Int>) {
    for lane in 0..<CodedDecoder.laneCount {
      bit[lane] = (start + (lane == 0 ? 0 : ends[lane - 1])) * 8
      end[lane] = (start + ends[lane]) * 8
    }
  }

  mutating func read(
    _ bytes: Span<UInt8>, _ table: Span<UInt16>, _ means: Span<Int64>, from first: Int,
    into numbers: inout MutableSpan<Int64>
  ) throws(CodecError) {
    let perLane = CodedDecoder.groupsPerLane(count: numbers.count - first)
    // As long as the last lane has whole groups, all have.
    let whole = max(0, (numbers.count - first) / Limits.groupCount - 3 * perLane)
    for group in 0..<whole {
      try readFour(bytes, table, means, group, perLane, from: first, into: &numbers)
    }
    for lane in 0..<CodedDecoder.laneCount {
      let groups = (lane * perLane + whole)..<((lane + 1) * perLane)
      for group in groups where group < means.count {
        try readOne(bytes, table, means[group], lane, group, from: first, into: &numbers)
      }
      try finish(bytes, lane)
    }
  }

  private mutating func readFour(
    _ bytes: Span<UInt8>, _ table: Span<UInt16>, _ means: Span<Int64>, _ group: Int,
    _ perLane: Int, from first: Int, into numbers: inout MutableSpan<Int64>
  ) throws(CodecError) {
    let step = perLane * Limits.groupCount
    let place = first + group * Limits.groupCount
    let (mean0, mean1) = (means[group], means[group + perLane])
    let (mean2, mean3) = (means[group + 2 * perLane], means[group + 3 * perLane])
    var (bit0, bit1, bit2, bit3) = (bit[0], bit[1], bit[2], bit[3])
    for index in place..<(place + Limits.groupCount) {
      let distance0 = try Self.next(bytes, table, &bit0, end[0])
      let distance1 = try Self.next(bytes, table, &bit1, end[1])
      let distance2 = try Self.next(bytes, table, &bit2, end[2])
      let distance3 = try Self.next(bytes, table, &bit3, end[3])
      numbers[index] = mean0 &+ distance0
      numbers[index + step] = mean1 &+ distance1
      numbers[index + 2 * step] = mean2 &+ distance2
      numbers[index + 3 * step] = mean3 &+ distance3
    }
    (bit[0], bit[1], bit[2], bit[3]) = (bit0, bit1, bit2, bit3)
  }

  private mutating func readOne(
    _ bytes: Span<UInt8>, _ table: Span<UInt16>, _ mean: Int64, _ lane: Int, _ group: Int,
    from first: Int, into numbers: inout MutableSpan<Int64>
  ) throws(CodecError) {
    let place = first + group * Limits.groupCount
    for index in place..<min(place + Limits.groupCount, numbers.count) {
      numbers[index] = mean &+ (try Self.next(bytes, table, &bit[lane], end[lane]))
    }
  }

  /// A lane ends within its last byte, and what is left of that is zero.
  private func finish(_ bytes: Span<UInt8>, _ lane: Int) throws(CodecError) {
    guard bit[lane] <= end[lane] else { throw CodecError(.truncated, at: end[lane] / 8) }
    guard end[lane] - bit[lane] < 8 else { throw CodecError(.leftover, at: bit[lane] / 8) }
    if bit[lane] % 8 != 0, bytes[bit[lane] / 8] &>> UInt8(bit[lane] % 8) != 0 {
      throw CodecError(.padding, at: bit[lane] / 8)
    }
  }

  /// The next distance of a lane. One that begins before the end of its lane is read, even where it
  /// would pass it: `finish` sees that, and eight bytes are there.
  @inline(__always)
  private static func next(
    _ bytes: Span<UInt8>, _ table: Span<UInt16>, _ bit: inout Int, _ end: Int
  ) throws(CodecError) -> Int64 {
    guard bit < end else { throw CodecError(.truncated, at: bit &>> 3) }
    // A table has an entry for every eleven bits.
    let entry = unsafe table[unchecked: Int(load(bytes, bit) & 2047)]
    bit &+= Int(entry & 15)
    guard entry >= 32 << 4 else {
      guard entry != 0 else { throw CodecError(.range, at: bit &>> 3) }
      return ZigZag.decode(UInt64(entry &>> 4))
    }
    let extra = SymbolCode.extraBits(Int(entry &>> 4))
    guard bit + extra <= end else { throw CodecError(.truncated, at: bit &>> 3) }
    var low = load(bytes, bit)
    if extra > 57 {
      // Eight bytes may hold no more than 57 of the bits: the rest comes from the last seven.
      low = low & ((1 &<< 56) &- 1) | load(bytes, bit + 56) &<< 56
    }
    bit &+= extra
    return ZigZag.decode(1 &<< UInt64(extra) | low & ((1 &<< UInt64(extra)) &- 1))
  }

  /// Eight bytes from the one that holds a bit, shifted down to it. The bit is in a lane, so that
  /// with the margin behind the last one eight bytes are there.
  @inline(__always)
  private static func load(_ bytes: Span<UInt8>, _ bit: Int) -> UInt64 {
    let raw = unsafe bytes.bytes
    let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: bit &>> 3, as: UInt64.self)
    return UInt64(littleEndian: word) &>> UInt64(bit & 7)
  }
}
