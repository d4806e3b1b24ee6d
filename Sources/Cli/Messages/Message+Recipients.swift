/// Whom alarms are told to.
extension Message {
  static let recipientsSummary = Message(
    en: "say whom alarms are told to: list, add, remove, enable, disable, test",
    fr: "dire à qui les alarmes sont annoncées : lister, ajouter, retirer, activer, désactiver,"
      + " essayer")
  static let recipientsDetails = Message(
    en: "A web address gets a POST of JSON, a mail address a mail, by the server that [alarms] in"
      + " the configuration names. What cannot be told waits on disk and is tried again; of what"
      + " was over before, nothing is told. \"test\" tells one at once.",
    fr: "Une adresse web reçoit un POST en JSON, une adresse électronique un message, par le"
      + " serveur que nomme [alarms] dans la configuration. Ce qui ne peut être annoncé attend sur"
      + " le disque et sera essayé de nouveau ; de ce qui était fini avant, rien n'est annoncé."
      + " « test » annonce aussitôt.")

  static let optionRecipientSeverity = Message(
    en: "less is not told (warning)", fr: "moins n'est pas annoncé (warning)")
  static let optionTongue = Message(
    en: "the language in which it is told", fr: "la langue dans laquelle c'est annoncé")
  static let optionNoEnd = Message(
    en: "is not told that an alarm is over", fr: "la fin d'une alarme n'est pas annoncée")

  // MARK: What was done

  static func recipientAdded(_ id: String) -> Message {
    Message(
      en: "Recipient \(id) is told from now on.",
      fr: "Le destinataire \(id) est prévenu désormais.")
  }
  static func recipientRemoved(_ id: String) -> Message {
    Message(en: "Recipient \(id) is removed.", fr: "Le destinataire \(id) est retiré.")
  }
  static func recipientSwitched(_ id: String, on: Bool) -> Message {
    on
      ? Message(en: "Recipient \(id) is on.", fr: "Le destinataire \(id) est actif.")
      : Message(en: "Recipient \(id) is off.", fr: "Le destinataire \(id) est inactif.")
  }
  static let recipientTold = Message(
    en: "It was told, and the other side took it.",
    fr: "C'est annoncé, et l'autre côté l'a accepté.")

  // MARK: The list

  static let noRecipients = Message(
    en: "Alarms are told to nobody.", fr: "Les alarmes ne sont annoncées à personne.")
  static func unreadableRecipients(_ count: Int) -> Message {
    Message(
      en: "Recipients of a later version that this one does not tell: \(count).",
      fr: "Destinataires d'une version ultérieure, que celle-ci ne prévient pas : \(count).")
  }
  static let headFromSeverity = Message(en: "FROM", fr: "DÈS")
  static let headWaiting = Message(en: "WAITS", fr: "ATTEND")

  /// What the daemon says of recipients, in French.
  static func frenchRecipient(_ code: String, _ parameters: [String: String]) -> French? {
    switch code {
    case "delivery.failed":
      "l'annonce a échoué (\(parameters["reason"] ?? "?")) : voyez l'adresse, le réseau, et"
        + " [alarms] dans la configuration"
    case "delivery.busy": "un autre essai est en cours : réessayez dans une demi-minute"
    default: nil
    }
  }
}
