internal import Model

/// Export, verification, copies.
extension Message {
  static let exportSummary = Message(
    en: "write stored readings into a file", fr: "écrire les mesures enregistrées dans un fichier")
  static let exportDetails = Message(
    en: "Everything, or what the options leave, oldest first; to stdout without FILE. csv and jsonl"
      + " have a line for each reading, sqlite a row of the table readings. A file has its name"
      + " only once it is whole. The recording goes on meanwhile.",
    fr: "Tout, ou ce que les options laissent, les plus anciennes d'abord ; vers stdout sans FILE."
      + " csv et jsonl ont une ligne par mesure, sqlite une ligne de la table readings. Un fichier"
      + " n'a son nom qu'une fois entier. L'enregistrement continue pendant ce temps.")
  static let verifySummary = Message(
    en: "check everything stored", fr: "contrôler tout ce qui est enregistré")
  static let verifyDetails = Message(
    en: "Reads every commit and checks that it is what was written; names what is not. It reads the"
      + " files itself, with or without a daemon, and changes nothing: run it as the daemon's user"
      + " or as root. Exit code 1 when something is damaged.",
    fr:
      "Lit chaque enregistrement groupé et contrôle qu'il est ce qui a été écrit ; nomme ce qui ne"
      + " l'est pas. Il lit lui-même les fichiers, avec ou sans démon, et ne change rien :"
      + " lancez-le sous l'utilisateur du démon ou root. Code 1 si quelque chose est endommagé.")
  static let backupSummary = Message(
    en: "copy the database, also while the daemon runs",
    fr: "copier la base, même pendant que le démon tourne")
  static let backupDetails = Message(
    en: "FILE becomes one SQLite database: the readings and the journal of one moment, checked."
      + " The node's key is not in it, so that the file holds no secret: save node.key of the"
      + " state folder once, apart. Run it as the daemon's user or as root.",
    fr:
      "FILE devient une base SQLite : les mesures et le journal d'un instant, contrôlés. La clé du"
      + " nœud n'y est pas, ce fichier ne contient donc aucun secret : gardez à part, une fois,"
      + " node.key du dossier d'état. À lancer sous l'utilisateur du démon ou root.")
  static let restoreSummary = Message(
    en: "put a copy of the database back", fr: "remettre une copie de la base en place")
  static let restoreDetails = Message(
    en: "Stop the daemon first. The state folder must hold the node.key that the copy belongs to."
      + " The copy is checked before anything is touched; with --replace the present database"
      + " stays beside it under another name.",
    fr: "Arrêtez d'abord le démon. Le dossier d'état doit contenir le node.key auquel appartient la"
      + " copie. Elle est contrôlée avant qu'on touche à quoi que ce soit ; avec --replace la base"
      + " actuelle reste à côté sous un autre nom.")

  static let optionFormat = Message(en: "the form of the file", fr: "la forme du fichier")
  static let optionDevice = Message(
    en: "only of this device", fr: "seulement de cet appareil")
  static let optionChannel = Message(en: "only of this channel", fr: "seulement de cette voie")
  static let optionReplace = Message(
    en: "keep the present database under another name",
    fr: "garder la base actuelle sous un autre nom")

  static let exportNeedsFile = Message(
    en: "An SQLite export needs a file to be written into.",
    fr: "Un export SQLite doit être écrit dans un fichier.")
  static func exported(_ count: Int, _ file: String) -> Message {
    Message(
      en: "\(Plural.english(count, "reading is", "readings are")) in \(file).",
      fr: "\(Plural.french(count, "mesure est", "mesures sont")) dans \(file).")
  }
  static func readingsGone(_ count: Int64) -> Message {
    let english = Plural.english(
      count, "reading of this span is", "readings of this span are")
    let french = Plural.french(
      count, "mesure de cette période n'est", "mesures de cette période ne sont")
    return Message(
      en: "\(english) no longer there one by one: what they came to is (query --window).",
      fr: "\(french) plus là une à une : ce qu'elles donnent l'est (query --window).")
  }
  static func verifying(_ commits: Int64) -> Message {
    Message(
      en: Plural.english(commits, "commit", "commits") + " checked",
      fr: "\(Plural.french(commits, "enregistrement contrôlé", "enregistrements contrôlés"))")
  }
  static func percent(_ part: Double) -> Message {
    let percent = Int((part * 100).rounded(.down))
    return Message(en: "\(percent) %", fr: "\(percent)\(String(French.noBreak))%")
  }
  static func verified(_ found: VerificationView) -> Message {
    let commits = found.commits
    let unread =
      found.structureChecked
      ? Message(verbatim: "")
      : Message(
        en: " SQLite's own check of the file was left out: it is too large.",
        fr: " Le contrôle du fichier par SQLite a été omis : il est trop gros.")
    let entries = Plural.english(found.entries, "entry", "entries")
    let french = Plural.french(found.entries, "entrée", "entrées")
    let (others, otherEntries) = (found.othersCommits, found.othersEntries)
    let sound = Message(
      en: "\(Plural.english(commits, "commit", "commits")) of readings and \(entries) of the"
        + " journal are what was written; of these \(others) and \(otherEntries) are other"
        + " nodes'.",
      fr: "\(Plural.french(commits, "lot", "lots")) de mesures et \(french) du journal sont tels"
        + " qu'écrits, dont \(others) et \(otherEntries) d'autres nœuds.")
    guard found.damageCount > 0 else { return .joined([sound, unread], separator: "") }
    let damaged = Message(
      en: " \(Plural.english(found.damageCount, "damage", "damages")) in \(found.path): save a copy"
        + " of the state folder, look at dmesg, and replace the disk or card.",
      fr: " \(Plural.french(found.damageCount, "dommage", "dommages")) dans \(found.path) : copiez"
        + " le dossier d'état en lieu sûr, voyez dmesg, et remplacez le disque ou la carte.")
    return .joined([sound, damaged, unread], separator: "")
  }
  static func backedUp(_ copy: CopyView) -> Message {
    Message(
      en: "\(copy.path) holds the database (\(copy.bytes) bytes), and not the node's key: save"
        + " node.key of the state folder once, apart.",
      fr: "\(copy.path) contient la base (\(copy.bytes) octets), et non la clé du nœud : gardez à"
        + " part, une fois, node.key du dossier d'état.")
  }
  static func restored(_ copy: CopyView) -> Message {
    let done = Message(
      en: "The copy is in place as \(copy.path).", fr: "La copie est en place : \(copy.path).")
    guard let kept = copy.keptAs else { return done }
    let before = Message(
      en: "What was there before is kept as \(kept).",
      fr: "Ce qui s'y trouvait est gardé sous \(kept).")
    return .joined([done, before], separator: " ")
  }
}
