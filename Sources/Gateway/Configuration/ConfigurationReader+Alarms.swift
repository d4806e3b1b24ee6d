/// The `[alarms]` table: how people are told.
extension ConfigurationReader {
  /// Its keys. The names are what operators write: never rename.
  private enum AlarmsKey: String, CaseIterable {
    case mailServer = "mail_server"
    case mailFrom = "mail_from"
    case mailUser = "mail_user"
    case mailPasswordFile = "mail_password_file"
    case authorities
    case standIn = "stand_in"
  }

  mutating func readAlarms(_ entries: [TomlEntry], onto mail: inout Configuration.Mail) {
    for entry in entries {
      guard let key = known(entry, as: AlarmsKey.self, in: "alarms.") else { continue }
      switch key {
      case .mailServer:
        if let text = word(entry, example: "smtps://mail.example.org"), isServer(text, entry) {
          mail.server = text
        }
      case .mailFrom:
        if let text = word(entry, example: "bivouac@example.org") { mail.from = text }
      case .mailUser: if let text = word(entry, example: "bivouac") { mail.user = text }
      case .mailPasswordFile: if let file = path(entry) { mail.passwordFile = file }
      case .authorities: if let file = path(entry) { mail.authorities = file }
      case .standIn:
        if let number = integer(entry, 0...86_400, unit: "seconds", in: "alarms.") {
          mail.standInSeconds = number
        }
      }
    }
  }

  /// A text without spaces and controls: they become lines of a conversation.
  private mutating func word(_ entry: TomlEntry, example: String) -> String? {
    guard let text = string(entry, in: "alarms.", example: example) else { return nil }
    guard !text.isEmpty, text.utf8.count <= 255, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
    else {
      error(
        .notAChoice, entry, in: "alarms.", "alarms.\(entry.key) holds a space or a control",
        "write it as \(example)", ["value": text, "meant": "", "choices": example])
      return nil
    }
    return text
  }

  private mutating func isServer(_ text: String, _ entry: TomlEntry) -> Bool {
    if text.hasPrefix("smtp://") || text.hasPrefix("smtps://") { return true }
    let choices = "smtps://HOST, smtp://HOST:587"
    error(
      .notAChoice, entry, in: "alarms.", "alarms.\(entry.key) cannot be \"\(text)\"",
      "give one of \(choices)", ["value": text, "meant": "", "choices": choices])
    return false
  }
}
