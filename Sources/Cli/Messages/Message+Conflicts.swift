internal import Model

/// A node among others, and what was set in two places at once.
extension Message {
  static let noConflicts = Message(
    en: "Nothing was set in two places at once.",
    fr: "Rien n'a été réglé à deux endroits à la fois.")
  static let conflictHolds = Message(en: " [holds]", fr: " [en vigueur]")
  static let conflictDecided = Message(en: "Decided.", fr: "Décidé.")

  static func noConflict(_ id: String) -> Message {
    Message(
      en: "No conflict \(id) stands: bivouac config conflicts lists them.",
      fr: "Aucun conflit \(id) en cours : bivouac config conflicts les liste.")
  }

  static func conflictNumber(_ count: Int) -> Message {
    Message(
      en: "NUMBER is from 1 to \(count), as bivouac config conflicts shows.",
      fr: "NUMBER va de 1 à \(count), comme le montre bivouac config conflicts.")
  }

  static func conflictHint(_ id: String) -> Message {
    Message(
      en: "The first of each holds until somebody decides: bivouac config decide \(id) 1",
      fr: "Le premier de chacun vaut jusqu'à ce que quelqu'un décide :"
        + " bivouac config decide \(id) 1")
  }

  static let factSite = Message(en: "Site", fr: "Site")

  static func siteTally(_ sync: SyncTallyView) -> Message {
    guard let site = sync.site else { return Message(en: "none", fr: "aucun") }
    let named = site.isEmpty ? "?" : site
    var parts = [
      Message(
        en: "\(named), \(sync.reached) of \(sync.peers) nodes reached",
        fr: "\(named), \(sync.reached) nœuds joints sur \(sync.peers)")
    ]
    if sync.conflicts > 0 {
      parts.append(
        Message(
          en: Plural.english(sync.conflicts, "conflict", "conflicts"),
          fr: "\(Plural.french(sync.conflicts, "conflit", "conflits"))"))
    }
    if sync.strange > 0 {
      parts.append(
        Message(
          en: "\(sync.strange) records as of a copied card",
          fr: "\(sync.strange) relevés comme d'une carte copiée"))
    }
    return .joined(parts, separator: ", ")
  }
}
