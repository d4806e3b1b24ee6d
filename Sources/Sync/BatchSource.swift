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
  /// The descriptor's channels of the last run, and where each stands in `channels` with the
  /// decimals of its exponent; `noSlot` where it does not stand yet.
  private var described: [Channel] = []
  private var slots: [Int32] = []
  private static let noSlot: Int32 = -1

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

  /// Takes the samples of a run that are next, from the index `start` on, as far as `room` lasts,
  /// in bytes.
  mutating func append(
    _ run: SampleRun, from start: Int, of described: [Channel], room: inout Int
  ) -> ReadingBatch.RunOutcome {
    // The same array, nearly always: then only its address is compared.
    if self.described != described {
      self.described = described
      slots = [Int32](repeating: Self.noSlot, count: described.count)
    }
    var outcome = ReadingBatch.RunOutcome()
    var expected = next
    let incoming = run.samples.span
    for index in start..<incoming.count {
      let sample = incoming[index]
      if sample.seq == expected {
        outcome.stopped = append(sample, of: run, room: &room)
        guard outcome.stopped == nil else { break }
        expected += 1
        outcome.taken += 1
      } else if sample.seq > expected {
        outcome.stopped = .hole(expected: expected)
        break
      }
      outcome.passed += 1
    }
    if outcome.taken > 0 { extend(.samples, by: expected - next) }
    return outcome
  }

  /// Takes one sample; why not, or nil.
  private mutating func append(
    _ sample: NumberedSample, of run: SampleRun, room: inout Int
  ) -> ReadingBatch.Outcome? {
    let index = Int(sample.channel)
    guard sample.ticksMs < UInt64(Limits.ticksMsEnd), sample.seq < Limits.seqEnd,
      index < slots.count
    else { return .invalid }
    let time = Int64(sample.ticksMs)
    if case .decimal(let mantissa) = sample.content, slots[index] != Self.noSlot {
      guard room >= Limits.sampleBytesMax else { return .full }
      room -= Limits.sampleBytesMax
      samples.append(CommitSample(channel: slots[index], time: time, value: .decimal(mantissa)))
      return nil
    }
    let channel = described[index]
    let value = run.value(sample).value(exponent: channel.exponent)
    let outcome = append(channel, time: time, value: value, room: &room)
    guard outcome == .taken else { return outcome }
    if case .decimal = sample.content, let slot = samples.last?.channel { slots[index] = slot }
    return nil
  }

  /// Takes a value of a channel, as far as `room` lasts, in bytes.
  mutating func append(
    _ channel: Channel, time: Int64, value: Value, room: inout Int
  ) -> ReadingBatch.Outcome {
    var size = Limits.sampleBytesMax
    if case .text(let text) = value {
      let length = text.utf8.count
      guard length <= Value.textBytesMax else { return .invalid }
      size += length
    }
    let entry = CommitChannel(
      key: channel.key, unit: channel.unit, kind: channel.kind, form: ValueForm(of: value))
    let slot: Int
    if let known = channels.firstIndex(of: entry) {
      slot = known
    } else {
      guard entry.isValid else { return .invalid }
      guard channels.count < Limits.sourceChannelsMax, room >= size + Self.channelBytesMax else {
        return .full
      }
      room -= Self.channelBytesMax
      slot = channels.count
      channels.append(entry)
    }
    guard room >= size else { return .full }
    room -= size
    samples.append(CommitSample(channel: Int32(slot), time: time, value: SampleValue(value)))
    return .taken
  }
}
