/// Several sites that a hub keeps apart: help, answers, and what the daemon refuses, in French.
extension Message {
  static let hubDetails = Message(
    en: "A hub may keep several sites apart: each has its own nodes, people and readings there,"
      + " and nothing crosses. \"create\" with --site makes one under that short name, \"add\""
      + " makes room for one that exists elsewhere, to be joined with bivouac peers pair --site;"
      + " \"list\" shows them. --site, or $BIVOUAC_SITE, then says which one a verb is about;"
      + " without it that is the first one, main.",
    fr: "Un hub peut tenir plusieurs sites séparés : chacun y a ses nœuds, ses gens et ses"
      + " mesures, et rien ne passe de l'un à l'autre. « create » avec --site en crée un sous ce"
      + " nom court, « add » fait place à un site qui existe ailleurs, à rejoindre par bivouac"
      + " peers pair --site ; « list » les montre. --site, ou $BIVOUAC_SITE, dit ensuite duquel"
      + " parle un verbe ; autrement c'est du premier, main.")
  static let headSite = Message(en: "SITE", fr: "SITE")

  static func siteAdded(_ place: String) -> Message {
    Message(
      en: "There is room for the site \(place): bivouac peers pair --site \(place) joins it with"
        + " what another node shows, bivouac site create NAME --site \(place) founds it.",
      fr: "Il y a place pour le site \(place) : bivouac peers pair --site \(place) le rejoint avec"
        + " ce que montre un autre nœud, bivouac site create NOM --site \(place) le fonde.")
  }

  static func siteIsAt(_ place: String) -> Message {
    Message(
      en: "It is kept apart as \(place): bivouac status --site \(place) shows its claim code, and"
        + " its page is at /site/\(place)/.",
      fr: "Il est tenu à part sous le nom \(place) : bivouac status --site \(place) montre son code"
        + " de prise en main, et sa page est à /site/\(place)/.")
  }

  static func badSiteName(_ name: String) -> Message {
    Message(
      en: "\"\(name)\" cannot be a site's short name: it has 1 to 32 of a to z, 0 to 9 and -.",
      fr: "« \(name) » ne peut être le nom court d'un site : il a de 1 à 32 caractères de a à z,"
        + " de 0 à 9, et -.")
  }

  static let siteNotForRun = Message(
    en: "A daemon serves all of its sites: --site does not go with run.",
    fr: "Un démon sert tous ses sites : --site ne va pas avec run.")

  /// How a site of a hub stands, in a word.
  static func hubSiteState(_ state: String) -> Message {
    switch state {
    case "served": Message(en: "served", fr: "servi")
    case "starting": Message(en: "being opened", fr: "en ouverture")
    case "failed": Message(en: "not served", fr: "pas servi")
    default: Message(verbatim: state)
    }
  }

  static func frenchHub(_ code: String, _ parameters: [String: String]) -> French? {
    let site = parameters["site"] ?? "?"
    switch code {
    case "hub.not-hub": return "seul un hub tient plusieurs sites"
    case "hub.bad-place": return "« \(site) » ne peut être le nom court d'un site"
    case "hub.exists": return "il y a déjà un site \(site) ici"
    case "hub.unknown-site": return "il n'y a pas de site \(site) ici"
    case "hub.starting": return "le site \(site) est en cours d'ouverture"
    case "hub.not-served":
      return "le site \(site) n'est pas servi"
        + (parameters["reason"].map { " (\($0))" as French } ?? "")
    case "hub.same-node":
      return "le dossier du site \(site) a la clé du site \(parameters["other"] ?? "?") : c'en est"
        + " une copie, et un nœud ne doit pas tourner deux fois"
    case "hub.left-out":
      return "\(parameters["count"] ?? "?") sites de ce dossier d'état ne sont pas servis : seul un"
        + " hub en tient plusieurs, et au plus \(parameters["max"] ?? "?")"
    default: return nil
    }
  }

  /// What to do next, in French; nil where the code is none of these.
  static func frenchHubRemedy(_ code: String) -> French? {
    switch code {
    case "hub.not-hub":
      "Dites role = \"hub\" dans la configuration, ou bivouac run --role hub."
    case "hub.bad-place":
      "Donnez de 1 à 32 caractères de a à z, de 0 à 9, et -, qui n'est ni au début ni à la fin."
    case "hub.exists":
      "Choisissez un autre nom court ; « bivouac site list » montre ceux qui sont pris."
    case "hub.unknown-site": "« bivouac site list » les montre."
    case "hub.starting", "hub.not-served":
      "« bivouac site list » et le journal du démon en disent plus."
    default: nil
    }
  }
}
