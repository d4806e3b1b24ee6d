internal import Model

/// What the daemon refuses of sites, pairings, peers and bundles, in French.
extension Message {
  static func frenchSite(_ code: String, _ parameters: [String: String]) -> French? {
    let peer = parameters["peer"] ?? "?"
    switch code {
    case "site.exists":
      return "ce nœud est déjà du site \(parameters["site"] ?? "?")"
    case "site.none": return "ce nœud n'est d'aucun site"
    case "site.wrong-key": return "ce n'est pas la clé du site de ce nœud"
    case "site.no-right": return "ce nœud n'a pas ce droit dans son site"
    case "sync.no-address": return "aucun autre nœud ne peut joindre celui-ci"
    case "bundle.malformed":
      let kept = parameters["kept"] ?? "0"
      return kept == "0"
        ? "ce fichier n'en est pas un d'enregistrements, ou est d'une version plus récente"
        : "ce fichier a été altéré en route : ce qui précède est gardé (\(kept) enregistrements"
          + " nouveaux), la suite est illisible"
    case "receipt.malformed":
      return "ce n'est pas un reçu qui se lise, ou il est d'une autre version"
    case "receipt.forged": return "la signature de ce reçu est fausse : on l'a changé"
    case "receipt.stranger": return "ce reçu est d'un nœud qui n'est pas membre de ce site"
    case "bundle.other-site": return "ce fichier est d'un autre site, et rien n'en a été pris"
    case "peer.unknown": return "aucun nœud du site ne s'appelle « \(peer) »"
    case "peer.bad-url": return "« \(parameters["url"] ?? "?") » n'est pas l'adresse d'un nœud"
    case "peer.bad-pin":
      return
        "« \(parameters["pin"] ?? "?") » n'est pas une empreinte, ou l'adresse n'est pas en https"
    default: return frenchPairing(code, parameters) ?? frenchRestoring(code, parameters)
    }
  }

  private static func frenchPairing(
    _ code: String, _ parameters: [String: String]
  ) -> French? {
    switch code {
    case "pairing.wrong-key": return "les deux nœuds n'ont pas la même clé"
    case "pairing.used":
      return "cette invitation a servi autant qu'elle le peut, ou une fausse clé a été essayée trop"
        + " souvent"
    case "pairing.expired": return "le temps de cette invitation est passé"
    case "pairing.wrong-site": return "l'autre nœud est d'un autre site"
    case "pairing.malformed": return "ce que répond l'autre nœud n'est pas un appairage"
    case "pairing.reflected": return "ce nœud s'est appelé lui-même"
    case "pairing.membership":
      return "l'autre nœud ne peut admettre personne, ou n'est d'aucun site"
    case "pairing.wrong-pin":
      return "\(parameters["url"] ?? "l'autre nœud") montre une autre clé que celle de l'invitation"
    case "pairing.untrusted":
      return "aucune autorité que ce nœud connaisse ne répond du certificat de"
        + " \(parameters["url"] ?? "l'autre nœud")"
    case "pairing.no-tls":
      return "\(parameters["url"] ?? "l'autre nœud") ne parle pas TLS"
    case "pairing.needs-tls":
      return "\(parameters["url"] ?? "l'autre nœud") parle TLS, et on lui a parlé sans"
    case "pairing.unreachable":
      return "\(parameters["url"] ?? "l'autre nœud") ne répond pas"
        + " (\(parameters["reason"] ?? "?"))"
    case "pairing.clock":
      return "les horloges des deux nœuds diffèrent de plus d'un jour"
    case "pairing.busy": return "un appairage est déjà en cours"
    default: return nil
    }
  }

  /// What to do next, in French; nil where the code is none of these.
  static func frenchSiteRemedy(_ code: String) -> French? {
    switch code {
    case "site.exists":
      "Un nœud n'est que d'un site : sur un hub, fondez l'autre par bivouac site create NOM --site"
        + " COURT ; ailleurs, avec un autre dossier d'état."
    case "site.none": "Fondez-en un (bivouac site create NOM), ou rejoignez-en un (peers pair)."
    case "site.wrong-key": "Tapez les 56 caractères que « bivouac site create » a montrés."
    case "site.no-right":
      "Faites-le sur un nœud qui a le droit grant, au-dessus de celui dont il s'agit."
    case "sync.no-address":
      "Mettez listen sous [sync] dans la configuration, comme [\"0.0.0.0:8421\"], ou dites par"
        + " --url où un mandataire le rend joignable."
    case "site.key-next": "Redémarrez le démon : sa nouvelle clé vaut dès lors."
    case "site.two-successors": "« bivouac peers list » les montre, « peers revoke » révoque."
    case "bundle.malformed": "Recopiez-le de là où il fut fait, ou exportez à nouveau."
    case "receipt.malformed", "receipt.forged", "receipt.stranger":
      "Recopiez-le de là où le fichier fut importé."
    case "bundle.other-site": "Portez-le à un nœud du site dont il est."
    case "peer.unknown": "« bivouac peers list » les montre."
    case "peer.bad-url":
      "Écrivez-la comme http://hub.example:8421 ou https://ferme.example/bivouac."
    case "pairing.wrong-key": "Tapez la clé à nouveau, ou invitez encore sur l'autre nœud."
    case "pairing.used", "pairing.expired": "Invitez à nouveau sur l'autre nœud."
    case "pairing.wrong-site": "Prenez l'invitation d'un nœud de ce site ; un nœud n'est que d'un."
    case "pairing.malformed": "L'adresse est-elle celle d'un nœud Bivouac de la même version ?"
    case "pairing.reflected": "Donnez l'adresse de l'autre nœud."
    case "pairing.membership":
      "Invitez sur un nœud qui a le droit grant : « bivouac peers list » le montre."
    case "pairing.unreachable":
      "Est-il allumé, a-t-il [sync] listen, et y a-t-il un pare-feu ou un mandataire entre eux ?"
    case "audit.unknown":
      "« bivouac audit » montre celles qui peuvent être rétablies, avec leurs numéros."
    case "audit.not-restorable":
      "Noms, genres, réglages, règles, destinataires et rétention le peuvent ; personnes et jetons"
        + " se règlent à nouveau."
    case "peer.bad-pin":
      "Donnez une adresse en https://, et l'empreinte que « bivouac sync » montre sur l'autre"
        + " nœud : sha256// et 44 caractères."
    case "pairing.wrong-pin":
      "Ou ce nœud a un nouveau certificat : invitez-y encore, ou donnez par --pin l'empreinte que"
        + " son « bivouac sync » montre ; ou quelqu'un s'est mis entre les deux : alors n'en faites"
        + " rien."
    case "pairing.untrusted":
      "Prenez le lien entier que « bivouac peers invite » y montre, et qui porte l'empreinte, ou"
        + " mettez authorities sous [tls] ; l'horloge de ce nœud est-elle juste ?"
    case "pairing.no-tls":
      "Écrivez http://, ou mettez tls = true sous [sync] sur l'autre nœud."
    case "pairing.needs-tls":
      "Écrivez https://, le mieux étant le lien entier que « bivouac peers invite » y montre."
    case "pairing.clock": "Mettez la mauvaise à l'heure."
    case "pairing.busy": "Attendez qu'il finisse."
    default: nil
    }
  }
}
