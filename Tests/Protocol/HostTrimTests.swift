import Protocol
import Testing

@testable import ProtocolSearch

/// How a message lies to what came before it: every way in a small world.
private struct Overlap: CustomTestStringConvertible {
  static let received: UInt32 = 10

  static let all: [Overlap] = (0...13 as ClosedRange<UInt32>).flatMap { first in
    (first + 1...15).map { Overlap(range: first..<$0) }
  }

  var range: Range<UInt32>

  var testDescription: String { "\(range) after \(Self.received)" }
  var isAhead: Bool { range.lowerBound > Self.received }

  /// What of it is new, if it may be taken at all.
  var fresh: Range<UInt32> { isAhead ? 0..<0 : range.clamped(to: Self.received..<UInt32.max) }

  /// Where the cursor stands after it.
  var cursor: UInt32 { fresh.isEmpty ? Self.received : range.upperBound }

  var repeated: UInt64 { isAhead ? 0 : UInt64(range.count - fresh.count) }
}

@Suite("A host: what is repeated") struct HostTrimTests {
  /// The seqs that samples and gaps gave out, sample by sample as the node will see them; nothing
  /// is ever given out that holds none.
  private func given(_ bench: HostBench, body: [UInt8]) throws -> [UInt32] {
    var seqs: [UInt32] = []
    for action in bench.actions {
      switch action {
      case .samples(let epoch, let first, let count):
        let before = seqs.count
        try SamplesDecoder.forEach(in: body.span, from: first) { seqs.append($0.seq) }
        #expect(epoch == 7 && count > 0 && seqs.count - before == Int(count))
      case .gap(let epoch, let first, let count):
        #expect(epoch == 7 && count > 0)
        seqs += first..<first + count
      default: break
      }
    }
    return seqs
  }

  /// A bench to which the first ten seqs came as samples.
  private func benchOfTen() -> HostBench {
    let bench = HostBench.attached()
    bench.hear(samples(0..<Overlap.received))
    bench.forget()
    return bench
  }

  private func check(_ overlap: Overlap, _ bench: HostBench) {
    let cursor = bench.session.cursor(ofEpoch: 7)
    #expect(cursor == AttachPlan.Cursor(durable: 0, received: overlap.cursor))
    #expect(bench.counts.repeated == overlap.repeated)
    #expect(bench.counts.outOfOrder == (overlap.isAhead ? 1 : 0))
  }

  @Test("samples are trimmed to those that did not come before", arguments: Overlap.all)
  private func trimmedSamples(overlap: Overlap) throws {
    let bench = benchOfTen()
    let body = samples(overlap.range)
    bench.hear(body)
    #expect(try given(bench, body: body) == Array(overlap.fresh))
    #expect(bench.counts.samples == UInt64(Overlap.received) + UInt64(overlap.fresh.count))
    check(overlap, bench)
  }

  @Test("a GAP is trimmed to what did not come before", arguments: Overlap.all)
  private func trimmedGap(overlap: Overlap) throws {
    let bench = benchOfTen()
    let body = Body {
      Gap(index: 0, first: overlap.range.lowerBound, count: UInt32(overlap.range.count))
        .write(into: &$0)
    }.array
    bench.hear(body)
    #expect(try given(bench, body: body) == Array(overlap.fresh))
    #expect(bench.counts.gapSamples == UInt64(overlap.fresh.count))
    check(overlap, bench)
  }

  @Test("what a session before took counts as received") func earlierSession() throws {
    let bench = HostBench.attached(durable: 10, received: 20)
    let body = samples(10..<25)
    bench.hear(body)
    #expect(try given(bench, body: body) == Array(20..<25))
    #expect(bench.counts.repeated == 10)
  }
}
