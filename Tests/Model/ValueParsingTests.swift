import Model
import Testing

@Suite("Values as people write them") struct ValueParsingTests {
  @Test(
    "decimals keep their places, the rest is float64 or words",
    arguments: [
      ("21.50", Value.decimal(2150, exponent: -2)), ("-0.5", .decimal(-5, exponent: -1)),
      ("+7", .decimal(7, exponent: 0)), (".5", .decimal(5, exponent: -1)),
      ("5.", .decimal(5, exponent: 0)), ("1e-3", .float(0.001)), ("inf", .float(.infinity)),
      ("9223372036854775807", .decimal(.max, exponent: 0)),
      ("9223372036854775808", .float(9_223_372_036_854_775_808)),
      ("0x10", .text("0x10")), ("--5", .text("--5")), ("1.2.3", .text("1.2.3")),
      ("", .text("")), (".", .text(".")), ("-", .text("-")), ("6,8", .text("6,8")),
      ("info", .text("info")),
    ])
  func parsing(text: String, value: Value) {
    #expect(Value(parsing: text) == value)
  }

  @Test("values come into one form that holds each of them exactly, or into none") func oneForm() {
    #expect(
      Value.inOneForm([.decimal(5, exponent: 0), .decimal(25, exponent: -2)])
        == [.decimal(500, exponent: -2), .decimal(25, exponent: -2)])
    #expect(
      Value.inOneForm([.decimal(5, exponent: 0), .float(1.5)]) == [.float(5), .float(1.5)])
    #expect(
      Value.inOneForm([.decimal(.max, exponent: 0), .decimal(5, exponent: -1)])
        == [.float(Double(Int64.max)), .float(0.5)])
    #expect(Value.inOneForm([.text("a"), .text("5")]) == [.text("a"), .text("5")])
    #expect(Value.inOneForm([.text("a"), .decimal(5, exponent: 0)]) == nil)
  }
}
