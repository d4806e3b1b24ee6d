internal import Codec
internal import Model
internal import Sync

/// A block as the directory will hold it, once its pack and its series have their numbers.
struct PackedBlock: Sendable {
  let identity: DeviceIdentity
  let channel: String
  let part: Int64
  let about: Int64
  let kind: Int64
  let unit: [UInt8]
  let start: Int64
  let end: Int64
  let count: Int
  let summary: [UInt8]
  /// Where its content lies in the pack.
  let place: Int
  /// How many bytes of it.
  let bytes: Int
  let bodyCheck: Int64
}

/// A pack with the blocks whose contents it holds.
struct Pack: Sendable {
  var body: [UInt8] = []
  var blocks: [PackedBlock] = []
}

/// What one transaction of a compaction writes.
struct PackSlice: Sendable {
  /// The `commit_range.id` that they will belong to.
  let range: Int64
  var packs: [Pack] = []

  var bytes: Int { packs.reduce(0) { $0 + $1.body.count } }
  var blocks: Int { packs.reduce(0) { $0 + $1.blocks.count } }
}

/// The row that makes a range visible.
struct NewRange: Sendable {
  let ids: ClosedRange<Int64>
  let clockEpoch: Int64
  let header: [UInt8]
  let cursors: [UInt8]
  let clock: [UInt8]
}

/// Numbers a range's blocks and lays them into packs. Pure.
struct PackAssembler {
  private let range: Int64
  private let packBytesMax: Int
  private let sliceBytesMax: Int
  private var pack = Pack()
  private var slice: PackSlice
  private var last: RangeBlock?
  private var part: Int64 = 0
  /// The blocks so far, as the header names them.
  private(set) var named: [RangeBlock] = []

  init(range: Int64, packBytesMax: Int, sliceBytesMax: Int) {
    self.range = range
    self.packBytesMax = packBytesMax
    self.sliceBytesMax = sliceBytesMax
    slice = PackSlice(range: range)
  }

  /// Takes the next block of the range; a slice when that fills one.
  mutating func add(_ block: MadeBlock, of key: StreamKey) -> PackSlice? {
    var full: PackSlice?
    let isFull =
      pack.body.count + block.stored.count > packBytesMax
      || pack.blocks.count >= Limits.packBlocksMax
    if !pack.body.isEmpty, isFull {
      full = closePack(next: block.stored.count)
    }
    let isSameSeries = last.map { $0.identity == key.identity && $0.channel == key.channel }
    part = isSameSeries == true ? part + 1 : 0
    let name = RangeBlock(
      identity: key.identity, channel: key.channel, count: block.count,
      summaryHash: block.summaryHash, contentHash: block.contentHash)
    last = name
    named.append(name)
    pack.blocks.append(
      PackedBlock(
        identity: key.identity, channel: key.channel, part: part,
        about: BlockRow.about(key.description), kind: Int64(key.description.kind),
        unit: key.description.unit, start: block.start, end: block.end, count: block.count,
        summary: block.summary, place: pack.body.count,
        bytes: block.stored.count, bodyCheck: BlockRow.check(block.stored.span)))
    pack.body.append(contentsOf: block.stored)
    return full
  }

  private mutating func closePack(next: Int) -> PackSlice? {
    slice.packs.append(pack)
    pack = Pack()
    guard
      slice.bytes + min(next, packBytesMax) > sliceBytesMax
        || slice.blocks >= Limits.packBlocksMax
    else { return nil }
    defer { slice = PackSlice(range: range) }
    return slice
  }

  /// What is left; nil when there is nothing.
  mutating func finish() -> PackSlice? {
    if !pack.body.isEmpty { slice.packs.append(pack) }
    pack = Pack()
    defer { slice = PackSlice(range: range) }
    return slice.packs.isEmpty ? nil : slice
  }
}
