import Codec

/// Contents as one line, in the form of docs/vectors/codec.txt.
enum Describe {
  static func numbers(_ numbers: [Int64]) -> String {
    numbers.map { "\($0)" }.joined(separator: " ")
  }

  static func patterns(_ patterns: [Int64]) -> String {
    patterns.map { pattern in
      let digits = String(UInt64(bitPattern: pattern), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined(separator: " ")
  }

  static func block(_ content: BlockContent) -> String {
    let description = content.description
    let clock =
      switch description.clock {
      case .node: "node"
      case .device(let epoch): "epoch \(epoch)"
      }
    let (form, values) =
      switch description.form {
      case .decimal(let exponent): ("decimal\(exponent)", numbers(content.values))
      case .float: ("float", patterns(content.values))
      case .text: ("text", content.texts.map { $0.isEmpty ? "-" : hex($0) }.joined(separator: " "))
      }
    let unit = description.unit.isEmpty ? "-" : String(decoding: description.unit, as: UTF8.self)
    return "\(clock) \(form) kind \(description.kind) unit \(unit);"
      + " commits \(content.firstCommit): \(numbers(content.commits));"
      + " seqs \(numbers(content.seqs)); times \(numbers(content.times)); values \(values)"
  }

  static func summary(_ quarters: [QuarterSummary]) -> String {
    guard !quarters.isEmpty else { return "none" }
    return quarters.map {
      numbers([$0.quarter, $0.count, $0.numbers, $0.min, $0.max, $0.sum])
    }.joined(separator: "; ")
  }

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] * 16 + digits[$0 + 1])
    }
  }
}
