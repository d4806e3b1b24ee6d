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

  static let outputsDetails = Message(
    en: "A device and one of its commands make a signal, a buzzer or a lamp, that is on while an"
      + " alarm goes on that nobody has acknowledged; the gateway that has the device switches it,"
      + " with or without a network. Only what the board itself says does nothing but light or"
      + " sound is taken; \"devices show\" marks it.",
    fr: "Un appareil et une de ses commandes font un signal, un avertisseur ou une lampe, allumé"
      + " tant que dure une alarme que personne n'a acquittée ; la passerelle qui a l'appareil le"
      + " commute, avec ou sans réseau. N'est pris que ce dont la carte elle-même dit qu'il ne"
      + " fait qu'éclairer ou sonner ; « devices show » le marque.")
  static let optionRules = Message(
    en: "only alarms of these rules (a signal: wherever they are judged)",
    fr: "seulement les alarmes de ces règles (un signal : où qu'elles soient jugées)")
  static let signalMark = Message(en: "[signal of alarms]", fr: "[signal d'alarmes]")
  static func outputState(_ word: String) -> Message {
    switch word {
    case "on": Message(en: "on", fr: "allumé")
    case "off": Message(en: "off", fr: "éteint")
    case "waiting": Message(en: "not confirmed", fr: "sans confirmation")
    case "absent": Message(en: "unplugged", fr: "débranché")
    case "elsewhere": Message(en: "on another gateway", fr: "sur une autre passerelle")
    default: Message(verbatim: word)
    }
  }

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
    case "output.not-a-signal":
      "« \(parameters["command"] ?? "?") » n'est pas un signal de cet appareil : les alarmes ne"
        + " commutent que ce dont la carte elle-même dit qu'il ne fait qu'éclairer ou sonner"
        + " (elle a : \(parameters["known"] ?? ""))"
    case "output.elsewhere":
      "\(parameters["gateway"] ?? "une autre passerelle") a l'appareil, et elle seule le commute :"
        + " essayez là-bas"
    case "delivery.busy": "un autre essai est en cours : réessayez dans une demi-minute"
    default: nil
    }
  }
}
