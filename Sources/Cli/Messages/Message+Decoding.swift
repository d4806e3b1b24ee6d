internal import Protocol

/// What `decode` says.
extension Message {
  static let decodedText = Message(en: "text", fr: "texte")
  static let captureCut = Message(
    en: "The capture is longer than 64 MB; the rest was left.",
    fr: "La capture dépasse 64 Mo ; la suite a été laissée.")
  static func notHexadecimal(_ path: String) -> Message {
    Message(
      en: "\(path) holds something else than hexadecimal digits.",
      fr: "\(path) contient autre chose que des chiffres hexadécimaux.")
  }
  static func decodedSum(_ counts: FrameReader.Counts, _ language: Language) -> Message {
    let bytes = Figures.whole(counts.bytes, language)
    return Message(
      en: "\(bytes) bytes: \(Plural.english(counts.framesGood, "frame", "frames")),"
        + " \(counts.corrupt) corrupt, \(Plural.english(counts.overruns, "overrun", "overruns")),"
        + " \(Plural.english(counts.textLines, "line", "lines")) of text, \(counts.noiseLines) of"
        + " noise.",
      fr: "\(bytes) octets : \(Plural.french(counts.framesGood, "trame", "trames")),"
        + " \(Plural.french(counts.corrupt, "corrompue", "corrompues")),"
        + " \(Plural.french(counts.overruns, "trop longue", "trop longues")),"
        + " \(Plural.french(counts.textLines, "ligne", "lignes")) de texte, \(counts.noiseLines) de"
        + " bruit.")
  }
}
