/// A column of float64 bit patterns as bytes, exact for every one of them (docs/storage-format.md,
/// section 7).
///
/// What a person or a sensor wrote in decimal comes back from a whole number divided by a power of
/// ten, which IEEE 754 rounds correctly; such columns are kept as whole numbers, with the few that
/// do not come back (NaN, infinities, -0 among them) beside them. Others are kept as bit patterns.
enum FloatColumn {
  /// How the floats are kept. Raw values are on disk: never renumber.
  enum Mode: UInt8 {
    /// Bit patterns.
    case raw = 0
    /// Whole numbers, divided by a power of ten as float64.
    case decimal = 1
    /// The same, rounded to float32: what a board computed in single precision.
    case single = 2
  }

  /// Whole numbers that a float64 holds with room for rounding: below 2^51.
  static let wholeEnd = 2_251_799_813_685_248.0
  /// Adding and taking away 1.5 * 2^52 rounds to the nearest whole number, ties to even, in a
  /// double of less than 2^51.
  private static let rounding = 6_755_399_441_055_744.0

  /// How a column is divided: by ten to the power of `digits`.
  private struct Scale {
    var mode: Mode
    var digits: Int
    var exceptions: Int
  }

  static func encode(_ patterns: Span<Int64>, to bytes: inout [UInt8]) {
    guard patterns.count > 0 else { return }
    var raw: [UInt8] = [Mode.raw.rawValue]
    IntegerColumn.encode(patterns, to: &raw)
    if let scale = scale(patterns, .decimal) ?? scale(patterns, .single) {
      let scaled = encode(patterns, scale)
      if scaled.count < raw.count {
        bytes.append(contentsOf: scaled)
        return
      }
    }
    bytes.append(contentsOf: raw)
  }

  /// The number of digits with the fewest exceptions, of equals the smallest; nil where every one
  /// has more than one float in eight.
  private static func scale(_ patterns: Span<Int64>, _ mode: Mode) -> Scale? {
    var best: Scale?
    var limit = patterns.count / Limits.floatsPerException
    for digits in 0...Limits.digitsMax {
      let power = powerOfTen(digits)
      var exceptions = 0
      for index in 0..<patterns.count {
        if whole(patterns[index], power, mode) == nil {
          exceptions += 1
          if exceptions > limit { break }
        }
      }
      guard exceptions <= limit else { continue }
      best = Scale(mode: mode, digits: digits, exceptions: exceptions)
      if exceptions == 0 { return best }
      limit = exceptions - 1
    }
    return best
  }

  private static func encode(_ patterns: Span<Int64>, _ scale: Scale) -> [UInt8] {
    let power = powerOfTen(scale.digits)
    var wholes: [Int64] = []
    var places: [Int64] = []
    var exceptions: [Int64] = []
    wholes.reserveCapacity(patterns.count)
    for index in 0..<patterns.count {
      if let whole = whole(patterns[index], power, scale.mode) {
        wholes.append(whole)
      } else {
        wholes.append(wholes.last ?? 0)
        places.append(Int64(index))
        exceptions.append(patterns[index])
      }
    }
    var bytes = [scale.mode.rawValue, UInt8(scale.digits)]
    bytes.appendVarint(places.count)
    IntegerColumn.encode(places.span, to: &bytes)
    IntegerColumn.encode(exceptions.span, to: &bytes)
    IntegerColumn.encode(wholes.span, to: &bytes)
    return bytes
  }

  /// The whole number that comes back as exactly this float; nil where none does.
  private static func whole(_ pattern: Int64, _ power: Double, _ mode: Mode) -> Int64? {
    let scaled = Double(bitPattern: UInt64(bitPattern: pattern)) * power
    guard scaled > -wholeEnd, scaled < wholeEnd else { return nil }
    let whole = Int64((scaled + rounding) - rounding)
    return self.pattern(whole, power, mode) == pattern ? whole : nil
  }

  static func powerOfTen(_ digits: Int) -> Double {
    var power = 1.0
    for _ in 0..<digits { power *= 10 }
    return power
  }

  @inline(__always)
  private static func pattern(_ whole: Int64, _ power: Double, _ mode: Mode) -> Int64 {
    let quotient = Double(whole) / power
    let exact = mode == .single ? Double(Float(quotient)) : quotient
    return Int64(bitPattern: exact.bitPattern)
  }

  // MARK: Decoding

  @_lifetime(source: copy source)
  static func decode(
    _ source: inout ByteSource, count: Int, into patterns: inout [Int64]
  ) throws(CodecError) {
    guard count > 0 else { return patterns.removeAll(keepingCapacity: true) }
    let start = source.offset
    guard let mode = Mode(rawValue: try source.u8()) else { throw CodecError(.mode, at: start) }
    guard mode != .raw else {
      return try ColumnDecoder.decode(&source, count: count, into: &patterns)
    }
    let digits = try source.count(max: Limits.digitsMax)
    let exceptionCount = try source.count(max: count / Limits.floatsPerException)
    var places: [Int64] = []
    var exceptions: [Int64] = []
    let placesStart = source.offset
    try ColumnDecoder.decode(&source, count: exceptionCount, into: &places)
    try ColumnDecoder.decode(&source, count: exceptionCount, into: &exceptions)
    try ColumnDecoder.decode(&source, count: count, into: &patterns)
    divide(&patterns, powerOfTen(digits), mode)
    var previous: Int64 = -1
    for index in places.indices {
      guard places[index] > previous, places[index] < Int64(count) else {
        throw CodecError(.order, at: placesStart)
      }
      previous = places[index]
      patterns[Int(previous)] = exceptions[index]
    }
  }

  private static func divide(_ patterns: inout [Int64], _ power: Double, _ mode: Mode) {
    var span = patterns.mutableSpan
    if mode == .single {
      for index in 0..<span.count { span[index] = pattern(span[index], power, .single) }
    } else {
      for index in 0..<span.count { span[index] = pattern(span[index], power, .decimal) }
    }
  }
}
