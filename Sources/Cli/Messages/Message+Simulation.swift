/// What `simulate` says.
extension Message {
  static func unknownBoard(_ word: String, _ known: [String]) -> Message {
    let list = known.joined(separator: ", ")
    return Message(
      en: "There is no board called \"\(word)\"; there are: \(list).",
      fr: "Il n'y a pas de carte appelée « \(word) » ; il y a : \(list).")
  }
  static func siteSimulated(_ report: SiteReport) -> Message {
    let (count, hash) = (report.violations.count, report.traceHash)
    return Message(
      en: "seed \(report.seed): \(report.records) records, \(report.requests) requests, trace"
        + " \(hash); \(count == 0 ? "every promise was kept" : "\(count) promises were broken")",
      fr: "graine \(report.seed) : \(report.records) enregistrements,"
        + " \(report.requests) requêtes, trace \(hash) ; "
        + (count == 0 ? "chaque promesse fut tenue" : "\(count) promesses furent rompues"))
  }
  static func noTerminal(_ reason: String) -> Message {
    Message(
      en: "A pseudo-terminal could not be opened (\(reason)).",
      fr: "Un pseudo-terminal n'a pas pu être ouvert (\(reason)).")
  }
  static func boardHandedOver(_ name: String, _ port: String) -> Message {
    Message(
      en: "\(name): plugged in as \(port). Ctrl-C unplugs it.",
      fr: "\(name) : branchée comme \(port). Ctrl-C la débranche.")
  }
  static let boardAttached = Message(
    en: "the daemon reads it", fr: "le démon la lit")
  static let boardDetached = Message(
    en: "nobody reads it; it keeps its readings", fr: "personne ne la lit ; elle garde ses mesures")
  static func boardProvisioned(_ id: String) -> Message {
    Message(en: "took the id \(id)", fr: "a pris l'identifiant \(id)")
  }
  static func boardCommanded(_ words: String) -> Message {
    Message(en: "was told: \(words)", fr: "a reçu l'ordre : \(words)")
  }
  static func boardLeaseLapsed(_ command: String) -> Message {
    Message(
      en: "the lease of \(command) lapsed: back to its safe state",
      fr: "le bail de \(command) est échu : retour à l'état sûr")
  }
  static let boardReset = Message(en: "was told to restart", fr: "a reçu l'ordre de redémarrer")
  static func boardSum(made: UInt32, dropped: UInt32, held: Int, _ language: Language) -> Message {
    let madeText = Figures.whole(made, language)
    let droppedText = Figures.whole(dropped, language)
    let heldText = Figures.whole(held, language)
    return Message(
      en: "unplugged after \(madeText) samples, \(droppedText) dropped, \(heldText) not yet"
        + " acknowledged",
      fr: "débranchée après \(madeText) échantillons, \(droppedText) abandonnés, \(heldText) non"
        + " encore acquittés")
  }
  static let daemonAway = Message(
    en: "The daemon went away; the boards keep their readings and wait for it.",
    fr: "Le démon est parti ; les cartes gardent leurs mesures et l'attendent.")
  static let daemonBack = Message(en: "The daemon is back.", fr: "Le démon est revenu.")
}
