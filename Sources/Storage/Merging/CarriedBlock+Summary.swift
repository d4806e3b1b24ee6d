internal import Codec
internal import Model
internal import Sync

/// Blocks whose contents are not here, nor where they come from.
extension CarriedBlock {
  /// Reads a summary that a header names; nil where it is another one: then it has no identity.
  ///
  /// Throws where its origin has signed what no range can hold. What the summary does not say is
  /// the origin's word too, and must be about these readings: no reader finds a quarter in which
  /// the block has none.
  init?(
    summary parcel: BlockParcel, of header: RangeHeader, _ described: SignedDescription?
  ) throws(DecodeError) {
    guard header.blocks.indices.contains(parcel.index), let summary = parcel.summary,
      let described
    else { return nil }
    let named = header.blocks[parcel.index]
    guard Blake2b.content(summary) == named.summaryHash else { return nil }
    guard described.blocks.count == header.blocks.count else {
      throw DecodeError(.count, at: 0)
    }
    let block = described.blocks[parcel.index]
    // Its kind is one that is known here.
    _ = try CommitChannel(block.description, key: named.channel)
    if !summary.isEmpty { try Self.check(summary, block, named.count) }
    place = parcel.index
    description = block.description
    made = MadeBlock(
      stream: 0, start: block.start, end: block.end, count: named.count, summary: summary,
      summaryHash: named.summaryHash, contentHash: named.contentHash, stored: [])
  }

  /// Whether a summary is of a block as it is described.
  private static func check(
    _ summary: [UInt8], _ block: SignedDescription.Block, _ count: Int
  ) throws(DecodeError) {
    let quarters: [QuarterSummary]
    do throws(CodecError) { quarters = try SummaryCodec.decode(summary.span) } catch {
      throw DecodeError(.column, at: error.offset)
    }
    let ticks = SummaryGrain.quarters.ticks(onNodeClock: block.description.clock == .node)
    func quarter(_ time: Int64) -> Int64 { time >= 0 ? time / ticks : -1 - (-1 - time) / ticks }
    // The form is bit 0 of the second byte.
    let isFloat = summary.count > 1 && summary[1] == 1
    guard quarters.reduce(0, { $0 + $1.count }) == Int64(count),
      quarters.first?.quarter == quarter(block.start),
      quarters.last?.quarter == quarter(block.end), isFloat == (block.description.form == .float),
      block.description.form != .text
    else { throw DecodeError(.range, at: 0) }
  }
}
