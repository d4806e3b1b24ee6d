/// Import.
extension Message {
  static let importSummary = Message(
    en: "add the values of a file to channels", fr: "ajouter les valeurs d'un fichier aux voies")
  static let importDetails = Message(
    en: "The values stand beside what devices said, with your name and --note; nothing is"
      + " overwritten. csv has a heading with time and value, and device and channel unless the"
      + " options name them; semicolons, decimal commas, 21/11/2026 04:18 and what spreadsheets"
      + " make are understood. When a line cannot be used it is named, and nothing is added unless"
      + " --partial.",
    fr: "Les valeurs se placent à côté de ce qu'ont dit les appareils, avec votre nom et --note ;"
      + " rien n'est écrasé. csv a un en-tête avec time et value (ou date et valeur), et device et"
      + " channel (appareil et voie) si les options ne les nomment pas ; points-virgules, virgules"
      + " décimales, 21/11/2026 04:18 et ce que font les tableurs sont compris. Une ligne"
      + " inutilisable est nommée, et rien n'est ajouté sauf avec --partial.")
  static let optionImportFormat = Message(en: "the form of the file", fr: "la forme du fichier")
  static let optionImportDevice = Message(
    en: "the device of every line", fr: "l'appareil de chaque ligne")
  static let optionImportChannel = Message(
    en: "the channel of every line", fr: "la voie de chaque ligne")
  static let optionImportNote = Message(
    en: "where the values come from", fr: "d'où viennent les valeurs")
  static let optionPartial = Message(
    en: "add the lines that can be used", fr: "ajouter les lignes utilisables")

  static func importFault(_ line: Int, _ fault: ImportFault) -> Message {
    let what: Message =
      switch fault {
      case .quote:
        Message(en: "a quotation mark is never closed", fr: "un guillemet n'est jamais fermé")
      case .notUtf8:
        Message(
          en: "it is not UTF-8: save the file as UTF-8",
          fr: "ce n'est pas de l'UTF-8 : enregistrez le fichier en UTF-8")
      case .fieldCount(let count, let wanted):
        Message(
          en: "it has \(Plural.english(count, "field", "fields")), and the heading has \(wanted)",
          fr: "elle a \(Plural.french(count, "champ", "champs")), et l'en-tête en a \(wanted)")
      case .time(let text):
        Message(en: "\"\(text)\" is not a time", fr: "« \(text) » n'est pas une date")
      case .value(let text):
        Message(en: "\"\(text)\" is not a value", fr: "« \(text) » n'est pas une valeur")
      case .notANumber(let text):
        Message(
          en: "\"\(text)\" is not a number, as other values of the channel are",
          fr: "« \(text) » n'est pas un nombre, comme d'autres valeurs de la voie")
      case .noSeries:
        Message(
          en: "it names no device or channel: --device and --channel name them for all",
          fr: "elle ne nomme pas d'appareil ou de voie : --device et --channel les nomment pour"
            + " toutes")
      case .notJson:
        Message(en: "it is not an object of JSON", fr: "ce n'est pas un objet JSON")
      }
    return .labelled("\(line)", what)
  }
  static func importMoreFaults(_ count: Int) -> Message {
    Message(
      en: "... and \(Plural.english(count, "more line", "more lines")).",
      fr: "... et \(Plural.french(count, "autre ligne", "autres lignes")).")
  }
  static func importRefused(_ file: String, _ count: Int) -> Message {
    Message(
      en: "\(Plural.english(count, "line", "lines")) of \(file) cannot be used; nothing was added.",
      fr:
        "\(Plural.french(count, "ligne inutilisable", "lignes inutilisables")) dans \(file) ; rien"
        + " n'a été ajouté.")
  }
  static let importPartial = Message(
    en: "Correct the file, or add the other lines with --partial.",
    fr: "Corrigez le fichier, ou ajoutez les autres lignes avec --partial.")
  static func importNoHeading(_ file: String) -> Message {
    Message(
      en: "\(file) has no heading that names a time and a value.",
      fr: "\(file) n'a pas d'en-tête qui nomme une date et une valeur.")
  }
  static func importUnreadable(_ file: String, _ reason: String) -> Message {
    Message(en: "\(file) cannot be read: \(reason).", fr: "\(file) est illisible : \(reason).")
  }
  static func imported(_ count: Int, _ file: String) -> Message {
    Message(
      en: "\(Plural.english(count, "value", "values")) of \(file) added.",
      fr: "\(Plural.french(count, "valeur ajoutée", "valeurs ajoutées")) de \(file).")
  }
}
