internal import Model

/// Rules of alarms, and what came of them.
extension Message {
  static let alarmsSummary = Message(
    en: "list alarms, and say that you have seen one",
    fr: "lister les alarmes, et dire que vous en avez vu une")
  static let alarmsDetails = Message(
    en: "Those that go on where nothing is said; \"unacknowledged\" are those that nobody has seen,"
      + " over or not. A ? stands before the time of a clock that was not synchronised.",
    fr: "Celles qui durent si rien n'est dit ; « unacknowledged », celles que personne n'a vues,"
      + " finies ou non. Un ? précède l'heure d'une horloge qui n'était pas synchronisée.")
  static let rulesSummary = Message(
    en: "say when a channel or a device is to be noticed: list, add, remove, enable, disable",
    fr: "dire quand une voie ou un appareil doit se signaler : lister, ajouter, retirer, activer,"
      + " désactiver")
  static let rulesSilenceDetails = Message(
    en: "silence: after which time a hub raises an alarm for a node of its site that it does not"
      + " hear, 15 min where nothing was said. After a start of the hub the time since then counts"
      + " at most; a node that was never heard, or has no rights, is not judged.",
    fr: "silence : après quel temps un hub lève une alarme pour un nœud de son site qu'il n'entend"
      + " pas, 15 min si rien n'est dit. Après un démarrage du hub, le temps depuis compte au plus"
      + " ; un nœud jamais entendu, ou sans droits, n'est pas jugé.")
  static let rulesDetails = Message(
    en: "One condition: --above or --below a limit; --rises or --falls by more than that --within a"
      + " time; --silent, --frozen or --gone for so long. Without a channel, --silent and --gone"
      + " mean the whole device. The daemon judges by its own running time: a clock that is wrong"
      + " makes no alarm and keeps none away.",
    fr: "Une condition : --above ou --below une limite ; --rises ou --falls de plus que cela"
      + " --within un temps ; --silent, --frozen ou --gone depuis un temps. Sans voie, --silent et"
      + " --gone valent pour tout l'appareil. Le démon juge par son propre temps de marche : une"
      + " horloge fausse ne fait aucune alarme et n'en empêche aucune.")

  // MARK: Options

  static let optionAbove = Message(en: "the value is greater", fr: "la valeur est plus grande")
  static let optionBelow = Message(en: "the value is less", fr: "la valeur est plus petite")
  static let optionRises = Message(
    en: "the value rises by more than that", fr: "la valeur monte de plus que cela")
  static let optionFalls = Message(
    en: "the value falls by more than that", fr: "la valeur baisse de plus que cela")
  static let optionSilent = Message(
    en: "no reading came for so long", fr: "aucune mesure depuis ce temps")
  static let optionFrozen = Message(
    en: "readings come, and say the same for so long",
    fr: "des mesures viennent, et disent la même chose depuis ce temps")
  static let optionGone = Message(
    en: "the device is not plugged in for so long",
    fr: "l'appareil n'est pas branché depuis ce temps")
  static let optionRuleWithin = Message(
    en: "within which time it rises or falls", fr: "en quel temps elle monte ou baisse")
  static let optionHysteresis = Message(
    en: "how far back from the limit it is over",
    fr: "à quelle distance de la limite c'est fini")
  static let optionDelay = Message(
    en: "how long it must hold first", fr: "combien de temps cela doit d'abord durer")
  static let optionClearDelay = Message(
    en: "how long it must be over first", fr: "combien de temps ce doit d'abord être fini")
  static let optionSeverity = Message(
    en: "how much it matters (warning)", fr: "combien cela importe (warning)")
  static let optionAskComment = Message(
    en: "who acknowledges has to say something", fr: "qui en prend acte doit dire quelque chose")

  static let ruleNeedsCondition = Message(
    en: "say one of --above, --below, --rises, --falls, --silent, --frozen and --gone.",
    fr: "dites l'un de --above, --below, --rises, --falls, --silent, --frozen et --gone.")

  // MARK: What was done

  static func ruleAdded(_ id: String) -> Message {
    Message(en: "Rule \(id) is judged now.", fr: "La règle \(id) est jugée désormais.")
  }
  static func ruleRemoved(_ id: String) -> Message {
    Message(en: "Rule \(id) is removed.", fr: "La règle \(id) est retirée.")
  }
  static func ruleSwitched(_ id: String, on: Bool) -> Message {
    on
      ? Message(en: "Rule \(id) is on.", fr: "La règle \(id) est active.")
      : Message(en: "Rule \(id) is off.", fr: "La règle \(id) est inactive.")
  }
  static let alarmAcknowledged = Message(en: "Acknowledged.", fr: "Il en est pris acte.")

  static func silence(_ view: SilenceView) -> Message {
    guard view.ms > 0 else {
      return Message(
        en: "No hub raises an alarm for a node that it does not hear.",
        fr: "Aucun hub ne lève d'alarme pour un nœud qu'il n'entend pas.")
    }
    let english = Spans.text(milliseconds: view.ms, .english)
    let french = Spans.text(milliseconds: view.ms, .french)
    return Message(
      en: "A hub raises an alarm for a node that it has not heard for \(english)."
        + (view.judged ? "" : " This node is none."),
      fr: "Un hub lève une alarme pour un nœud qu'il n'entend pas depuis \(french)."
        + (view.judged ? "" : " Ce nœud n'en est pas un."))
  }

  // MARK: Lists

  static let noAlarms = Message(en: "No such alarm.", fr: "Aucune alarme de ce genre.")
  static let noRules = Message(en: "There are no rules.", fr: "Il n'y a pas de règle.")
  static func alarmsMore(_ count: Int) -> Message {
    Message(en: "There are more than these \(count).", fr: "Il y en a plus que ces \(count).")
  }
  static func unreadableRules(_ count: Int) -> Message {
    Message(
      en: "Rules of a later version that this one does not judge: \(count).",
      fr: "Règles d'une version ultérieure, que celle-ci ne juge pas : \(count).")
  }
  static let headSince = Message(en: "SINCE", fr: "DEPUIS")
  static let headRule = Message(en: "RULE", fr: "RÈGLE")
  static let headCondition = Message(en: "CONDITION", fr: "CONDITION")
  static let headSeverity = Message(en: "SEVERITY", fr: "GRAVITÉ")
  static let alarmOpen = Message(en: "goes on", fr: "dure")
  static let alarmOver = Message(en: "over", fr: "finie")
  static let alarmRuleEnded = Message(en: "over: the rule changed", fr: "finie : règle modifiée")
  static let alarmSeen = Message(en: "seen", fr: "vue")
  static let ruleOff = Message(en: "off", fr: "inactive")

  /// How much it matters.
  static func severity(_ word: String?) -> Message {
    switch word {
    case "notice": Message(en: "notice", fr: "avis")
    case "alarm": Message(en: "alarm", fr: "alarme")
    default: Message(en: "warning", fr: "alerte")
    }
  }

  /// When it is to be noticed, in few words.
  static func condition(_ rule: AlarmRuleContent) -> Message {
    let limit = rule.limit ?? ""
    let time = "\(Double(rule.durationMs ?? 0) / 1_000) s"
    switch rule.condition {
    case "above": return Message(verbatim: "> \(limit)")
    case "below": return Message(verbatim: "< \(limit)")
    case "rises":
      return Message(en: "rises \(limit) in \(time)", fr: "monte de \(limit) en \(time)")
    case "falls":
      return Message(en: "falls \(limit) in \(time)", fr: "baisse de \(limit) en \(time)")
    case "silent": return Message(en: "silent \(time)", fr: "muet \(time)")
    case "unheard": return Message(en: "not heard \(time)", fr: "muet \(time)")
    case "frozen": return Message(en: "frozen \(time)", fr: "figé \(time)")
    default: return Message(en: "gone \(time)", fr: "parti \(time)")
    }
  }
}
