import Testing

@testable import Cli

@Suite("Figures, spans and times")
struct FiguresTests {
  @Test("French has a decimal comma, and nothing but a number gets one")
  func decimal() {
    #expect(Figures.decimal("-21.5", .french) == "-21,5")
    #expect(Figures.decimal("-21.5", .english) == "-21.5")
    #expect(Figures.decimal("v1.2 ok", .french) == "v1.2 ok")
    #expect(Figures.decimal("...", .french) == "...")
  }

  @Test("long whole numbers are grouped")
  func whole() {
    #expect(Figures.whole(9_999, .english) == "9999")
    #expect(Figures.whole(1_234_567, .english) == "1,234,567")
    #expect(Figures.whole(-12_345, .french) == "-12\u{A0}345")
  }

  @Test("decimals are rounded and kept")
  func fixed() {
    #expect(Figures.fixed(0.05, decimals: 1, .english) == "0.1")
    #expect(Figures.fixed(-0.04, decimals: 1, .english) == "0.0")
    #expect(Figures.fixed(12, decimals: 2, .french) == "12,00")
    #expect(Figures.fixed(-1.25, decimals: 1, .english) == "-1.3")
    #expect(Figures.fixed(.infinity, decimals: 1, .english) == "inf")
  }

  @Test("bytes have the unit that fits")
  func bytes() {
    #expect(Figures.bytes(0, .english) == "0 B")
    #expect(Figures.bytes(999, .english) == "999 B")
    #expect(Figures.bytes(1_500, .french) == "1,5 ko")
    #expect(Figures.bytes(41_200_000_000, .english) == "41.2 GB")
    #expect(Figures.bytes(999_600, .english) == "1.0 MB")
  }

  @Test(
    "lengths of time are read with their unit",
    arguments: [
      ("500ms", 500), ("30s", 30_000), ("1.5", 1_500), ("5m", 300_000), ("5min", 300_000),
      ("2h", 7_200_000), ("7d", 604_800_000), ("7j", 604_800_000),
    ] as [(String, Int64)])
  func spans(text: String, expected: Int64) {
    #expect(Spans.milliseconds(text) == expected)
  }

  @Test(
    "what is no length of time is none", arguments: ["", "s", "-5s", "5x", "1e9s", "..", "5 s"])
  func noSpan(text: String) {
    #expect(Spans.milliseconds(text) == nil)
  }

  @Test("spans are written with their two largest units")
  func spanText() {
    #expect(Spans.text(milliseconds: 250, .english) == "250 ms")
    #expect(Spans.text(milliseconds: 59_999, .english) == "59 s")
    #expect(Spans.text(milliseconds: 250_000, .english) == "4 min 10 s")
    #expect(Spans.text(milliseconds: 90_000_000, .french) == "1 j 1 h")
    #expect(Spans.short(milliseconds: 90_000_000, .english) == "1 d")
  }

  @Test(
    "points in time are read in every form",
    arguments: [
      ("now", 1_000), ("@12.5", 12_500_000), ("1970-01-02T00:00Z", 86_400_000_000),
      ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01 00:00:00.25Z", 250_000),
      ("1970-01-01T00:00:00-0030", 1_800_000_000), ("2m", 1_000 - 120_000_000),
    ] as [(String, Int64)])
  func times(text: String, expected: Int64) {
    #expect(TimeArgument.microseconds(text, nowUs: 1_000) == expected)
  }

  @Test(
    "what is no point in time is none",
    arguments: [
      "", "12", "2026", "2026-13-01", "2026-04-31T00:00Z", "2026-01-01T25:00Z", "yesterday",
      "2026-01-01T10:00+1", "2026-01-01T10:00Zjunk", "@", "@x", "2026-01-01T",
    ])
  func noTime(text: String) {
    #expect(TimeArgument.microseconds(text, nowUs: 1_000) == nil)
  }

  @Test("the node's own clock knows no calendar")
  func nodeClock() {
    #expect(TimeArgument.microseconds("2026-01-01", nowUs: 0, isWallClock: false) == nil)
    #expect(TimeArgument.microseconds("@1", nowUs: 0, isWallClock: false) == 1_000_000)
  }

  @Test("times are written with their fraction, before 1970 too")
  func written() {
    #expect(WallTime.rfc3339(us: 1_763_700_000_123_456) == "2025-11-21T04:40:00.123456Z")
    #expect(WallTime.rfc3339(us: -1) == "1969-12-31T23:59:59.999999Z")
    #expect(WallTime.text(us: 1_763_700_000_123_456, inUtc: true) == "2025-11-21 04:40:00.123")
    #expect(WallTime.clock(us: 1_763_700_000_123_456, inUtc: true) == "04:40:00.123")
  }
}
