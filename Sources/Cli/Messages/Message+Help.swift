/// The help's frame, and one line for each verb.
extension Message {
  static let programSummary = Message(
    en: "Bivouac reads the devices plugged into this machine, and loses nothing they were told is"
      + " safe.",
    fr:
      "Bivouac lit les appareils branchés sur cette machine, et ne perd rien de ce qu'il"
      + " leur a confirmé."
  )
  static let usageHeading = Message(en: "Usage:", fr: "Utilisation :")
  static let verbsHeading = Message(en: "Verbs:", fr: "Verbes :")
  static let optionsHeading = Message(en: "Options:", fr: "Options :")
  static let commonOptionsHeading = Message(
    en: "Options of every verb:", fr: "Options de tous les verbes :")
  static let examplesHeading = Message(en: "Examples:", fr: "Exemples :")
  static let exitCodesHeading = Message(en: "Exit codes:", fr: "Codes de sortie :")
  static let exitCodes = [
    Message(en: "0  done", fr: "0  fait"),
    Message(en: "1  tried, and it did not work", fr: "1  essayé, sans succès"),
    Message(
      en: "2  the command line cannot be understood",
      fr: "2  la ligne de commande n'est pas comprise"),
    Message(en: "3  no daemon answers", fr: "3  aucun démon ne répond"),
    Message(en: "4  not permitted", fr: "4  non autorisé"),
    Message(
      en: "5  nothing has that name, or several have",
      fr: "5  rien ne porte ce nom, ou plusieurs le portent"),
  ]
  static let helpHint = Message(
    en: "\"bivouac help VERB\" tells about one verb.",
    fr: "« bivouac help VERBE » décrit un verbe.")

  static let runSummary = Message(
    en: "run the daemon in the foreground", fr: "faire tourner le démon au premier plan")
  static let statusSummary = Message(en: "the daemon's health", fr: "la santé du démon")
  static let devicesSummary = Message(
    en: "list the devices; name, open, forget or assign one",
    fr: "lister les appareils ; en nommer, ouvrir, oublier ou attribuer un")
  static let questionsSummary = Message(
    en: "what the daemon wants to know from you", fr: "ce que le démon vous demande")
  static let answerSummary = Message(en: "answer a question", fr: "répondre à une question")
  static let watchSummary = Message(
    en: "show readings as they come in", fr: "montrer les mesures à leur arrivée")
  static let querySummary = Message(
    en: "show stored readings", fr: "montrer les mesures enregistrées")
  static let sendSummary = Message(
    en: "send a command to a device, and follow its life",
    fr: "envoyer une commande à un appareil, et suivre sa vie")
  static let commandsSummary = Message(
    en: "commands and what became of them", fr: "les commandes et ce qu'elles sont devenues")
  static let simulateSummary = Message(
    en: "play boards, when you have none", fr: "jouer des cartes, quand vous n'en avez pas")
  static let decodeSummary = Message(
    en: "show the frames and the text of a captured serial line",
    fr: "montrer les trames et le texte d'une ligne série capturée")
  static let configSummary = Message(
    en: "check the configuration; decide what was set twice",
    fr: "vérifier la configuration ; trancher ce qui fut réglé deux fois")
  static let versionSummary = Message(en: "the program's version", fr: "la version du programme")
  static let helpSummary = Message(en: "this help", fr: "cette aide")
}

/// Paragraphs of the verbs' pages.
extension Message {
  static let runDetails = Message(
    en: "Logs go to stderr as key=value, with the priorities of journald. SIGTERM and Ctrl-C end it"
      + " in order. It works without any configuration.",
    fr:
      "Le journal sort sur stderr en clé=valeur, avec les priorités de journald. SIGTERM"
      + " et Ctrl-C l'arrêtent en bon ordre. Il fonctionne sans aucune configuration."
  )
  static let statusDetails = Message(
    en: "What goes to disk, what is known of the time, how long the loop's turns took, how many"
      + " devices there are, and what you should know.",
    fr:
      "Ce qui va sur le disque, ce que l'on sait de l'heure, la durée des tours de"
      + " boucle, le nombre d'appareils, et ce que vous devriez savoir."
  )
  static let devicesDetails = Message(
    en: "\"open\" opens a port that was found at start and left alone, because opening may reset"
      + " what is behind it. \"forget\" drops what was remembered of a device; its readings stay."
      + " \"assign\" files the readings of a provisional identity, past and to come, under another"
      + " device.",
    fr:
      "« open » ouvre un port trouvé au démarrage et laissé tranquille, car l'ouvrir peut"
      + " réinitialiser ce qui est derrière. « forget » oublie ce qui était retenu d'un"
      + " appareil ; ses mesures restent. « assign » range les mesures d'une identité"
      + " provisoire, passées et à venir, sous un autre appareil."
  )
  static let deviceNaming = Message(
    en:
      "A device is named by its name, its id, or the beginning of either when only one"
      + " begins so.",
    fr:
      "Un appareil se désigne par son nom, son identifiant, ou le début de l'un d'eux"
      + " s'il est le seul à commencer ainsi."
  )
  static let questionsDetails = Message(
    en: "Where the facts cannot tell, the daemon asks instead of guessing. Meanwhile the readings"
      + " go to a provisional identity, and nothing is lost.",
    fr:
      "Quand les faits ne suffisent pas, le démon demande au lieu de deviner. En"
      + " attendant, les mesures vont à une identité provisoire, et rien n'est perdu."
  )
  static let answerDetails = Message(
    en: "\"bivouac questions\" lists the questions and the answers they understand.",
    fr: "« bivouac questions » liste les questions et les réponses qu'elles comprennent.")
  static let watchDetails = Message(
    en: "A line for each reading: ~ before a time known from few probes, ? before an uncertain one;"
      + " \"pending\" until it is on disk; \"sim\" when only a program made it. It comes back by"
      + " itself when the daemon restarts. --json writes every event as one line of JSON.",
    fr:
      "Une ligne par mesure : ~ devant une heure connue par peu de sondages, ? devant une"
      + " heure incertaine ; « attente » tant qu'elle n'est pas sur le disque ; « sim »"
      + " quand seul un programme l'a faite. La connexion se rétablit d'elle-même quand le"
      + " démon redémarre. --json écrit chaque événement en une ligne de JSON."
  )
  static let queryDetails = Message(
    en: "Oldest first. Without --from, --to or --last: the last 20 of each channel. --clock node"
      + " takes and orders times by the node's own clock since its boot, which never jumps. --json"
      + " writes a line for each reading.",
    fr:
      "Les plus anciennes d'abord. Sans --from, --to ni --last : les 20 dernières de"
      + " chaque voie. --clock node prend et ordonne les temps selon l'horloge du nœud"
      + " depuis son démarrage, qui ne saute jamais. --json écrit une ligne par mesure."
  )
  static let timeForms = Message(
    en: "TIME is a date (2026-11-21), a date and time (2026-11-21T04:18, local unless Z or +01:00"
      + " follows), how long ago (90s, 10m, 2h, 7d), now, or @SECONDS (since 1970; with --clock"
      + " node, since the machine's boot).",
    fr:
      "TIME est une date (2026-11-21), une date et une heure (2026-11-21T04:18, locale"
      + " sauf si Z ou +01:00 suit), une ancienneté (90s, 10m, 2h, 7d), now, ou @SECONDES"
      + " (depuis 1970 ; avec --clock node, depuis le démarrage de la machine)."
  )
  static let sendDetails = Message(
    en: "The device runs it at most once, and never after its life is over. Waits for the outcome:"
      + " the exit code is 0 only when the device carried it out. \"bivouac devices show DEVICE\""
      + " lists the commands that a device knows.",
    fr:
      "L'appareil l'exécute une fois au plus, et jamais après la fin de sa vie. Attend"
      + " l'issue : le code de sortie n'est 0 que si l'appareil l'a exécutée. « bivouac"
      + " devices show APPAREIL » liste les commandes qu'un appareil connaît."
  )
  static let commandsDetails = Message(
    en: "Newest first. Unknown means that it may or may not have run; it is never sent again.",
    fr:
      "Les plus récentes d'abord. Inconnu veut dire qu'elle a pu s'exécuter ou non ; elle"
      + " n'est jamais renvoyée."
  )
  static let simulateDetails = Message(
    en: "KIND is esp32 or otomate-companion. The boards speak the link protocol on pseudo-terminals"
      + " that are handed to the daemon, and are marked simulated for ever, in every view. Runs"
      + " until interrupted; then the boards are unplugged.",
    fr:
      "KIND vaut esp32 ou otomate-companion. Les cartes parlent le protocole de liaison"
      + " sur des pseudo-terminaux remis au démon, et restent marquées simulées, partout et"
      + " pour toujours. Tourne jusqu'à interruption ; les cartes sont alors débranchées."
  )
  static let simulateSiteDetails = Message(
    en: "site needs no daemon: it plays gateways and hubs on disks and links that fail, all from"
      + " one seed, says what happened, and whether everybody knew the same in the end.",
    fr: "site se passe de démon : des passerelles et des concentrateurs sont joués sur des disques"
      + " et des liaisons qui défaillent, d'après une seule graine ; dit ce qui est arrivé, et si"
      + " tous savaient la même chose à la fin."
  )
  static let decodeDetails = Message(
    en: "FILE holds the bytes of a line in the order they came; - reads them from stdin. What is"
      + " neither a frame nor text is counted at the end.",
    fr:
      "FILE contient les octets d'une ligne dans leur ordre d'arrivée ; - les lit sur"
      + " stdin. Ce qui n'est ni trame ni texte est compté à la fin."
  )
  static let configDetails = Message(
    en: "check reads the configuration as the daemon would, and says what it would say. conflicts"
      + " lists what was set on two nodes at once, with who did and when; decide lets one of the"
      + " values hold, everywhere. restore gives a setting the value back that an entry of bivouac"
      + " audit wrote, by the number that it shows, whatever was set since.",
    fr: "check lit la configuration comme le ferait le démon, et dit ce qu'il en dirait. conflicts"
      + " liste ce qui fut réglé sur deux nœuds à la fois, par qui et quand ; decide fait valoir"
      + " une des valeurs, partout. restore rend à un réglage la valeur qu'a écrite une entrée de"
      + " bivouac audit, par le numéro qui y est montré, quoi qu'on ait réglé depuis.")
}
