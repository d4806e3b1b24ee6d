internal import Model

/// One device on one clock while its readings wait for a commit.
struct BatchSource: Sendable {
  /// Bytes of one span in a body, at most.
  static let spanBytesMax = 6
  /// Bytes of one channel in a body, at most: 17 for the key, 9 for the unit, 3.
  static let channelBytesMax = 29
  /// Bytes of a source in a body without spans, channels and samples, at most.
  static let headerBytesMax = 2 + DeviceIdentity.bytesMax + 32

  let identity: DeviceIdentity
  /// Nil on the node's clock.
  let epoch: UInt32?
  let first: UInt32
  var next: UInt32
  var nonce: UInt32
  var ringCapacity: UInt32
  var isClosed: Bool
  var cursorChanged = false
  var spans: [SeqSpan] = []
  var channels: [CommitChannel] = []
  var samples: [CommitSample] = []
  /// The channel that the next sample probably has: the one after the last sample's.
  var hint = 0

  init(identity: DeviceIdentity, epoch: UInt32?, cursor: Cursor?) {
    self.identity = identity
    self.epoch = epoch
    first = cursor?.next ?? 0
    next = first
    nonce = cursor?.nonce ?? 0
    ringCapacity = cursor?.ringCapacity ?? 0
    isClosed = cursor?.isClosed ?? false
  }

  var hasContent: Bool { cursorChanged || !spans.isEmpty || !samples.isEmpty }

  /// Nil on the node's clock, which numbers nothing.
  var cursor: Cursor? {
    guard let epoch else { return nil }
    return Cursor(
      identity: identity, epoch: epoch, nonce: nonce, next: next, isClosed: isClosed,
      ringCapacity: ringCapacity)
  }

  var content: CommitSource {
    CommitSource(
      identity: identity,
      clock: epoch.map { .device(epoch: $0, first: first, spans: spans) } ?? .node,
      channels: channels, samples: samples)
  }

  mutating func extend(_ fate: SeqSpan.Fate, by count: UInt32) {
    if let end = spans.indices.last, spans[end].fate == fate {
      spans[end].count += count
    } else {
      spans.append(SeqSpan(fate, count: count))
    }
    next += count
  }

  /// Scans come channel after channel, so the hint nearly always holds.
  func find(_ channel: Channel, _ form: ValueForm) -> Int? {
    if hint < channels.count, Self.matches(channels[hint], channel, form) { return hint }
    return channels.firstIndex { Self.matches($0, channel, form) }
  }

  mutating func add(_ channel: CommitChannel) -> Int {
    channels.append(channel)
    return channels.count - 1
  }

  private static func matches(
    _ entry: CommitChannel, _ channel: Channel, _ form: ValueForm
  ) -> Bool {
    entry.form == form && entry.key == channel.key && entry.unit == channel.unit
      && entry.kind == channel.kind
  }
}
