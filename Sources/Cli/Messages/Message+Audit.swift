/// What the audit says, and what the daemon refuses of access.
extension Message {
  /// What was done, by its code; one that is newer than this program as it is.
  static func audited(_ what: String, _ parameters: [String: String]) -> Message {
    func value(_ name: String) -> String { parameters[name] ?? "?" }
    if let message = auditedAccess(what, value) { return message }
    if let message = auditedDevice(what, parameters) { return message }
    let channel = parameters["channel"].map { " " + $0 } ?? ""
    switch what {
    case "deletion":
      return Message(
        en: "hid readings of \(value("device"))\(channel)",
        fr: "a masqué des mesures de \(value("device"))\(channel)")
    case "deletion.undone":
      return Message(
        en: "undid the deletion \(value("id"))", fr: "a annulé la suppression \(value("id"))")
    case "late-values":
      return Message(
        en: "added values to \(value("device"))\(channel)",
        fr: "a ajouté des valeurs à \(value("device"))\(channel)")
    case "late-values.withdrawn":
      return Message(
        en: "took back the values \(value("id"))", fr: "a repris les valeurs \(value("id"))")
    case "annotation":
      return Message(
        en: "annotated: \(value("text"))", fr: "a annoté : \(value("text"))")
    case "annotation.removed":
      return Message(
        en: "removed the annotation \(value("id"))", fr: "a retiré l'annotation \(value("id"))")
    case "trimming.seen":
      return Message(en: "acknowledged what went", fr: "a pris acte de ce qui est parti")
    case "command":
      return Message(
        en: "commanded \(value("device")): \(value("command"))",
        fr: "a commandé à \(value("device")) : \(value("command"))")
    case "retention":
      return Message(
        en: "set how long \(value("device"))\(channel) is kept",
        fr: "a fixé la durée de \(value("device"))\(channel)")
    case "clock":
      return Message(
        en: "dated the boot \(value("epoch"))", fr: "a daté le démarrage \(value("epoch"))")
    default:
      let list = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      return Message(verbatim: ([what] + list).joined(separator: " "))
    }
  }

  private static func auditedAccess(_ what: String, _ value: (String) -> String) -> Message? {
    let user = value("user")
    switch what {
    case "user.added":
      return Message(
        en: "added \(user) as \(value("role"))", fr: "a ajouté \(user) comme \(value("role"))")
    case "user.role":
      return Message(
        en: "made \(user) \(value("role"))", fr: "a donné à \(user) le rôle \(value("role"))")
    case "user.password":
      return Message(
        en: "gave \(user) another password", fr: "a donné à \(user) un autre mot de passe")
    case "user.changed": return Message(en: "changed \(user)", fr: "a changé \(user)")
    case "user.removed": return Message(en: "removed \(user)", fr: "a retiré \(user)")
    case "token.created":
      return Message(
        en: "made the token \(value("token")) \(value("name")) for \(value("permissions"))",
        fr: "a créé le jeton \(value("token")) \(value("name")) pour \(value("permissions"))")
    case "token.revoked":
      return Message(
        en: "revoked the token \(value("token"))", fr: "a révoqué le jeton \(value("token"))")
    default: return nil
    }
  }

  private static func auditedDevice(_ what: String, _ parameters: [String: String]) -> Message? {
    let device = parameters["device"] ?? parameters["question"] ?? parameters["name"] ?? "?"
    let value = parameters["value"]
    let to = value.map { ": " + $0 } ?? ""
    let versFr = value.map { " : " + $0 } ?? ""
    switch what {
    case "device.name":
      return Message(en: "named \(device)\(to)", fr: "a nommé \(device)\(versFr)")
    case "device.kind":
      return Message(
        en: "said what \(device) is\(to)", fr: "a dit ce qu'est \(device)\(versFr)")
    case "device.open-at-start":
      return Message(
        en: "set whether \(device) opens at start\(to)",
        fr: "a fixé si \(device) s'ouvre au démarrage\(versFr)")
    case "device.speed":
      return Message(
        en: "set the speed of \(device)\(to)", fr: "a fixé la vitesse de \(device)\(versFr)")
    case "device.assigned":
      return Message(
        en: "filed \(device) under another device\(to)",
        fr: "a rangé \(device) sous un autre appareil\(versFr)")
    case "device.forgotten": return Message(en: "forgot \(device)", fr: "a oublié \(device)")
    case "question.answered":
      return Message(
        en: "answered the question \(device)\(to)", fr: "a répondu à \(device)\(versFr)")
    case "setting": return Message(en: "set \(device)\(to)", fr: "a réglé \(device)\(versFr)")
    default: return nil
    }
  }

  // MARK: Refusals

  static func frenchAccess(_ code: String, _ parameters: [String: String]) -> French? {
    let user = parameters["user"] ?? "?"
    switch code {
    case "unauthenticated": return "il faut s'être identifié, ou un jeton"
    case "forbidden":
      return "il faut la permission \(parameters["needs"] ?? "?"), et vous avez"
        + " \(parameters["has"] ?? "?")"
    case "local-only": return "ce n'est permis qu'aux programmes de cette machine, par la socket"
    case "csrf": return "ce changement ne porte pas le secret de sa session"
    case "login.wrong": return "le nom ou le mot de passe n'est pas bon"
    case "login.too-many": return "trop d'essais ont échoué"
    case "login.busy": return "trop de mots de passe sont à l'examen"
    case "claim.first": return "personne n'est encore administrateur ici"
    case "claim.done": return "ce nœud a déjà un administrateur"
    case "claim.wrong": return "le code n'est pas bon"
    case "session.none": return "seul qui s'est identifié a un mot de passe"
    case "password.wrong": return "le mot de passe actuel n'est pas bon"
    case "password.refused":
      switch parameters["reason"] {
      case "short": return "le mot de passe a moins de 8 octets"
      case "long": return "le mot de passe a plus de 256 octets"
      default: return "le mot de passe contient un caractère de contrôle"
      }
    case "user.refused", "token.refused":
      switch parameters["reason"] {
      case "empty": return "il n'y a pas de nom"
      case "long": return "le nom a plus de 64 octets"
      case "permissions": return "un jeton doit pouvoir quelque chose"
      default: return "le nom contient ce qu'une ligne ne peut montrer, ou une espace à un bout"
      }
    case "user.exists": return "quelqu'un s'appelle déjà \(user)"
    case "user.not-found": return "personne ne s'appelle \(user)"
    case "user.last-admin": return "\(user) est le seul administrateur, et le reste"
    case "token.not-found": return "aucun jeton n'a l'identifiant \(parameters["token"] ?? "?")"
    default: return nil
    }
  }

  /// What to do next, in French; nil where the code is none of these.
  static func frenchAccessRemedy(_ code: String) -> French? {
    switch code {
    case "unauthenticated": "Identifiez-vous sur la page, ou envoyez un jeton."
    case "forbidden": "Demandez à un administrateur."
    case "login.too-many", "login.busy": "Réessayez un peu plus tard."
    case "claim.done": "Identifiez-vous, ou demandez à être ajouté."
    case "password.refused": "Choisissez-en un autre ; plusieurs mots conviennent bien."
    case "user.refused", "user.exists": "Choisissez un autre nom."
    case "token.refused": "Donnez un autre nom, ou une permission."
    case "user.not-found": "« bivouac user list » les liste."
    case "token.not-found": "« bivouac token list » les liste."
    case "user.last-admin": "Faites d'abord de quelqu'un d'autre un administrateur."
    default: nil
    }
  }
}
