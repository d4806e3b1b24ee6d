/// Weekdays as people type them: numbers, English names, and French ones.
enum Weekdays {
  private static let french = [
    "lun": "mon", "mar": "tue", "mer": "wed", "jeu": "thu", "ven": "fri", "sam": "sat",
    "dim": "sun",
  ]

  /// A list with the names that the API knows; what is no name stays, for the daemon to refuse.
  static func english(_ text: String) -> String {
    var words = ""
    var word = ""
    for character in text + " " {
      guard character.isLetter else {
        words += (french[word.lowercased()] ?? word) + String(character)
        word = ""
        continue
      }
      word.append(character)
    }
    return String(words.dropLast())
  }
}
