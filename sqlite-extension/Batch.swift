internal import Codec
internal import Model
internal import Sync

/// What a query asks for by name; nil is everything.
struct Wanted {
  var device: [UInt8]?
  var channel: [UInt8]?
  /// The readings' own clock, both ends included: blocks that lie outside need not be read.
  var timeFrom = Int64.min
  var timeTo = Int64.max

  func contains(device text: [UInt8]) -> Bool { device.map { $0 == text } ?? true }
  func contains(channel key: [UInt8]) -> Bool { channel.map { $0 == key } ?? true }
}

/// A channel as its readings show it.
final class Shown {
  let key: [UInt8]
  let unit: [UInt8]
  let kind: UInt8
  let form: BlockDescription.Form

  init(key: [UInt8], _ description: BlockDescription) {
    self.key = key
    unit = description.unit
    kind = description.kind
    form = description.form
  }

  init(_ channel: CommitChannel) {
    key = channel.key.utf8Bytes
    unit = channel.unit.utf8Bytes
    kind = channel.kind.rawValue
    form =
      switch channel.form {
      case .decimal(let exponent): .decimal(exponent: exponent)
      case .float: .float
      case .text: .text
      }
  }
}

/// Some readings of one device on one clock: a block, a source of a commit, or late values.
final class Batch {
  /// On which clock the times are.
  enum Clock {
    case node
    case device(epoch: UInt32)
    /// A person's: µs of UTC.
    case utc
  }

  let device: DeviceIdentity
  let deviceText: [UInt8]
  let clock: Clock
  let clockEpoch: ClockEpoch
  private var channels: [Shown]
  /// The channel of each reading; empty where there is one channel.
  private(set) var channelOf: [Int32] = []
  private(set) var times: [Int64] = []
  private(set) var seqs: [Int64] = []
  /// Mantissas or bit patterns; 0 for texts.
  private(set) var numbers: [Int64] = []
  /// Texts; empty where there is none.
  private(set) var texts: [[UInt8]] = []

  private init(_ device: DeviceIdentity, _ clock: Clock, _ clockEpoch: ClockEpoch) {
    self.device = device
    deviceText = device.utf8
    self.clock = clock
    self.clockEpoch = clockEpoch
    channels = []
  }

  var count: Int { times.count }

  func channel(of index: Int) -> Shown {
    channels[channelOf.isEmpty ? 0 : Int(channelOf[index])]
  }

  /// The readings of a block.
  static func of(
    _ content: BlockContent, _ device: DeviceIdentity, key: [UInt8], _ clockEpoch: ClockEpoch
  ) -> Batch {
    var clock = Clock.node
    if case .device(let epoch) = content.description.clock { clock = .device(epoch: epoch) }
    let batch = Batch(device, clock, clockEpoch)
    batch.channels.append(Shown(key: key, content.description))
    batch.times = content.times
    batch.seqs = content.seqs
    batch.numbers = content.values
    batch.texts = content.texts
    return batch
  }

  /// Those samples of a source that are wanted; nil where there are none.
  static func of(
    _ source: CommitSource, _ wanted: Wanted, _ clockEpoch: ClockEpoch
  ) -> Batch? {
    var clock = Clock.node
    if case .device(let epoch, _, _) = source.clock { clock = .device(epoch: epoch) }
    let batch = Batch(source.identity, clock, clockEpoch)
    guard wanted.contains(device: batch.deviceText) else { return nil }
    var isWanted: [Bool] = []
    var hasTexts = false
    for channel in source.channels {
      let shown = Shown(channel)
      batch.channels.append(shown)
      isWanted.append(wanted.contains(channel: shown.key))
      if shown.form == .text { hasTexts = true }
    }
    let seqs = seqs(of: source)
    for index in source.samples.indices {
      let sample = source.samples[index]
      guard isWanted[Int(sample.channel)] else { continue }
      batch.append(sample.value, time: sample.time, seq: seqs[index], hasTexts)
      batch.channelOf.append(sample.channel)
    }
    return batch.count == 0 ? nil : batch
  }

  /// The number of each sample of a source; on the node's clock its ordinal.
  private static func seqs(of source: CommitSource) -> [Int64] {
    var seqs: [Int64] = []
    guard case .device(_, let first, let spans) = source.clock else {
      for index in 0..<source.samples.count { seqs.append(Int64(index)) }
      return seqs
    }
    var seq = Int64(first)
    for span in spans {
      if span.fate == .samples {
        for offset in 0..<Int64(span.count) { seqs.append(seq + offset) }
      }
      seq += Int64(span.count)
    }
    return seqs
  }

  /// Values that a person added; nil where they are not wanted.
  static func of(_ late: LateValues, _ wanted: Wanted, _ clockEpoch: ClockEpoch) -> Batch? {
    let batch = Batch(late.device, .utc, clockEpoch)
    let shown = Shown(late.channel)
    guard wanted.contains(device: batch.deviceText), wanted.contains(channel: shown.key) else {
      return nil
    }
    batch.channels.append(shown)
    for point in late.points {
      batch.append(point.value, time: point.utcUs, seq: 0, shown.form == .text)
    }
    return batch
  }

  private func append(_ value: SampleValue, time: Int64, seq: Int64, _ hasTexts: Bool) {
    times.append(time)
    seqs.append(seq)
    var text: [UInt8] = []
    switch value {
    case .decimal(let mantissa): numbers.append(mantissa)
    case .float(let bits): numbers.append(Int64(bitPattern: bits))
    case .text(let words):
      numbers.append(0)
      text = words.utf8Bytes
    }
    if hasTexts { texts.append(text) }
  }
}
