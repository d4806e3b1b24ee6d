import Model
import Sync
import Testing

@Suite("Reading batch") struct ReadingBatchTests {
  private let device = Samples.board(1)
  private let channel = Channel(key: "temp", unit: "Cel", exponent: -1)

  private func opened(next: UInt32 = 0, capacity: UInt32 = 64) -> ReadingBatch {
    var batch = ReadingBatch(cursors: CursorFold())
    _ = batch.open(
      Cursor(identity: device, epoch: 3, nonce: 9, next: next, ringCapacity: capacity))
    return batch
  }

  private func append(
    _ batch: inout ReadingBatch, _ seq: UInt32, epoch: UInt32 = 3
  ) -> ReadingBatch.Outcome {
    batch.append(
      device: device, epoch: epoch, seq: seq, ticksMs: Int64(seq) * 10, channel: channel,
      value: .decimal(1, exponent: -1))
  }

  @Test("a sample is taken once, in order, and a hole is told") func order() {
    var batch = opened()
    #expect(append(&batch, 0) == .taken)
    #expect(append(&batch, 0) == .repeated)
    #expect(append(&batch, 2) == .hole(expected: 1))
    #expect(append(&batch, 1) == .taken)
    #expect(batch.sampleCount == 2)
    #expect(batch.waiting(of: device, epoch: 3) == 2)
  }

  @Test("what a commit has taken is not taken again") func acrossCommits() {
    var batch = opened()
    _ = append(&batch, 0)
    let content = batch.take(arrivalUs: 1)
    #expect(content?.cursors.map(\.next) == [1])
    #expect(append(&batch, 0) == .repeated)
    #expect(batch.isEmpty)
    let nothing = batch.take(arrivalUs: 2)
    #expect(nothing == nil)
    #expect(append(&batch, 1) == .taken)
  }

  @Test("an epoch that was not opened, or is closed, takes nothing") func notOpen() {
    var batch = opened()
    #expect(append(&batch, 0, epoch: 4) == .notOpen)
    #expect(batch.close(device: device, epoch: 3, unknownTail: 10) == .taken)
    #expect(append(&batch, 0) == .notOpen)
    let content = batch.take(arrivalUs: 1)
    #expect(content?.cursors.first?.isClosed == true)
    #expect(append(&batch, 0) == .notOpen)
    let cursor = Cursor(identity: device, epoch: 3, nonce: 10, ringCapacity: 64)
    let isOpen = batch.open(cursor)
    #expect(isOpen)
    #expect(append(&batch, 0) == .notOpen, "opening again does not reopen what is closed")
  }

  @Test("an epoch that no commit has yet is known, beside those of earlier commits")
  func cursorsOfWhatWaits() {
    var batch = opened()
    _ = append(&batch, 0)
    _ = batch.take(arrivalUs: 1)
    _ = append(&batch, 1)
    _ = batch.open(Cursor(identity: device, epoch: 5, nonce: 10, ringCapacity: 64))
    _ = batch.open(Cursor(identity: Samples.board(2), epoch: 4, nonce: 11, ringCapacity: 64))
    _ = append(&batch, 0, epoch: 5)
    let known = batch.cursors(of: device)
    #expect(known.map(\.epoch) == [3, 5])
    #expect(known.map(\.next) == [2, 1])
    #expect(known.allSatisfy { $0.identity == device })
  }

  @Test("gaps and tails stand between the samples as spans") func spans() {
    var batch = opened(next: 5)
    _ = append(&batch, 5)
    #expect(batch.gap(device: device, epoch: 3, first: 6, count: 4) == .taken)
    #expect(batch.gap(device: device, epoch: 3, first: 6, count: 4) == .repeated)
    #expect(batch.gap(device: device, epoch: 3, first: 8, count: 4) == .taken)
    #expect(batch.gap(device: device, epoch: 3, first: 20, count: 1) == .hole(expected: 12))
    _ = append(&batch, 12)
    _ = batch.close(device: device, epoch: 3, unknownTail: 64)
    let source = batch.take(arrivalUs: 1)?.body.sources.first
    #expect(
      source?.clock
        == .device(
          epoch: 3, first: 5,
          spans: [
            SeqSpan(.samples, count: 1), SeqSpan(.gap, count: 6), SeqSpan(.samples, count: 1),
            SeqSpan(.unknownTail, count: 64),
          ]))
  }

  @Test("an unknown tail never passes the last seq") func tail() {
    var batch = opened(next: .max - 3)
    #expect(batch.close(device: device, epoch: 3, unknownTail: 64) == .taken)
    let content = batch.take(arrivalUs: 1)
    #expect(content?.cursors.map(\.next) == [.max])
    #expect(opened(next: .max).cursor(of: device, epoch: 3)?.next == .max)
  }

  @Test("a full batch refuses, stays within a body, and goes on after the commit") func full()
    throws
  {
    var batch = opened()
    var seq: UInt32 = 0
    let text = Value.text(String(repeating: "x", count: 200))
    while batch.append(
      device: device, epoch: 3, seq: seq, ticksMs: Int64(seq) << 20, channel: channel,
      value: seq % 2 == 0 ? text : .decimal(.max, exponent: -1)) == .taken
    { seq += 1 }
    #expect(batch.isHalfFull)
    while append(&batch, seq) == .taken { seq += 1 }
    #expect(append(&batch, seq) == .full)
    let body = batch.take(arrivalUs: 1)?.body
    let bytes = body.map { CommitEncoder.encode($0) } ?? []
    #expect((Limits.batchBytesMax / 2...Limits.commitBytesMax).contains(bytes.count))
    #expect(try CommitDecoder.decode(bytes).sampleCount == Int(seq))
    #expect(append(&batch, batch.cursor(of: device, epoch: 3)?.next ?? 0) == .taken)
  }

  @Test(
    "what no commit can hold is refused",
    arguments: [
      Channel(key: ""), Channel(key: "seventeen-letters"), Channel(key: "a b"),
      Channel(key: "é"), Channel(key: "t", unit: "ninechars"),
    ])
  func invalid(_ channel: Channel) {
    var batch = opened()
    let value = Value.decimal(1, exponent: 0)
    #expect(
      batch.append(
        device: device, epoch: 3, seq: 0, ticksMs: 0, channel: channel, value: value) == .invalid)
    let text = Value.text(String(repeating: "é", count: 101))
    #expect(
      batch.append(
        device: device, epoch: 3, seq: 0, ticksMs: 0, channel: self.channel, value: text)
        == .invalid)
    for ticksMs in [-1, 1 << 48] as [Int64] {
      #expect(
        batch.append(
          device: device, epoch: 3, seq: 0, ticksMs: ticksMs, channel: self.channel, value: value)
          == .invalid)
    }
    #expect(batch.sampleCount == 0)
  }

  @Test("a fold keeps every open epoch and forgets old closed ones") func fold() {
    var fold = CursorFold()
    for epoch in 1...100 as ClosedRange<UInt32> {
      fold.apply(
        Cursor(
          identity: device, epoch: epoch, nonce: 1, next: epoch, isClosed: epoch > 3,
          ringCapacity: 1))
    }
    let known = fold.cursors(of: device).map(\.epoch)
    #expect(known.count == Limits.epochsPerDeviceMax)
    #expect(known.starts(with: [1, 2, 3]) && known.last == 100)
  }
}

@Suite("Runs of samples") struct SampleRunTests {
  private let device = Samples.board(1)
  private let channels = [
    Channel(key: "temp", unit: "Cel", exponent: -1), Channel(key: "note", kind: .text),
    Channel(key: "seventeen-letters"),
  ]

  private func opened() -> ReadingBatch {
    var batch = ReadingBatch(cursors: CursorFold())
    _ = batch.open(Cursor(identity: device, epoch: 3, nonce: 9, next: 0, ringCapacity: 64))
    return batch
  }

  private func run(_ samples: [(UInt32, UInt8, SampleValue)]) -> SampleRun {
    var run = SampleRun()
    for (seq, channel, value) in samples {
      run.append(seq: seq, ticksMs: UInt64(seq) * 10, channel: channel, value: value)
    }
    return run
  }

  @Test("what came before is passed over, the rest is stored under its channel and exponent")
  func overlap() throws {
    var batch = opened()
    let first = run([(0, 0, .decimal(215)), (1, 1, .text("open"))])
    #expect(batch.append(device: device, epoch: 3, run: first, channels: channels).taken == 2)
    let again = run([
      (1, 1, .text("open")), (2, 0, .decimal(216)), (3, 0, .float(bits: 7)), (4, 1, .text("shut")),
    ])
    let outcome = batch.append(device: device, epoch: 3, run: again, channels: channels)
    #expect(outcome == .init(taken: 3, passed: 4, stopped: nil))
    let source = try #require(batch.take(arrivalUs: 1)?.body.sources.first)
    let stored = source.samples.map { sample in
      let channel = source.channels[Int(sample.channel)]
      return "\(channel.key) \(sample.time) \(sample.value.value(channel.form))"
    }
    let number = Double(bitPattern: 7)
    #expect(
      stored == [
        "temp 0 21.5", "note 10 open", "temp 20 21.6", "temp 30 \(number)", "note 40 shut",
      ]
    )
  }

  @Test("a run stops at a hole and at what no commit can hold, and goes on behind it") func stops()
  {
    var batch = opened()
    let samples = run([(0, 0, .decimal(1)), (1, 2, .decimal(2)), (2, 0, .decimal(3))])
    let outcome = batch.append(device: device, epoch: 3, run: samples, channels: channels)
    #expect(outcome == .init(taken: 1, passed: 1, stopped: .invalid))
    #expect(batch.gap(device: device, epoch: 3, first: 1, count: 1) == .taken)
    let rest = batch.append(device: device, epoch: 3, run: samples, from: 2, channels: channels)
    #expect(rest == .init(taken: 1, passed: 1, stopped: nil))
    let ahead = run([(4, 0, .decimal(1))])
    let hole = batch.append(device: device, epoch: 3, run: ahead, channels: channels)
    #expect(hole == .init(taken: 0, passed: 0, stopped: .hole(expected: 3)))
    let undescribed = run([(3, 9, .decimal(1))])
    let refused = batch.append(device: device, epoch: 3, run: undescribed, channels: channels)
    #expect(refused.stopped == .invalid)
  }

  @Test("a descriptor that changes between two runs changes what is stored from then on")
  func redescribed() {
    var batch = opened()
    let one = run([(0, 0, .decimal(5))])
    _ = batch.append(device: device, epoch: 3, run: one, channels: channels)
    var finer = channels
    finer[0].exponent = -2
    let two = run([(1, 0, .decimal(5))])
    _ = batch.append(device: device, epoch: 3, run: two, channels: finer)
    let source = batch.take(arrivalUs: 1)?.body.sources.first
    let forms = source?.samples.map { source?.channels[Int($0.channel)].form }
    #expect(forms == [.decimal(exponent: -1), .decimal(exponent: -2)])
  }
}
