internal import Api
internal import Model
internal import Sync

/// Recipients between the form that the API shows and the one that is written down.
enum RecipientText {
  private static let languages: [(word: String, AlarmRecipient.Language)] = [
    ("en", .english), ("fr", .french),
  ]

  static func content(_ recipient: AlarmRecipient) -> RecipientContent {
    var content = RecipientContent(
      name: recipient.name, way: "\(recipient.way)", address: recipient.address)
    content.language = languages.first { $0.1 == recipient.language }?.word
    content.severity = "\(recipient.leastSeverity)"
    (content.enabled, content.end) = (recipient.isEnabled, recipient.hearsEnd)
    if !recipient.rules.isEmpty { content.rules = recipient.rules.map(\.description) }
    if let output = recipient.output {
      content.address = nil
      (content.device, content.command) = (output.device.text, output.command)
    }
    return content
  }

  /// The recipient that a person asks for; of an output, `output` is what it names.
  static func recipient(
    _ content: RecipientContent, output: AlarmOutput? = nil
  ) throws(ServiceError) -> AlarmRecipient {
    guard let way = AlarmRecipient.Way.allCases.first(where: { "\($0)" == content.way }) else {
      throw AlarmText.refusal("way", "it is webhook, mail or output")
    }
    guard let language = languages.first(where: { $0.word == content.language ?? "en" })?.1 else {
      throw AlarmText.refusal("language", "it is en or fr")
    }
    let severity = AlarmRule.Severity.allCases.first { "\($0)" == content.severity ?? "warning" }
    guard let severity else {
      throw AlarmText.refusal("severity", "it is notice, warning or alarm")
    }
    let address = content.address ?? ""
    guard isAddress(address, way) else { throw AlarmText.refusal("address", words(way)) }
    var recipient = AlarmRecipient(
      name: content.name, way: way, address: address, language: language,
      leastSeverity: severity, isEnabled: content.enabled ?? true, hearsEnd: content.end ?? true)
    recipient.output = output
    recipient.rules = try rules(content.rules ?? [])
    guard recipient.isValid else {
      throw AlarmText.refusal(
        "name",
        "it has 1 to \(Limits.alarmNameBytesMax) bytes, the address at most"
          + " \(Limits.alarmAddressBytesMax)")
    }
    return recipient
  }

  private static func words(_ way: AlarmRecipient.Way) -> String {
    switch way {
    case .webhook: "it is an http:// or https:// address without spaces"
    case .mail: "it is one mail address, name@host"
    case .output: "an output has none, but a device and a command"
    }
  }

  /// The names of rules, each once, in rising order.
  private static func rules(_ texts: [String]) throws(ServiceError) -> [AlarmKey] {
    var keys: [AlarmKey] = []
    for text in texts {
      guard let key = AlarmKey(text: text) else {
        throw AlarmText.refusal("rules", "\(text) is not the id of a rule")
      }
      if !keys.contains(key) { keys.append(key) }
    }
    guard keys.count <= Limits.alarmRecipientRulesMax else {
      throw AlarmText.refusal("rules", "at most \(Limits.alarmRecipientRulesMax) are named")
    }
    return keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// Printable ASCII of its form: nothing of it can become another line of a conversation.
  static func isAddress(_ text: String, _ way: AlarmRecipient.Way) -> Bool {
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return false }
    switch way {
    case .webhook:
      let host = ["http://", "https://"].first { text.hasPrefix($0) }.map {
        text.dropFirst($0.count)
      }
      return host.map { !$0.isEmpty && !$0.hasPrefix("/") } ?? false
    case .mail:
      let parts = text.split(separator: "@", omittingEmptySubsequences: false)
      return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
        && !text.utf8.contains { Array("<>,;\"()".utf8).contains($0) }
    case .output: return text.isEmpty
    }
  }
}
