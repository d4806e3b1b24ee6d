/// A column of 64-bit integers as bytes: exact for every content, and canonical: the same numbers
/// give the same bytes (docs/storage-format.md, section 7).
///
/// A model predicts each number, and what it is off by is packed in groups of 64. Of all models the
/// one with the fewest bytes is taken, of equals the one with the lowest number. All arithmetic is
/// modulo 2^64.
public enum IntegerColumn {
  /// What the numbers are held against. Raw values are on disk: never renumber.
  enum Mode: UInt8 {
    /// The same step between all of them.
    case linear = 0
    /// Nothing: the numbers themselves.
    case plain = 1
    /// The number before.
    case delta = 2
    /// The number before and the step to it.
    case deltaOfDelta = 3
    /// A clock that starts with the first and has an even period.
    case grid = 4
  }

  /// The bit beside the mode: what the model leaves is coded, not packed.
  static let codedFlag: UInt8 = 8

  /// Appends a column.
  public static func encode(_ numbers: Span<Int64>, to bytes: inout [UInt8]) {
    precondition(numbers.count <= Limits.readingsMax, "a column of \(numbers.count)")
    var encoder = ColumnEncoder(numbers)
    encoder.encode(to: &bytes)
  }

  /// A column alone.
  public static func encode(_ numbers: [Int64]) -> [UInt8] {
    var bytes: [UInt8] = []
    encode(numbers.span, to: &bytes)
    return bytes
  }

  /// Reads a column of `count` numbers that begins at `offset`, and moves that behind it.
  ///
  /// Keeps `count` numbers, at most `Limits.readingsMax`, whatever the bytes say.
  public static func decode(
    _ bytes: Span<UInt8>, at offset: inout Int, count: Int
  ) throws(CodecError) -> [Int64] {
    var numbers: [Int64] = []
    var source = ByteSource(bytes, at: offset)
    try ColumnDecoder.decode(&source, count: count, into: &numbers)
    offset = source.offset
    return numbers
  }

  /// Reads a column of `count` numbers that takes all the bytes.
  public static func decode(_ bytes: Span<UInt8>, count: Int) throws(CodecError) -> [Int64] {
    var offset = 0
    let numbers = try decode(bytes, at: &offset, count: count)
    guard offset == bytes.count else { throw CodecError(.leftover, at: offset) }
    return numbers
  }
}
