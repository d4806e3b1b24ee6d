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
struct Shown {
  var key: [UInt8]
  var unit: [UInt8]
  var kind: UInt8
  var form: BlockDescription.Form

  init(key: [UInt8], _ description: BlockDescription) {
    self.key = key
    unit = description.unit
    kind = description.kind
    form = description.form
  }

  init(_ channel: CommitChannel) {
    key = Array(channel.key.utf8)
    unit = Array(channel.unit.utf8)
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
struct Batch {
  /// On which clock the times are.
  enum Clock {
    case node
    case device(epoch: UInt32)
    /// A person's: µs of UTC.
    case utc
  }

  var device: DeviceIdentity
  var deviceText: [UInt8]
  var clock: Clock
  var clockEpoch: ClockEpoch
  var channels: [Shown]
  /// The channel of each reading; empty where there is one channel.
  var channelOf: [Int32] = []
  var times: [Int64] = []
  var seqs: [Int64] = []
  /// Mantissas or bit patterns; 0 for texts.
  var numbers: [Int64] = []
  /// Texts; empty where there is none.
  var texts: [[UInt8]] = []

  var count: Int { times.count }

  func channel(of index: Int) -> Shown {
    channels[channelOf.isEmpty ? 0 : Int(channelOf[index])]
  }
}

extension Batch {
  /// The readings of a block.
  init(
    _ content: BlockContent, _ device: DeviceIdentity, key: [UInt8], _ clockEpoch: ClockEpoch
  ) {
    self.device = device
    deviceText = Array(device.text.utf8)
    self.clockEpoch = clockEpoch
    clock =
      switch content.description.clock {
      case .node: .node
      case .device(let epoch): .device(epoch: epoch)
      }
    channels = [Shown(key: key, content.description)]
    times = content.times
    seqs = content.seqs
    numbers = content.values
    texts = content.texts
  }

  /// Those samples of a source that are wanted; nil where there are none.
  init?(_ source: CommitSource, _ wanted: Wanted, _ clockEpoch: ClockEpoch) {
    device = source.identity
    deviceText = Array(source.identity.text.utf8)
    self.clockEpoch = clockEpoch
    channels = source.channels.map { Shown($0) }
    let isWanted = channels.map { wanted.contains(channel: $0.key) }
    guard wanted.contains(device: deviceText), isWanted.contains(true) else { return nil }
    let hasTexts = channels.contains { $0.form == .text }
    var seqs: [Int64] = []
    switch source.clock {
    case .node:
      clock = .node
      for index in source.samples.indices { seqs.append(Int64(index)) }
    case .device(let epoch, let first, let spans):
      clock = .device(epoch: epoch)
      var seq = Int64(first)
      for span in spans {
        if span.fate == .samples {
          for offset in 0..<Int64(span.count) { seqs.append(seq + offset) }
        }
        seq += Int64(span.count)
      }
    }
    for (index, sample) in source.samples.enumerated() where isWanted[Int(sample.channel)] {
      append(sample.value, time: sample.time, seq: seqs[index], hasTexts)
      channelOf.append(sample.channel)
    }
    if times.isEmpty { return nil }
  }

  /// Values that a person added; nil where they are not wanted.
  init?(_ late: LateValues, _ wanted: Wanted, _ clockEpoch: ClockEpoch) {
    device = late.device
    deviceText = Array(late.device.text.utf8)
    self.clockEpoch = clockEpoch
    clock = .utc
    channels = [Shown(late.channel)]
    guard wanted.contains(device: deviceText), wanted.contains(channel: channels[0].key) else {
      return nil
    }
    let hasTexts = channels[0].form == .text
    for point in late.points { append(point.value, time: point.utcUs, seq: 0, hasTexts) }
  }

  private mutating func append(_ value: SampleValue, time: Int64, seq: Int64, _ hasTexts: Bool) {
    times.append(time)
    seqs.append(seq)
    var text: [UInt8] = []
    switch value {
    case .decimal(let mantissa): numbers.append(mantissa)
    case .float(let bits): numbers.append(Int64(bitPattern: bits))
    case .text(let words):
      numbers.append(0)
      text = Array(words.utf8)
    }
    if hasTexts { texts.append(text) }
  }
}
