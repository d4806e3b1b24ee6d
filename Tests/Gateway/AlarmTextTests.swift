import Api
import Model
import Sync
import Testing

@testable import Gateway

@Suite("Rules of alarms as people write them") struct AlarmTextTests {
  private func scope(_ channel: String?) throws -> SeriesScope {
    SeriesScope(
      try #require(DeviceIdentity(kind: .companion, bytes: [1, 2, 3, 4, 5, 6, 7, 8])), channel)
  }

  private func content(
    _ condition: String, channel: String? = "t", limit: String? = nil, hysteresis: String? = nil,
    durationMs: Int64? = nil
  ) -> AlarmRuleContent {
    var content = AlarmRuleContent(
      name: "r", device: "board-0102030405060708", channel: channel, condition: condition)
    (content.limit, content.hysteresis) = (limit, hysteresis)
    content.durationMs = durationMs
    return content
  }

  @Test("every condition comes back as it was written, and the limit to the last decimal")
  func roundTrip() throws {
    let written = [
      content("above", limit: "21.5", hysteresis: "0.25"), content("below", limit: "-3"),
      content("rises", limit: "2", durationMs: 60_000),
      content("falls", limit: "0.1", hysteresis: "0.1", durationMs: 1),
      content("silent", channel: nil, durationMs: 600_000), content("frozen", durationMs: 5),
      content("gone", channel: nil, durationMs: 0),
    ]
    for one in written {
      let rule = try AlarmText.rule(one, scope: try scope(one.channel))
      let shown = AlarmText.content(rule)
      #expect(shown.condition == one.condition && shown.durationMs == one.durationMs)
      #expect(try AlarmText.rule(shown, scope: rule.scope) == rule)
      #expect(shown.severity == "warning" && shown.enabled == true)
      if let limit = one.limit {
        #expect(Value(parsing: shown.limit ?? "").number == Value(parsing: limit).number)
      }
    }
    let rule = try AlarmText.rule(written[0], scope: try scope("t"))
    #expect(rule.condition == .above(.init(limit: 2150, hysteresis: 25, exponent: -2)))
    #expect(AlarmText.content(rule).limit == "21.50")
  }

  @Test("what is missing, too much or means nothing is refused, and named")
  func refused() throws {
    let wrong: [(AlarmRuleContent, String)] = [
      (content("over", limit: "1"), "condition"), (content("above"), "limit"),
      (content("above", limit: "warm"), "limit"),
      (content("above", limit: "1", hysteresis: "x"), "hysteresis"),
      (content("above", limit: "1", durationMs: 5), "durationMs"),
      (content("silent"), "durationMs"),
      (content("silent", limit: "5", durationMs: 5), "limit"),
      (content("above", channel: nil, limit: "5"), "channel"),
      (content("gone", durationMs: 5), "channel"),
      (content("above", limit: "9223372036854775807", hysteresis: "0.1"), "limit"),
      (content("silent", durationMs: -5), "durationMs"),
    ]
    for (one, argument) in wrong {
      let error = #expect(throws: ServiceError.self, "\(one)") {
        try AlarmText.rule(one, scope: try self.scope(one.channel))
      }
      #expect(error?.parameters["argument"] == argument, "\(one)")
    }
    var nameless = content("gone", channel: nil, durationMs: 5)
    nameless.name = ""
    let error = #expect(throws: ServiceError.self) {
      try AlarmText.rule(nameless, scope: try self.scope(nil))
    }
    #expect(error?.parameters["argument"] == "name")
  }
}
