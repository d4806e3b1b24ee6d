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

  @Test("summaries of any block come back", arguments: 0..<100 as Range<UInt64>)
  func summaries(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let content = Contents.any(&prng)
    let summaries = SummaryCodec.summaries(of: content)
    let bytes = SummaryCodec.encode(summaries, form: content.description.form)
    #expect(try SummaryCodec.decode(bytes.span) == summaries ?? [], "seed \(seed)")
  }
}
