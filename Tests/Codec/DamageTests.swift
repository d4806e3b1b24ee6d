import Codec
import TestSupport
import Testing

@Suite("Damaged blocks")
struct DamageTests {
  /// Decodes in both ways; what is accepted must be a content that encodes and comes back.
  private func examine(_ bytes: [UInt8], _ comment: String) {
    var times: [Int64] = []
    var values: [Int64] = []
    let fast = try? BlockCodec.decode(bytes.span, times: &times, values: &values)
    guard let content = try? BlockCodec.decode(bytes.span) else { return }
    #expect(fast == content.description, "\(comment)")
    #expect(times == content.times && values == content.values, "\(comment)")
    // A flip in a count makes tens of thousands of readings: those are not all encoded again.
    guard content.count <= 1_000 else { return }
    let again = BlockCodec.encode(content)
    #expect((try? BlockCodec.decode(again.span)) == content, "\(comment)")
  }

  @Test("every bit flip of a block is refused or decodes to another block", arguments: 0..<8)
  func flips(seed: UInt64) {
    var prng = Prng(seed: seed)
    let bytes = BlockCodec.encode(Contents.any(&prng, count: 1 + prng.below(60)))
    for bit in 0..<min(bytes.count * 8, 1_200) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      examine(flipped, "seed \(seed), bit \(bit)")
    }
  }

  @Test("every bit flip of a vector is refused or decodes", arguments: Vector.all)
  func vectors(_ vector: Vector) {
    guard vector.verdict == "golden" else { return }
    for bit in 0..<min(vector.bytes.count * 8, 800) {
      var flipped = vector.bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      vector.examine(flipped)
    }
  }

  @Test("every truncation of a block is refused", arguments: 0..<16)
  func truncations(seed: UInt64) {
    var prng = Prng(seed: seed)
    let bytes = BlockCodec.encode(Contents.any(&prng, count: 1 + prng.below(30)))
    for end in bytes.indices {
      let cut = Array(bytes[..<end])
      #expect(throws: CodecError.self, "seed \(seed), \(end) bytes") {
        try BlockCodec.decode(cut.span)
      }
    }
  }

  @Test("bytes of no sense are refused or decode to a block", arguments: 0..<40)
  func random(seed: UInt64) {
    var prng = Prng(seed: seed)
    for round in 0..<100 {
      var bytes = BlockCodec.encode(Contents.any(&prng, count: 1 + prng.below(40)))
      for _ in 0...prng.below(6) {
        bytes[prng.below(bytes.count)] = UInt8(truncatingIfNeeded: prng.next())
      }
      if prng.chance(20) { bytes += bytes.suffix(prng.below(20)) }
      examine(bytes, "seed \(seed), round \(round)")
    }
  }

  @Test("every bit flip of a summary is refused or decodes to another summary", arguments: 0..<8)
  func summaries(seed: UInt64) {
    var prng = Prng(seed: seed)
    let content = Contents.any(&prng, count: 1 + prng.below(40))
    let form = content.description.form
    let bytes = SummaryCodec.encode(SummaryCodec.summaries(of: content), form: form)
    for bit in 0..<min(bytes.count * 8, 1_200) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let quarters = try? SummaryCodec.decode(flipped.span), !quarters.isEmpty,
        quarters.count <= 1_000
      else {
        continue
      }
      let isFloat = flipped[1] == 1
      let again = SummaryCodec.encode(quarters, form: isFloat ? .float : .decimal(exponent: 0))
      #expect((try? SummaryCodec.decode(again.span)) == quarters, "seed \(seed), bit \(bit)")
    }
  }

  @Test("a few bytes that promise the most readings cost no more than the stated columns")
  func mostReadings() throws {
    let count = Limits.readingsMax
    let even = (0..<count).map { Int64($0) }
    let content = BlockContent(
      description: BlockDescription(
        clock: .node, form: .decimal(exponent: 0), kind: 0, unit: []),
      firstCommit: 0, commits: [Int64(count)], seqs: even, times: even, values: even)
    let bytes = BlockCodec.encode(content)
    #expect(bytes.count < 30)
    #expect(try BlockCodec.decode(bytes.span) == content)
  }
}
