import Model
import Protocol
import Testing

@testable import Devices

@Suite("Samples of one read") struct PendingRunTests {
  private let body: [UInt8] = Array("openshut".utf8)

  private func add(_ seqs: ClosedRange<UInt32>, to pending: inout PendingRun) {
    for seq in seqs {
      pending.add(
        Sample(seq: seq, ticks: UInt64(seq), channel: 0, value: .integer(Int64(seq))), body.span)
    }
  }

  /// A read whose first frame brought 0 and 1.
  private func afterOneFrame() -> PendingRun {
    var pending = PendingRun(reserving: 0)
    pending.beginFrame()
    add(0...1, to: &pending)
    _ = pending.accept(epoch: 1, first: 0, count: 2)
    pending.endFrame()
    return pending
  }

  private func describe(_ event: LinkEvent?) -> String {
    guard case .samples(let epoch, let run)? = event else { return "none" }
    let values = run.samples.map { sample in
      switch run.value(sample) {
      case .decimal(let value): return "\(sample.seq)=\(value)"
      case .float(let bits): return "\(sample.seq)=\(Double(bitPattern: bits))"
      case .text(let text): return "\(sample.seq)=\(text)"
      }
    }
    return "\(epoch): " + values.joined(separator: " ")
  }

  @Test("frames that carry each other on become one run, without what was repeated")
  func carriedOn() {
    var pending = PendingRun(reserving: 4)
    pending.beginFrame()
    add(5...6, to: &pending)
    #expect(describe(pending.accept(epoch: 1, first: 5, count: 2)) == "none")
    pending.endFrame()
    pending.beginFrame()
    add(6...8, to: &pending)
    #expect(describe(pending.accept(epoch: 1, first: 7, count: 2)) == "none")
    pending.endFrame()
    #expect(describe(pending.take()) == "1: 5=5 6=6 7=7 8=8")
    #expect(describe(pending.take()) == "none")
  }

  @Test("what the session does not take of a frame is dropped, with what came before kept")
  func refused() {
    var pending = afterOneFrame()
    pending.beginFrame()
    add(9...12, to: &pending)
    pending.endFrame()
    pending.beginFrame()
    add(2...2, to: &pending)
    _ = pending.accept(epoch: 1, first: 2, count: 1)
    pending.endFrame()
    #expect(describe(pending.take()) == "1: 0=0 1=1 2=2")
  }

  @Test("another epoch, or a break in the numbers, begins another run", arguments: [2, 1])
  func another(_ epoch: UInt32) {
    var pending = PendingRun(reserving: 0)
    pending.beginFrame()
    pending.add(
      Sample(seq: 3, ticks: 1, channel: 1, value: .text(offset: 0, count: 4)), body.span)
    _ = pending.accept(epoch: 1, first: 3, count: 1)
    pending.endFrame()
    pending.beginFrame()
    pending.add(
      Sample(seq: 8, ticks: 2, channel: 1, value: .text(offset: 4, count: 4)), body.span)
    #expect(describe(pending.accept(epoch: epoch, first: 8, count: 1)) == "1: 3=open")
    pending.endFrame()
    #expect(describe(pending.take()) == "\(epoch): 8=shut")
  }

  @Test("what comes in the middle of a frame finds only what the session took before")
  func inBetween() {
    var pending = afterOneFrame()
    pending.beginFrame()
    add(2...3, to: &pending)
    #expect(describe(pending.take()) == "1: 0=0 1=1")
    _ = pending.accept(epoch: 1, first: 2, count: 2)
    pending.endFrame()
    #expect(describe(pending.take()) == "1: 2=2 3=3")
  }
}
