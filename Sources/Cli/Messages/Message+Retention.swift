internal import Model

/// What is said of how long readings are kept.
extension Message {
  // MARK: Help

  static let retentionSummary = Message(
    en: "say how long readings are kept, and see what went",
    fr: "dire combien de temps les mesures sont gardées, et voir ce qui est parti")
  static let retentionDetails = Message(
    en: "Readings become sums of minutes at the age --raw, and those go at the age --minutes; sums"
      + " of quarter hours stay for ever. --quota is what a channel may take of the disk. What is"
      + " not said follows the device, and that the configuration's [retention]; \"reset\" follows"
      + " it again. Without a channel, all of the device's that nothing else was said of.",
    fr: "Les mesures deviennent des sommes par minute à l'âge --raw, et celles-ci partent à l'âge"
      + " --minutes ; les sommes par quart d'heure restent toujours. --quota est ce qu'une voie"
      + " peut prendre du disque. Ce qui n'est pas dit suit l'appareil, et celui-ci [retention]"
      + " dans la configuration ; « reset » y revient. Sans voie, toutes celles de l'appareil dont"
      + " rien d'autre n'est dit.")
  static let retentionRoom = Message(
    en: "A full disk never stops the recording: the oldest readings become sums of minutes, then"
      + " the oldest of those go. What went so, or because of a quota, is told by \"list\" and in"
      + " the status until somebody acknowledges it.",
    fr: "Un disque plein n'arrête jamais l'enregistrement : les mesures les plus anciennes"
      + " deviennent des sommes par minute, puis les plus anciennes de celles-ci partent. Ce qui"
      + " est parti ainsi, ou à cause d'un quota, est dit par « list » et dans l'état jusqu'à ce"
      + " que quelqu'un en prenne acte.")
  static let optionRaw = Message(
    en: "the age of readings: 12h, 90d, 2y, forever",
    fr: "l'âge des mesures : 12h, 90d, 2y, forever")
  static let optionMinutes = Message(
    en: "the age of sums of minutes, at least that of --raw",
    fr: "l'âge des sommes par minute, au moins celui de --raw")
  static let optionQuota = Message(
    en: "the room they may take: 100MB, none", fr: "la place qu'elles prennent : 100MB, none")
  static let optionAcknowledgeNote = Message(
    en: "what you say of it", fr: "ce que vous en dites")
  static let retentionNeedsPart = Message(
    en: "say what to set: --raw, --minutes or --quota.",
    fr: "dites ce qu'il faut fixer : --raw, --minutes ou --quota.")

  // MARK: What was done

  static func retentionSet(_ what: String, _ rule: String) -> Message {
    Message(en: "\(what): \(rule).", fr: "\(what) : \(rule).")
  }
  static func retentionReset(_ what: String) -> Message {
    Message(en: "\(what) follows the default again.", fr: "\(what) suit de nouveau le défaut.")
  }
  static func acknowledged(_ left: Int) -> Message {
    guard left > 0 else {
      return Message(en: "Acknowledged.", fr: "Il en est pris acte.")
    }
    guard left > 1 else {
      return Message(en: "Acknowledged; 1 more waits.", fr: "Il en est pris acte ; 1 autre attend.")
    }
    return Message(
      en: "Acknowledged; \(left) more wait.", fr: "Il en est pris acte ; \(left) autres attendent.")
  }

  // MARK: Lists

  static let factDefault = Message(en: "Default", fr: "Défaut")
  static let factQuota = Message(en: "Database", fr: "Base")
  static let factAges = Message(en: "Ages", fr: "Âges")
  static let agesCount = Message(
    en: "the clock has been right long enough to go by them",
    fr: "l'horloge est juste depuis assez longtemps pour les suivre")
  static let agesDoNotCount = Message(
    en: "nothing goes by its age until the clock has been synchronised for an hour (a day, where"
      + " it jumped ahead)",
    fr: "rien ne part par son âge tant que l'horloge n'est pas synchronisée depuis une heure (un"
      + " jour, si elle a sauté en avant)")
  static func databaseQuota(_ view: RetentionView, _ language: Language) -> Message {
    let used = view.usedBytes.map { Figures.bytes($0, language) } ?? "?"
    let reserve = view.reserveBytes.map { Figures.bytes($0, language) } ?? "?"
    guard let bytes = view.databaseQuotaBytes else {
      return Message(
        en: "\(used) in use; \(reserve) of the disk are kept free",
        fr: "\(used) pris ; \(reserve) du disque restent libres")
    }
    let most = Figures.bytes(bytes, language)
    return Message(
      en: "\(used) of \(most) in use; \(reserve) of the disk are kept free",
      fr: "\(used) pris sur \(most) ; \(reserve) du disque restent libres")
  }
  static func rule(_ raw: String, _ minutes: String, _ quota: String) -> Message {
    Message(
      en: "readings \(raw), minutes \(minutes), quota \(quota)",
      fr: "mesures \(raw), minutes \(minutes), quota \(quota)")
  }
  static let forever = Message(en: "for ever", fr: "toujours")
  static let noQuota = Message(en: "none", fr: "aucun")
  static func age(_ count: Int64, _ unit: String) -> Message {
    func words(_ en: String, _ fr: String, _ frMany: String) -> Message {
      Message(
        en: Plural.english(count, en, en + "s"),
        fr: "\(Plural.french(count, fr, frMany))")
    }
    switch unit {
    case "min": return words("minute", "minute", "minutes")
    case "h": return words("hour", "heure", "heures")
    case "d": return words("day", "jour", "jours")
    case "w": return words("week", "semaine", "semaines")
    case "y": return words("year", "an", "ans")
    default: return Message(verbatim: "\(count)\(unit)")
    }
  }

  static let headRaw = Message(en: "READINGS", fr: "MESURES")
  static let headMinutes = Message(en: "MINUTES", fr: "MINUTES")
  static let headQuota = Message(en: "QUOTA", fr: "QUOTA")
  static let headLevel = Message(en: "HELD", fr: "GARDÉ")
  static let headLeft = Message(en: "LEFT", fr: "RESTE")
  static let headSummed = Message(en: "COUNT", fr: "NOMBRE")
  static let headBytes = Message(en: "SIZE", fr: "TAILLE")
  static let levelRaw = Message(en: "readings", fr: "mesures")
  static let levelMinutes = Message(en: "minutes", fr: "minutes")
  static let levelSummaries = Message(en: "quarter hours", fr: "quarts d'heure")
  static let wentByQuota = Message(en: "quota", fr: "quota")
  static let wentBySpace = Message(en: "full disk", fr: "disque plein")
  static let nothingHeld = Message(
    en: "Nothing is stored in blocks yet.", fr: "Rien n'est encore rangé en blocs.")
  static let nothingWent = Message(
    en: "Nothing went because of a quota or a full disk.",
    fr: "Rien n'est parti à cause d'un quota ou d'un disque plein.")
  static func wentAt(
    _ id: String, _ time: String, _ record: TrimmingView, _ language: Language
  ) -> Message {
    let count = Figures.whole(record.readings, language)
    guard let seen = record.seen else {
      return Message(
        en: "\(id)  \(time): \(count) readings were summed up or went",
        fr: "\(id)  \(time) : \(count) mesures ont été sommées ou sont parties")
    }
    let note = seen.reason.isEmpty ? "" : ": " + seen.reason
    return Message(
      en:
        "\(id)  \(time): \(count) readings were summed up or went (seen by \(seen.author)\(note))",
      fr: "\(id)  \(time) : \(count) mesures ont été sommées ou sont parties (vu par"
        + " \(seen.author)\(note))")
  }
  static func moreWent(_ count: Int64) -> Message {
    Message(en: "and \(count) more", fr: "et \(count) de plus")
  }
  static func acknowledgeThem(_ count: Int) -> Message {
    Message(
      en: "\(count) not acknowledged: bivouac retention acknowledge",
      fr: "\(count) dont nul n'a pris acte : bivouac retention acknowledge")
  }

  static let factKeepers = Message(en: "Keepers", fr: "Gardiens")
  static func keepersProve(_ age: String) -> Message {
    Message(
      en: "Readings go by their age \(age) after a keeper has proven to have them.",
      fr: "Les mesures partent par leur âge \(age) après la preuve qu'un gardien les a.")
  }
  static func waitForKeepers(_ count: Int64) -> Message {
    Message(
      en: "\(count) readings are old enough and wait for that proof.",
      fr: "\(count) mesures ont l'âge et attendent cette preuve.")
  }
  static let wentAlone = Message(en: "no keeper had it", fr: "aucun gardien ne l'avait")

  // MARK: Refusals and notices

  static func frenchRetention(_ code: String, _ parameters: [String: String]) -> French? {
    let place = parameters["place"] ?? "la configuration"
    let key = parameters["key"] ?? "?"
    let value = parameters["value"] ?? "?"
    switch code {
    case "config.bad-age":
      return "\(place) : \(key) = « \(value) » n'est pas un âge ; écrivez 12h, 90d, 8w, 2y ou"
        + " forever"
    case "config.bad-size":
      return "\(place) : \(key) = « \(value) » n'est pas une taille possible ; écrivez 16MB, 8GB,"
        + " 80% ou none"
    case "config.retention-order":
      return "\(place) : les minutes (\(parameters["minutes"] ?? "?")) partiraient avant que les"
        + " mesures (\(parameters["raw"] ?? "?")) ne le deviennent ; gardez minutes au moins aussi"
        + " longtemps que raw"
    case "retention.bad-age":
      return "« \(value) » n'est pas un âge pour « \(parameters["argument"] ?? "?") »"
    case "retention.bad-size":
      return "« \(value) » n'est pas une taille pour « \(parameters["argument"] ?? "?") »"
    case "retention.order":
      return "les minutes (\(parameters["minutes"] ?? "?")) partiraient avant que les mesures"
        + " (\(parameters["raw"] ?? "?")) ne le deviennent"
    case "retention.nothing": return "rien n'est dit de raw, de minutes ni de quota"
    case "retention.not-set":
      return "rien n'a été dit de la durée de « \(parameters["device"] ?? "?") »"
    case "unknown-channel":
      let known = parameters["known"] ?? ""
      return "« \(parameters["device"] ?? "?") » n'a pas de voie"
        + " « \(parameters["channel"] ?? "?") » ; "
        + (known.isEmpty ? "il n'en a encore aucune" : "il a : \(known)")
    case "retention.went":
      let why = parameters["reason"] == "quota" ? "d'un quota" : "du disque plein"
      return "à cause \(why), \(parameters["readings"] ?? "?") mesures de"
        + " \(parameters["channels"] ?? "?") ne sont plus gardées que par minute ou par quart"
        + " d'heure\(frenchAlone(parameters)) : « bivouac retention » dit lesquelles, et"
        + " « bivouac retention acknowledge » met fin à cet avis"
    case "keeper.unproven":
      return "le gardien « \(parameters["peer"] ?? "?") » n'a pas prouvé qu'il a"
        + " \(parameters["count"] ?? "?") plages de mesures de ce nœud : elles ne partent pas par"
        + " leur âge ; voyez « bivouac status » sur « \(parameters["peer"] ?? "?") »"
    default: return nil
    }
  }

  /// How much of what went no keeper had.
  private static func frenchAlone(_ parameters: [String: String]) -> String {
    guard let alone = parameters["unacknowledged"], alone != "0" else { return "" }
    return ", et aucun gardien n'en avait \(alone)"
  }

  /// What to do next, in French; nil where the code is none of these.
  static func frenchRetentionRemedy(_ code: String) -> French? {
    switch code {
    case "retention.bad-age": "Écrivez 12h, 90d, 8w, 2y ou forever."
    case "retention.bad-size": "Écrivez 100MB, 2GB ou none."
    case "retention.order": "Gardez minutes au moins aussi longtemps que raw."
    case "retention.nothing": "Dites-en au moins un ; reset revient au défaut."
    case "retention.not-set": "« bivouac retention » liste ce qui a été dit."
    case "unknown-channel": "Nommez l'une d'elles, ou aucune pour tout l'appareil."
    default: nil
    }
  }
}
