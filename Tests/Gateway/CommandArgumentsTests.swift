import Api
import Testing

@testable import Devices
@testable import Gateway

@Suite("Command arguments") struct CommandArgumentsTests {
  private typealias Argument = BoardDescriptor.Command.Argument

  private func encode(_ words: [String], _ arguments: [Argument]) -> [UInt8]? {
    let command = BoardDescriptor.Command(
      name: "set", op: 1, arguments: arguments, takesLease: false)
    do throws(ServiceError) {
      return try CommandArguments.encode(words, for: command)
    } catch {
      #expect(error.code == "bad-argument" && error.status == 422)
      return nil
    }
  }

  private func number(exponent: Int8 = 0, _ range: ClosedRange<Int64>? = nil) -> Argument {
    Argument(isText: false, exponent: exponent, name: "n", range: range)
  }

  private func text(_ range: ClosedRange<Int64>? = nil) -> Argument {
    Argument(isText: true, exponent: 0, name: "t", range: range)
  }

  @Test(
    "decimals become mantissas exactly",
    arguments: [
      ("21.5", -1, 215), ("21.50", -2, 2150), ("0.1", -12, 100_000_000_000), ("-0.05", -2, -5),
      ("1200", 2, 12), ("0", 3, 0), ("0", -3, 0), ("-7", 0, -7), ("3.000", 0, 3),
      ("9223372036854775807", 0, Int64.max), ("-9223372036854775808", 0, Int64.min),
      ("on", 0, 1), ("OFF", 0, 0), ("true", 0, 1), ("false", 0, 0), ("-0.0", -1, 0),
    ] as [(String, Int8, Int64)])
  func exact(word: String, exponent: Int8, mantissa: Int64) {
    #expect(CommandArguments.mantissa(word, exponent: exponent) == mantissa)
  }

  @Test(
    "what has no exact mantissa is none",
    arguments: [
      ("21.55", -1), ("1250", 2), ("", 0), ("-", 0), (".", 0), ("1.", 0), (".5", -1), ("1e3", 0),
      ("9223372036854775808", 0), ("1", -19), ("0x10", 0), ("1,5", -1), ("1.2.3", -2), ("--1", 0),
      ("1.-2", -2), ("on", -1), ("\u{0661}", 0), (" 1", 0), ("nan", 0),
    ] as [(String, Int8)])
  func none(word: String, exponent: Int8) {
    #expect(CommandArguments.mantissa(word, exponent: exponent) == nil)
  }

  @Test("a number is a zigzag varint, in the order of the descriptor") func numbers() {
    #expect(encode(["1", "-1"], [number(), number()]) == [2, 1])
    #expect(encode(["21.5"], [number(exponent: -1)]) == [0xAE, 0x03])
  }

  @Test("a range is kept on both sides") func ranges() {
    let argument = number(exponent: -1, 0...1000)
    #expect(encode(["0"], [argument]) == [0])
    #expect(encode(["100"], [argument]) != nil)
    #expect(encode(["100.1"], [argument]) == nil)
    #expect(encode(["-0.1"], [argument]) == nil)
  }

  @Test("a text has its length before it, within its range and 200 bytes") func texts() {
    #expect(encode(["é"], [text()]) == [2, 0xC3, 0xA9])
    #expect(encode([""], [text()]) == [0])
    #expect(encode([""], [text(1...4)]) == nil)
    #expect(encode(["abcde"], [text(1...4)]) == nil)
    #expect(encode([String(repeating: "x", count: 200)], [text()])?.count == 201)
    #expect(encode([String(repeating: "x", count: 201)], [text()]) == nil)
    #expect(encode([String(repeating: "x", count: 201)], [text(0...500)]) == nil)
  }

  @Test("too few and too many are refused") func count() {
    #expect(encode([], [number()]) == nil)
    #expect(encode(["1", "2"], [number()]) == nil)
    #expect(encode([], []) == [])
  }
}
