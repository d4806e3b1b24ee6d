/// What is said of deletions, annotations and late values.
extension Message {
  // MARK: Help

  static let deleteSummary = Message(
    en: "hide a span of readings everywhere, until that is undone",
    fr: "masquer partout des mesures, jusqu'à ce qu'on revienne dessus")
  static let undeleteSummary = Message(
    en: "show hidden readings again", fr: "montrer de nouveau des mesures masquées")
  static let annotateSummary = Message(
    en: "say something of a time: \"calibrated\"", fr: "dire quelque chose d'un moment")
  static let addSummary = Message(
    en: "add a value with its own time: a laboratory's result",
    fr: "ajouter une valeur et son heure : un résultat de laboratoire")
  static let deleteDetails = Message(
    en: "No byte goes: the readings are left out of every list, chart and sum, and"
      + " \"bivouac undelete\" shows them again. What was hidden stays hidden when a clock is"
      + " corrected later. Without a channel, every channel of the device. --list shows what is"
      + " hidden; with --all, what was shown again too.",
    fr: "Aucun octet ne part : les mesures sont absentes des listes, des courbes et des sommes, et"
      + " « bivouac undelete » les montre de nouveau. Ce qui est masqué le reste quand une horloge"
      + " est corrigée plus tard. Sans voie, toutes celles de l'appareil. --list montre ce qui est"
      + " masqué ; avec --all, aussi ce qui est de nouveau visible.")
  static let undeleteDetails = Message(
    en: "\"bivouac delete --list\" tells the ids; the beginning of one is enough.",
    fr: "« bivouac delete --list » donne les identifiants ; le début de l'un d'eux suffit.")
  static let annotateDetails = Message(
    en: "Of an instant (--at, or now), or of a span (--from and --to); of a channel, a device, or"
      + " everything here. Charts show it.",
    fr: "D'un instant (--at, ou maintenant) ou d'une durée (--from et --to) ; d'une voie, d'un"
      + " appareil, ou de tout ce qui est ici. Les courbes le montrent.")
  static let addDetails = Message(
    en: "The value stands beside what the device said, with your name and the note, and is marked"
      + " \"late\"; nothing is overwritten, and no deletion hides it. The channel need not be one"
      + " that the device has. --remove takes values back.",
    fr: "La valeur figure à côté de ce que l'appareil a dit, avec votre nom et la note, marquée"
      + " « ajout » ; rien n'est écrasé, et aucun masquage ne la cache. La voie peut ne pas exister"
      + " sur l'appareil. --remove retire des valeurs.")
  static let optionReason = Message(en: "why", fr: "pourquoi")
  static let optionYes = Message(en: "do not ask", fr: "ne pas demander")
  static let optionList = Message(en: "list them", fr: "les lister")
  static let optionAll = Message(
    en: "with those that were taken back", fr: "avec ceux qui ont été retirés")
  static let optionAt = Message(
    en: "at this time, instead of now", fr: "à ce moment, au lieu de maintenant")
  static let optionNote = Message(en: "where it comes from", fr: "d'où elle vient")
  static let optionUnit = Message(
    en: "its unit, instead of the channel's", fr: "son unité, au lieu de celle de la voie")
  static let optionWithin = Message(
    en: "how far off its time may be", fr: "l'incertitude sur son heure")
  static let optionTakeBack = Message(en: "take this one back", fr: "retirer celui-ci")
  static let optionListed = Message(
    en: "list so many at most", fr: "en lister au plus autant")

  // MARK: What was done

  static let deletionNeedsSpan = Message(
    en: "say from when (--from) and to when (--to).",
    fr: "dites depuis quand (--from) et jusqu'à quand (--to).")
  static func askDelete(
    _ device: String, _ channel: String?, _ from: String, _ to: String
  ) -> Message {
    let whole = channel.map { "\(device) \($0)" } ?? device
    return Message(
      en: "Hide the readings of \(whole) from \(from) to \(to)?",
      fr: "Masquer les mesures de \(whole) du \(from) au \(to) ?")
  }
  static let yesOrNo = Message(en: "[y/N]", fr: "[o/N]")
  /// What is taken for a yes, in every language.
  static let yesWords: Set<String> = ["y", "yes", "o", "oui"]
  static let nothingDone = Message(en: "Nothing was done.", fr: "Rien n'a été fait.")
  static func deleted(_ id: String) -> Message {
    Message(
      en: "Hidden as \(id). \"bivouac undelete \(id)\" shows them again.",
      fr: "Masquées sous \(id). « bivouac undelete \(id) » les montre de nouveau.")
  }
  static func undeleted(_ id: String) -> Message {
    Message(
      en: "What \(id) hid is shown again.", fr: "Ce que \(id) masquait est de nouveau visible.")
  }
  static func annotated(_ id: String) -> Message {
    Message(
      en: "Kept as \(id). \"bivouac annotate --remove \(id)\" takes it away.",
      fr: "Retenu sous \(id). « bivouac annotate --remove \(id) » l'enlève.")
  }
  static func annotationRemoved(_ id: String) -> Message {
    Message(en: "The annotation \(id) is taken away.", fr: "L'annotation \(id) est enlevée.")
  }
  static func lateAdded(_ id: String) -> Message {
    Message(
      en: "Added as \(id). \"bivouac add --remove \(id)\" takes it back.",
      fr: "Ajoutée sous \(id). « bivouac add --remove \(id) » la retire.")
  }
  static func lateWithdrawn(_ id: String) -> Message {
    Message(
      en: "What was added as \(id) is taken back.", fr: "Ce qui fut ajouté sous \(id) est retiré.")
  }
  static func takenBackBy(_ author: String) -> Message {
    Message(en: "(taken back by \(author))", fr: "(retiré par \(author))")
  }
  static let moreFacts = Message(
    en: "There are more: --limit, or a span with --from and --to.",
    fr: "Il y en a d'autres : --limit, ou une durée avec --from et --to.")

  // MARK: Lists

  static let noDeletions = Message(en: "Nothing is hidden.", fr: "Rien n'est masqué.")
  static let noAnnotations = Message(en: "Nothing was said.", fr: "Rien n'a été dit.")
  static let noLateValues = Message(en: "Nothing was added.", fr: "Rien n'a été ajouté.")
  static let headFrom = Message(en: "FROM", fr: "DU")
  static let headTo = Message(en: "TO", fr: "AU")
  static let headLast = Message(en: "LAST", fr: "DERNIÈRE")
  static let headAuthor = Message(en: "AUTHOR", fr: "AUTEUR")
  static let headReason = Message(en: "REASON", fr: "RAISON")
  static let headText = Message(en: "TEXT", fr: "TEXTE")
  static let headNote = Message(en: "NOTE", fr: "NOTE")
  static let headCount = Message(en: "VALUES", fr: "VALEURS")
  static let markLate = Message(en: "late", fr: "ajout")
}
