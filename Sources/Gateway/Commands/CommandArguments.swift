internal import Api
internal import Devices
internal import Protocol

/// What a person types as arguments, as a board reads them (PROTOCOL.md 2.9).
enum CommandArguments {
  /// The most bytes that the largest COMMAND holds.
  static let bytesMax = 230

  /// Encodes arguments in the order of the descriptor; decimals become mantissas exactly, and
  /// `on`, `off`, `true`, `false` are 1 and 0. Throws `bad-argument`.
  static func encode(
    _ arguments: [String], for command: BoardDescriptor.Command
  ) throws(ServiceError) -> [UInt8] {
    guard arguments.count == command.arguments.count else {
      let names = command.arguments.map(\.name).joined(separator: ", ")
      throw refusal(
        names,
        "\(command.name) takes \(command.arguments.count) argument(s) (\(names)), not"
          + " \(arguments.count)")
    }
    var out: [UInt8] = []
    for (text, argument) in zip(arguments, command.arguments) {
      out += argument.isText ? try self.text(text, argument) : try number(text, argument)
    }
    return out
  }

  static func refusal(_ argument: String, _ detail: String) -> ServiceError {
    ServiceError(
      status: 422, code: "bad-argument", parameters: ["argument": argument], detail: detail,
      remedy: "bivouac devices show lists the commands with their arguments")
  }

  private static func text(
    _ text: String, _ argument: BoardDescriptor.Command.Argument
  ) throws(ServiceError) -> [UInt8] {
    let bytes = Array(text.utf8)
    let range = argument.range ?? 0...200
    guard range.contains(Int64(bytes.count)), bytes.count <= 200 else {
      throw refusal(
        argument.name,
        "\(argument.name) may have \(range.lowerBound) to \(range.upperBound) bytes, this has"
          + " \(bytes.count)")
    }
    return [UInt8(bytes.count)] + bytes
  }

  private static func number(
    _ text: String, _ argument: BoardDescriptor.Command.Argument
  ) throws(ServiceError) -> [UInt8] {
    guard let value = mantissa(text, exponent: argument.exponent) else {
      throw refusal(argument.name, "\(argument.name) is a number, and \(text) is not one it takes")
    }
    if let range = argument.range, !range.contains(value) {
      throw refusal(
        argument.name,
        "\(argument.name) is from \(range.lowerBound) to \(range.upperBound), and \(text) is not")
    }
    var body = Body()
    body.append(zigzag: value)
    return (0..<body.count).map { body[$0] }
  }

  /// The integer `n` with `n * 10^exponent` equal to the text; nil when there is none.
  static func mantissa(_ text: String, exponent: Int8) -> Int64? {
    switch text.lowercased() {
    case "on", "true": return exponent == 0 ? 1 : nil
    case "off", "false": return exponent == 0 ? 0 : nil
    default: break
    }
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, whole != "-" else { return nil }
    var fraction = parts.count > 1 ? String(parts[1]) : ""
    guard parts.count == 1 || !fraction.isEmpty,
      fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    while fraction.hasSuffix("0") { fraction.removeLast() }
    var digits = String(whole) + fraction
    // Nothing is nothing at every scale.
    if Int64(digits) == 0 { return 0 }
    var place = -fraction.count
    while place > Int(exponent) {
      digits += "0"
      place -= 1
    }
    while place < Int(exponent) {
      guard digits.hasSuffix("0"), digits.count > 1 else { return nil }
      digits.removeLast()
      place += 1
    }
    return Int64(digits)
  }
}
