/// What a check of the configuration says.
extension Message {
  static let noConfiguration = Message(
    en: "There is no configuration file, and none is needed.",
    fr: "Il n'y a pas de fichier de configuration, et il n'en faut pas.")
  static let configurationGood = Message(
    en: "The configuration is good.", fr: "La configuration est bonne.")
  static let configurationWarned = Message(
    en: "The configuration is usable; see the remarks.",
    fr: "La configuration est utilisable ; voir les remarques.")
  static let configurationUnusable = Message(
    en: "The configuration cannot be used: a daemon would keep the last good one.",
    fr: "La configuration est inutilisable : un démon garderait la dernière bonne.")
}
