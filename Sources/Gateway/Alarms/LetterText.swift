internal import Model
internal import Reactor
internal import Sync
internal import Web

/// What recipients are told, in their language: the words and the form of mails and webhooks.
struct LetterText {
  var letter: DeliveryDesk.Letter
  var recipient: AlarmRecipient
  /// The node that tells it.
  var node: NodeId
  /// The alarm as it is now; nil in a test.
  var alarm: AlarmView?
  /// What people call its device.
  var device: String

  private var isFrench: Bool { recipient.language == .french }

  private func say(_ english: String, _ french: String) -> String {
    isFrench ? french : english
  }

  /// One line that says it all.
  var subject: String {
    guard let alarm else {
      return say("Test: Bivouac can reach you", "Essai : Bivouac sait vous joindre")
    }
    let name = alarm.content?.name ?? alarm.rule
    let severity =
      switch alarm.content?.severity {
      case "notice": say("Notice", "Avis")
      case "alarm": say("ALARM", "ALARME")
      default: say("Warning", "Alerte")
      }
    let what = letter.moment == .cleared ? say("Over", "Fini") : severity
    if let gateway = alarm.gateway {
      let words =
        letter.moment == .cleared
        ? say("is heard again", "est de nouveau entendu")
        : say("is not heard any more", "n'est plus entendu")
      return Self.oneLine("\(what)\(say(":", " :")) \(gateway) \(words)")
    }
    let value = alarm.value.map { " (\($0)\(unit(alarm)))" } ?? ""
    return Self.oneLine("\(what)\(say(":", " :")) \(name), \(device)\(value)")
  }

  /// What a mail says.
  var text: String {
    guard let alarm else {
      return say(
        "This is a test that somebody asked for. Alarms will come the same way.",
        "Ceci est un essai demandé par quelqu'un. Les alarmes viendront de la même façon.")
    }
    var lines = [subject, ""]
    if let channel = alarm.content?.channel { lines.append(say("Channel: ", "Voie : ") + channel) }
    lines.append(
      say("Since: ", "Depuis : ") + MailDate.plain(alarm.sinceUs) + " UTC"
        + (alarm.trusted
          ? "" : say(", by a clock that was not synchronised", ", selon une horloge non réglée")))
    if let us = alarm.clearedUs {
      lines.append(
        say("Over: ", "Fini : ") + MailDate.plain(us) + " UTC"
          + (alarm.clearedValue.map { " (\($0)\(unit(alarm)))" } ?? ""))
    } else {
      lines.append(say("It goes on.", "Elle dure."))
    }
    if let seen = alarm.acknowledged {
      lines.append(say("Seen by: ", "Vue par : ") + seen.author)
    } else {
      lines.append(
        say("To say that you have seen it: ", "Pour dire que vous l'avez vue : ")
          + "bivouac alarms acknowledge \(alarm.id.prefix(8))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A POST to the recipient's address.
  func webhook() throws(JSONFailure) -> Letter {
    let notice = AlarmNotice(
      type: "alarm.\(letter.moment)", key: letter.idempotencyKey, node: "\(node)",
      recipient: "\(letter.recipient)", text: subject, alarm: alarm)
    var made = Letter(
      to: recipient.address, String(decoding: try JSON.encode(notice), as: UTF8.self))
    made.headers = [
      "Content-Type: application/json", "Idempotency-Key: \(letter.idempotencyKey)", "Expect:",
    ]
    return made
  }

  /// A mail through a server; nil when none is configured.
  func mail(_ settings: Configuration.Mail, wallUs: Int64?) -> Letter? {
    guard let server = settings.server, let from = settings.from else { return nil }
    let host = from.split(separator: "@").last.map(String.init) ?? "localhost"
    var lines = [
      "From: Bivouac <\(from)>", "To: <\(recipient.address)>",
      "Subject: \(Self.encodedWords(subject))",
      "Message-ID: <\(letter.idempotencyKey)@\(host)>",
    ]
    // Without a clock that is right the mail server's own date is better.
    if let wallUs { lines.append("Date: \(MailDate.text(wallUs))") }
    lines += [
      "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated", "",
    ]
    lines += Base64.lines(Array(text.utf8))
    var made = Letter(to: server, lines.joined(separator: "\r\n") + "\r\n")
    made.mail = Letter.Mail(
      from: from, to: recipient.address, user: settings.user, password: nil,
      isTlsRequired: !Self.isOfThisMachine(server))
    return made
  }

  /// Whether a server's address is this machine's own, where nobody listens in.
  static func isOfThisMachine(_ server: String) -> Bool {
    ["smtp://localhost", "smtp://127.0.0.1", "smtp://[::1]"].contains { beginning in
      guard server.hasPrefix(beginning) else { return false }
      return [nil, ":", "/"].contains(server.dropFirst(beginning.count).first)
    }
  }

  private func unit(_ alarm: AlarmView) -> String {
    alarm.unit.map { $0.isEmpty ? "" : " \($0)" } ?? ""
  }

  /// Without anything that would begin another line.
  static func oneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  /// RFC 2047: parts of at most 45 bytes, cut between characters.
  static func encodedWords(_ text: String) -> String {
    var words: [String] = []
    var part: [UInt8] = []
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if part.count + bytes.count > 45 {
        words.append(Base64.text(part))
        part = []
      }
      part += bytes
    }
    words.append(Base64.text(part))
    return words.map { "=?utf-8?B?\($0)?=" }.joined(separator: "\r\n ")
  }
}
