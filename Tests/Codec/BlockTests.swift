import Codec
import Testing
import TestSupport

@Suite("Block contents")
struct BlockTests {
  @Test("a block of any form comes back", arguments: 0..<200 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let content = Contents.any(&prng)
    let bytes = BlockCodec.encode(content)
    #expect(try BlockCodec.decode(bytes.span) == content, "seed \(seed)")
    var times: [Int64] = [7]
    var values: [Int64] = [7, 8]
    let description = try BlockCodec.decode(bytes.span, times: &times, values: &values)
    #expect(description == content.description, "seed \(seed)")
    #expect(values == content.values, "seed \(seed)")
    #expect(times == content.times, "seed \(seed)")
  }

  @Test("a block says what it is about from its first bytes")
  func describe() throws {
    var prng = Prng(seed: 1)
    let content = Contents.any(&prng)
    let (description, count) = try BlockCodec.describe(BlockCodec.encode(content).span)
    #expect(description == content.description)
    #expect(count == content.count)
  }

  @Test("summaries of any block come back", arguments: 0..<100 as Range<UInt64>)
  func summaries(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let content = Contents.any(&prng)
    let summaries = SummaryCodec.summaries(of: content)
    let bytes = SummaryCodec.encode(summaries, form: content.description.form)
    #expect(try SummaryCodec.decode(bytes.span) == summaries ?? [], "seed \(seed)")
  }

  private func quarterTicks(_ content: BlockContent) -> Int64 {
    content.description.clock == .node ? 900_000_000 : 900_000
  }

  @Test("summaries are what a naive model says of any block", arguments: 0..<100)
  func naive(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let content = Contents.any(&prng)
    guard case .decimal = content.description.form,
      let summaries = SummaryCodec.summaries(of: content)
    else { return }
    let ticks = Double(quarterTicks(content))
    let quarters = Dictionary(grouping: content.times.indices) { index in
      // Exact where it matters: a time of more than 2^53 has no neighbour in another quarter here.
      content.times[index] % quarterTicks(content) == 0
        ? content.times[index] / quarterTicks(content)
        : Int64((Double(content.times[index]) / ticks).rounded(.down))
    }
    for summary in summaries where summary.quarter.magnitude < 1 << 20 {
      let values = quarters[summary.quarter, default: []].map { content.values[$0] }
      #expect(summary.count == Int64(values.count), "seed \(seed)")
      #expect(summary.min == values.min() && summary.max == values.max(), "seed \(seed)")
      #expect(summary.sum == values.reduce(0, +), "seed \(seed)")
    }
    #expect(summaries.reduce(0) { $0 + $1.count } == Int64(content.count), "seed \(seed)")
  }

  @Test("a sum that passes 64 bits on its way leaves the block without a summary")
  func overflow() {
    var content = BlockContent(
      description: BlockDescription(clock: .node, form: .decimal(exponent: 0), kind: 0, unit: []),
      firstCommit: 0, commits: [3], seqs: [1, 2, 3], times: [1, 2, 3], values: [.max, 1, -5])
    #expect(SummaryCodec.summaries(of: content) == nil)
    content.times[1] = 900_000_000
    #expect(SummaryCodec.summaries(of: content)?.count == 2)
  }

  @Test("a sum of floats that is not a number has one bit pattern on every machine")
  func notANumber() {
    let infinities = [Double.infinity, -.infinity].map { Int64(bitPattern: $0.bitPattern) }
    let content = BlockContent(
      description: BlockDescription(clock: .node, form: .float, kind: 0, unit: []),
      firstCommit: 0, commits: [2], seqs: [1, 2], times: [1, 2], values: infinities)
    #expect(SummaryCodec.summaries(of: content)?.map(\.sum) == [0x7FF8_0000_0000_0000])
  }

  @Test("columns of different lengths are our own mistake and stop the process")
  func ownMistake() async {
    await #expect(processExitsWith: .failure) {
      _ = BlockCodec.encode(
        BlockContent(
          description: BlockDescription(clock: .node, form: .float, kind: 0, unit: []),
          firstCommit: 0, commits: [2], seqs: [1], times: [1, 2], values: [1, 2]))
    }
  }
}
