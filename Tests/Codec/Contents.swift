import Codec
import TestSupport

/// Blocks of every form, with columns as `Numbers` makes them.
enum Contents {
  static func any(_ prng: inout Prng) -> BlockContent {
    let count = 1 + prng.below(300)
    return any(&prng, count: count)
  }

  static func any(_ prng: inout Prng, count: Int) -> BlockContent {
    let form: BlockDescription.Form =
      switch prng.below(4) {
      case 0: .text
      case 1: .float
      default: .decimal(exponent: Int8(truncatingIfNeeded: prng.next()))
      }
    let clock: BlockDescription.Clock =
      prng.chance(50) ? .node : .device(epoch: UInt32(truncatingIfNeeded: prng.next()))
    let units = ["", "Cel", "%RH", "12345678"]
    return BlockContent(
      description: BlockDescription(
        clock: clock, form: form, kind: UInt8(prng.below(5)),
        unit: Array(units[prng.below(units.count)].utf8)),
      firstCommit: Int64(prng.below(4096)), commits: commits(&prng, count: count),
      seqs: Numbers.any(&prng, count: count), times: Numbers.any(&prng, count: count),
      values: form == .text
        ? []
        : form == .float
          ? floats(&prng, count: count)
          : Numbers.any(&prng, count: count),
      texts: form == .text ? texts(&prng, count: count) : [])
  }

  /// Parts that add up, some of them empty.
  static func commits(_ prng: inout Prng, count: Int) -> [Int64] {
    var rest = count
    var commits: [Int64] = []
    while rest > 0 {
      let part = min(prng.below(20), rest)
      commits.append(Int64(part))
      rest -= part
    }
    return commits
  }

  /// Bit patterns: decimals of one scale with a few oddities, or anything at all.
  static func floats(_ prng: inout Prng, count: Int) -> [Int64] {
    let odd: [Double] = [.nan, -.infinity, .infinity, -0.0, .leastNonzeroMagnitude, 1e300]
    let scale = [1.0, 10, 100, 1000][prng.below(4)]
    let kind = prng.below(3)
    return (0..<count).map { _ in
      let whole = Double(prng.below(100_000) - 50_000)
      let number: Double =
        switch kind {
        case 0: Double(bitPattern: prng.next())
        case 1: Double(Float(whole / scale))
        default: whole / scale
        }
      let oddity = prng.chance(3) ? odd[prng.below(odd.count)] : number
      return Int64(bitPattern: oddity.bitPattern)
    }
  }

  static func texts(_ prng: inout Prng, count: Int) -> [[UInt8]] {
    let words = ["on", "off", "", "été", String(repeating: "x", count: 200)]
    return (0..<count).map { _ in Array(words[prng.below(words.count)].utf8) }
  }
}
