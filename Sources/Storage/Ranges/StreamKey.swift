internal import Codec
internal import Model
internal import Sync

/// What makes readings of one range belong to one run of blocks: the series, and what a block says
/// of all its readings.
struct StreamKey: Hashable {
  let identity: DeviceIdentity
  let channel: String
  let description: BlockDescription

  init(_ shape: SourceShape, _ channel: CommitChannel) {
    identity = shape.identity
    self.channel = channel.key
    let form: BlockDescription.Form =
      switch channel.form {
      case .decimal(let exponent): .decimal(exponent: exponent)
      case .float: .float
      case .text: .text
      }
    description = BlockDescription(
      clock: shape.epoch.map { .device(epoch: $0) } ?? .node, form: form,
      kind: channel.kind.rawValue, unit: Array(channel.unit.utf8))
  }

  /// Whether this one's series stands before another's in a header.
  func seriesPrecedes(_ other: StreamKey) -> Bool {
    if identity != other.identity { return identity < other.identity }
    return channel.utf8.lexicographicallyPrecedes(other.channel.utf8)
  }

  func isSameSeries(_ other: StreamKey) -> Bool {
    identity == other.identity && channel == other.channel
  }
}

/// The readings of one stream that a range will hold.
struct PlannedStream: Hashable {
  let key: StreamKey
  /// Readings.
  var count = 0
  /// Bytes of memory that they take while they are collected, texts included.
  var weight = 0
  /// Bytes of memory that one of them takes, its text not counted.
  let readingBytes: Int

  init(key: StreamKey) {
    self.key = key
    let description = key.description
    let isSmall = description.clock != .node && description.form != .text
    readingBytes = isSmall ? Limits.numberCellBytes : Limits.otherCellBytes
  }
}
