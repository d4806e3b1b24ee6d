internal import Model
internal import Web

/// `recipients`: whom alarms are told to.
extension Conversation {
  private static let recipientWords = ["list", "add", "remove", "enable", "disable", "test"]

  func recipients() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "list"
    switch word {
    case "list":
      try arguments.expect(positionals: 0...1, form: "recipients list")
      let bytes = try await daemon.bytes("/recipients")
      if settings.isJson {
        write(json: bytes)
      } else {
        let list = try Daemon.decode(RecipientsList.self, bytes)
        output.write(lines: RecipientPage.lines(list, page))
      }
      return .success
    case "add":
      try arguments.expect(
        positionals: 3...4, form: "recipients add NAME ADDRESS | NAME DEVICE COMMAND")
      let bytes = try await daemon.send(.post, "/recipients", wantedRecipient(words))
      let made = try Daemon.decode(RecipientView.self, bytes)
      if settings.isJson { write(json: bytes) } else { write(.recipientAdded(made.id)) }
      return .success
    case "remove":
      try arguments.expect(positionals: 2...2, form: "recipients remove ID")
      try await daemon.delete(Self.target("recipients", words[1]), Query())
      done(.recipientRemoved(words[1]))
      return .success
    case "enable", "disable":
      try arguments.expect(positionals: 2...2, form: "recipients \(word) ID")
      return try await switchRecipient(words[1], on: word == "enable")
    case "test":
      try arguments.expect(positionals: 2...2, form: "recipients test ID")
      _ = try await daemon.bytes(.post, Self.target("recipients", words[1], "test"))
      done(.recipientTold)
      return .success
    default:
      let close = Suggestion.closest(to: word, among: Self.recipientWords)
      throw .usage(
        .unknownWord(word, after: "recipients", Self.recipientWords, suggestion: close),
        verb: "recipients")
    }
  }

  private func wantedRecipient(_ words: [String]) -> RecipientContent {
    var content = RecipientContent(name: words[1], way: "output", address: nil)
    if words.count > 3 {
      (content.device, content.command) = (words[2], words[3])
    } else {
      content.way = words[2].contains("://") ? "webhook" : "mail"
      content.address = words[2]
    }
    content.severity = arguments["severity"]
    content.rules = arguments["rules"]?.split(separator: ",").map { String($0) }
    // A signal says nothing in any language, and is off once an alarm is over.
    guard content.way != "output" else { return content }
    content.language = arguments["tongue"] ?? (settings.language == .french ? "fr" : "en")
    if arguments.has("no-end") { content.end = false }
    return content
  }

  /// Writes the recipient as it is, but for that.
  private func switchRecipient(_ id: String, on: Bool) async throws(Failure) -> ExitCode {
    let list = try await daemon.get(RecipientsList.self, "/recipients")
    var content =
      list.recipients.first { $0.id == id }?.recipient
      ?? RecipientContent(name: "", way: "", address: "")
    content.enabled = on
    // One that is not there is refused by the daemon, in its words.
    let bytes = try await daemon.send(.put, Self.target("recipients", id), content)
    if settings.isJson { write(json: bytes) } else { write(.recipientSwitched(id, on: on)) }
    return .success
  }
}
