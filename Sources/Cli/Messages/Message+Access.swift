internal import Model

/// People, tokens, the claim and the audit.
extension Message {
  static let userSummary = Message(
    en: "who may sign in on the page: list, add, change, remove",
    fr: "qui peut s'identifier sur la page : lister, ajouter, changer, retirer")
  static let userDetails = Message(
    en: "A viewer looks; an operator also commands devices and answers questions; an admin does"
      + " everything. Adding an admin claims a node that has none. Another password ends the"
      + " sessions of that person; another role counts at once. Who is removed never counts again:"
      + " one of the same name who is added later is somebody else.",
    fr: "Un viewer regarde ; un operator commande aussi les appareils et répond aux questions ; un"
      + " admin fait tout. Ajouter un admin prend possession d'un nœud qui n'en a pas. Un autre mot"
      + " de passe met fin aux sessions de cette personne ; un autre rôle vaut aussitôt. Qui est"
      + " retiré ne compte plus jamais : qui est ajouté plus tard sous ce nom est quelqu'un"
      + " d'autre.")
  static let passwordDetails = Message(
    en: "A password has 8 to 256 bytes; it is typed twice on the terminal, or is the first line of"
      + " a file. It is never a word of the command line, which everybody on the machine can read.",
    fr: "Un mot de passe a 8 à 256 octets ; il se tape deux fois au terminal, ou c'est la première"
      + " ligne d'un fichier. Ce n'est jamais un mot de la ligne de commande, que tous peuvent lire"
      + " sur la machine.")
  static let tokenSummary = Message(
    en: "what programs may do over the network: list, create, revoke",
    fr: "ce que peuvent les programmes par le réseau : lister, créer, révoquer")
  static let tokenDetails = Message(
    en: "A program sends \"Authorization: Bearer\" and the token. It is shown once, on stdout, and"
      + " kept nowhere. It may do what LIST says, of metrics, read, operate and administer, until"
      + " it is revoked: a clock that may be wrong ends none.",
    fr: "Un programme envoie « Authorization: Bearer » et le jeton. Il est montré une fois, sur"
      + " stdout, et gardé nulle part. Il peut ce que dit LIST, parmi metrics, read, operate et"
      + " administer, jusqu'à sa révocation : une horloge peut-être fausse n'en périme aucun.")
  static let auditSummary = Message(
    en: "who changed what, and when", fr: "qui a changé quoi, et quand")
  static let auditDetails = Message(
    en: "Newest first. A ? stands before the time of a clock that was not synchronised. --json"
      + " writes a line for each entry.",
    fr: "Les plus récents d'abord. Un ? précède l'heure d'une horloge qui n'était pas"
      + " synchronisée. --json écrit une ligne par entrée.")
  static let optionRole = Message(
    en: "what the person is here (viewer)", fr: "ce qu'est ici la personne (viewer)")
  static let optionPasswordFile = Message(
    en: "a file whose first line is the password",
    fr: "un fichier dont la première ligne est le mot de passe")
  static let optionPermissions = Message(
    en: "metrics, read, operate, administer, with commas",
    fr: "metrics, read, operate, administer, avec des virgules")
  static let optionAuditLimit = Message(en: "at most so many (50)", fr: "pas plus d'autant (50)")

  // MARK: Asking and answering

  static let askPassword = Message(en: "Password: ", fr: "Mot de passe : ")
  static let askPasswordAgain = Message(en: "The same again: ", fr: "Le même encore : ")
  static let passwordsDiffer = Message(
    en: "the two are not the same; nothing was changed.",
    fr: "les deux ne sont pas les mêmes ; rien n'a été changé.")
  static let passwordNeedsTerminal = Message(
    en: "there is no terminal to ask for a password: give --password-file FILE.",
    fr: "il n'y a pas de terminal où demander un mot de passe : donnez --password-file FILE.")
  static func passwordFileUnreadable(_ file: String, _ reason: String) -> Message {
    Message(
      en: "\(file) cannot be read as a password: \(reason).",
      fr: "\(file) n'est pas lisible comme mot de passe : \(reason).")
  }
  static func tokenNeedsPermissions(_ known: [String]) -> Message {
    let list = known.joined(separator: ",")
    return Message(
      en: "say what it may do: --permissions with some of \(list).",
      fr: "dites ce qu'il peut : --permissions avec certaines de \(list).")
  }
  static func userAdded(_ name: String, _ role: Role) -> Message {
    .joined(
      [
        Message(en: "\(name) may sign in: ", fr: "\(name) peut s'identifier : "), .role(role),
        Message(verbatim: "."),
      ], separator: "")
  }
  static func passwordChanged(_ name: String) -> Message {
    Message(
      en: "\(name) has another password, and signs in again with it.",
      fr: "\(name) a un autre mot de passe, et s'identifie à nouveau avec lui.")
  }
  static func roleChanged(_ name: String, _ role: Role) -> Message {
    .joined(
      [
        Message(en: "From now on \(name) is: ", fr: "Désormais \(name) est : "), .role(role),
        Message(verbatim: "."),
      ], separator: "")
  }
  static func userRemoved(_ name: String) -> Message {
    Message(
      en: "\(name) can no longer sign in.", fr: "\(name) ne peut plus s'identifier.")
  }
  static func tokenRevoked(_ id: String) -> Message {
    Message(en: "The token \(id) counts no more.", fr: "Le jeton \(id) ne compte plus.")
  }
  static func tokenShownOnce(_ id: String) -> Message {
    Message(
      en: "The token \(id), shown this once: keep it where the program finds it.",
      fr: "Le jeton \(id), montré cette seule fois : gardez-le où le programme le trouve.")
  }

  // MARK: Lists

  static let headName = Message(en: "NAME", fr: "NOM")
  static let headRole = Message(en: "ROLE", fr: "RÔLE")
  static let headChanged = Message(en: "CHANGED", fr: "CHANGÉ")
  static let headBy = Message(en: "BY", fr: "PAR")
  static let headPermissions = Message(en: "MAY", fr: "PEUT")
  static let headMade = Message(en: "MADE", fr: "CRÉÉ")
  static let nobody = Message(
    en: "Nobody may sign in yet: bivouac user add NAME --role admin",
    fr: "Personne ne peut encore s'identifier : bivouac user add NOM --role admin")
  static let noTokens = Message(en: "There are no tokens.", fr: "Il n'y a pas de jeton.")
  static let nothingAudited = Message(
    en: "Nobody has changed anything yet.", fr: "Personne n'a encore rien changé.")
  static let changedTwice = Message(
    en: "changed in two ways at once", fr: "changé de deux façons à la fois")
  static func role(_ role: Role) -> Message {
    switch role {
    case .viewer: Message(en: "viewer", fr: "viewer (regarde)")
    case .operator: Message(en: "operator", fr: "operator (commande)")
    case .admin: Message(en: "admin", fr: "admin (administre)")
    }
  }

  // MARK: The claim

  static let factAccess = Message(en: "Access", fr: "Accès")
  static func access(_ access: AccessView) -> Message {
    guard access.claimed else {
      return Message(en: "nobody administers it yet", fr: "personne ne l'administre encore")
    }
    return Message(
      en: Plural.english(access.sessions, "session", "sessions"),
      fr: "\(Plural.french(access.sessions, "session", "sessions"))")
  }
  static func claim(_ code: String, at address: String) -> Message {
    Message(
      en: "No administrator yet: open \(address) and enter the claim code \(code).",
      fr: "Pas encore d'administrateur : ouvrez \(address) et entrez le code \(code).")
  }

  /// Where a person opens the page: `localhost` is what the guard of hosts and people know.
  static func pageAddress(_ addresses: [String]) -> String? {
    let plain = addresses.first { !$0.hasPrefix("https://") }
    let scheme = plain == nil ? "https" : "http"
    return (plain ?? addresses.first).flatMap { $0.split(separator: ":").last }
      .map { "\(scheme)://localhost:\($0)" }
  }
}
