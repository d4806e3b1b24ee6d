internal import Model

/// A node among others, and what was set in two places at once.
extension Message {
  static let noConflicts = Message(
    en: "Nothing was set in two places at once.",
    fr: "Rien n'a été réglé à deux endroits à la fois.")
  static let conflictHolds = Message(en: " [holds]", fr: " [en vigueur]")
  static let conflictDecided = Message(en: "Decided.", fr: "Décidé.")

  static let valueRestored = Message(en: "Given back.", fr: "Rétabli.")
  static func restorableAs(_ id: String) -> Message {
    Message(verbatim: "  [\(id)]")
  }

  /// What cannot be given back, in French.
  static func frenchRestoring(_ code: String, _ parameters: [String: String]) -> French? {
    let entry = parameters["entry"] ?? "?"
    switch code {
    case "audit.unknown": return "le journal d'audit n'a pas d'entrée \(entry)"
    case "audit.not-restorable":
      return "ce que l'entrée \(entry) a écrit ne peut être rétabli"
    default: return nil
    }
  }

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

  /// What only a copied or restored card brings about, in French.
  static func frenchCopies(_ code: String, _ parameters: [String: String]) -> French? {
    let count = parameters["count"] ?? "?"
    switch code {
    case "site.own-elsewhere":
      return "\(count) exécutions de ce nœud même ont été enregistrées ailleurs : sa carte a été"
        + " copiée, ou il a été restauré d'une sauvegarde ; si une copie tourne encore,"
        + " éteignez-la et jumelez-la à nouveau avec un dossier d'état vide"
    case "site.two-contents":
      return "\(count) relevés ont deux contenus sous une même signature : deux copies d'un nœud"
        + " ont tourné à la fois, ou sa clé est en d'autres mains"
    case "site.two-successors":
      return "deux nœuds disent être \(parameters["node"] ?? "?") sous une nouvelle clé : sa carte"
        + " a été copiée, ou sa clé est en d'autres mains ; révoquez le mauvais, et cette clé"
    case "site.key-next":
      return "une nouvelle clé attend : elle vaut au prochain démarrage du démon, et jusque-là ce"
        + " nœud ne prend pas de commandes"
    default: return nil
    }
  }
}
