internal import Model
internal import Web

/// `alarms` and `rules`: what is to be noticed, and what was.
extension Conversation {
  private static let alarmWords = ["open", "unacknowledged", "all", "acknowledge"]
  private static let ruleWords = ["list", "add", "remove", "enable", "disable", "silence"]

  func alarms() async throws(Failure) -> ExitCode {
    let word = arguments.positionals.first ?? "open"
    switch word {
    case "open", "unacknowledged", "all":
      try arguments.expect(positionals: 0...1, form: "alarms [open|unacknowledged|all]")
      var query = Query()
      query.add("state", word)
      if let limit = try arguments.count("limit", max: CliLimits.alarmsMax) {
        query.add("limit", "\(limit)")
      }
      let bytes = try await daemon.bytes("/alarms", query)
      if settings.isJson {
        write(json: bytes)
      } else {
        let list = try Daemon.decode(AlarmsPage.self, bytes)
        output.write(lines: AlarmPage.lines(list, names: try await names(), page))
      }
      return .success
    case "acknowledge":
      try arguments.expect(positionals: 2...2, form: "alarms acknowledge ID [--note TEXT]")
      let bytes = try await daemon.send(
        .post, Self.target("alarms", arguments.positionals[1], "acknowledge"),
        AlarmAcknowledgeRequest(comment: arguments["note"]))
      if settings.isJson { write(json: bytes) } else { write(.alarmAcknowledged) }
      return .success
    default:
      let close = Suggestion.closest(to: word, among: Self.alarmWords)
      throw .usage(
        .unknownWord(word, after: "alarms", Self.alarmWords, suggestion: close), verb: "alarms")
    }
  }

  func rules() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "list"
    switch word {
    case "list":
      try arguments.expect(positionals: 0...1, form: "rules list")
      let bytes = try await daemon.bytes("/rules")
      if settings.isJson {
        write(json: bytes)
      } else {
        let list = try Daemon.decode(AlarmRulesList.self, bytes)
        output.write(lines: AlarmPage.lines(list, names: try await names(), page))
      }
      return .success
    case "add":
      try arguments.expect(positionals: 3...4, form: "rules add NAME DEVICE [CHANNEL]")
      let bytes = try await daemon.send(.post, "/rules", try wantedRule(words))
      let made = try Daemon.decode(AlarmRuleView.self, bytes)
      if settings.isJson { write(json: bytes) } else { write(.ruleAdded(made.id)) }
      return .success
    case "remove":
      try arguments.expect(positionals: 2...2, form: "rules remove ID")
      try await daemon.delete(Self.target("rules", words[1]), Query())
      done(.ruleRemoved(words[1]))
      return .success
    case "enable", "disable":
      try arguments.expect(positionals: 2...2, form: "rules \(word) ID")
      return try await switchRule(words[1], on: word == "enable")
    case "silence":
      try arguments.expect(positionals: 1...2, form: "rules silence [TIME|off]")
      return try await silence(words.count > 1 ? words[1] : nil)
    default:
      let close = Suggestion.closest(to: word, among: Self.ruleWords)
      throw .usage(
        .unknownWord(word, after: "rules", Self.ruleWords, suggestion: close), verb: "rules")
    }
  }

  /// Shows, or sets, after which time a hub raises an alarm for a node that it does not hear.
  private func silence(_ wanted: String?) async throws(Failure) -> ExitCode {
    let bytes: [UInt8]
    if let wanted {
      guard let ms = wanted == "off" ? 0 : Spans.milliseconds(wanted) else {
        throw .usage(.notADuration("TIME", wanted), verb: "rules")
      }
      bytes = try await daemon.send(.put, "/silence", SilenceRequest(ms: ms))
    } else {
      bytes = try await daemon.bytes("/silence")
    }
    if settings.isJson {
      write(json: bytes)
    } else {
      write(.silence(try Daemon.decode(SilenceView.self, bytes)))
    }
    return .success
  }

  private func wantedRule(_ words: [String]) throws(Failure) -> AlarmRuleContent {
    let limits = ["above", "below", "rises", "falls"]
    let times = ["silent", "frozen", "gone"]
    let given = (limits + times).filter { arguments.has($0) }
    guard given.count == 1, let condition = given.first else {
      throw .usage(.ruleNeedsCondition, verb: "rules")
    }
    var rule = AlarmRuleContent(
      name: words[1], device: words[2], channel: words.count > 3 ? words[3] : nil,
      condition: condition)
    if limits.contains(condition) {
      (rule.limit, rule.hysteresis) = (arguments[condition], arguments["hysteresis"])
      rule.durationMs = try arguments.milliseconds("within").map { Int64(clamping: $0) }
    } else {
      rule.durationMs = try arguments.milliseconds(condition).map { Int64(clamping: $0) }
    }
    rule.delayMs = try arguments.milliseconds("delay").map { Int64(clamping: $0) }
    rule.clearDelayMs = try arguments.milliseconds("clear-delay").map { Int64(clamping: $0) }
    rule.severity = arguments["severity"]
    if arguments.has("ask-comment") { rule.commentRequired = true }
    return rule
  }

  /// Writes the rule as it is, but for that.
  private func switchRule(_ id: String, on: Bool) async throws(Failure) -> ExitCode {
    let list = try await daemon.get(AlarmRulesList.self, "/rules")
    var rule =
      list.rules.first { $0.id == id }?.rule
      ?? AlarmRuleContent(
        name: "", device: "", condition: "")
    rule.enabled = on
    // One that is not there is refused by the daemon, in its words.
    let bytes = try await daemon.send(.put, Self.target("rules", id), rule)
    if settings.isJson { write(json: bytes) } else { write(.ruleSwitched(id, on: on)) }
    return .success
  }
}
