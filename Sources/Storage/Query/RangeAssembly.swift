internal import Codec
internal import Model
internal import Sync

/// Puts commits of a range together again from its blocks: sample for sample, in their order.
///
/// Only the blocks of the series that are asked for are read, and only the commits of a window are
/// kept: memory is bounded by the window, whatever the range holds.
struct RangeAssembly {
  private struct Source: Hashable {
    let identity: DeviceIdentity
    let epoch: UInt32?
  }

  private let range: RangeRow
  /// Places of commits in the range.
  private let window: Range<Int>
  private let clockEpoch: ClockEpoch
  private var sources: [[Source: RowSource]]
  /// The seq of the sample that `lastMs` is of.
  private var lastSeqs: [[Source: Int64]]
  private var bytes: [Int]
  /// Samples that count elsewhere.
  private var lost: [Source: Intervals] = [:]

  init(_ range: RangeRow, _ window: Range<Int>, _ clockEpoch: ClockEpoch) {
    self.range = range
    self.window = window
    self.clockEpoch = clockEpoch
    sources = [[Source: RowSource]](repeating: [:], count: window.count)
    lastSeqs = [[Source: Int64]](repeating: [:], count: window.count)
    bytes = [Int](repeating: 0, count: window.count)
  }

  /// Takes a block of the range.
  ///
  /// One that was not asked for may still say when its device's last sample was taken. `lost` are
  /// the samples of it that count elsewhere.
  mutating func add(
    _ content: BlockContent, _ device: DeviceIdentity, _ channel: String, isWanted: Bool,
    lost: Intervals?
  ) throws(DecodeError) {
    var epoch: UInt32?
    if case .device(let number) = content.description.clock { epoch = number }
    let source = Source(identity: device, epoch: epoch)
    let entry = try CommitChannel(content.description, key: channel)
    if let lost { self.lost[source] = self.lost[source]?.union(lost) ?? lost }
    var start = 0
    for (offset, count) in content.commits.enumerated() {
      let commit = Int(content.firstCommit) + offset
      guard commit < range.header.arrivalsMs.count else { throw DecodeError(.range, at: 0) }
      guard commit < window.upperBound else { return }
      let end = start + Int(count)
      if commit >= window.lowerBound, count > 0 {
        let place = commit - window.lowerBound
        note(content, last: end - 1, of: source, in: place)
        if isWanted { append(content, start..<end, entry, to: source, in: place) }
      }
      start = end
    }
  }

  private mutating func note(
    _ content: BlockContent, last index: Int, of source: Source, in place: Int
  ) {
    guard source.epoch != nil else { return }
    let known = lastSeqs[place][source] ?? -1
    guard content.seqs[index] > known else { return }
    lastSeqs[place][source] = content.seqs[index]
    var kept = sources[place][source] ?? RowSource(identity: source.identity, epoch: source.epoch)
    kept.lastMs = content.times[index]
    sources[place][source] = kept
  }

  private mutating func append(
    _ content: BlockContent, _ readings: Range<Int>, _ channel: CommitChannel,
    to source: Source, in place: Int
  ) {
    // Taken out and put back, so that its samples are not copied.
    var kept =
      sources[place].removeValue(forKey: source)
      ?? RowSource(identity: source.identity, epoch: source.epoch)
    let slot = Int32(kept.channels.count)
    kept.channels.append(channel)
    for index in readings {
      let value: SampleValue
      switch content.description.form {
      case .decimal: value = .decimal(content.values[index])
      case .float: value = .float(bits: UInt64(bitPattern: content.values[index]))
      case .text: value = .text(String(decoding: content.texts[index], as: UTF8.self))
      }
      kept.samples.append(
        RowSample(
          channel: slot, time: content.times[index], value: value, seq: content.seqs[index]))
    }
    sources[place][source] = kept
    bytes[place] += readings.count * MemoryLayout<RowSample>.stride
  }

  /// A commit of the window, by its place in the range.
  func row(_ commit: Int) -> CommitRow {
    let arrivalMs = range.header.arrivalsMs[commit]
    let clock = CommitClock(
      arrival: NodeTime(clockEpoch: clockEpoch, bootUs: RangeTime.us(arrivalMs)),
      observation: range.clock.observation(commit, arrivalMs: arrivalMs))
    let place = commit - window.lowerBound
    var found: [RowSource] = []
    for var source in sources[place].values where !source.samples.isEmpty {
      source.samples.sort { $0.seq < $1.seq }
      source.lost = lost[Source(identity: source.identity, epoch: source.epoch)]
      found.append(source)
    }
    found.sort { $0.precedes($1) }
    return CommitRow(
      id: range.id + Int64(commit), clock: clock, sources: found, bytes: bytes[place])
  }
}

extension CommitChannel {
  /// The channel that a block says it is of.
  init(_ description: BlockDescription, key: String) throws(DecodeError) {
    guard let kind = Channel.Kind(rawValue: description.kind) else {
      throw DecodeError(.channel, at: 0)
    }
    self.init(
      key: key, unit: String(decoding: description.unit, as: UTF8.self), kind: kind,
      form: ValueForm(description.form))
  }
}

extension ValueForm {
  init(_ form: BlockDescription.Form) {
    switch form {
    case .decimal(let exponent): self = .decimal(exponent: exponent)
    case .float: self = .float
    case .text: self = .text
    }
  }
}
