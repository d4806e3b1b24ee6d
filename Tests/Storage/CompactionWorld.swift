import Codec
import Model
import Sync
import TestSupport

@testable import Storage

/// Commits of everything that a commit can hold, at random.
struct CommitWorld {
  var prng: Prng
  var batch: ReadingBatch
  private var nowUs: Int64
  /// What the last commits held, by the order they were made in.
  private(set) var bodies: [CommitBody] = []
  private(set) var contents: [CommitContent] = []

  init(seed: UInt64, cursors: CursorFold, nowUs: Int64 = 5_000_000) {
    prng = Prng(seed: seed)
    batch = ReadingBatch(cursors: cursors)
    self.nowUs = nowUs
  }

  /// The next commit: now and then one without any reading.
  mutating func next() -> PendingCommit {
    nowUs += Int64(1 + prng.below(20_000_000))
    for number in 1...4 as ClosedRange<UInt8> where prng.chance(60) { board(number) }
    for number in 5...6 as ClosedRange<UInt8> where prng.chance(40) { listener(number) }
    if batch.isEmpty { open(1, epoch: UInt32(100 + prng.below(1_000_000))) }
    guard let content = batch.take(arrivalUs: nowUs) else { preconditionFailure("empty") }
    bodies.append(content.body)
    contents.append(content)
    return PendingCommit(content: content, clock: clock())
  }

  private mutating func clock() -> ClockObservation {
    ClockObservation(
      bootUs: nowUs - 3, wallUs: nowUs + Int64(prng.below(3)) * 40_000_000_000 - 9,
      trusted: prng.chance(80), errorUs: Int64(prng.below(1_000)))
  }

  private mutating func open(_ number: UInt8, epoch: UInt32) {
    _ = batch.open(
      Cursor(
        identity: Fixture.companion(number), epoch: epoch, nonce: UInt32(number),
        next: UInt32(prng.below(3)), ringCapacity: 64))
  }

  private mutating func board(_ number: UInt8) {
    let device = Fixture.companion(number)
    let known = batch.cursors.cursors(of: device).filter { !$0.isClosed }.map(\.epoch)
    var epoch = known.last ?? 1
    if known.isEmpty || prng.chance(4) {
      if !known.isEmpty, prng.chance(50) {
        _ = batch.close(device: device, epoch: epoch, unknownTail: UInt32(prng.below(60)))
      }
      epoch = (batch.cursors.cursors(of: device).map(\.epoch).max() ?? 0) + 1
      open(number, epoch: epoch)
    }
    guard var seq = batch.cursor(of: device, epoch: epoch)?.next else { return }
    for _ in 0..<(1 + prng.below(4)) {
      if prng.chance(8) {
        let lost = UInt32(1 + prng.below(300))
        if batch.gap(device: device, epoch: epoch, first: seq, count: lost) == .taken {
          seq += lost
        }
      }
      let rows = 1 + prng.below(12)
      for row in 0..<rows {
        for key in 0..<(1 + prng.below(3)) {
          let time = Int64(seq) * 100 + Int64(prng.chance(10) ? prng.below(50) : 0)
          let outcome = batch.append(
            device: device, epoch: epoch, seq: seq, ticksMs: prng.chance(2) ? 7 : time,
            channel: channel(key, row), value: value(key))
          if outcome == .taken { seq += 1 }
        }
      }
    }
  }

  private mutating func listener(_ number: UInt8) {
    for _ in 0..<(1 + prng.below(6)) {
      let key = prng.below(4)
      _ = batch.append(
        device: Fixture.companion(number), bootUs: max(0, nowUs - Int64(prng.below(9_000_000))),
        channel: channel(key, 0), value: value(key))
    }
  }

  /// Units and scales change now and then.
  private mutating func channel(_ key: Int, _ row: Int) -> Channel {
    let unit = prng.chance(3) ? "K" : "Cel"
    switch key {
    case 0: return Channel(key: "temp", unit: unit, exponent: -1)
    case 1: return Channel(key: "lux", unit: "lx")
    case 2: return Channel(key: "note", kind: .text)
    default: return Channel(key: "count", unit: "", kind: .counter, exponent: 0)
    }
  }

  private mutating func value(_ key: Int) -> Value {
    switch key {
    case 0: return .decimal(Int64(200 + prng.below(50)), exponent: prng.chance(4) ? -2 : -1)
    case 1:
      let bits: [UInt64] = [
        0x7FF8_0000_0000_0001, 0x8000_0000_0000_0000, 0x7FF0_0000_0000_0000, prng.next(),
      ]
      return .float(prng.chance(70) ? 21.5 : Double(bitPattern: bits[prng.below(4)]))
    case 2: return .text(String(repeating: "é", count: prng.below(90)))
    default: return .decimal(Int64(bitPattern: prng.next()), exponent: 0)
    }
  }
}

/// Puts commits together again from ranges, as docs/storage-format.md tells it and no faster.
enum NaiveRebuild {
  private struct Sample {
    let channel: CommitChannel
    let seq: Int64
    let time: Int64
    let value: SampleValue
  }

  private struct SourceName: Hashable {
    let identity: DeviceIdentity
    let epoch: UInt32?
  }

  /// Every commit of a range, by its place in it.
  static func bodies(
    _ row: RangeRow, _ reader: BlockReader
  ) throws(DatabaseError) -> [CommitBody] {
    let header = row.header
    var samples = [[SourceName: [Sample]]](repeating: [:], count: header.arrivalsMs.count)
    var done: Set<Int64> = []
    for block in header.blocks {
      guard let series = try reader.seriesId(block.identity, block.channel),
        done.insert(series).inserted
      else { continue }
      for part in try reader.blocks(series: series, range: row.id) {
        let content = try reader.content(part)
        var next = 0
        for (offset, count) in content.commits.enumerated() {
          for index in next..<(next + Int(count)) {
            let (name, sample) = Self.sample(content, index, block)
            samples[Int(content.firstCommit) + offset][name, default: []].append(sample)
          }
          next += Int(count)
        }
      }
    }
    return samples.indices.map { commit in
      var found = samples[commit]
      for loss in header.losses where loss.commit == commit {
        found[SourceName(identity: loss.identity, epoch: loss.epoch), default: []] += []
      }
      let sources = found.map { (name, samples) in
        source(name, samples, header.losses.filter { $0.commit == commit })
      }
      return CommitBody(
        arrivalUs: header.arrivalsMs[commit] * 1_000, sources: sources.sorted { order($0, $1) })
    }
  }

  private static func order(_ left: CommitSource, _ right: CommitSource) -> Bool {
    func epoch(_ clock: SourceClock) -> Int64 {
      if case .device(let epoch, _, _) = clock { return Int64(epoch) }
      return -1
    }
    if left.identity != right.identity { return left.identity < right.identity }
    return epoch(left.clock) < epoch(right.clock)
  }

  private static func sample(
    _ content: BlockContent, _ index: Int, _ block: RangeBlock
  ) -> (SourceName, Sample) {
    let form: ValueForm
    let value: SampleValue
    switch content.description.form {
    case .decimal(let exponent):
      form = .decimal(exponent: exponent)
      value = .decimal(content.values[index])
    case .float:
      form = .float
      value = .float(bits: UInt64(bitPattern: content.values[index]))
    case .text:
      form = .text
      value = .text(String(decoding: content.texts[index], as: UTF8.self))
    }
    var epoch: UInt32?
    if case .device(let number) = content.description.clock { epoch = number }
    let channel = CommitChannel(
      key: block.channel, unit: String(decoding: content.description.unit, as: UTF8.self),
      kind: Channel.Kind(rawValue: content.description.kind) ?? .measurement, form: form)
    return (
      SourceName(identity: block.identity, epoch: epoch),
      Sample(channel: channel, seq: content.seqs[index], time: content.times[index], value: value)
    )
  }

  private static func source(
    _ name: SourceName, _ unsorted: [Sample], _ allLosses: [RangeLoss]
  ) -> CommitSource {
    let samples = unsorted.sorted { $0.seq < $1.seq }
    var channels: [CommitChannel] = []
    var rows: [CommitSample] = []
    for sample in samples {
      let place = channels.firstIndex(of: sample.channel) ?? channels.count
      if place == channels.count { channels.append(sample.channel) }
      rows.append(CommitSample(channel: Int32(place), time: sample.time, value: sample.value))
    }
    var clock = SourceClock.node
    if let epoch = name.epoch {
      var parts = samples.map { (seq: $0.seq, fate: SeqSpan.Fate.samples, count: UInt32(1)) }
      for loss in allLosses where loss.identity == name.identity && loss.epoch == epoch {
        parts.append((Int64(loss.firstSeq), loss.fate, loss.count))
      }
      parts.sort { $0.seq < $1.seq }
      var spans: [SeqSpan] = []
      for part in parts {
        if spans.last?.fate == part.fate {
          spans[spans.count - 1].count += part.count
        } else {
          spans.append(SeqSpan(part.fate, count: part.count))
        }
      }
      clock = .device(epoch: epoch, first: UInt32(parts.first?.seq ?? 0), spans: spans)
    }
    return CommitSource(identity: name.identity, clock: clock, channels: channels, samples: rows)
  }
}

extension StoreCore {
  /// Compacts everything that is due, as `Compactor` does, without a thread; with a limit to the
  /// writes of it, as if the power went.
  func compact(
    _ options: StoreOptions, _ bounds: RangeBounds = RangeBounds(), stepsMax: Int = .max
  ) throws(DatabaseError) -> [CompactionReport] {
    var steps = 0
    while try clearLeftovers() {
      steps += 1
      if steps >= stepsMax { return [] }
    }
    let core = try CompactionCore(path: options.path, vfs: options.vfs, bounds: bounds)
    var reports: [CompactionReport] = []
    while try core.begin(try compactionBounds()) {
      while let step = try core.next() {
        if steps >= stepsMax { return reports }
        switch step {
        case .write(let slice): try write(slice)
        case .publish(let range): try publish(range)
        }
        steps += 1
      }
      if let report = core.job?.report { reports.append(report) }
      repeat {
        if steps >= stepsMax { return reports }
        steps += 1
      } while try clearLeftovers()
    }
    return reports
  }
}
