internal import Model

/// Sites, peers, and records on their way: what is shown of them.
extension Message {
  static let headNode = Message(en: "NODE", fr: "NŒUD")
  static let headAddress = Message(en: "ADDRESS", fr: "ADRESSE")
  static let headContact = Message(en: "HEARD", fr: "ENTENDU")
  static let headToSend = Message(en: "TO SEND", fr: "À ENVOYER")
  static let headToCome = Message(en: "TO COME", fr: "À VENIR")
  static let headAcknowledged = Message(en: "KEPT", fr: "GARDÉS")
  static let headProven = Message(en: "PROVEN", fr: "PROUVÉS")
  static let headRate = Message(en: "RATE", fr: "DÉBIT")
  static let factSiteName = Message(en: "site", fr: "site")
  static let factSiteId = Message(en: "its id", fr: "son identifiant")
  static let factSiteKey = Message(en: "its key", fr: "sa clé")
  static let factInvitation = Message(en: "key", fr: "clé")
  static let factAddress = Message(en: "address", fr: "adresse")
  static let factHolds = Message(en: "holds", fr: "vaut")
  static let factPin = Message(en: "its key's pin", fr: "empreinte de sa clé")
  static let factListening = Message(en: "reached at", fr: "joint à")
  static let noSite = Message(
    en: "This node belongs to no site: bivouac site create NAME, or bivouac peers pair with what"
      + " another node shows.",
    fr: "Ce nœud n'est d'aucun site : bivouac site create NOM, ou bivouac peers pair avec ce que"
      + " montre un autre nœud.")
  static let keyIsKept = Message(
    en: "in this node's state folder", fr: "dans le dossier d'état de ce nœud")
  static let keyIsElsewhere = Message(en: "not on this node", fr: "pas sur ce nœud")
  static let thisNode = Message(en: "this node", fr: "ce nœud")
  static let rightsTaken = Message(en: "no rights", fr: "sans droits")
  static let notAnsweredYet = Message(en: "no answer yet", fr: "pas de réponse")
  static let nowhere = Message(
    en: "nowhere: it calls the others ([sync] listen)",
    fr: "nulle part : il appelle les autres ([sync] listen)")
  static let noPeers = Message(
    en: "No other node belongs to the site yet: bivouac peers invite",
    fr: "Aucun autre nœud n'est encore du site : bivouac peers invite")
  static func invitationHolds(_ span: String, _ uses: Int) -> Message {
    Message(
      en: span + ", for " + Plural.english(uses, "node", "nodes"),
      fr: "\(span), pour \(Plural.french(uses, "nœud", "nœuds"))")
  }
  static func invitationNext(_ url: String) -> Message {
    Message(
      en: "On the other node: bivouac peers pair \(url), and this key.",
      fr: "Sur l'autre nœud : bivouac peers pair \(url), et cette clé.")
  }
  static let screenTooNarrow = Message(
    en: "(The terminal is too narrow for the QR code.)",
    fr: "(Le terminal est trop étroit pour le code QR.)")
  static func recordsWait(_ count: Int) -> Message {
    Message(
      en: Plural.english(count, "record waits", "records wait")
        + " until it is known who their author is.",
      fr: "\(Plural.french(count, "enregistrement attend", "enregistrements attendent"))"
        + " qu'on sache qui est leur auteur.")
  }
  static func recordsDropped(_ count: Int) -> Message {
    Message(
      en: Plural.english(count, "record", "records")
        + " cannot be read, or nobody signed them: not taken.",
      fr: "\(Plural.french(count, "enregistrement illisible", "enregistrements illisibles"))"
        + " ou que personne n'a signés : pas pris.")
  }
  static func recordsConflict(_ count: Int) -> Message {
    Message(
      en: Plural.english(count, "conflict", "conflicts")
        + ": a node's key is used twice, or its disk went back in time. See the daemon's log, and"
        + " revoke that node.",
      fr: "\(Plural.french(count, "conflit", "conflits"))"
        + " : la clé d'un nœud sert deux fois, ou son disque est revenu en arrière. Voyez le"
        + " journal du démon, et révoquez ce nœud.")
  }

  /// How a peer is reached, in a word.
  static func peerState(_ state: String) -> Message {
    switch state {
    case "connecting": Message(en: "connecting", fr: "connexion")
    case "exchanging": Message(en: "exchanging", fr: "échange")
    case "even": Message(en: "even", fr: "à jour")
    case "unreachable": Message(en: "not reached", fr: "injoignable")
    case "called": Message(en: "calls", fr: "appelle")
    case "absent": Message(en: "not heard", fr: "pas entendu")
    default: Message(verbatim: state)
    }
  }

  /// Why a peer is not reached.
  static func peerCode(_ code: String) -> Message {
    switch code {
    case "membership":
      Message(
        en: "it does not know this node, or took its rights",
        fr: "il ne connaît pas ce nœud, ou a retiré ses droits")
    case "no-site", "site":
      Message(
        en: "it belongs to no site, or to another", fr: "il n'est d'aucun site, ou d'un autre")
    case "not-served":
      Message(
        en: "it does not serve this site now: see its log",
        fr: "il ne sert pas ce site maintenant : voyez son journal")
    case "unknown-site":
      Message(
        en: "it has no site of that name: is the address right?",
        fr: "il n'a pas de site de ce nom : l'adresse est-elle juste ?")
    case "storage":
      Message(
        en: "this node's disk does not take more: see bivouac status",
        fr: "le disque de ce nœud n'en prend pas plus : voyez bivouac status")
    case "disk":
      Message(en: "its disk does not take more", fr: "son disque ne prend plus rien")
    case "cut", "ended":
      Message(en: "the line was cut", fr: "la ligne a été coupée")
    case "confused", "malformed", "seal", "too-long", "unsupported":
      Message(
        en: "what it answers is not understood (\(code)): is it of the same version?",
        fr: "sa réponse n'est pas comprise (\(code)) : a-t-il la même version ?")
    case "busy": Message(en: "it is busy, and asks to wait", fr: "il est occupé, et fait attendre")
    case "wrong-pin":
      Message(
        en: "it shows another key than the pinned one: has it a new certificate, or does somebody"
          + " stand in between? See bivouac help peers",
        fr: "il montre une autre clé que celle de l'empreinte : a-t-il un nouveau certificat, ou"
          + " quelqu'un s'est-il mis entre les deux ? Voyez bivouac help peers")
    case "untrusted":
      Message(
        en: "no authority vouches for its certificate: pair again with its link, or say"
          + " --pin; is this node's clock right?",
        fr: "aucune autorité ne répond de son certificat : appairez à nouveau avec son lien, ou"
          + " donnez --pin ; l'horloge de ce nœud est-elle juste ?")
    case "no-tls":
      Message(
        en: "it does not speak TLS: write http:// or set tls = true under [sync] there",
        fr: "il ne parle pas TLS : écrivez http:// ou mettez tls = true sous [sync] là-bas")
    case "needs-tls":
      Message(
        en: "it speaks TLS now: call it by https://, best with its pin (bivouac help peers)",
        fr: "il parle TLS maintenant : appelez-le par https://, avec son empreinte (bivouac help"
          + " peers)")
    case "unreachable", "refused", "no-answer":
      Message(
        en: "it does not answer: is it on, and is its address still the same?",
        fr: "il ne répond pas : est-il allumé, et à la même adresse ?")
    default: Message(verbatim: code)
    }
  }
}
