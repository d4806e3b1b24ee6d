/// The summaries of a block by quarters of an hour or by minutes, and their bytes: canonical
/// (docs/storage-format.md, sections 9 and 11).
public enum SummaryCodec {
  /// The flag of summaries of float64.
  private static let floatFlag: UInt8 = 1

  /// Sums a content up, in the order of the quarters (or minutes); nil for texts, and where a sum
  /// of mantissas passes 64 bits.
  public static func summaries(
    of content: BlockContent, by grain: SummaryGrain = .quarters
  ) -> [QuarterSummary]? {
    guard content.description.form != .text else { return nil }
    var summarizer = Summarizer(content.description, grain)
    for index in 0..<content.count {
      guard summarizer.add(time: content.times[index], value: content.values[index]) else {
        return nil
      }
    }
    return summarizer.quarters
  }

  /// Encodes the summaries of one block; no bytes for none.
  public static func encode(
    _ summaries: [QuarterSummary]?, form: BlockDescription.Form,
    by grain: SummaryGrain = .quarters
  ) -> [UInt8] {
    guard let summaries, !summaries.isEmpty, form != .text else { return [] }
    precondition(
      summaries.count <= Limits.quartersMax, "a summary of \(summaries.count) quarters")
    let isFloat = form == .float
    var bytes = [grain.version, isFloat ? floatFlag : 0]
    bytes.appendVarint(summaries.count)
    func column(_ path: (QuarterSummary) -> Int64, floats: Bool = false) {
      let numbers = summaries.map(path)
      if floats {
        FloatColumn.encode(numbers.span, to: &bytes)
      } else {
        IntegerColumn.encode(numbers.span, to: &bytes)
      }
    }
    column { $0.quarter }
    column { $0.count }
    if isFloat { column { $0.numbers } }
    column({ $0.min }, floats: isFloat)
    column({ $0.max }, floats: isFloat)
    column({ $0.sum }, floats: isFloat)
    return bytes
  }

  /// Decodes the summaries of one block, in the order of the quarters; none where there are no
  /// bytes.
  ///
  /// Keeps at most `Limits.quartersMax` summaries and as many numbers of five columns.
  public static func decode(
    _ bytes: Span<UInt8>, by grain: SummaryGrain = .quarters
  ) throws(CodecError) -> [QuarterSummary] {
    guard bytes.count > 0 else { return [] }
    var source = ByteSource(bytes)
    guard try source.u8() == grain.version else { throw CodecError(.version, at: 0) }
    let flags = try source.u8()
    guard flags <= floatFlag else { throw CodecError(.mode, at: 1) }
    let isFloat = flags == floatFlag
    let count = try source.count(min: 1, max: Limits.quartersMax)
    var column: [Int64] = []
    try ColumnDecoder.decode(&source, count: count, into: &column)
    var summaries: [QuarterSummary] = []
    summaries.reserveCapacity(count)
    for quarter in column {
      if let last = summaries.last, last.quarter >= quarter { throw source.error(.order) }
      summaries.append(
        QuarterSummary(quarter: quarter, count: 0, numbers: 0, min: 0, max: 0, sum: 0))
    }
    try counts(&source, isFloat: isFloat, &column, &summaries)
    try numbers(&source, isFloat, &column)
    for index in 0..<count { summaries[index].min = column[index] }
    try numbers(&source, isFloat, &column)
    for index in 0..<count { summaries[index].max = column[index] }
    try numbers(&source, isFloat, &column)
    for index in 0..<count { summaries[index].sum = column[index] }
    try source.end()
    return summaries
  }

  @_lifetime(source: copy source)
  private static func counts(
    _ source: inout ByteSource, isFloat: Bool, _ column: inout [Int64],
    _ summaries: inout [QuarterSummary]
  ) throws(CodecError) {
    let start = source.offset
    let count = summaries.count
    try ColumnDecoder.decode(&source, count: count, into: &column)
    for index in 0..<count {
      guard column[index] >= 1, column[index] <= Int64(Limits.readingsMax) else {
        throw CodecError(.range, at: start)
      }
      summaries[index].count = column[index]
    }
    if isFloat { try ColumnDecoder.decode(&source, count: count, into: &column) }
    for index in 0..<count {
      guard column[index] >= 0, column[index] <= summaries[index].count else {
        throw CodecError(.range, at: start)
      }
      summaries[index].numbers = column[index]
    }
  }

  @_lifetime(source: copy source)
  private static func numbers(
    _ source: inout ByteSource, _ isFloat: Bool, _ column: inout [Int64]
  ) throws(CodecError) {
    let count = column.count
    if isFloat {
      try FloatColumn.decode(&source, count: count, into: &column)
    } else {
      try ColumnDecoder.decode(&source, count: count, into: &column)
    }
  }
}
