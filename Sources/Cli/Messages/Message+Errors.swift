/// What goes wrong before the daemon is asked, or because it does not answer.
extension Message {
  static func seeHelp(verb: String?) -> Message {
    let command = verb.map { "bivouac help \($0)" } ?? "bivouac help"
    return Message(en: "See \"\(command)\".", fr: "Voir « \(command) ».")
  }

  static func tooManyArguments(max: Int) -> Message {
    Message(
      en: "There are more than \(max) arguments.", fr: "Il y a plus de \(max) arguments.")
  }

  static let noVerb = Message(en: "No verb was given.", fr: "Aucun verbe n'a été donné.")

  static func unknownVerb(_ word: String, suggestion: String?) -> Message {
    withSuggestion(
      Message(
        en: "\"\(word)\" is not a verb of bivouac.",
        fr: "« \(word) » n'est pas un verbe de bivouac."), suggestion)
  }

  static func unknownOption(_ word: String, suggestion: String?) -> Message {
    withSuggestion(
      Message(en: "There is no option \(word) here.", fr: "Il n'y a pas d'option \(word) ici."),
      suggestion)
  }

  private static func withSuggestion(_ message: Message, _ suggestion: String?) -> Message {
    guard let suggestion else { return message }
    return .joined(
      [
        message,
        Message(
          en: "Did you mean \"\(suggestion)\"?", fr: "Vouliez-vous dire « \(suggestion) » ?"),
      ], separator: " ")
  }

  static func optionBeforeVerb(_ option: String, verb: String) -> Message {
    Message(
      en: "\(option) belongs to \"\(verb)\" and stands after it.",
      fr: "\(option) appartient à « \(verb) » et se place après lui.")
  }

  static func optionTakesNoValue(_ option: String) -> Message {
    Message(en: "\(option) takes no value.", fr: "\(option) ne prend pas de valeur.")
  }

  static func optionNeedsValue(_ usage: String) -> Message {
    Message(
      en: "An option lacks its value: \(usage).", fr: "Une option n'a pas sa valeur : \(usage).")
  }

  static func optionNotAmong(_ option: String, _ value: String, _ choices: [String]) -> Message {
    let list = choices.joined(separator: ", ")
    return Message(
      en: "\(option) does not know \"\(value)\"; it knows: \(list).",
      fr: "\(option) ne connaît pas « \(value) » ; elle connaît : \(list).")
  }

  static func optionsExclude(_ first: String, _ second: String) -> Message {
    Message(
      en: "\(first) and \(second) cannot be used together.",
      fr: "\(first) et \(second) ne vont pas ensemble.")
  }

  static func notACount(_ option: String, _ value: String, max: Int) -> Message {
    Message(
      en: "\(option) wants a whole number from 1 to \(max), not \"\(value)\".",
      fr: "\(option) veut un nombre entier de 1 à \(max), pas « \(value) ».")
  }

  static func notADuration(_ option: String, _ value: String) -> Message {
    Message(
      en: "\(option) wants a length of time such as 30s, 5m or 2h, not \"\(value)\".",
      fr: "\(option) veut une durée comme 30s, 5m ou 2h, pas « \(value) ».")
  }

  static func notATime(_ option: String, _ value: String) -> Message {
    Message(
      en: "\(option) wants a time such as 2026-11-21T04:18, 10m (ago) or @SECONDS, not"
        + " \"\(value)\".",
      fr:
        "\(option) veut un moment comme 2026-11-21T04:18, 10m (d'ancienneté) ou"
        + " @SECONDES, pas « \(value) »."
    )
  }

  static func missingArgument(_ form: String) -> Message {
    Message(
      en:
        "Something is missing: bivouac \(form).",
      fr: "Il manque quelque chose : bivouac"
        + " \(form).")
  }

  static func unexpectedArgument(_ word: String) -> Message {
    Message(en: "\"\(word)\" is one word too many.", fr: "« \(word) » est de trop.")
  }

  static func noDaemon(_ path: String, _ reason: Message) -> Message {
    Message(
      en: "No daemon answers at \(path) (\(reason.text(.english))).",
      fr: "Aucun démon ne répond à \(path) (\(reason.text(.french))).")
  }

  static let startDaemon = Message(
    en: "Start it with \"bivouac run\" or \"systemctl start bivouac\"; where it runs with another"
      + " socket, say --socket PATH or --state DIR.",
    fr:
      "Lancez-le par « bivouac run » ou « systemctl start bivouac » ; s'il tourne avec"
      + " une autre socket, donnez --socket CHEMIN ou --state DOSSIER."
  )

  static func socketNotPermitted(_ path: String) -> Message {
    Message(
      en: "This user may not speak to the daemon at \(path).",
      fr: "Cet utilisateur ne peut pas parler au démon à \(path).")
  }

  static let joinGroup = Message(
    en: "Join the socket's group (sudo adduser $USER bivouac), then log in again.",
    fr: "Rejoignez le groupe de la socket (sudo adduser $USER bivouac), puis reconnectez-vous.")

  static let connectionLost = Message(
    en: "The daemon went away before it had answered.",
    fr: "Le démon est parti avant d'avoir répondu.")

  static let noAnswerInTime = Message(
    en: "The daemon did not answer in time.", fr: "Le démon n'a pas répondu à temps.")

  static func answerNotUnderstood(_ reason: String) -> Message {
    Message(
      en: "The daemon's answer cannot be understood: \(reason).",
      fr: "La réponse du démon n'est pas comprise : \(reason).")
  }

  static let sameVersion = Message(
    en: "Is the daemon of the same version? See \"bivouac version\" and \"bivouac status\".",
    fr: "Le démon a-t-il la même version ? Voir « bivouac version » et « bivouac status ».")

  static func cannotRead(_ path: String, _ reason: String) -> Message {
    Message(en: "\(path) cannot be read: \(reason).", fr: "\(path) ne peut être lu : \(reason).")
  }

  static let errorPrefix = Message(en: "bivouac: ", fr: "bivouac : ")
}

/// Why nobody answers, in words for the middle of a sentence.
extension Message {
  static let noSocketThere = Message(en: "there is no socket", fr: "la socket n'existe pas")
  static let nobodyListens = Message(en: "nobody listens on it", fr: "personne n'y écoute")
  static let interrupted = Message(en: "Interrupted.", fr: "Interrompu.")
  static let seeDaemonLog = Message(
    en: "Try again; the daemon's log says more.",
    fr: "Réessayez ; le journal du démon en dit plus.")
}
