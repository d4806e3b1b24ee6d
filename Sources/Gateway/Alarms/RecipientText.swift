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
    return content
  }

  /// The recipient that a person asks for.
  static func recipient(_ content: RecipientContent) throws(ServiceError) -> AlarmRecipient {
    guard let way = AlarmRecipient.Way.allCases.first(where: { "\($0)" == content.way }) else {
      throw AlarmText.refusal("way", "it is webhook or mail")
    }
    guard let language = languages.first(where: { $0.word == content.language ?? "en" })?.1 else {
      throw AlarmText.refusal("language", "it is en or fr")
    }
    let severity = AlarmRule.Severity.allCases.first { "\($0)" == content.severity ?? "warning" }
    guard let severity else {
      throw AlarmText.refusal("severity", "it is notice, warning or alarm")
    }
    guard isAddress(content.address, way) else {
      throw AlarmText.refusal(
        "address",
        way == .webhook
          ? "it is an http:// or https:// address without spaces"
          : "it is one mail address, name@host")
    }
    let recipient = AlarmRecipient(
      name: content.name, way: way, address: content.address, language: language,
      leastSeverity: severity, isEnabled: content.enabled ?? true, hearsEnd: content.end ?? true)
    guard recipient.isValid else {
      throw AlarmText.refusal(
        "name",
        "it has 1 to \(Limits.alarmNameBytesMax) bytes, the address at most"
          + " \(Limits.alarmAddressBytesMax)")
    }
    return recipient
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
    }
  }
}
