/// The languages people are spoken to in.
enum Language: String, Sendable, CaseIterable {
  case english = "en"
  case french = "fr"

  /// The language of a locale name such as `fr_FR.UTF-8`; English for those we do not speak.
  init(locale: String) {
    let tag = locale.prefix { $0 != "_" && $0 != "." && $0 != "@" && $0 != "-" }.lowercased()
    self = tag == "fr" ? .french : .english
  }

  /// The language of the environment: the first of LC_ALL, LC_MESSAGES and LANG that is not empty,
  /// as POSIX has it.
  static func ofEnvironment(_ variable: (String) -> String?) -> Language {
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
      if let value = variable(name), !value.isEmpty { return Language(locale: value) }
    }
    return .english
  }
}
