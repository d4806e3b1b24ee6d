/// Reads columns that anybody may have written.
enum ColumnDecoder {
  /// Replaces `numbers` by the `count` numbers of the next column.
  @_lifetime(source: copy source)
  static func decode(
    _ source: inout ByteSource, count: Int, into numbers: inout [Int64]
  ) throws(CodecError) {
    guard count <= Limits.readingsMax else { throw source.error(.count) }
    resize(&numbers, to: count)
    guard count > 0 else { return }
    let start = source.offset
    let head = try source.u8()
    let isCoded = head & IntegerColumn.codedFlag != 0
    guard let mode = IntegerColumn.Mode(rawValue: head & ~IntegerColumn.codedFlag) else {
      throw CodecError(.mode, at: start)
    }
    numbers[0] = try source.zigzag()
    switch mode {
    case .linear:
      if isCoded { throw CodecError(.mode, at: start) }
      let step = count > 1 ? try source.zigzag() : 0
      for index in 1..<max(count, 1) { numbers[index] = numbers[index - 1] &+ step }
    case .plain: try plain(&source, isCoded, into: &numbers)
    case .delta: try delta(&source, isCoded, into: &numbers)
    case .deltaOfDelta: try deltaOfDelta(&source, isCoded, into: &numbers)
    case .grid: try grid(&source, isCoded, into: &numbers)
    }
  }

  private static func resize(_ numbers: inout [Int64], to count: Int) {
    if numbers.count > count {
      numbers.removeLast(numbers.count - count)
    } else {
      numbers.append(contentsOf: repeatElement(0, count: count - numbers.count))
    }
  }

  // MARK: Models

  @_lifetime(source: copy source)
  private static func plain(
    _ source: inout ByteSource, _ isCoded: Bool, into numbers: inout [Int64]
  ) throws(CodecError) {
    let first = numbers[0]
    let divisor = try divisor(&source)
    try residues(&source, isCoded, from: 0, into: &numbers)
    var span = numbers.mutableSpan
    for index in 0..<span.count { span[index] = first &+ divisor &* span[index] }
  }

  @_lifetime(source: copy source)
  private static func delta(
    _ source: inout ByteSource, _ isCoded: Bool, into numbers: inout [Int64]
  ) throws(CodecError) {
    let base = try source.zigzag()
    let divisor = try divisor(&source)
    try residues(&source, isCoded, from: 1, into: &numbers)
    var span = numbers.mutableSpan
    var number = span[0]
    for index in 1..<span.count {
      number &+= base &+ divisor &* span[index]
      span[index] = number
    }
  }

  @_lifetime(source: copy source)
  private static func deltaOfDelta(
    _ source: inout ByteSource, _ isCoded: Bool, into numbers: inout [Int64]
  ) throws(CodecError) {
    guard numbers.count > 1 else { throw source.error(.mode) }
    var step = try source.zigzag()
    let base = try source.zigzag()
    let divisor = try divisor(&source)
    try residues(&source, isCoded, from: 2, into: &numbers)
    var span = numbers.mutableSpan
    var number = span[0] &+ step
    span[1] = number
    for index in 2..<span.count {
      step &+= base &+ divisor &* span[index]
      number &+= step
      span[index] = number
    }
  }

  @_lifetime(source: copy source)
  private static func grid(
    _ source: inout ByteSource, _ isCoded: Bool, into numbers: inout [Int64]
  ) throws(CodecError) {
    let first = numbers[0]
    let whole = try source.zigzag()
    let fraction = UInt16(try source.count(max: Int(UInt16.max)))
    let period = ColumnPeriod(whole: whole, fraction: fraction)
    let divisor = try divisor(&source)
    try residues(&source, isCoded, from: 0, into: &numbers)
    var span = numbers.mutableSpan
    for index in 0..<span.count {
      span[index] = first &+ period.offset(index) &+ divisor &* span[index]
    }
  }

  @_lifetime(source: copy source)
  private static func divisor(_ source: inout ByteSource) throws(CodecError) -> Int64 {
    let start = source.offset
    let divisor = try source.varint()
    guard divisor >= 1, divisor <= 1 << 63 else { throw CodecError(.range, at: start) }
    return Int64(bitPattern: divisor)
  }

  // MARK: Groups

  /// What the model leaves, from a place on.
  @_lifetime(source: copy source)
  private static func residues(
    _ source: inout ByteSource, _ isCoded: Bool, from first: Int, into numbers: inout [Int64]
  ) throws(CodecError) {
    if isCoded {
      try CodedDecoder.decode(&source, from: first, into: &numbers)
    } else {
      try groups(&source, from: first, into: &numbers)
    }
  }

  @_lifetime(source: copy source)
  private static func groups(
    _ source: inout ByteSource, from first: Int, into numbers: inout [Int64]
  ) throws(CodecError) {
    var place = first
    while place < numbers.count {
      let end = min(place + Limits.groupCount, numbers.count)
      try group(&source, place..<end, into: &numbers)
      place = end
    }
  }

  @_lifetime(source: copy source)
  private static func group(
    _ source: inout ByteSource, _ places: Range<Int>, into numbers: inout [Int64]
  ) throws(CodecError) {
    let start = source.offset
    let head = try source.u8()
    let width = Int(head & ~ColumnGroup.exceptionsFlag)
    guard width <= 64 else { throw CodecError(.mode, at: start) }
    let reference = try source.zigzag()
    let bits = places.count * width
    let packed = try source.skip((bits + 7) / 8)
    if bits % 8 != 0, source.bytes[source.offset - 1] &>> UInt8(bits % 8) != 0 {
      throw CodecError(.padding, at: source.offset - 1)
    }
    var span = numbers.mutableSpan
    BitPacking.unpack(
      source.bytes, at: packed, width: width, reference: reference, places, into: &span)
    guard head & ColumnGroup.exceptionsFlag != 0 else { return }
    guard width < 64 else { throw CodecError(.mode, at: start) }
    try exceptions(&source, places, width: width, into: &numbers)
  }

  @_lifetime(source: copy source)
  private static func exceptions(
    _ source: inout ByteSource, _ places: Range<Int>, width: Int, into numbers: inout [Int64]
  ) throws(CodecError) {
    let start = source.offset
    let count = Int(try source.u8())
    guard count >= 1, count <= places.count else { throw CodecError(.count, at: start) }
    let positions = try source.skip(count)
    var previous = -1
    for index in positions..<(positions + count) {
      let position = Int(source.bytes[index])
      guard position > previous, position < places.count else {
        throw CodecError(.order, at: index)
      }
      previous = position
      let at = source.offset
      let high = try source.zigzag()
      guard high != 0 else { throw CodecError(.range, at: at) }
      numbers[places.lowerBound + position] &+= high &<< Int64(width)
    }
  }
}
