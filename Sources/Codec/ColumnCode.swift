/// How the numbers that a model leaves are coded instead of packed: each group of 64 has a mean,
/// and the distances to it have a Huffman code of their own.
struct ColumnCode {
  private var lengths = InlineArray<91, UInt8>(repeating: 0)
  /// Symbols up to the last that occurs.
  private var symbolsUsed = 0
  /// Bytes of each lane.
  private var laneBytes = InlineArray<4, Int>(repeating: 0)
  /// All bytes of the coded form.
  private(set) var size = 0

  /// Counts the distances and makes the code.
  init(_ numbers: Span<Int64>) {
    var counts = InlineArray<4, InlineArray<91, Int>>(repeating: .init(repeating: 0))
    let laneNumbers = CodedDecoder.groupsPerLane(count: numbers.count) * Limits.groupCount
    var before: Int64 = 0
    for start in stride(from: 0, to: numbers.count, by: Limits.groupCount) {
      let group = Self.group(numbers, from: start)
      let mean = Self.mean(group)
      size += varintSize(ZigZag.encode(mean &- before))
      before = mean
      let lane = start / laneNumbers
      for index in 0..<group.count {
        counts[lane][SymbolCode.symbol(of: ZigZag.encode(group[index] &- mean))] += 1
      }
    }
    var all = counts[0]
    for symbol in 0..<SymbolCode.symbolCount {
      for lane in 1..<CodedDecoder.laneCount { all[symbol] += counts[lane][symbol] }
      if all[symbol] > 0 { symbolsUsed = symbol + 1 }
    }
    lengths = SymbolCode.lengths(all)
    size += 1 + (symbolsUsed + 1) / 2
    for lane in 0..<CodedDecoder.laneCount {
      var bits = 0
      for symbol in 0..<symbolsUsed {
        bits += counts[lane][symbol] * (Int(lengths[symbol]) + SymbolCode.extraBits(symbol))
      }
      laneBytes[lane] = (bits + 7) / 8
      size += varintSize(UInt64(laneBytes[lane])) + laneBytes[lane]
    }
  }

  @_lifetime(copy numbers)
  private static func group(_ numbers: Span<Int64>, from start: Int) -> Span<Int64> {
    numbers.extracting(start..<min(start + Limits.groupCount, numbers.count))
  }

  /// The mean, rounded towards the first number, modulo 2^64.
  @inline(__always)
  static func mean(_ group: Span<Int64>) -> Int64 {
    let first = group[0]
    var sum: Int64 = 0
    for index in 0..<group.count { sum &+= group[index] &- first }
    return first &+ sum / Int64(group.count)
  }

  /// Appends the coded form: the lengths, the means, the lanes.
  func write(_ numbers: Span<Int64>, to bytes: inout [UInt8]) {
    bytes.append(UInt8(symbolsUsed))
    for symbol in stride(from: 0, to: symbolsUsed, by: 2) {
      let second = symbol + 1 < symbolsUsed ? lengths[symbol + 1] : 0
      bytes.append(lengths[symbol] | second &<< 4)
    }
    var before: Int64 = 0
    for start in stride(from: 0, to: numbers.count, by: Limits.groupCount) {
      let mean = Self.mean(Self.group(numbers, from: start))
      bytes.appendZigzag(mean &- before)
      before = mean
    }
    for lane in 0..<CodedDecoder.laneCount { bytes.appendVarint(laneBytes[lane]) }
    let codes = SymbolCode.codes(lengths)
    let laneNumbers = CodedDecoder.groupsPerLane(count: numbers.count) * Limits.groupCount
    var end = bytes.count
    bytes.beginBits(bytes: laneBytes[0] + laneBytes[1] + laneBytes[2] + laneBytes[3])
    var span = bytes.mutableSpan
    // Any bytes are a number.
    var target = unsafe span.mutableBytes
    for lane in stride(from: 0, to: numbers.count, by: laneNumbers) {
      var bits = BitSink(at: end)
      for start in stride(
        from: lane, to: min(lane + laneNumbers, numbers.count), by: Limits.groupCount)
      {
        write(Self.group(numbers, from: start), codes, &bits, into: &target)
      }
      end = bits.finish(into: &target)
    }
    bytes.endBits()
  }

  @inline(__always)
  private func write(
    _ group: Span<Int64>, _ codes: InlineArray<91, UInt16>, _ bits: inout BitSink,
    into bytes: inout MutableRawSpan
  ) {
    let mean = Self.mean(group)
    for index in 0..<group.count {
      let distance = ZigZag.encode(group[index] &- mean)
      let symbol = SymbolCode.symbol(of: distance)
      bits.append(UInt64(codes[symbol]), count: Int(lengths[symbol]), into: &bytes)
      let extra = SymbolCode.extraBits(symbol)
      if extra > 0 { bits.append(distance, count: extra, into: &bytes) }
    }
  }
}
