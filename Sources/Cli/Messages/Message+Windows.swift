/// Windows, points and series.
extension Message {
  static let seriesSummary = Message(
    en: "every channel that has stored readings", fr: "chaque voie qui a des mesures enregistrées")
  static let seriesDetails = Message(
    en: "How many readings each has, and from when to when.",
    fr: "Combien de mesures chacune a, et de quand à quand.")
  static let windowDetails = Message(
    en: "--window gives what the readings of each length of time come to instead: 90s, 15m, 1h, 1d,"
      + " 1w, 1mo, 1y, or all for one. Days, weeks, months and years begin at the midnights of"
      + " --zone, this machine's when not given; hours that clocks skip or repeat are counted as"
      + " they were. --points gives at most so many points that keep the extremes.",
    fr:
      "--window donne à la place ce que valent les mesures de chaque durée : 90s, 15m, 1h, 1d, 1w,"
      + " 1mo, 1y, ou all pour une seule. Jours, semaines, mois et années commencent aux minuits de"
      + " --zone, celui de cette machine à défaut ; les heures que les horloges sautent ou répètent"
      + " comptent telles quelles. --points donne au plus autant de points, extrêmes compris.")
  static let optionWindow = Message(
    en: "what each length of time comes to: 15m, 1h, 1d",
    fr: "ce que vaut chaque durée : 15m, 1h, 1d")
  static let optionAgg = Message(
    en: "of avg,min,max,sum,count,first,last,twa (avg,min,max,count)",
    fr: "parmi avg,min,max,sum,count,first,last,twa (avg,min,max,count)")
  static let optionZone = Message(
    en: "the time zone whose midnights count, such as Europe/Paris",
    fr: "le fuseau dont comptent les minuits, comme Europe/Paris")
  static let optionWeekdays = Message(
    en: "only these weekdays: mon-fri, or 1-5", fr: "seulement ces jours : lun-ven, ou 1-5")
  static let optionDaytime = Message(
    en: "only this part of each day: 09:00-19:00",
    fr: "seulement cette part de chaque jour : 09:00-19:00")
  static let optionPrecision = Message(
    en: "quick may take a quarter hour by its beginning (exact)",
    fr: "quick peut compter un quart d'heure par son début (exact)")
  static let optionPoints = Message(
    en: "at most so many points that keep the extremes",
    fr: "au plus autant de points, extrêmes compris")
  static let optionJsonl = Message(
    en: "write a line of JSON for each", fr: "écrire une ligne de JSON pour chacune")
  static let optionQueryFormat = Message(
    en: "the same as --json, --csv or --jsonl", fr: "pareil que --json, --csv ou --jsonl")

  static func optionNeedsOther(_ option: String, _ other: String) -> Message {
    Message(en: "\(option) only goes with \(other).", fr: "\(option) ne va qu'avec \(other).")
  }

  static let headReadings = Message(en: "READINGS", fr: "MESURES")
  static let headAverage = Message(en: "MEAN", fr: "MOYENNE")
  static let headLeast = Message(en: "LEAST", fr: "MINIMUM")
  static let headMost = Message(en: "MOST", fr: "MAXIMUM")
  static let headSum = Message(en: "SUM", fr: "SOMME")
  static let headBegin = Message(en: "FIRST", fr: "PREMIÈRE")
  static let headEnd = Message(en: "LAST", fr: "DERNIÈRE")
  static let headHeld = Message(en: "OVER TIME", fr: "DANS LE TEMPS")
  static let markApproximate = Message(en: "about", fr: "environ")
  static let markTimeUnknown = Message(en: "time unknown", fr: "heure inconnue")
}
