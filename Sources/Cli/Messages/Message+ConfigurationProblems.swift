/// What is wrong with a configuration file, in French; the English comes with it.
extension Message {
  static func frenchConfiguration(_ code: String, _ parameters: [String: String]) -> French? {
    let place = parameters["place"] ?? "la configuration"
    let key = parameters["key"] ?? "?"
    let meant = parameters["meant"] ?? ""
    let known = parameters["known"] ?? "?"
    let choices = parameters["choices"] ?? "?"
    switch code {
    case "config.unreadable":
      return "\(place) : illisible (\(parameters["reason"] ?? "?")) ; rendez le fichier lisible par"
        + " le démon, ou retirez-le"
    case "config.syntax":
      return "\(place) : ce n'est pas du TOML, colonne \(parameters["column"] ?? "?")"
        + " (\(parameters["reason"] ?? "?")) ; corrigez la ligne, d'ici là rien de ce fichier ne"
        + " sert"
    case "config.unknown-key":
      return meant.isEmpty
        ? "\(place) : \(key) est inconnu ; sont connus ici : \(known)"
        : "\(place) : \(key) est inconnu ; vouliez-vous dire \(meant) ?"
    case "config.wrong-type":
      return "\(place) : \(key) n'est pas du bon type ; écrivez \(parameters["example"] ?? "?")"
    case "config.out-of-range":
      return "\(place) : \(key) = \(parameters["value"] ?? "?") est hors limites ; donnez de"
        + " \(parameters["low"] ?? "?") à \(parameters["high"] ?? "?")"
    case "config.not-a-choice":
      let value = parameters["value"] ?? "?"
      return meant.isEmpty
        ? "\(place) : \(key) ne peut pas être « \(value) » ; donnez l'un de : \(choices)"
        : "\(place) : \(key) ne peut pas être « \(value) » ; vouliez-vous dire \(meant) ?"
          + " Sinon donnez l'un de : \(choices)"
    case "config.bad-path":
      let max = parameters["max"] ?? ""
      return max.isEmpty
        ? "\(place) : \(key) n'est pas absolu ; donnez un chemin qui commence par /"
        : "\(place) : \(key) dépasse \(max) octets ; donnez un chemin plus court"
    case "config.bad-port":
      return "\(place) : « \(parameters["port"] ?? "?") » ne désigne aucun port ; nommez-le par"
        + " l'identité que montre `bivouac devices`, par /dev/..., ou par son ID_PATH"
    case "config.bad-address":
      return "\(place) : « \(parameters["value"] ?? "?") » n'est pas une adresse avec un port ;"
        + " écrivez-la comme 127.0.0.1:8420 ou [::1]:8420"
    case "config.bad-name":
      return "\(place) : « \(parameters["value"] ?? "?") » n'est pas un nom d'hôte ; écrivez le nom"
        + " seul, sans schéma ni port"
    case "config.too-many":
      return "\(place) : plus de \(parameters["max"] ?? "?") ; retirez-en"
    default: return nil
    }
  }
}
