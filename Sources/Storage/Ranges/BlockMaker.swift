internal import Codec
internal import Sync

/// A block that is made and not yet on the disk.
struct MadeBlock {
  /// Its stream, by its place in the pass.
  let stream: Int
  let start: Int64
  let end: Int64
  let count: Int
  let summary: [UInt8]
  let summaryHash: [UInt8]
  let contentHash: [UInt8]
  /// The content in its stored form.
  let stored: [UInt8]
}

/// Turns columns into blocks. Pure.
enum BlockMaker {
  /// The blocks of a run of readings, which is halved until every content is short enough.
  ///
  /// What was encoded is decoded and compared before anything is thrown away for it; a difference
  /// is our own mistake, and the commits stay where they are.
  static func make(
    _ content: BlockContent, stream: Int, contentBytesMax: Int, into blocks: inout [MadeBlock]
  ) throws(DatabaseError) {
    let bytes = BlockCodec.encode(content)
    if bytes.count > contentBytesMax, content.count > 1 {
      let half = (content.count + 1) / 2
      for part in [0..<half, half..<content.count] {
        try make(
          content.part(part), stream: stream, contentBytesMax: contentBytesMax, into: &blocks)
      }
      return
    }
    do throws(CodecError) {
      guard try BlockCodec.decode(bytes.span) == content else {
        throw CodecError(.count, at: bytes.count)
      }
    } catch {
      throw DatabaseError(.other, message: "a block does not come back: \(error.reason)")
    }
    let summary = SummaryCodec.encode(
      SummaryCodec.summaries(of: content), form: content.description.form)
    var (start, end) = (content.times[0], content.times[0])
    for time in content.times {
      start = min(start, time)
      end = max(end, time)
    }
    blocks.append(
      MadeBlock(
        stream: stream, start: start, end: end, count: content.count, summary: summary,
        summaryHash: Blake2b.content(summary), contentHash: Blake2b.content(bytes),
        stored: StoredContent.pack(bytes)))
  }
}

extension BlockContent {
  /// Some consecutive readings of it, at least one, as a content of their own.
  func part(_ range: Range<Int>) -> BlockContent {
    var counts: [Int64] = []
    var first: Int64 = firstCommit
    var place = 0
    for (index, count) in commits.enumerated() {
      let inside = range.clamped(to: place..<(place + Int(count))).count
      place += Int(count)
      if counts.isEmpty, inside == 0 { continue }
      if counts.isEmpty { first = firstCommit + Int64(index) }
      counts.append(Int64(inside))
    }
    while counts.last == 0 { counts.removeLast() }
    let numbers = values.isEmpty ? 0..<0 : range
    return BlockContent(
      description: description, firstCommit: first, commits: counts, seqs: Array(seqs[range]),
      times: Array(times[range]), values: Array(values[numbers]),
      texts: texts.isEmpty ? [] : Array(texts[range]))
  }
}
