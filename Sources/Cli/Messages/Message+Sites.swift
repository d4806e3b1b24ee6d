internal import Model

/// Sites, peers, and records on their way: help, questions and answers.
extension Message {
  static let siteSummary = Message(
    en: "the nodes that trust each other: show, create, recover, list",
    fr: "les nœuds qui se font confiance : montrer, créer, retrouver, lister")
  static let siteDetails = Message(
    en: "A site is founded once, on one of its nodes; the others join it by an invitation (bivouac"
      + " help peers). What a node has recorded before it joins becomes the site's.",
    fr: "Un site se fonde une fois, sur l'un de ses nœuds ; les autres le rejoignent par une"
      + " invitation (bivouac help peers). Ce qu'un nœud a enregistré avant devient au site.")
  static let siteKeyDetails = Message(
    en: "\"create\" shows the site's key once, on stdout: keep it on paper, away from the machine."
      + " With it \"recover\" gives a node all rights again when every other that could is lost. It"
      + " is typed unseen, or comes as the first line of stdin; never as a word of the command"
      + " line, which everybody on the machine can read.",
    fr: "« create » montre la clé du site une fois, sur stdout : gardez-la sur papier, loin de la"
      + " machine. Avec elle, « recover » rend tous les droits à un nœud quand tous ceux qui le"
      + " pouvaient sont perdus. Elle se tape sans être vue, ou vient en première ligne de stdin ;"
      + " jamais comme mot de la ligne de commande, que tous peuvent lire sur la machine.")
  static let peersSummary = Message(
    en: "the other nodes: invite, pair, call, revoke",
    fr: "les autres nœuds : inviter, appairer, appeler, révoquer")
  static let peersDetails = Message(
    en: "\"invite\" makes a key that lets one node join within 15 minutes, and shows it with its"
      + " address, as a link, and on a terminal as a QR code. \"add\" calls one more address of a"
      + " node of the site from now on, \"remove\" calls it no longer; its rights stay.",
    fr: "« invite » crée une clé qui laisse un nœud rejoindre le site dans les 15 minutes, et la"
      + " montre avec son adresse, en lien, et sur un terminal en code QR. « add » appelle"
      + " désormais une adresse de plus d'un nœud du site, « remove » ne l'appelle plus ; ses"
      + " droits restent.")
  static let pairDetails = Message(
    en: "\"pair\" joins with what the other node shows: its link, or its address and key. Without"
      + " the key it is asked for; it may be a word of the command line, since it is soon worth"
      + " nothing.",
    fr: "« pair » rejoint avec ce que montre l'autre nœud : son lien, ou son adresse et sa clé."
      + " Sans la clé, elle est demandée ; elle peut être un mot de la ligne de commande, car elle"
      + " ne vaut bientôt plus rien.")
  static let pinDetails = Message(
    en: "Where the other node speaks TLS with a certificate that it made itself, its link and its"
      + " address carry a pin, and the key that it names decides alone. Where that changed, pair"
      + " again, or give the address once more with the pin that \"bivouac sync\" shows there:"
      + " bivouac peers add URL --pin PIN. Without a pin the system's authorities decide.",
    fr:
      "Si l'autre nœud parle TLS avec un certificat qu'il a fait lui-même, son lien et son adresse"
      + " portent une empreinte, et la clé qu'elle nomme décide seule. Si elle a changé, appairez à"
      + " nouveau, ou redonnez l'adresse avec l'empreinte que « bivouac sync » montre là-bas :"
      + " bivouac peers add URL --pin PIN. Sans empreinte, les autorités du système décident.")
  static let revokeDetails = Message(
    en: "\"revoke\" takes a node's rights: what this site has seen of it before counts, nothing"
      + " later. \"rotate\" makes a new key for this node, which its next start takes; its rights"
      + " go with it, and the present key counts for nothing that is written after. Until that"
      + " start it takes no commands.",
    fr: "« revoke » retire ses droits à un nœud : ce que le site en a vu avant compte, rien"
      + " d'après. « rotate » crée pour ce nœud une nouvelle clé, que prend son prochain"
      + " démarrage ; ses droits la suivent, et la présente ne vaut pour rien de ce qui est"
      + " écrit après. D'ici là, il ne prend pas de commandes.")
  static let syncSummary = Message(
    en: "how records travel: status, now, as a file",
    fr: "comment voyagent les enregistrements : état, maintenant, en fichier")
  static let syncDetails = Message(
    en: "The status says of every node when it was heard, how many records wait for it, with how"
      + " many bytes as stored here and for how long, and how many from it; ? where that is not"
      + " known. \"now\" calls all of them at once.",
    fr: "L'état dit de chaque nœud quand on l'a entendu, combien d'enregistrements l'attendent,"
      + " combien d'octets ils font ici et depuis quand, et combien sont attendus de lui ; ? si on"
      + " ne le sait pas. « now » les appelle tous aussitôt.")
  static let bundleDetails = Message(
    en: "\"export\" writes a file of records to be carried to another node, where \"import\" takes"
      + " it in. A copy that was cut gives every record that is whole, and the same file twice adds"
      + " nothing. FILE gets its name when it is complete, and is not replaced without --force.",
    fr: "« export » écrit un fichier d'enregistrements à porter à un autre nœud, où « import » le"
      + " prend. Une copie coupée donne tout enregistrement entier, et le même fichier deux fois"
      + " n'ajoute rien. FILE a son nom quand il est complet, et n'est remplacé qu'avec --force.")

  static let optionNodeLabel = Message(
    en: "what this node is called in the site (the machine's name)",
    fr: "le nom de ce nœud dans le site (celui de la machine)")
  static let optionKeep = Message(
    en: "also keep the site's key in the state folder",
    fr: "garder aussi la clé du site dans le dossier d'état")
  static let optionInviteUrl = Message(
    en: "where the other node reaches this one", fr: "où l'autre nœud joint celui-ci")
  static let optionUses = Message(
    en: "how many nodes may join with it (1)", fr: "combien de nœuds peuvent l'utiliser (1)")
  static let optionInviteMinutes = Message(
    en: "how long it holds, in minutes (15)", fr: "combien de minutes elle vaut (15)")
  static let optionScopes = Message(
    en: "what they may do, with commas (record,state,serve); also command, people, grant, keeper",
    fr: "ce qu'ils peuvent, avec des virgules (record,state,serve) ; aussi command, people, grant,"
      + " keeper")
  static let optionRevokeReason = Message(
    en: "why, for the audit", fr: "pourquoi, pour le journal d'audit")
  static let optionPin = Message(
    en: "the key to be shown at an https address, sha256//..., or none: authorities decide",
    fr: "la clé à montrer à une adresse https, sha256//..., ou none : les autorités décident")
  static let optionFor = Message(
    en: "leave out what this node is known to have", fr: "omettre ce que ce nœud a, à ce qu'on sait"
  )
  static let optionForce = Message(
    en: "replace a file that is there", fr: "remplacer un fichier qui est là")

  // MARK: Asking and answering

  static let askSiteKey = Message(en: "The site's key: ", fr: "La clé du site : ")
  static let siteKeyMissing = Message(
    en: "no key came: type it on a terminal, or give it as the first line of stdin.",
    fr: "aucune clé n'est venue : tapez-la au terminal, ou donnez-la en première ligne de stdin.")
  static let askInvitation = Message(
    en: "The key that the other node shows: ", fr: "La clé que montre l'autre nœud : ")
  static let invitationMissing = siteKeyMissing
  static func siteCreated(_ name: String) -> Message {
    Message(
      en: "The site \(name) is founded, with this node in it. Its key:",
      fr: "Le site \(name) est fondé, avec ce nœud. Sa clé :")
  }
  static let siteKeyShownOnce = Message(
    en: "It is shown this once and kept nowhere: write it down, and keep it away from the machine.",
    fr: "Elle est montrée cette seule fois et gardée nulle part : notez-la, loin de la machine.")
  static let siteKeyKept = Message(
    en: "It is also kept in this node's state folder (site.key): whoever takes the machine has it.",
    fr: "Elle est aussi gardée dans le dossier d'état de ce nœud (site.key) : qui prend la machine"
      + " l'a.")
  static func siteRecovered(_ name: String) -> Message {
    Message(
      en: "This node has all rights in the site \(name) again.",
      fr: "Ce nœud a de nouveau tous les droits dans le site \(name).")
  }
  static func peerAdded(_ url: String) -> Message {
    Message(en: "\(url) is called from now on.", fr: "\(url) est appelé désormais.")
  }
  static func peerRemoved(_ peer: String) -> Message {
    Message(
      en: "\(peer) is called no longer; its rights stay.",
      fr: "\(peer) n'est plus appelé ; ses droits restent.")
  }
  static func peerRevoked(_ peer: String) -> Message {
    Message(
      en: "\(peer) has no rights any more: what was seen of it before counts, nothing later.",
      fr: "\(peer) n'a plus de droits : ce qu'on en avait vu compte, rien d'après.")
  }
  static let keyRotated = Message(
    en: "This node has a new key, which holds from its next start (systemctl restart bivouac);"
      + " until then it takes no commands.",
    fr: "Ce nœud a une nouvelle clé, qui vaut à son prochain démarrage (systemctl restart"
      + " bivouac) ; d'ici là il ne prend pas de commandes.")
  static func hasNewKey(_ node: String) -> Message {
    Message(en: "has another key: \(node)", fr: "a une autre clé : \(node)")
  }
  static func paired(_ site: String, _ inviter: String) -> Message {
    Message(
      en: "This node is now of the site \(site), invited by \(inviter); records travel by"
        + " themselves (bivouac sync).",
      fr: "Ce nœud est maintenant du site \(site), invité par \(inviter) ; les enregistrements"
        + " voyagent d'eux-mêmes (bivouac sync).")
  }
  static let clocksApart = Message(
    en: "The clocks of the two nodes are more than a day apart: set the wrong one (bivouac help"
      + " clock).",
    fr: "Les horloges des deux nœuds diffèrent de plus d'un jour : mettez la mauvaise à l'heure"
      + " (bivouac help clock).")
  static func bundleWritten(_ file: String, _ size: String) -> Message {
    Message(
      en: "\(file) is written: \(size). On the other node: bivouac sync import FILE",
      fr: "\(file) est écrit : \(size). Sur l'autre nœud : bivouac sync import FICHIER")
  }
  static func bundleRead(kept: Int, known: Int) -> Message {
    Message(
      en: Plural.english(kept, "new record", "new records") + ", \(known) known already.",
      fr: "\(Plural.french(kept, "enregistrement nouveau", "enregistrements nouveaux")),"
        + " \(known) déjà connus.")
  }
  static func receiptRead(_ node: String, _ count: UInt64) -> Message {
    Message(
      en: "\(node) has \(count) records of this node's own: acknowledged, and not proven.",
      fr: "\(node) a \(count) enregistrements de ce nœud même : il le dit, et ne l'a pas prouvé.")
  }
  static func receiptWritten(_ file: String) -> Message {
    Message(
      en: "\(file) says so to whoever made the bundle: import it there.",
      fr: "\(file) le dit à qui a fait ce fichier : importez-le là-bas.")
  }
  static func receiptNotWritten(_ file: String, _ cause: String) -> Message {
    Message(
      en: "the receipt could not be written to \(file): \(cause)",
      fr: "le reçu n'a pas pu être écrit dans \(file) : \(cause)")
  }
  static let bundleCut = Message(
    en: "The file was cut short: what was whole is kept. Copy it again for the rest.",
    fr: "Le fichier est coupé : ce qui était entier est gardé. Recopiez-le pour le reste.")
  static let bundleForged = Message(
    en: "Somebody changed this file after it was made: the records in it are good, for they verify"
      + " by themselves; ask who carried it.",
    fr: "Quelqu'un a changé ce fichier après coup : ses enregistrements sont bons, car ils se"
      + " vérifient d'eux-mêmes ; demandez qui l'a porté.")
  static func fileIsThere(_ file: String) -> Message {
    Message(en: "\(file) is there already.", fr: "\(file) est déjà là.")
  }
  static let sayForce = Message(
    en: "Choose another name, or say --force to replace it.",
    fr: "Choisissez un autre nom, ou dites --force pour le remplacer.")
  static func fileUnusable(_ file: String, _ reason: String) -> Message {
    Message(
      en: "\(file) cannot be used: \(reason).", fr: "\(file) est inutilisable : \(reason).")
  }
}
