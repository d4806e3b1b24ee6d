/// How a group of at most 64 numbers is packed: a reference, a width in bits for what they are
/// above it, and the exceptions that this width does not hold.
struct ColumnGroup {
  /// The high bit of the byte that holds the width: exceptions follow.
  static let exceptionsFlag: UInt8 = 0x80

  var reference: Int64
  var width: Int
  /// All its bytes.
  var size: Int

  /// The smallest way to write the numbers: one of the three smallest of them is the reference (so
  /// that one or two outliers below do not widen the rest); of equals the lowest reference and
  /// then the greatest width.
  init(_ numbers: Span<Int64>) {
    let (first, second, third) = Self.smallest(numbers)
    self.init(numbers, reference: first)
    if numbers.count > 1, second != first { improve(with: Self(numbers, reference: second)) }
    if numbers.count > 2, third != second { improve(with: Self(numbers, reference: third)) }
  }

  private mutating func improve(with other: Self) {
    if other.size < size { self = other }
  }

  private static func smallest(_ numbers: Span<Int64>) -> (Int64, Int64, Int64) {
    var (first, second, third) = (Int64.max, Int64.max, Int64.max)
    for index in 0..<numbers.count {
      let number = numbers[index]
      if number >= third { continue }
      if number >= second {
        third = number
      } else if number >= first {
        (second, third) = (number, second)
      } else {
        (first, second, third) = (number, first, second)
      }
    }
    return (first, second, third)
  }

  private init(_ numbers: Span<Int64>, reference: Int64) {
    self.reference = reference
    // What each number is above the reference: by its bits where that is not negative, and by the
    // bits of its complement where it is (below the reference, or 2^63 and more above it).
    var above = InlineArray<65, UInt8>(repeating: 0)
    var below = InlineArray<65, UInt8>(repeating: 0)
    var belowCount = 0
    var all: UInt64 = 0
    for index in 0..<numbers.count {
      let distance = numbers[index] &- reference
      if distance >= 0 {
        all |= UInt64(bitPattern: distance)
        above[bitLength(UInt64(bitPattern: distance))] += 1
      } else {
        below[bitLength(UInt64(bitPattern: ~distance))] += 1
        belowCount += 1
      }
    }
    let head = 1 + varintSize(ZigZag.encode(reference))
    let top = bitLength(all)
    width = belowCount > 0 ? 64 : top
    size = head + (numbers.count * width + 7) / 8
    choose(head: head, top: top, count: numbers.count, above, below, belowCount)
  }

  /// Tries every narrower width. The bytes of its exceptions are at least one for each and a
  /// seventh of the bits that do not fit: where that is too much already, they are not counted out.
  /// A bit less saves an eighth of a byte for each number, and costs a seventh for each exception
  /// that has a bit to lose: with so many of these that it saves nothing, no width is tried more.
  private mutating func choose(
    head: Int, top: Int, count: Int, _ above: InlineArray<65, UInt8>,
    _ below: InlineArray<65, UInt8>, _ belowCount: Int
  ) {
    let widest = belowCount > 0 ? top : top - 1
    var exceptions = belowCount
    var spilled = belowCount
    var belowLonger = 0
    if belowCount > 0 {
      for bits in stride(from: 64, to: widest + 1, by: -1) where below[bits] > 0 {
        belowLonger += Int(below[bits])
        spilled += Int(below[bits]) * (bits - widest - 1)
      }
    }
    for narrower in stride(from: widest, through: 0, by: -1) {
      let leaving = Int(above[narrower + 1])
      belowLonger += Int(below[narrower + 1])
      spilled += exceptions - belowCount + 2 * leaving + belowLonger
      exceptions += leaving
      let packed = head + (count * narrower + 7) / 8 + 1
      guard packed + exceptions + (spilled + 6) / 7 < size else {
        let longer = exceptions - belowCount + belowLonger
        let least = 56 * (head + 1 + exceptions) + 7 * count * narrower + 8 * spilled
        if 8 * longer >= 7 * count, least >= 56 * size { return }
        continue
      }
      var total = packed + exceptions
      for bits in stride(from: top, to: narrower, by: -1) where above[bits] > 0 {
        total += Int(above[bits]) * varintSize(bits: bits - narrower + 1)
      }
      if belowCount > 0 {
        for bits in 0...63 where below[bits] > 0 {
          total += Int(below[bits]) * varintSize(bits: max(bits - narrower, 0) + 1)
        }
      }
      if total < size { (width, size) = (narrower, total) }
    }
  }

  /// Appends the group.
  func write(_ numbers: Span<Int64>, to bytes: inout [UInt8]) {
    let place = bytes.count
    bytes.append(UInt8(width))
    bytes.appendZigzag(reference)
    pack(numbers, to: &bytes)
    guard width < 64 else { return }
    var exceptions = 0
    let countPlace = bytes.count
    for index in 0..<numbers.count where high(numbers[index]) != 0 {
      if exceptions == 0 { bytes.append(0) }
      exceptions += 1
      bytes.append(UInt8(index))
    }
    guard exceptions > 0 else { return }
    bytes[place] |= Self.exceptionsFlag
    bytes[countPlace] = UInt8(exceptions)
    for index in 0..<numbers.count where high(numbers[index]) != 0 {
      bytes.appendZigzag(high(numbers[index]))
    }
  }

  /// What a number is above the reference, without the bits that the width holds.
  private func high(_ number: Int64) -> Int64 { (number &- reference) &>> Int64(width) }

  private func pack(_ numbers: Span<Int64>, to bytes: inout [UInt8]) {
    guard width > 0 else { return }
    var bits = BitSink(at: bytes.count)
    bytes.beginBits(bytes: (numbers.count * width + 7) / 8)
    var span = bytes.mutableSpan
    // Any bytes are a number.
    var target = unsafe span.mutableBytes
    for index in 0..<numbers.count {
      bits.append(UInt64(bitPattern: numbers[index] &- reference), count: width, into: &target)
    }
    _ = bits.finish(into: &target)
    bytes.endBits()
  }
}
