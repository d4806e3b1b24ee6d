import Codec

extension FuzzCheck {
  /// Contents of blocks, summaries and columns. The first byte says which: 0 a content, 1 a
  /// summary (of minutes where its own first byte says so), else a column of so many numbers. What
  /// is taken is the same after it was encoded.
  public static let blocks = FuzzCheck(
    name: "blocks",
    problem: { bytes in
      guard let sort = bytes.first else { return nil }
      let body = Array(bytes.dropFirst())
      switch sort {
      case 0: return content(body)
      case 1: return summary(body)
      default: return column(body, count: Int(sort))
      }
    },
    seeds: {
      Seeds.codec.compactMap { seed in
        switch seed.form {
        case "block": return [0] + seed.bytes
        case "summary", "minutes": return [1] + seed.bytes
        default:
          guard seed.form.hasPrefix("column-"),
            let count = UInt8(seed.form.dropFirst("column-".count)), count > 1
          else { return nil }
          return [count] + seed.bytes
        }
      }
    })

  private static func content(_ bytes: [UInt8]) -> String? {
    var times: [Int64] = []
    var values: [Int64] = []
    let quick = read { () throws(CodecError) in
      try BlockCodec.decode(bytes.span, times: &times, values: &values)
    }
    let whole = read { () throws(CodecError) in try BlockCodec.decode(bytes.span) }
    guard let content = whole else { return nil }
    return Broken.problem { () throws(Broken) in
      try Broken.expect(quick == content.description, "a query does not read what is a block")
      try Broken.expect(times == content.times && values == content.values, "other readings")
      // A few bytes may say tens of thousands of readings: fuzzing goes on with those of a few.
      guard content.count <= 2_000 else { return }
      let canonical = BlockCodec.encode(content)
      let again = read { () throws(CodecError) in try BlockCodec.decode(canonical.span) }
      try Broken.expect(again == content, "a block changes when it is written again")
      try rollup(of: content)
    }
  }

  /// Minutes and quarters of the same readings come to the same.
  private static func rollup(of content: BlockContent) throws(Broken) {
    guard let quarters = SummaryCodec.summaries(of: content),
      let minutes = SummaryCodec.summaries(of: content, by: .minutes)
    else { return }
    let form = content.description.form
    let bytes = SummaryCodec.encode(minutes, form: form, by: .minutes)
    let again = read { () throws(CodecError) in
      try SummaryCodec.decode(bytes.span, by: .minutes)
    }
    try Broken.expect(again == minutes, "minutes change when they are written")
    try Broken.expect(
      read { () throws(CodecError) in try SummaryCodec.decode(bytes.span) } == nil,
      "minutes are taken for quarters")
    try Broken.expect(
      minutes.reduce(0) { $0 + $1.count } == quarters.reduce(0) { $0 + $1.count },
      "minutes of other readings")
  }

  private static func summary(_ bytes: [UInt8]) -> String? {
    let grain: SummaryGrain = bytes.first == 2 ? .minutes : .quarters
    let decoded = read { () throws(CodecError) in
      try SummaryCodec.decode(bytes.span, by: grain)
    }
    guard let quarters = decoded, !quarters.isEmpty, quarters.count <= 2_000 else { return nil }
    let form: BlockDescription.Form = bytes[1] == 1 ? .float : .decimal(exponent: 0)
    let canonical = SummaryCodec.encode(quarters, form: form, by: grain)
    let again = read { () throws(CodecError) in try SummaryCodec.decode(canonical.span, by: grain) }
    return again == quarters ? nil : "a summary changes when it is written again"
  }

  private static func column(_ bytes: [UInt8], count: Int) -> String? {
    let decoded = read { () throws(CodecError) in
      try IntegerColumn.decode(bytes.span, count: count)
    }
    guard let numbers = decoded else { return nil }
    let canonical = IntegerColumn.encode(numbers)
    let again = read { () throws(CodecError) in
      try IntegerColumn.decode(canonical.span, count: count)
    }
    return again == numbers ? nil : "a column changes when it is written again"
  }

  private static func read<Content>(_ decode: () throws(CodecError) -> Content) -> Content? {
    do throws(CodecError) {
      return try decode()
    } catch {
      return nil
    }
  }
}
