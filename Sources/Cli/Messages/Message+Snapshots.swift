/// Pictures of devices: help, lists, and what the daemon refuses, in French.
extension Message {
  static let snapshotsSummary = Message(
    en: "show pictures of devices, add one, or fetch one into a file",
    fr: "montrer des images d'appareils, en ajouter une, ou en chercher une dans un fichier")
  static let snapshotsDetails = Message(
    en: "A picture is a JPEG or PNG file of at most 8 MiB, added at the gateway that has the"
      + " device. Every node of the site lists it; its bytes stay where it was added. Beyond the"
      + " quota under [snapshots] in the configuration the bytes of the oldest ones go, and the"
      + " list goes on to name them. A hash may be shortened.",
    fr: "Une image est un fichier JPEG ou PNG d'au plus 8 Mio, ajouté à la passerelle qui a"
      + " l'appareil. Chaque nœud du site la cite ; ses octets restent où elle fut ajoutée. Au-delà"
      + " du quota sous [snapshots] dans la configuration, les octets des plus anciennes s'en vont,"
      + " et la liste continue de les citer. Une empreinte peut être abrégée.")
  static let optionSnapshotNote = Message(
    en: "what is to be seen, in at most 200 bytes", fr: "ce qu'on y voit, en 200 octets au plus")
  static let optionReplaceFile = Message(
    en: "write over a file that is there", fr: "écrire par-dessus un fichier qui est là")

  static let noSnapshots = Message(en: "There are no pictures.", fr: "Il n'y a pas d'images.")
  static let headHash = Message(en: "HASH", fr: "EMPREINTE")
  static let headTaken = Message(en: "TAKEN", fr: "PRISE")
  static let headSize = Message(en: "SIZE", fr: "TAILLE")
  static let headContent = Message(en: "BYTES", fr: "OCTETS")

  /// Where the bytes of a picture are, in a few words.
  static func snapshotContent(_ word: String, gateway: String?) -> Message {
    switch word {
    case "here": Message(en: "here", fr: "ici")
    case "gone": Message(en: "gone", fr: "disparus")
    case "damaged": Message(en: "damaged", fr: "abîmés")
    default:
      Message(en: "at \(gateway ?? "another node")", fr: "chez \(gateway ?? "un autre nœud")")
    }
  }

  static func moreSnapshots(_ count: Int) -> Message {
    Message(
      en: "\(count) older ones are not shown: --limit N shows more.",
      fr: "\(count) plus anciennes ne sont pas montrées : --limit N en montre plus.")
  }

  static func snapshotAdded(_ hash: String) -> Message {
    Message(en: "The picture \(hash) is on the disk.", fr: "L'image \(hash) est sur le disque.")
  }

  static func snapshotWritten(_ file: String, _ size: String) -> Message {
    Message(en: "\(file): \(size).", fr: "\(file) : \(size).")
  }

  static func notAPicture(_ file: String) -> Message {
    Message(
      en: "\(file) is neither a JPEG nor a PNG file.",
      fr: "\(file) n'est ni un fichier JPEG ni un fichier PNG.")
  }

  static func ambiguousHash(_ hash: String, _ count: Int) -> Message {
    Message(
      en: "\(count) pictures have a hash that begins with \(hash): give more of it.",
      fr: "\(count) images ont une empreinte qui commence par \(hash) : donnez-en davantage.")
  }

  static func noSnapshot(_ hash: String) -> Message {
    Message(
      en: "No picture has a hash that begins with \(hash).",
      fr: "Aucune image n'a d'empreinte qui commence par \(hash).")
  }

  static func frenchSnapshot(_ code: String, _ parameters: [String: String]) -> French? {
    let gateway = parameters["gateway"] ?? "une autre passerelle"
    switch code {
    case "snapshot.type": return "ces octets ne sont ni du JPEG ni du PNG, comme il est dit"
    case "snapshot.device-elsewhere":
      return "\(gateway) a l'appareil, et c'est là qu'on ajoute ses images"
    case "snapshot.no-room":
      return "il n'y a pas de place sur le disque pour \(parameters["bytes"] ?? "?") octets à côté"
        + " de ce qui doit rester libre"
    case "snapshot.gone":
      return "les octets de cette image ont disparu : le quota ou un disque plein les a pris"
    case "snapshot.elsewhere": return "les octets de cette image sont chez \(gateway), pas ici"
    case "snapshot.damaged":
      return "le disque a altéré les octets de cette image : ils ne sont pas donnés"
    default: return nil
    }
  }

  /// What to do next, in French; nil where the code is none of these.
  static func frenchSnapshotRemedy(_ code: String) -> French? {
    switch code {
    case "snapshot.type": "Envoyez un fichier JPEG ou PNG, sous son propre type."
    case "snapshot.device-elsewhere":
      "Ajoutez-la à cette passerelle : elle sera citée ici aussi."
    case "snapshot.no-room":
      "Faites de la place sur le disque ; l'enregistrement des mesures continue."
    case "snapshot.gone": "Augmentez le quota sous [snapshots] pour en garder plus."
    case "snapshot.elsewhere": "Demandez-les à cette passerelle."
    case "snapshot.damaged":
      "Ajoutez l'image de nouveau là où on l'a encore, et voyez le disque."
    default: nil
    }
  }
}
