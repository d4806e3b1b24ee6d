/// The content of a block as bytes: canonical, before any packing (docs/storage-format.md,
/// section 8).
public enum BlockCodec {
  /// Encodes a content. One that is none is our own mistake: no reading, columns of different
  /// lengths, commits that do not add up, more than `Limits` allows.
  public static func encode(_ content: BlockContent) -> [UInt8] {
    check(content)
    var bytes: [UInt8] = []
    // What most take, of floats all there can be: a long content is not moved while it grows.
    bytes.reserveCapacity(content.count * (content.description.form == .float ? 9 : 1) + 64)
    BlockHead(
      description: content.description, count: content.count, firstCommit: content.firstCommit,
      commitCount: content.commits.count
    ).write(to: &bytes)
    IntegerColumn.encode(content.commits.span, to: &bytes)
    IntegerColumn.encode(content.seqs.span, to: &bytes)
    IntegerColumn.encode(content.times.span, to: &bytes)
    switch content.description.form {
    case .decimal: IntegerColumn.encode(content.values.span, to: &bytes)
    case .float: FloatColumn.encode(content.values.span, to: &bytes)
    case .text:
      let lengths = content.texts.map { Int64($0.count) }
      IntegerColumn.encode(lengths.span, to: &bytes)
      for text in content.texts { bytes.append(contentsOf: text) }
    }
    return bytes
  }

  private static func check(_ content: BlockContent) {
    let count = content.count
    precondition(count >= 1 && count <= Limits.readingsMax, "a block of \(count) readings")
    precondition(content.seqs.count == count, "\(content.seqs.count) seqs of \(count)")
    let numbers = content.description.form == .text ? 0 : count
    precondition(content.values.count == numbers, "\(content.values.count) values of \(count)")
    precondition(content.texts.count == count - numbers, "\(content.texts.count) texts of \(count)")
    precondition(
      content.commits.count >= 1 && content.commits.count <= Limits.commitsMax
        && isSum(content.commits, count), "commits that do not hold \(count) readings")
    precondition(
      content.firstCommit >= 0 && content.firstCommit <= Int64(UInt32.max),
      "first commit \(content.firstCommit)")
    for text in content.texts {
      precondition(text.count <= Limits.textBytesMax, "a text of \(text.count) bytes")
    }
  }

  /// Whether the parts, none negative, are so many together.
  private static func isSum(_ parts: [Int64], _ count: Int) -> Bool {
    var rest = Int64(count)
    for part in parts {
      guard part >= 0, part <= rest else { return false }
      rest -= part
    }
    return rest == 0
  }

  /// Decodes a whole content.
  ///
  /// Keeps, whatever the bytes say, at most four columns of `Limits.readingsMax` numbers, as many
  /// array headers, and the bytes of the texts, which are no more than those given.
  public static func decode(_ bytes: Span<UInt8>) throws(CodecError) -> BlockContent {
    var source = ByteSource(bytes)
    let head = try BlockHead.read(&source)
    var content = BlockContent(
      description: head.description, firstCommit: head.firstCommit, commits: [], seqs: [],
      times: [])
    let commitsAt = source.offset
    try ColumnDecoder.decode(&source, count: head.commitCount, into: &content.commits)
    guard isSum(content.commits, head.count) else { throw CodecError(.count, at: commitsAt) }
    try ColumnDecoder.decode(&source, count: head.count, into: &content.seqs)
    try ColumnDecoder.decode(&source, count: head.count, into: &content.times)
    switch head.description.form {
    case .decimal: try ColumnDecoder.decode(&source, count: head.count, into: &content.values)
    case .float: try FloatColumn.decode(&source, count: head.count, into: &content.values)
    case .text: content.texts = try texts(&source, count: head.count)
    }
    try source.end()
    return content
  }

  /// Decodes what a query needs of a block of numbers, into arrays that it uses again and again:
  /// both hold one entry for each reading afterwards. Values are mantissas or bit patterns.
  ///
  /// The other columns are only stepped over; `values` is empty after a block of texts. After an
  /// error both hold nothing that means anything.
  public static func decode(
    _ bytes: Span<UInt8>, times: inout [Int64], values: inout [Int64]
  ) throws(CodecError) -> BlockDescription {
    var source = ByteSource(bytes)
    let head = try BlockHead.read(&source)
    try ColumnDecoder.skip(&source, count: head.commitCount)
    try ColumnDecoder.skip(&source, count: head.count)
    try ColumnDecoder.decode(&source, count: head.count, into: &times)
    switch head.description.form {
    case .decimal: try ColumnDecoder.decode(&source, count: head.count, into: &values)
    case .float: try FloatColumn.decode(&source, count: head.count, into: &values)
    case .text:
      values.removeAll(keepingCapacity: true)
      return head.description
    }
    try source.end()
    return head.description
  }

  /// What a content is about, and how many readings it holds, from its first bytes alone.
  public static func describe(
    _ bytes: Span<UInt8>
  ) throws(CodecError) -> (description: BlockDescription, count: Int) {
    var source = ByteSource(bytes)
    let head = try BlockHead.read(&source)
    return (head.description, head.count)
  }

  @_lifetime(source: copy source)
  private static func texts(
    _ source: inout ByteSource, count: Int
  ) throws(CodecError) -> [[UInt8]] {
    let start = source.offset
    var lengths: [Int64] = []
    try ColumnDecoder.decode(&source, count: count, into: &lengths)
    var texts: [[UInt8]] = []
    texts.reserveCapacity(count)
    for length in lengths {
      guard length >= 0, length <= Int64(Limits.textBytesMax) else {
        throw CodecError(.range, at: start)
      }
      let text = try source.raw(Int(length))
      texts.append(text)
    }
    return texts
  }
}
