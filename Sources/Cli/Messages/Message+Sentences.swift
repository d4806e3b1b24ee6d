internal import Model

/// Sentences of the views, and what an empty one says.
extension Message {
  static let noDevices = Message(
    en: "No device yet. Plug one in: it appears here by itself. Without hardware,"
      + " \"bivouac simulate esp32\" plays a board.",
    fr: "Aucun appareil encore. Branchez-en un : il apparaît ici de lui-même. Sans matériel,"
      + " « bivouac simulate esp32 » joue une carte.")

  static let noReadings = Message(
    en: "No stored reading matches. \"bivouac devices\" lists devices, \"bivouac watch\" shows"
      + " what comes in now; readings are on disk within 10 s.",
    fr: "Aucune mesure enregistrée ne correspond. « bivouac devices » liste les appareils,"
      + " « bivouac watch » montre ce qui arrive ; une mesure est sur le disque en 10 s.")

  static let noCommands = Message(
    en: "No command was sent yet. \"bivouac devices show DEVICE\" lists those a device knows;"
      + " \"bivouac send DEVICE COMMAND\" sends one.",
    fr: "Aucune commande n'a encore été envoyée. « bivouac devices show APPAREIL » liste celles"
      + " qu'un appareil connaît ; « bivouac send APPAREIL COMMANDE » en envoie une.")

  static let noQuestions = Message(en: "No question waits.", fr: "Aucune question n'attend.")

  static func questionsWait(_ count: Int) -> Message {
    Message(
      en: Plural.english(count, "question waits", "questions wait")
        + " for you: \"bivouac questions\".",
      fr: "\(Plural.french(count, "question vous attend", "questions vous attendent"))"
        + " : « bivouac questions ».")
  }

  static func openHint(_ device: String) -> Message {
    Message(
      en: "found at start and left alone, because opening may reset it;"
        + " \"bivouac devices open \(device)\" opens it.",
      fr: "trouvé au démarrage et laissé tranquille, car l'ouvrir peut le réinitialiser ;"
        + " « bivouac devices open \(device) » l'ouvre.")
  }

  static func running(_ status: StatusView, _ language: Language) -> Message {
    let span = Spans.text(milliseconds: status.uptimeSeconds * 1_000, language)
    return Message(en: "for \(span)", fr: "depuis \(span)")
  }

  static func storage(_ storage: StorageView, _ language: Language) -> Message {
    let commits = Figures.whole(storage.commits, language)
    let readings = Figures.whole(storage.readings, language)
    let pending = Figures.whole(storage.pendingReadings, language)
    let english =
      "\(readings) \(storage.readings == 1 ? "reading" : "readings") in \(commits) "
      + "\(storage.commits == 1 ? "commit" : "commits"), \(pending) pending"
    let french =
      "\(readings) \(storage.readings < 2 ? "mesure" : "mesures") en \(commits) "
      + "\(storage.commits < 2 ? "écriture" : "écritures"), \(pending) en attente"
    if storage.state == "recording" {
      return Message(en: "recording: " + english, fr: "enregistre : \(french)")
    }
    return Message(
      en: "WAITING, nothing goes to disk: " + english,
      fr: "EN ATTENTE, rien ne va sur le disque : \(french)")
  }

  static func disk(_ storage: StorageView, _ language: Language) -> Message? {
    guard let used = storage.databaseBytes else { return nil }
    let usedText = Figures.bytes(used, language)
    guard let free = storage.freeBytes else {
      return Message(en: "\(usedText) used", fr: "\(usedText) occupés")
    }
    let freeText = Figures.bytes(free, language)
    let wear = wear(storage, language)
    return Message(
      en: "\(usedText) used, \(freeText) free" + wear.en,
      fr: "\(usedText) occupés, \(freeText) libres\(wear.fr)")
  }

  /// What is written in a day, and how long a card bears it; empty until that is known.
  private static func wear(
    _ storage: StorageView, _ language: Language
  ) -> (en: String, fr: String) {
    guard let perDay = storage.wear?.bytesPerDay else { return ("", "") }
    let day = Figures.bytes(perDay, language)
    guard let years = storage.wear?.cardYears else {
      return (", \(day) written a day", ", \(day) écrits par jour")
    }
    return (
      ", \(day) written a day: a card bears that for about \(years) "
        + (years == 1 ? "year" : "years"),
      ", \(day) écrits par jour : une carte le supporte environ \(years) "
        + (years < 2 ? "an" : "ans")
    )
  }

  static func clock(_ clock: ClockView, _ language: Language) -> Message {
    guard clock.trusted else {
      return Message(
        en: "not synchronised: times are uncertain", fr: "non synchronisée : heures incertaines")
    }
    guard let errorUs = clock.errorUs else {
      return Message(en: "synchronised", fr: "synchronisée")
    }
    let error = Figures.fixed(Double(errorUs) / 1_000, decimals: 1, language)
    return Message(en: "synchronised within \(error) ms", fr: "synchronisée à \(error) ms près")
  }

  static func loop(_ loop: LoopView, _ language: Language) -> Message {
    let lag = Figures.fixed(Double(loop.lagMaxUs) / 1_000, decimals: 1, language)
    let over = Figures.whole(loop.over50Ms, language)
    let turns = Figures.whole(loop.turns, language)
    return Message(
      en: "\(turns) turns, the longest \(lag) ms, \(over) over 50 ms",
      fr: "\(turns) tours, le plus long \(lag) ms, \(over) au-dessus de 50 ms")
  }

  static func inAndOut(_ incoming: String, _ outgoing: String) -> Message {
    Message(en: "\(incoming) in, \(outgoing) out", fr: "\(incoming) reçus, \(outgoing) envoyés")
  }

  static func frames(_ link: LinkView, _ language: Language) -> Message {
    let good = Figures.whole(link.framesGood, language)
    let corrupt = Figures.whole(link.framesCorrupt, language)
    let malformed = Figures.whole(link.framesMalformed, language)
    let unknown = Figures.whole(link.framesUnknown, language)
    return Message(
      en: "\(good) good, \(corrupt) corrupt, \(malformed) malformed, \(unknown) unknown",
      fr: "\(good) bonnes, \(corrupt) corrompues, \(malformed) mal formées, \(unknown) inconnues")
  }

  static func samples(_ link: LinkView, _ language: Language) -> Message {
    let stored = Figures.whole(link.samplesStored, language)
    let again = Figures.whole(link.samplesRepeated, language)
    let lost = Figures.whole(link.samplesDeclaredLost, language)
    let tail = Figures.whole(link.samplesUnknownTail, language)
    return Message(
      en: "\(stored) stored, \(again) repeated, \(lost) lost, \(tail) at most in unknown tails",
      fr: "\(stored) enregistrés, \(again) répétés, \(lost) perdus, \(tail) au plus sans nouvelles")
  }

  static func textLines(_ link: LinkView, _ language: Language) -> Message {
    let lines = Figures.whole(link.textLines, language)
    let noise = Figures.whole(link.noiseLines, language)
    return Message(
      en:
        "\(lines) lines, \(noise) of noise", fr: "\(lines) lignes, \(noise) de bruit")
  }

  static func hellos(_ link: LinkView, _ language: Language) -> Message {
    let hellos = Figures.whole(link.hellos, language)
    let reboots = Plural.english(link.reboots, "reboot", "reboots")
    let restarts = Plural.french(link.reboots, "redémarrage", "redémarrages")
    return Message(en: "\(hellos), \(reboots)", fr: "\(hellos), \(restarts)")
  }
}
