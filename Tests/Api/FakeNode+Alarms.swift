import Api
import Model

extension FakeNode {
  private static let rule = AlarmRuleView(
    id: "0102030405060708",
    rule: AlarmRuleContent(name: "warm", device: "sim-1", channel: "t", condition: "above"),
    author: "user:ada", atUs: 5, trusted: true, conflict: false)

  func alarmRules() -> AlarmRulesList { AlarmRulesList(rules: [Self.rule], unreadable: 1) }

  func setAlarmRule(
    _ id: String?, _ content: AlarmRuleContent, author: String
  ) async throws(ServiceError) -> AlarmRuleView {
    asked.append("rule \(id ?? "new") \(content.name) \(content.condition) by \(author)")
    var view = Self.rule
    view.rule = content
    return view
  }

  func removeAlarmRule(_ id: String, author: String) async throws(ServiceError) {
    asked.append("remove rule \(id) by \(author)")
  }

  private static let recipient = RecipientView(
    id: "0807060504030201",
    recipient: RecipientContent(name: "Ada", way: "mail", address: "ada@example.org"),
    author: "user:ada", atUs: 5, trusted: true, conflict: false)

  func recipients() -> RecipientsList {
    RecipientsList(recipients: [Self.recipient], unreadable: 1)
  }

  func setRecipient(
    _ id: String?, _ content: RecipientContent, author: String
  ) async throws(ServiceError) -> RecipientView {
    asked.append("recipient \(id ?? "new") \(content.name) \(content.way) by \(author)")
    var view = Self.recipient
    view.recipient = content
    return view
  }

  func removeRecipient(_ id: String, author: String) async throws(ServiceError) {
    asked.append("remove recipient \(id) by \(author)")
  }

  func testRecipient(_ id: String, author: String) async throws(ServiceError) {
    asked.append("test recipient \(id) by \(author)")
  }

  func silence() -> SilenceView { SilenceView(ms: 900_000, judged: true) }

  func setSilence(
    _ wanted: SilenceRequest, author: String
  ) async throws(ServiceError) -> SilenceView {
    asked.append("silence \(wanted.ms) by \(author)")
    return SilenceView(ms: wanted.ms, judged: true)
  }

  func alarms(_ wanted: AlarmsRequest) async throws(ServiceError) -> AlarmsPage {
    asked.append("alarms \(wanted.state) \(wanted.limit) \(wanted.cursor ?? "-")")
    return AlarmsPage(
      alarms: [
        AlarmView(id: "aa", rule: Self.rule.id, sinceUs: 7, trusted: true, recorded: true)
      ], open: 1, unacknowledged: 1, unseen: 1)
  }

  func acknowledgeAlarm(
    _ id: String, comment: String, author: String
  ) async throws(ServiceError) -> AlarmView {
    asked.append("acknowledge \(id) [\(comment)] by \(author)")
    return AlarmView(id: id, rule: Self.rule.id, sinceUs: 7, trusted: true, recorded: true)
  }
}
