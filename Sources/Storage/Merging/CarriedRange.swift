internal import Codec
internal import Model
internal import Sync

/// A range that was carried here, with those of its blocks that came along; its signature and
/// theirs hashes were verified.
struct CarriedRange: Sendable {
  let signed: SignedRange
  let header: RangeHeader
  /// What its blocks are, as its origin signed it; nil where it did not come along.
  var description: SignedDescription?
  /// Whether its blocks have come without their contents: as a range of lane 3.
  var isRollup = false
  var blocks: [CarriedBlock] = []

  /// The numbers of its commits.
  var seqs: ClosedRange<UInt64> {
    header.firstSeq...(header.firstSeq + UInt64(header.arrivalsMs.count) - 1)
  }

  var byteCount: Int {
    blocks.reduce(signed.header.count) { $0 + $1.made.stored.count + $1.made.summary.count }
  }
}

/// Blocks of a range whose header is here already, as the sender was told; nothing was verified.
struct CarriedContinuation: Sendable {
  /// The number of the range's first commit.
  let first: UInt64
  /// The hash of the header that these blocks belong to.
  let headerHash: [UInt8]
  var parcels: [BlockParcel] = []

  /// Whether they are summaries without contents.
  var isRollup: Bool { parcels.first.map { $0.content == nil } ?? false }

  func isOfOneRange(with other: CarriedContinuation) -> Bool {
    first == other.first && headerHash == other.headerHash && isRollup == other.isRollup
  }
}

/// A block of a range as its origin made it: what the directory says of it was read from its
/// content, whose hash the header names.
struct CarriedBlock: Sendable {
  /// Its place in the header.
  let place: Int
  let description: BlockDescription
  let made: MadeBlock
}

extension CarriedBlock {
  /// Reads a block that a header names; nil where its content is not the one that is named: then
  /// it has no identity.
  ///
  /// Throws where its origin has signed what no range can hold. The summary is made here: it is
  /// canonical, so it need not be sent along with a content, and one that says something else than
  /// the readings never gets in.
  init?(_ parcel: BlockParcel, of header: RangeHeader) throws(DecodeError) {
    guard header.blocks.indices.contains(parcel.index), let stored = parcel.content else {
      return nil
    }
    let named = header.blocks[parcel.index]
    let bytes: [UInt8]
    do throws(DecodeError) { bytes = try StoredContent.unpack(stored.span) } catch { return nil }
    guard Blake2b.content(bytes) == named.contentHash else { return nil }
    let content: BlockContent
    do throws(CodecError) { content = try BlockCodec.decode(bytes.span) } catch {
      throw DecodeError(.column, at: error.offset)
    }
    let (endCommit, overflow) = content.firstCommit.addingReportingOverflow(
      Int64(content.commits.count))
    guard content.count == named.count, !overflow, endCommit <= header.arrivalsMs.count else {
      throw DecodeError(.range, at: 0)
    }
    // Its kind is one that is known here.
    _ = try CommitChannel(content.description, key: named.channel)
    let summary = SummaryCodec.encode(
      SummaryCodec.summaries(of: content), form: content.description.form)
    guard Blake2b.content(summary) == named.summaryHash else {
      throw DecodeError(.canonical, at: 0)
    }
    var (start, end) = (content.times[0], content.times[0])
    for time in content.times {
      start = min(start, time)
      end = max(end, time)
    }
    place = parcel.index
    description = content.description
    made = MadeBlock(
      stream: 0, start: start, end: end, count: content.count, summary: summary,
      summaryHash: named.summaryHash, contentHash: named.contentHash, stored: stored)
  }
}
