internal import Model
internal import Web

/// `retention`: how long readings are kept, and what went.
extension Conversation {
  private static let retentionWords = ["list", "show", "set", "reset", "acknowledge"]

  func retention() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "list"
    for (option, of) in [
      ("raw", "set"), ("minutes", "set"), ("quota", "set"), ("note", "acknowledge"),
    ] where arguments.has(option) && word != of {
      throw .usage(.optionNeedsOther("--" + option, "retention " + of), verb: "retention")
    }
    switch word {
    case "list":
      try arguments.expect(positionals: 0...1, form: "retention list")
      return try await listRetention()
    case "show":
      try arguments.expect(positionals: 2...2, form: "retention show DEVICE")
      return try await showRetention(words[1])
    case "set":
      try arguments.expect(positionals: 2...3, form: "retention set DEVICE [CHANNEL]")
      return try await setRetention(words[1], words.count > 2 ? words[2] : nil)
    case "reset":
      try arguments.expect(positionals: 2...3, form: "retention reset DEVICE [CHANNEL]")
      return try await resetRetention(words[1], words.count > 2 ? words[2] : nil)
    case "acknowledge":
      try arguments.expect(positionals: 1...2, form: "retention acknowledge [ID]")
      return try await acknowledge(words.count > 1 ? words[1] : nil)
    default:
      let close = Suggestion.closest(to: word, among: Self.retentionWords)
      throw .usage(
        .unknownWord(word, after: "retention", Self.retentionWords, suggestion: close),
        verb: "retention")
    }
  }

  private func listRetention() async throws(Failure) -> ExitCode {
    let bytes = try await daemon.bytes("/retention")
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let found = try Daemon.decode(RetentionView.self, bytes)
    output.write(lines: RetentionPage.lines(found, names: try await names(), page))
    return .success
  }

  private func showRetention(_ device: String) async throws(Failure) -> ExitCode {
    let bytes = try await daemon.bytes(Self.target("retention", device))
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let found = try Daemon.decode(DeviceRetentionView.self, bytes)
    output.write(lines: RetentionPage.lines(found, page))
    return .success
  }

  private func setRetention(_ device: String, _ channel: String?) async throws(Failure) -> ExitCode
  {
    let body = RetentionRequest(
      channel: channel, raw: arguments["raw"], minutes: arguments["minutes"],
      quota: arguments["quota"])
    guard body.raw != nil || body.minutes != nil || body.quota != nil else {
      throw .usage(.retentionNeedsPart, verb: "retention")
    }
    let bytes = try await daemon.send(.put, Self.target("retention", device), body)
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let set = try Daemon.decode(RetentionSettingView.self, bytes)
    write(.retentionSet(set.channel ?? device, RetentionPage.words(set.rule, page.language)))
    return .success
  }

  private func resetRetention(
    _ device: String, _ channel: String?
  ) async throws(Failure) -> ExitCode {
    var query = Query()
    if let channel { query.add("channel", channel) }
    try await daemon.delete(Self.target("retention", device), query)
    if settings.isJson {
      write(json: Array("{}".utf8))
    } else {
      write(.retentionReset(channel ?? device))
    }
    return .success
  }

  private func acknowledge(_ id: String?) async throws(Failure) -> ExitCode {
    let body = AcknowledgeRequest(id: id, note: arguments["note"])
    let bytes = try await daemon.send(.post, "/retention/acknowledge", body)
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let after = try Daemon.decode(RetentionView.self, bytes)
    write(.acknowledged(after.unseen))
    return .success
  }
}
