internal import Model
internal import Sync

/// A commit as a page of readings needs it: from a row of `hot`, or put together from blocks. Only
/// the samples that were asked for are in it.
struct CommitRow {
  /// Its key: a range's commits keep theirs.
  let id: Int64
  let clock: CommitClock
  /// By identity, then by clock.
  var sources: [RowSource]
  /// What it took to read it.
  var bytes: Int

  var sampleCount: Int { sources.reduce(0) { $0 + $1.samples.count } }
}

/// One device on one clock in one commit.
struct RowSource {
  let identity: DeviceIdentity
  /// The board's epoch; nil on the node's clock.
  let epoch: UInt32?
  var channels: [CommitChannel] = []
  /// In the order of the commit.
  var samples: [RowSample] = []
  /// The ticks of the last sample of the source in the commit, asked for or not: the last one was
  /// taken just before it arrived, and dates the others where nothing else does.
  var lastMs: Int64?
  /// The samples that another node's run holds too, and that count there; nil for none.
  var lost: Intervals?

  /// A source of the node's clock stands before those of a board's.
  func precedes(_ other: RowSource) -> Bool {
    if identity != other.identity { return identity < other.identity }
    return epoch.map(Int64.init) ?? -1 < other.epoch.map(Int64.init) ?? -1
  }

  /// Whether a sample counts here.
  func counts(_ sample: RowSample) -> Bool { lost.map { !$0.contains(sample: sample.seq) } ?? true }

  func numbering(_ sample: RowSample) -> StoredReading.Numbering? {
    epoch.map {
      StoredReading.Numbering(
        epoch: $0, seq: UInt32(truncatingIfNeeded: sample.seq), ticksMs: sample.time)
    }
  }

  func date(
    _ time: Int64, _ clock: CommitClock, _ timeline: borrowing Timeline
  ) -> ReadingDate {
    guard let epoch else { return timeline.date(bootUs: time, in: clock) }
    return timeline.date(
      ticksMs: time, of: identity, epoch: epoch, lastMs: lastMs ?? time, in: clock)
  }
}

/// A sample with its number: the board's seq, or the ordinal within its source.
struct RowSample {
  /// The index in the source's channel table.
  var channel: Int32
  var time: Int64
  var value: SampleValue
  var seq: Int64
}

/// Which series are asked for.
struct SeriesFilter: Hashable {
  /// Nil for every device.
  var device: DeviceIdentity?
  /// Nil for every channel.
  var channel: String?

  func contains(_ device: DeviceIdentity, _ channel: String) -> Bool {
    (self.device == nil || self.device == device)
      && (self.channel == nil || self.channel == channel)
  }
}

extension RowSource {
  /// A source of a decoded body with the samples that were asked for; nil when none was.
  init?(_ source: CommitSource, _ filter: SeriesFilter) {
    guard filter.device == nil || filter.device == source.identity else { return nil }
    let isWanted = source.channels.map { filter.contains(source.identity, $0.key) }
    guard isWanted.contains(true) else { return nil }
    identity = source.identity
    channels = source.channels
    samples.reserveCapacity(source.samples.count)
    switch source.clock {
    case .node:
      epoch = nil
      for (index, sample) in source.samples.enumerated() where isWanted[Int(sample.channel)] {
        samples.append(RowSample(sample, seq: Int64(index)))
      }
    case .device(let epoch, let first, let spans):
      self.epoch = epoch
      lastMs = source.samples.last?.time
      var index = 0
      var seq = Int64(first)
      for span in spans {
        for offset in 0..<(span.fate == .samples ? Int64(span.count) : 0) {
          let sample = source.samples[index]
          if isWanted[Int(sample.channel)] {
            samples.append(RowSample(sample, seq: seq + offset))
          }
          index += 1
        }
        seq += Int64(span.count)
      }
    }
    if samples.isEmpty { return nil }
  }
}

extension RowSample {
  init(_ sample: CommitSample, seq: Int64) {
    self.init(channel: sample.channel, time: sample.time, value: sample.value, seq: seq)
  }
}
