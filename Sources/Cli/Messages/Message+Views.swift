internal import Model

/// Headings, states and marks of the views.
extension Message {
  static let headDevice = Message(en: "DEVICE", fr: "APPAREIL")
  static let headState = Message(en: "STATE", fr: "ÉTAT")
  static let headModel = Message(en: "MODEL", fr: "MODÈLE")
  static let headPort = Message(en: "PORT", fr: "PORT")
  static let headHeard = Message(en: "HEARD", fr: "ENTENDU")
  static let headMark = Message(en: "REMARKS", fr: "REMARQUES")
  static let headChannel = Message(en: "CHANNEL", fr: "VOIE")
  static let headValue = Message(en: "VALUE", fr: "VALEUR")
  static let headUnit = Message(en: "UNIT", fr: "UNITÉ")
  static let headAge = Message(en: "AGE", fr: "ÂGE")
  static let headTime = Message(en: "TIME", fr: "HEURE")
  static let headId = Message(en: "ID", fr: "ID")
  static let headCommand = Message(en: "COMMAND", fr: "COMMANDE")
  static let headCommands = Message(en: "COMMANDS", fr: "COMMANDES")
  static let headOutcome = Message(en: "OUTCOME", fr: "ISSUE")
  static let headIssued = Message(en: "ISSUED", fr: "ÉMISE")
  static let headLine = Message(
    en: "LINE, since its port was opened", fr: "LIGNE, depuis l'ouverture du port")
  static let headLog = Message(en: "LAST LOG LINES", fr: "DERNIÈRES LIGNES DU JOURNAL")

  static let factId = Message(en: "id", fr: "identifiant")
  static let factDevice = Message(en: "device", fr: "appareil")
  static let factState = Message(en: "state", fr: "état")
  static let factKind = Message(en: "kind", fr: "genre")
  static let factModel = Message(en: "model", fr: "modèle")
  static let factPort = Message(en: "port", fr: "port")
  static let factHeard = Message(en: "heard", fr: "entendu")
  static let factEpoch = Message(en: "epoch", fr: "époque")
  static let factBytes = Message(en: "bytes", fr: "octets")
  static let factFrames = Message(en: "frames", fr: "trames")
  static let factSamples = Message(en: "samples", fr: "échantillons")
  static let factText = Message(en: "text", fr: "texte")
  static let factHellos = Message(en: "hellos", fr: "bonjours")
  static let factRoundTrip = Message(en: "round trip", fr: "aller-retour")
  static let factValue = Message(en: "value", fr: "valeur")
  static let factIssued = Message(en: "issued", fr: "émise")
  static let factLife = Message(en: "life", fr: "vie")
  static let factLease = Message(en: "lease", fr: "bail")
  static let factRunning = Message(en: "running", fr: "marche")
  static let factNode = Message(en: "node", fr: "nœud")
  static let factStorage = Message(en: "storage", fr: "stockage")
  static let factDisk = Message(en: "disk", fr: "disque")
  static let factClock = Message(en: "clock", fr: "horloge")
  static let factLoop = Message(en: "loop", fr: "boucle")
  static let factDevices = Message(en: "devices", fr: "appareils")

  static let none = Message(en: "none", fr: "aucun")
  static let colon = Message(en: ": ", fr: " : ")
  static let simulated = Message(en: "simulated", fr: "simulé")
  static let provisional = Message(en: "provisional", fr: "provisoire")
  static let markPending = Message(en: "pending", fr: "attente")
  static let markSimulated = Message(en: "sim", fr: "sim")
  static let justNow = Message(en: "just now", fr: "à l'instant")
  static let noTime = Message(en: "no time", fr: "sans heure")

  static func ago(_ span: String) -> Message { Message(en: "\(span) ago", fr: "il y a \(span)") }

  static func labelled(_ label: String, _ message: Message) -> Message {
    .joined(
      [Message(en: "\(label):", fr: "\(label) :"), message], separator: " ")
  }

  static func state(_ state: DeviceView.State) -> Message {
    switch state {
    case .connected: Message(en: "connected", fr: "connecté")
    case .quiet: Message(en: "quiet", fr: "silencieux")
    case .listening: Message(en: "listening", fr: "à l'écoute")
    case .presentNotOpened: Message(en: "present, not opened", fr: "présent, non ouvert")
    case .cannotOpen: Message(en: "cannot open", fr: "ne s'ouvre pas")
    case .absent: Message(en: "absent", fr: "absent")
    case .elsewhere: Message(en: "at another node", fr: "sur un autre nœud")
    }
  }

  static func kind(_ kind: String?) -> Message {
    switch kind {
    case "companion": Message(en: "companion board", fr: "carte compagnon")
    case "otomate": Message(verbatim: "Otomate")
    case "printer": Message(en: "3D printer", fr: "imprimante 3D")
    case "text": Message(en: "lines of text", fr: "lignes de texte")
    case "ignored": Message(en: "left alone", fr: "laissé tranquille")
    case "other": Message(en: "other", fr: "autre")
    case nil, "unknown": Message(en: "unknown", fr: "inconnu")
    case .some(let other): Message(verbatim: other)
    }
  }

  static func commandState(_ state: CommandView.State) -> Message {
    switch state {
    case .queued: Message(en: "queued", fr: "en file")
    case .claimed: Message(en: "claimed", fr: "prise en charge")
    case .running: Message(en: "running", fr: "en cours")
    case .acked: Message(en: "done", fr: "exécutée")
    case .failed: Message(en: "failed", fr: "échouée")
    case .refused: Message(en: "refused", fr: "refusée")
    case .unknown: Message(en: "unknown", fr: "inconnue")
    case .cancelled: Message(en: "cancelled", fr: "annulée")
    }
  }

  static func reason(_ code: String) -> Message {
    switch code {
    case "expired": Message(en: "its life ran out", fr: "sa vie s'est écoulée")
    case "busy":
      Message(en: "the device runs another one", fr: "l'appareil en exécute une autre")
    case "unknown-op":
      Message(en: "the device does not know it", fr: "l'appareil ne la connaît pas")
    case "bad-argument":
      Message(
        en: "the device does not take that argument", fr: "l'appareil n'accepte pas cet argument")
    case "other-epoch":
      Message(en: "the device restarted meanwhile", fr: "l'appareil a redémarré entre-temps")
    case "refused": Message(en: "by the device's own rules", fr: "par les règles de l'appareil")
    case "moved": Message(en: "the device moved", fr: "l'appareil a déménagé")
    case "no-answer": Message(en: "no answer came", fr: "aucune réponse n'est venue")
    case "daemon-restarted":
      Message(en: "the daemon restarted meanwhile", fr: "le démon a redémarré entre-temps")
    case "key-changed": Message(en: "its node changed its key", fr: "son nœud a changé de clé")
    case "absent": Message(en: "the device is not here", fr: "l'appareil n'est pas là")
    default: Message(verbatim: code)
    }
  }
}
