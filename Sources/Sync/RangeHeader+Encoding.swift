internal import Codec
internal import Model

extension RangeHeader {
  /// The version that is written.
  public static let version: UInt8 = 1

  /// The canonical bytes; the same content always gives the same.
  ///
  /// A header that breaks the rules (what is out of order, a commit outside the range) is our own
  /// mistake and stops the process.
  public func encoded() -> [UInt8] {
    precondition(
      firstSeq > 0 && (1...Limits.rangeCommitsMax).contains(arrivalsMs.count),
      "a range of \(arrivalsMs.count) commits from \(firstSeq)")
    let devices = self.devices
    var places: [DeviceIdentity: Int] = [:]
    for (index, identity) in devices.enumerated() { places[identity] = index }
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.varint(firstSeq)
    writer.varint(arrivalsMs.count)
    writer.bytesV(IntegerColumn.encode(arrivalsMs))
    writer.varint(devices.count)
    for identity in devices { writer.identity(identity) }
    writer.varint(losses.count)
    for index in losses.indices {
      let loss = losses[index]
      precondition(
        index == 0 || losses[index - 1].precedes(loss), "loss \(index) out of order")
      precondition(
        loss.fate != .samples && loss.count > 0 && arrivalsMs.indices.contains(loss.commit),
        "loss \(index)")
      writer.varint(places[loss.identity] ?? 0)
      writer.varint(UInt64(loss.epoch))
      writer.varint(UInt64(loss.firstSeq))
      writer.varint(UInt64(loss.count))
      writer.u8(loss.fate.rawValue)
      writer.varint(loss.commit)
    }
    writer.varint(blocks.count)
    for index in blocks.indices {
      let block = blocks[index]
      precondition(
        index == 0 || blocks[index - 1].isSameSeries(block) || blocks[index - 1].precedes(block),
        "block \(index) out of order")
      writer.varint(places[block.identity] ?? 0)
      writer.bytes8(block.channel.utf8)
      writer.varint(block.count)
      writer.raw(block.summaryHash)
      writer.raw(block.contentHash)
    }
    return writer.bytes
  }

  /// Reads a header of at most `Limits.rangeHeaderBytesMax` bytes; everything is checked before
  /// anything is returned, and only the canonical bytes of a content are accepted.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    guard bytes.count <= Limits.rangeHeaderBytesMax else { throw DecodeError(.tooLong, at: 0) }
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    firstSeq = try reader.varint()
    let commitsAt = reader.offset
    let commits = try reader.count(max: Limits.rangeCommitsMax)
    guard firstSeq > 0, commits > 0, firstSeq < UInt64(Limits.rangeSeqEnd) - UInt64(commits) else {
      throw DecodeError(.range, at: commitsAt)
    }
    arrivalsMs = try reader.column(count: commits)
    let deviceCount = try reader.count(max: min(Limits.devicesMax, reader.remaining))
    var devices: [DeviceIdentity] = []
    devices.reserveCapacity(deviceCount)
    for _ in 0..<deviceCount {
      let start = reader.offset
      let identity = try reader.identity()
      if let last = devices.last, last >= identity { throw DecodeError(.order, at: start) }
      devices.append(identity)
    }
    losses = try Self.losses(&reader, devices, commits: commits)
    blocks = try Self.blocks(&reader, devices)
    try reader.end()
    // A device of which nothing is told, or a column packed otherwise.
    guard encoded() == bytes else { throw DecodeError(.canonical, at: 0) }
  }

  private static func losses(
    _ reader: inout FieldReader, _ devices: [DeviceIdentity], commits: Int
  ) throws(DecodeError) -> [RangeLoss] {
    let count = try reader.count(max: min(Limits.rangeLossesMax, reader.remaining))
    var losses: [RangeLoss] = []
    losses.reserveCapacity(count)
    for _ in 0..<count {
      let start = reader.offset
      guard !devices.isEmpty else { throw DecodeError(.count, at: start) }
      let identity = devices[try reader.count(max: devices.count - 1)]
      let epoch = try reader.varint32()
      let first = try reader.varint32()
      let length = try reader.varint32()
      let fate = SeqSpan.Fate(rawValue: try reader.u8())
      let commit = try reader.count(max: commits - 1)
      guard let fate, fate != .samples, length > 0,
        UInt64(first) + UInt64(length) <= UInt64(Limits.seqEnd)
      else { throw DecodeError(.range, at: start) }
      let loss = RangeLoss(
        identity: identity, epoch: epoch, firstSeq: first, count: length, fate: fate,
        commit: commit)
      if let last = losses.last, !last.precedes(loss) { throw DecodeError(.order, at: start) }
      losses.append(loss)
    }
    return losses
  }

  private static func blocks(
    _ reader: inout FieldReader, _ devices: [DeviceIdentity]
  ) throws(DecodeError) -> [RangeBlock] {
    let count = try reader.count(max: min(Limits.rangeBlocksMax, reader.remaining))
    var blocks: [RangeBlock] = []
    blocks.reserveCapacity(count)
    for _ in 0..<count {
      let start = reader.offset
      guard !devices.isEmpty else { throw DecodeError(.count, at: start) }
      let identity = devices[try reader.count(max: devices.count - 1)]
      let key = try reader.text8()
      let readings = try reader.count(max: Codec.Limits.readingsMax)
      let isKey = CommitChannel(key: key, unit: "", kind: .measurement, form: .float).isValid
      guard isKey, readings > 0 else { throw DecodeError(.channel, at: start) }
      let block = RangeBlock(
        identity: identity, channel: key, count: readings,
        summaryHash: try reader.raw(Blake2b.contentByteCount),
        contentHash: try reader.raw(Blake2b.contentByteCount))
      if let last = blocks.last, !last.isSameSeries(block), !last.precedes(block) {
        throw DecodeError(.order, at: start)
      }
      blocks.append(block)
    }
    return blocks
  }
}

extension FieldReader {
  /// A bytesV that is one column of `count` numbers.
  mutating func column(count: Int) throws(DecodeError) -> [Int64] {
    let size = try self.count(max: remaining)
    let start = offset
    let field = try raw(size)
    do throws(CodecError) {
      return try IntegerColumn.decode(field.span, count: count)
    } catch {
      throw DecodeError(.column, at: start + error.offset)
    }
  }
}
