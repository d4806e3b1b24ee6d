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
  }

  /// Whole numbers in the place of floats, and those floats for which there are none.
  private struct Scaled {
    let scale: Scale
    var wholes: [Int64] = []
    var places: [Int64] = []
    var exceptions: [Int64] = []
  }

  static func encode(_ patterns: Span<Int64>, to bytes: inout [UInt8]) {
    guard patterns.count > 0 else { return }
    if let scale = scale(patterns, .decimal) ?? scale(patterns, .single),
      let scaled = scaled(patterns, scale), write(scaled, unlessLonger: patterns, to: &bytes)
    {
      return
    }
    bytes.append(Mode.raw.rawValue)
    IntegerColumn.encode(patterns, to: &bytes)
  }

  /// Writes the whole numbers unless the patterns themselves take no more: bytes, or where there
  /// are many by the weight of both columns.
  private static func write(
    _ scaled: Scaled, unlessLonger patterns: Span<Int64>, to bytes: inout [UInt8]
  ) -> Bool {
    guard patterns.count >= Limits.longCountMin else {
      var written: [UInt8] = []
      write(scaled, to: &written)
      var raw: [UInt8] = []
      IntegerColumn.encode(patterns, to: &raw)
      guard written.count <= raw.count else { return false }
      bytes.append(contentsOf: written)
      return true
    }
    var wholes = ColumnWeight(scaled.wholes.span)
    var floats = ColumnWeight(patterns)
    let weighed = min(patterns.count, Limits.weighedGroupsMax * Limits.groupCount)
    let exceptions = 64 * scaled.places.count * weighed / patterns.count
    guard wholes.lightest().bits + exceptions < floats.lightest().bits else { return false }
    write(scaled, to: &bytes)
    return true
  }

  /// The number of digits with the fewest exceptions, of equals the smallest; nil where every one
  /// has more than one float in eight. Of a long column only some floats are looked at.
  private static func scale(_ patterns: Span<Int64>, _ mode: Mode) -> Scale? {
    let looked =
      patterns.count < Limits.longCountMin ? patterns.count : Limits.sampledMax
    var best: Scale?
    var limit = looked / Limits.floatsPerException
    for digits in 0...Limits.digitsMax {
      let power = powerOfTen(digits)
      var exceptions = 0
      for index in 0..<looked {
        if whole(patterns[index * patterns.count / looked], power, mode) == nil {
          exceptions += 1
          if exceptions > limit { break }
        }
      }
      guard exceptions <= limit else { continue }
      best = Scale(mode: mode, digits: digits)
      if exceptions == 0 { return best }
      limit = exceptions - 1
    }
    return best
  }

  /// All floats scaled; nil where that leaves too many exceptions.
  private static func scaled(_ patterns: Span<Int64>, _ scale: Scale) -> Scaled? {
    let power = powerOfTen(scale.digits)
    let limit = patterns.count / Limits.floatsPerException
    var scaled = Scaled(scale: scale)
    scaled.wholes.reserveCapacity(patterns.count)
    var last: Int64 = 0
    for index in 0..<patterns.count {
      if let whole = whole(patterns[index], power, scale.mode) {
        last = whole
      } else {
        guard scaled.places.count < limit else { return nil }
        scaled.places.append(Int64(index))
        scaled.exceptions.append(patterns[index])
      }
      scaled.wholes.append(last)
    }
    return scaled
  }

  private static func write(_ scaled: Scaled, to bytes: inout [UInt8]) {
    bytes.append(scaled.scale.mode.rawValue)
    bytes.append(UInt8(scaled.scale.digits))
    bytes.appendVarint(scaled.places.count)
    IntegerColumn.encode(scaled.places.span, to: &bytes)
    IntegerColumn.encode(scaled.exceptions.span, to: &bytes)
    IntegerColumn.encode(scaled.wholes.span, to: &bytes)
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
