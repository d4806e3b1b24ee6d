import Codec
import TestSupport
import Testing

/// What the issue asks of the bytes at rest, less what rows, header and index take beside them.
@Suite("Sizes of blocks")
struct SizeTests {
  private static let count = 7_200
  private static let besideContent = 0.06

  /// A walk of small steps with noise of two digits each way.
  private static func walk(_ prng: inout Prng, unit: Int64 = 1) -> [Int64] {
    var level = 21_500
    return (0..<count).map { _ in
      level += prng.below(21) - 10
      return Int64((level + prng.below(301) - 150) / 100) * unit
    }
  }

  private static func values(_ name: String, _ prng: inout Prng) -> [Int64] {
    switch name {
    case "walk": return walk(&prng)
    case "ds18b20": return walk(&prng, unit: 625)
    case "relay":
      var state: Int64 = 0
      return (0..<count).map { _ in
        if prng.chance(1) { state = 1 - state }
        return state
      }
    case "counter":
      var total: Int64 = 0
      return (0..<count).map { _ in
        total += Int64(prng.below(4))
        return total
      }
    default:
      return (0..<count).map { _ in
        let number = Double(prng.next() >> 11) / 9_007_199_254_740_992
        return Int64(bitPattern: number.bitPattern)
      }
    }
  }

  @Test(
    "a block of 7200 readings is small enough", arguments: ["walk", "relay", "counter", "ds18b20"],
    [0, 3])
  func sensors(name: String, jitterMs: Int) {
    let most = jitterMs > 0 ? 1.0 : name == "ds18b20" ? 0.6 : 0.5
    #expect(size(name, jitterMs) + Self.besideContent <= most)
  }

  @Test("random floats take little more than their eight bytes")
  func floats() {
    #expect(size("floats", 0) + Self.besideContent <= 8.5)
  }

  /// Bytes for each reading, its summary included.
  private func size(_ name: String, _ jitterMs: Int) -> Double {
    var prng = Prng(seed: 7)
    let form: BlockDescription.Form = name == "floats" ? .float : .decimal(exponent: -1)
    let content = BlockContent(
      description: BlockDescription(
        clock: .device(epoch: 1), form: form, kind: 0, unit: Array("Cel".utf8)),
      firstCommit: 0, commits: (0..<720).map { 10 + Int64($0 % 3) - 1 },
      seqs: (0..<Self.count).map { Int64($0) * 3 },
      times: (0..<Self.count).map {
        Int64($0) * 1_000 + Int64(prng.below(2 * jitterMs + 1) - jitterMs)
      },
      values: Self.values(name, &prng))
    let summary = SummaryCodec.encode(SummaryCodec.summaries(of: content), form: form)
    return Double(BlockCodec.encode(content).count + summary.count) / Double(Self.count)
  }
}
