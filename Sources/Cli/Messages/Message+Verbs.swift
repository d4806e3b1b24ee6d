/// What the verbs say of what they did.
extension Message {
  static func named(_ device: String, _ name: String) -> Message {
    Message(
      en: "\(device) is called \(name) from now on.", fr: "\(device) s'appelle désormais \(name).")
  }
  static func unnamed(_ device: String) -> Message {
    Message(en: "\(device) has no name any more.", fr: "\(device) n'a plus de nom.")
  }
  static func opened(_ device: String) -> Message {
    Message(en: "\(device) is opened.", fr: "\(device) est ouvert.")
  }
  static func openedAlways(_ device: String) -> Message {
    Message(
      en: "\(device) is opened, and will be at every start.",
      fr: "\(device) est ouvert, et le sera à chaque démarrage.")
  }
  static func forgotten(_ device: String) -> Message {
    Message(
      en: "\(device) is forgotten; its readings stay.",
      fr: "\(device) est oublié ; ses mesures restent.")
  }
  static func assigned(_ provisional: String, _ device: String) -> Message {
    Message(
      en: "The readings of \(provisional), past and to come, are those of \(device).",
      fr: "Les mesures de \(provisional), passées et à venir, sont celles de \(device).")
  }
  static let answered = Message(en: "The answer is kept.", fr: "La réponse est retenue.")

  /// A word that comes after a verb, such as `name` after `devices`.
  static func unknownWord(
    _ word: String, after verb: String, _ known: [String], suggestion: String?
  ) -> Message {
    let list = known.joined(separator: ", ")
    let message = Message(
      en: "\"\(verb)\" does not know \"\(word)\"; it knows: \(list).",
      fr: "« \(verb) » ne connaît pas « \(word) » ; il connaît : \(list).")
    guard let suggestion else { return message }
    return .joined(
      [
        message,
        Message(
          en: "Did you mean \"\(suggestion)\"?", fr: "Vouliez-vous dire « \(suggestion) » ?"),
      ], separator: " ")
  }

  static func sent(_ id: String) -> Message {
    Message(
      en: "Queued as \(id). \"bivouac commands show \(id.prefix(8))\" tells its outcome.",
      fr: "En file sous \(id). « bivouac commands show \(id.prefix(8)) » en dit l'issue.")
  }
  static func goesOn(_ id: String) -> Message {
    Message(
      en: "The command goes on without you: \"bivouac commands show \(id.prefix(8))\".",
      fr: "La commande continue sans vous : « bivouac commands show \(id.prefix(8)) ».")
  }
  static let moreDigits = Message(
    en: "Give more of its digits.", fr: "Donnez-en plus de chiffres.")

  static let feedLost = Message(
    en: "The daemon went away; waiting for it...", fr: "Le démon est parti ; en attente...")
  static let feedBack = Message(en: "The daemon is back.", fr: "Le démon est revenu.")
  static let feedMissed = Message(
    en: "Some events were not seen; what was stored is in \"bivouac query\".",
    fr: "Des événements n'ont pas été vus ; ce qui est enregistré se voit par « bivouac query ».")
  static let seeQuestions = Message(
    en: "(\"bivouac questions\")", fr: "(« bivouac questions »)")
  static func nowDurable(_ count: Int) -> Message {
    Message(
      en: Plural.english(count, "reading is", "readings are") + " now on disk",
      fr: "\(Plural.french(count, "mesure est", "mesures sont")) maintenant sur le disque")
  }
}
