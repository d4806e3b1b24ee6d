/// One line for each option.
extension Message {
  static let optionJson = Message(
    en: "write JSON, whose form is stable", fr: "écrire du JSON, dont la forme est stable")
  static let optionSocket = Message(
    en: "the daemon's socket ($BIVOUAC_SOCKET)", fr: "la socket du démon ($BIVOUAC_SOCKET)")
  static let optionState = Message(
    en: "the daemon's state folder, which holds its socket",
    fr: "le dossier d'état du démon, où se trouve sa socket")
  static let optionSite = Message(
    en: "of several sites of a hub, the one meant ($BIVOUAC_SITE)",
    fr: "de plusieurs sites d'un hub, celui qu'on vise ($BIVOUAC_SITE)")
  static let optionLang = Message(
    en: "the language, instead of the locale's", fr: "la langue, au lieu de celle de la locale")
  static let optionNoColor = Message(
    en: "no colour; also with $NO_COLOR", fr: "sans couleur ; aussi avec $NO_COLOR")
  static let optionHelp = Message(en: "help on this verb", fr: "l'aide de ce verbe")
  static let optionConfig = Message(
    en: "the configuration file", fr: "le fichier de configuration")
  static let optionListen = Message(
    en: "where the page is served, or none (127.0.0.1:8420 and [::1]:8420)",
    fr: "où la page est servie, ou none (127.0.0.1:8420 et [::1]:8420)")
  static let optionNodeRole = Message(
    en: "a gateway looks after devices; a hub only after other nodes (gateway)",
    fr: "une passerelle s'occupe d'appareils ; un hub, d'autres nœuds seulement (gateway)")
  static let optionWeb = Message(en: "the folder of the pages", fr: "le dossier des pages")
  static let optionAlways = Message(
    en: "open it at every start from now on", fr: "l'ouvrir désormais à chaque démarrage")
  static let optionRemove = Message(en: "take the name away", fr: "retirer le nom")
  static let optionWatchCount = Message(
    en: "stop after so many readings", fr: "s'arrêter après autant de mesures")
  static let optionFrom = Message(
    en: "from this time on, included", fr: "à partir de ce moment, compris")
  static let optionTo = Message(
    en: "up to this time, not included", fr: "jusqu'à ce moment, non compris")
  static let optionLast = Message(
    en: "only the last N of each channel", fr: "seulement les N dernières de chaque voie")
  static let optionClock = Message(
    en: "which clock times are on (corrected)",
    fr: "l'horloge dans laquelle sont les temps (corrected)")
  static let optionLimit = Message(en: "at most so many", fr: "pas plus d'autant")
  static let optionCsv = Message(
    en: "write CSV, with a heading", fr: "écrire du CSV, avec un en-tête")
  static let optionLease = Message(
    en: "how long its effect holds: 60s, 5m; for ever without it",
    fr: "durée de son effet : 60s, 5m ; sans limite autrement")
  static let optionLife = Message(
    en: "how long it may wait to begin (30s)", fr: "attente permise avant son début (30s)")
  static let optionNoWait = Message(
    en: "do not wait for the outcome", fr: "ne pas attendre l'issue")
  static let optionCount = Message(en: "how many boards (1)", fr: "nombre de cartes (1)")
  static let optionLabel = Message(
    en: "what the boards' ports are called", fr: "le nom donné aux ports des cartes")
  static let optionSeed = Message(
    en: "of a site: what all its chance comes from (1)",
    fr: "d'un site : d'où vient tout son hasard (1)")
  static let optionHex = Message(
    en: "the file holds hexadecimal digits", fr: "le fichier contient des chiffres hexadécimaux")
}
