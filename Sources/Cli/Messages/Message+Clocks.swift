internal import Model

/// What is said of the node's boots and their times.
extension Message {
  static let clockSummary = Message(
    en: "when the node's boots were, and say it where its clock was wrong",
    fr: "quand le nœud a démarré, et le dire là où son horloge se trompait")
  static let clockDetails = Message(
    en: "A boot is dated by its anchors (times at which its clock was synchronised), else between"
      + " the boots around it, else not at all: then \"?\" stands before what its wall clock said."
      + " \"set\" says when one was: everything recorded in it, its charts and its sums are dated"
      + " anew, and nothing is rewritten; \"reset\" takes that back. EPOCH is the beginning of an"
      + " id, or \"present\". TIME is when it began; with --uptime, when it was so old; with"
      + " --shown, what is shown as that time was at TIME; with --now, what the time is now.",
    fr: "Un démarrage est daté par ses ancres (moments où son horloge était synchronisée), sinon"
      + " entre ses voisins, sinon pas du tout : « ? » précède alors ce que disait son horloge."
      + " « set » dit quand il eut lieu : tout ce qui y fut enregistré, ses courbes et ses sommes"
      + " sont datées de nouveau, et rien n'est réécrit ; « reset » revient dessus. EPOCH est le"
      + " début d'un identifiant, ou « present ». TIME est son début ; avec --uptime, le moment"
      + " où il avait cet âge ; avec --shown, ce qui est montré à cette heure eut lieu à TIME ;"
      + " avec --now, l'heure qu'il est.")
  static let optionUptime = Message(
    en: "so long after the boot, instead of at its beginning",
    fr: "autant après le démarrage, au lieu de son début")
  static let optionShown = Message(
    en: "what is shown as this time was at TIME",
    fr: "ce qui est montré à cette heure eut lieu à"
      + " TIME")
  static let optionNow = Message(
    en: "TIME is the time now (with \"present\")",
    fr: "TIME est l'heure actuelle (avec"
      + " « present »)")
  static let optionAnyway = Message(
    en: "even against its anchors or the boots around it",
    fr: "même contre ses ancres ou les démarrages voisins")

  static func clockSet(_ epoch: String, _ span: String) -> Message {
    Message(
      en: "The boot \(epoch) is dated \(span). \"bivouac clock reset \(epoch)\" takes it back.",
      fr: "Le démarrage \(epoch) est daté \(span). « bivouac clock reset \(epoch) » revient"
        + " dessus.")
  }
  static func clockReset(_ epoch: String, _ span: String) -> Message {
    Message(
      en: "The boot \(epoch) is dated \(span), as before.",
      fr: "Le démarrage \(epoch) est daté \(span), comme avant.")
  }
  static let clockNowIsPresent = Message(
    en: "--now goes with the boot that runs now: bivouac clock set present TIME --now.",
    fr: "--now va avec le démarrage actuel : bivouac clock set present TIME --now.")
  static func clockShownBefore(_ text: String, _ began: String) -> Message {
    Message(
      en: "\(text) is before the boot began, which is shown as \(began).",
      fr: "\(text) est avant le début du démarrage, montré à \(began).")
  }

  static let noClocks = Message(
    en: "Nothing was recorded yet.", fr: "Rien n'a encore été enregistré.")
  static let headBegan = Message(en: "BEGAN", fr: "DÉBUT")
  static let headDatedBy = Message(en: "DATED BY", fr: "DATÉ PAR")
  static let headUncertainty = Message(en: "UNCERTAINTY", fr: "INCERTITUDE")
  static let clockPresent = Message(en: "runs now", fr: "en cours")
  static func clockBasis(_ basis: ClockEpochView.Basis, _ anchors: Int) -> Message {
    switch basis {
    case .anchors:
      Message(
        en: Plural.english(anchors, "anchor", "anchors"),
        fr: "\(Plural.french(anchors, "ancre", "ancres"))")
    case .neighbours: Message(en: "its neighbours", fr: "ses voisins")
    case .override: Message(en: "a person", fr: "une personne")
    case .nothing: Message(en: "nothing", fr: "rien")
    }
  }

  /// Why a boot cannot have been when a person says it was.
  static func frenchContradiction(_ parameters: [String: String]) -> French {
    let clock = parameters["clock"] ?? "?"
    let (off, number) = (parameters["off"] ?? "?", parameters["number"] ?? "?")
    switch parameters["against"] {
    case "before":
      return "le démarrage \(clock) commencerait \(off) s avant la fin du démarrage nº \(number)"
    case "after":
      return "le démarrage \(clock) finirait \(off) s après le début du démarrage nº \(number)"
    default:
      let side: French = parameters["side"] == "before" ? "avant" : "après"
      return "c'est \(off) s \(side.text) ce qu'on sait du démarrage \(clock), et l'incertitude des"
        + " deux ensemble est de \(parameters["bound"] ?? "?") s au plus"
    }
  }
}
