internal import Model

/// What the daemon refuses or complains about: known codes in the reader's language, others in the
/// English that came with them.
extension Message {
  /// A problem as a sentence.
  static func problem(_ problem: ProblemView) -> Message {
    Self.problem(problem.code, problem.parameters, detail: problem.detail)
  }

  /// A problem by its code. The daemon's own English is used for English: it was written for the
  /// case, and holds what to do next.
  static func problem(_ code: String, _ parameters: [String: String], detail: String) -> Message {
    let french =
      frenchPort(code, parameters) ?? frenchStorage(code, parameters)
      ?? frenchDevice(code, parameters) ?? frenchRequest(code, parameters)
      ?? frenchConfiguration(code, parameters) ?? frenchHttp(code, parameters)
      ?? frenchRetention(code, parameters) ?? frenchAccess(code, parameters)
      ?? frenchSite(code, parameters) ?? frenchHub(code, parameters)
    let english = detail.isEmpty ? code : detail
    let others = frenchRecipient(code, parameters) ?? frenchSnapshot(code, parameters)
    guard let french = french ?? others else {
      return Message(verbatim: english)
    }
    return Message(en: english, fr: french)
  }

  /// The codes that have a French sentence, for the test that the catalogue is complete.
  static func isTranslated(_ code: String) -> Bool {
    Self.problem(code, [:], detail: "\u{1}").text(.french) != "\u{1}"
  }

  private static func frenchPort(_ code: String, _ parameters: [String: String]) -> French? {
    let node = parameters["node"] ?? "le port"
    switch code {
    case "port.permission":
      let group = parameters["group"].flatMap { $0.isEmpty ? nil : $0 } ?? "dialout"
      return "cet utilisateur ne peut pas ouvrir \(node) : rejoignez le groupe \(group), puis"
        + " reconnectez-vous ou redémarrez le démon"
    case "port.held":
      let holder = parameters["holder"].flatMap { $0.isEmpty ? nil : $0 } ?? "un autre programme"
      let process = parameters["pid"].flatMap { $0.isEmpty ? nil : " (processus \($0))" } ?? ""
      return "\(node) est tenu par \(holder)\(process) : arrêtez-le, et le port s'ouvrira de"
        + " lui-même"
    case "port.shared":
      let holder = parameters["holder"].flatMap { $0.isEmpty ? nil : $0 } ?? "un autre programme"
      return "\(holder) (processus \(parameters["pid"] ?? "?")) lit aussi \(node) et prend une part"
        + " de ce que dit la carte : arrêtez-le ; rien n'est perdu, mais tout est lent"
    case "port.missing": return "\(node) n'existe pas : rebranchez l'appareil"
    case "port.vanished":
      return "\(node) a disparu : l'appareil a été débranché, ou n'a plus de courant"
    case "port.not-a-terminal": return "\(node) n'est pas une ligne série"
    case "port.too-many-files":
      return "ce processus ne peut pas ouvrir plus de fichiers : augmentez LimitNOFILE"
    case "port.left-alone":
      let device = parameters["device"] ?? ""
      return "la configuration dit de ne pas toucher à \(node) : "
        + (device.isEmpty
          ? "retirez kind = \"ignored\" de sa table sous [ports]"
          : "bivouac devices open \(device) l'ouvre jusqu'à ce qu'il soit débranché")
    case "port.speed":
      return "\(node) est ouvert, mais son pilote a refusé \(parameters["speed"] ?? "?") bauds :"
        + " donnez une autre vitesse dans sa table sous [ports]"
    case "port.failed":
      return "\(node) est inutilisable (erreur \(parameters["errno"] ?? "?")) : rebranchez-le, et"
        + " regardez dmesg"
    default: return nil
    }
  }

  private static func frenchHttp(_ code: String, _ parameters: [String: String]) -> French? {
    switch code {
    case "http.not-loopback":
      return "\(parameters["value"] ?? "?") n'est pas une adresse de cette seule machine : sans"
        + " identification, on n'y écoute pas ; utilisez 127.0.0.1 ou [::1]"
    case "http.bad-address":
      return "--listen \(parameters["value"] ?? "?") n'est pas une adresse avec un port :"
        + " écrivez-la comme 127.0.0.1:8420"
    case "http.port-in-use":
      return "\(parameters["address"] ?? "?") est pris par un autre programme, la page n'y est donc"
        + " pas : arrêtez-le, ou choisissez un autre port sous [http] ; nouvel essai chaque 10 s"
    case "http.failed":
      return "on ne peut pas écouter sur \(parameters["address"] ?? "?")"
        + " (\(parameters["reason"] ?? "?")) : choisissez une autre adresse sous [http]"
    case "tls.unusable":
      return "\(parameters["path"] ?? "?") ne donne pas de certificat"
        + " (\(parameters["reason"] ?? "?")), on n'écoute donc personne là où TLS est demandé :"
        + " corrigez ce que nomme [tls], ou ôtez un tls.pem abîmé du dossier d'état, et redémarrez"
    case "http.no-pages":
      return "les pages ne sont pas dans \(parameters["folder"] ?? "?"), seule l'API est servie :"
        + " installez-les, ou dites où elles sont avec --web ou web sous [http]"
    default: return nil
    }
  }

  private static func frenchStorage(_ code: String, _ parameters: [String: String]) -> French? {
    let path = parameters["path"] ?? parameters["directory"] ?? "la base"
    switch code {
    case "storage.full":
      return "le disque de \(path) est plein : faites de la place, l'enregistrement reprendra de"
        + " lui-même ; d'ici là les mesures restent en mémoire et sur les cartes"
    case "storage.readonly":
      return "\(path) est en lecture seule : rendez-le inscriptible, l'enregistrement reprendra de"
        + " lui-même"
    case "storage.damaged":
      let what = parameters["what"].map { " (\($0))" } ?? ""
      return "\(path) est endommagé\(what) : mettez-le de côté pour recommencer, et sauvez ce qui"
        + " peut l'être par : sqlite3 FICHIER .recover"
    case "storage.newer":
      return "\(path) a été écrit par une version plus récente (format"
        + " \(parameters["version"] ?? "?")) : installez-la, ou choisissez un autre dossier d'état"
    case "storage.input-output":
      return "le disque n'arrive plus à lire ou écrire \(path) : voyez dmesg, et copiez le dossier"
        + " d'état en lieu sûr"
    case "storage.cannot-open":
      return "impossible d'ouvrir \(path) : voyez si le dossier existe et si le démon peut y lire"
        + " et écrire"
    case "storage.busy":
      return "un autre programme tient \(path) : fermez-le, l'enregistrement reprendra de lui-même"
    case "storage.not-ours":
      return "\(path) est la base d'un autre programme : choisissez un autre dossier d'état"
    case "storage.other-node":
      return "\(path) appartient à un nœud d'une autre clé : remettez à côté le node.key de cette"
        + " base"
    case "storage.key":
      return "la clé \(path) est inutilisable : remettez le bon node.key ; il a 32 octets"
    case "storage.no-key":
      return "\(path) n'est pas là, et une copie appartient à une clé : remettez-y d'abord le"
        + " node.key gardé avec elle"
    case "storage.file-exists":
      return "\(path) est déjà là et n'est pas remplacé : choisissez un autre nom"
    case "storage.occupied":
      return "\(path) est déjà là : --replace le garde sous un autre nom et met la copie à sa place"
    case "storage.unapplied":
      return "\(parameters["count"] ?? "?") entrées du journal sont illisibles et laissées en place"
        + " : elles sont endommagées, ou d'une version plus récente"
    case "storage.altered":
      return "le disque a altéré ou perdu \(parameters["count"] ?? "?") éléments de \(path),"
        + " d'abord : \(parameters["what"] ?? "?") ; les requêtes qui les rencontrent le disent,"
        + " l'enregistrement continue ; copiez le dossier d'état en lieu sûr, voyez dmesg, et"
        + " remplacez le disque ou la carte"
    case "storage.rebuilt":
      return "le disque avait altéré les tables cursor ou device de \(path) ; elles ont été"
        + " refaites depuis les mesures, rien n'est perdu : voyez dmesg, le disque ou la carte"
        + " s'use peut-être"
    case "storage.locked":
      return "\(path) est déjà ouvert par un autre démon : arrêtez-le, ou choisissez un autre"
        + " dossier d'état"
    case "storage.failed":
      return "l'enregistrement a échoué : voyez le journal du démon ; les mesures restent en"
        + " mémoire et sur les cartes"
    case "storage.unsaved":
      return "les dernières mesures n'ont pas pu être écrites ; les cartes gardent ce qui ne leur a"
        + " pas été confirmé"
    case "start.failed": return "le démon n'a pas pu démarrer : voyez son journal"
    case "socket.failed":
      return "impossible d'écouter sur \(path) : arrêtez ce qui y écoute, ou choisissez un autre"
        + " chemin par --socket"
    case "udev.failed": return "impossible d'écouter l'arrivée des appareils (libudev)"
    default: return frenchCopies(code, parameters)
    }
  }

  private static func frenchDevice(_ code: String, _ parameters: [String: String]) -> French? {
    switch code {
    case "link.version":
      return "la carte parle la version \(parameters["version"] ?? "?") du protocole de liaison,"
        + " que ce démon ne connaît pas : mettez l'un ou l'autre à jour"
    case "descriptor.invalid":
      return "le descripteur de la carte ne respecte pas les règles : ses mesures sont prises sous"
        + " les noms ch0, ch1... ; corrigez son microprogramme"
    case "samples.rejected":
      return "\(parameters["count"] ?? "?") mesures de cette carte ne respectent pas les règles et"
        + " sont gardées comme manques : corrigez son microprogramme"
    case "series.limit":
      return "ce nœud garde au plus \(parameters["limit"] ?? "?") voies et les a : "
        + "\(parameters["channels"] ?? "?") nouvelles de \(parameters["device"] ?? "?") ne sont pas"
        + " enregistrées (\(parameters["count"] ?? "0") mesures jusqu'ici), celles qu'il a"
        + " continuent. Une carte qui change d'identité ou de noms à chaque démarrage en fait"
        + " autant : trouvez-la par bivouac series, corrigez son microprogramme, et commencez un"
        + " nouveau dossier d'état"
    case "devices.limit":
      return "ce nœud connaît \(parameters["limit"] ?? "?") cartes, autant qu'il en prend, et"
        + " \(parameters["device"] ?? "?") est nouvelle : elle n'est pas enregistrée, celles qu'il"
        + " connaît continuent. Une carte qui change d'identité à chaque démarrage en fait autant :"
        + " corrigez son microprogramme, et commencez un nouveau dossier d'état"
    case "identity.storage":
      return "la carte ne peut pas écrire son identité : sa mémoire est usée ou protégée ; aucune"
        + " mesure n'en est prise"
    case "clone":
      return "deux cartes portent la même identité : les mesures de la seconde vont à une identité"
        + " provisoire ; effacez la mémoire de l'une d'elles"
    case "sequence-back":
      return "la numérotation de la carte est revenue en arrière : ses mesures vont à une identité"
        + " provisoire ; sa mémoire a-t-elle été restaurée ?"
    default: return nil
    }
  }

  private static func frenchRequest(_ code: String, _ parameters: [String: String]) -> French? {
    let device =
      parameters["device"] ?? parameters["command"] ?? parameters["question"] ?? "cela"
    switch code {
    case "not-found": return "rien ne s'appelle « \(device) »"
    case "ambiguous":
      return "« \(device) » peut désigner plusieurs choses : \(parameters["candidates"] ?? "...")"
    case "unknown-command":
      return "l'appareil ne connaît pas « \(parameters["command"] ?? "?") » ; il connaît :"
        + " \(parameters["known"] ?? "aucune commande")"
    case "bad-argument": return "l'argument « \(parameters["argument"] ?? "?") » ne convient pas"
    case "bad-parameter":
      return "le paramètre « \(parameters["parameter"] ?? "?") » ne convient pas"
    case "bad-value": return "« \(parameters["argument"] ?? "?") » ne convient pas"
    case "no-such-id": return "rien de ce genre n'a l'identifiant \(parameters["id"] ?? "?")"
    case "ambiguous-id":
      return "plusieurs identifiants commencent par \(parameters["id"] ?? "?")"
    case "taken-back":
      return "\(parameters["author"] ?? "?") l'a déjà retiré : \(parameters["id"] ?? "?")"
    case "no-such-clock":
      return "le nœud n'a aucun démarrage \(parameters["clock"] ?? "?")"
    case "no-override":
      return "personne n'a dit quand eut lieu le démarrage \(parameters["clock"] ?? "?")"
    case "clock-contradicted": return frenchContradiction(parameters)
    case "too-many":
      return "il y en a déjà \(parameters["limit"] ?? "?"), et davantage n'est pas retenu"
    case "unknown-zone":
      let near = parameters["nearest"].map { " ; vouliez-vous dire \($0) ?" } ?? ""
      return "il n'y a pas de fuseau horaire \(parameters["zone"] ?? "?")" + "\(near)"
    case "zone-unreadable":
      return "le fichier du fuseau \(parameters["zone"] ?? "?") est inutilisable : réinstallez le"
        + " paquet tzdata"
    case "absent": return "« \(device) » n'est pas branché"
    case "busy": return "« \(device) » est occupé"
    case "name-taken": return "« \(device) » porte déjà ce nom"
    case "device-is-live": return "« \(device) » est branché ailleurs"
    case "present-not-opened":
      return "trouvé au démarrage et laissé tranquille, car l'ouvrir peut le réinitialiser"
    case "bad-answer": return "ce n'est pas une réponse à cette question"
    case "simulation.not-a-pty":
      return "seuls des pseudo-terminaux peuvent être remis au démon"
    case "simulation.disabled":
      return "la simulation est désactivée dans la configuration de ce démon"
    case "unavailable": return "le démon ne peut pas répondre maintenant"
    case "internal": return "le démon a échoué à répondre"
    default: return nil
    }
  }

  /// What to do next, by the problem's code; the daemon's English where there is none of ours.
  static func remedy(_ code: String, english: String) -> Message? {
    let french: French? =
      switch code {
      case "not-found": "« bivouac devices » liste les appareils."
      case "ambiguous": "Donnez plus de lettres, ou l'identifiant entier."
      case "unknown-command", "bad-argument":
        "« bivouac devices show APPAREIL » liste les commandes et leurs arguments."
      case "bad-value": "Corrigez-le, et réessayez."
      case "no-such-id": "L'option --list donne les identifiants."
      case "ambiguous-id": "Donnez-en plus de chiffres."
      case "taken-back": "Il ne reste rien à faire."
      case "no-such-clock": "« bivouac clock » les liste."
      case "no-override": "Il ne reste rien à faire."
      case "clock-contradicted":
        "Vérifiez l'heure ; avec --anyway elle compte tout de même."
      case "too-many": "Retirez ce qui ne sert plus."
      case "absent": "Branchez-le, ou donnez à la commande une vie plus longue (--life 10m)."
      case "busy": "Réessayez dans un instant."
      case "name-taken": "Choisissez un autre nom."
      case "device-is-live": "Débranchez-le d'abord là-bas, ou répondez « another »."
      case "bad-answer": "« bivouac questions » liste les réponses comprises."
      case "bad-parameter": "Voir « bivouac help »."
      case "unavailable": "Réessayez dans un instant."
      case "internal": "Voir le journal du démon."
      case "simulation.disabled": "Mettez allow = true sous [simulation] dans la configuration."
      default:
        frenchRetentionRemedy(code) ?? frenchAccessRemedy(code) ?? frenchSiteRemedy(code)
          ?? frenchHubRemedy(code) ?? frenchSnapshotRemedy(code)
      }
    guard !english.isEmpty || french != nil else { return nil }
    guard let french else { return Message(verbatim: english) }
    return Message(en: english.isEmpty ? code : english, fr: french)
  }

  /// A question as a sentence.
  static func question(_ question: QuestionView) -> Message {
    let port = question.parameters["port"] ?? question.device
    let identity = question.parameters["identity"] ?? question.device
    let french: French? =
      switch question.kind {
      case "what-is-this": "\(port) ne dit rien : qu'est-ce que c'est ?"
      case "same-identity" where question.parameters["identity"] == nil:
        "le numéro de série de \(port) est partagé par beaucoup d'appareils : en est-ce"
          + " un nouveau ?"
      case "same-identity":
        "deux appareils se disent \(identity) : celui-ci est-il le même, ou un autre ?"
      case "same-board-new-memory":
        "cette carte a perdu sa mémoire et ressemble à \(identity) : est-ce elle ?"
      case "moved":
        "un appareil comme \(identity) était sur une autre prise : a-t-il déménagé ici ?"
      case "changed":
        "\(identity) était \(question.parameters["was"] ?? "?") et se dit maintenant"
          + " \(question.parameters["now"] ?? "?") : est-il toujours le même ?"
      case "clone":
        "deux cartes portent l'identité \(identity) : celle-ci est-elle la même, ou une autre ?"
      case "present-not-opened":
        "\(port) était là au démarrage et n'a pas été ouvert : l'ouvrir peut le réinitialiser ;"
          + " faut-il l'ouvrir ?"
      default: nil
      }
    guard let french else { return Message(verbatim: question.text) }
    return Message(en: question.text, fr: french)
  }
}
