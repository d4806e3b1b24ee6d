/// The verbs, in the order of the help.
extension Verb {
  private static let config = Option("config", value: "FILE", .optionConfig)

  static let all: [Verb] = [
    Verb(
      .run, .runSummary, details: [.runDetails],
      options: [
        config, Option("listen", value: "ADDR", .optionListen),
        Option("role", choices: ["gateway", "hub"], .optionNodeRole),
        Option("web", value: "DIR", .optionWeb),
      ],
      examples: ["run", "run --state ./state", "run --role hub"]),
    Verb(.status, .statusSummary, details: [.statusDetails], examples: ["status"]),
    Verb(
      .devices, .devicesSummary,
      forms: [
        "[list]", "show DEVICE", "name DEVICE NAME", "name DEVICE --remove",
        "open DEVICE [--always]", "forget DEVICE", "assign NEW DEVICE", "answer QUESTION ANSWER",
      ],
      details: [.devicesDetails, .deviceNaming],
      options: [Option("always", .optionAlways), Option("remove", .optionRemove)],
      examples: ["devices", "devices show greenhouse", "devices name board-4f greenhouse"]),
    Verb(
      .questions, .questionsSummary, details: [.questionsDetails], examples: ["questions"]),
    Verb(
      .answer, .answerSummary, forms: ["QUESTION ANSWER"], details: [.answerDetails],
      examples: ["answer q-8c1f another"]),
    Verb(
      .watch, .watchSummary, forms: ["[DEVICE...]"], details: [.watchDetails],
      options: [Option("count", value: "N", .optionWatchCount)],
      examples: ["watch", "watch greenhouse", "watch --json"]),
    Verb(
      .query, .querySummary, forms: ["[DEVICE] [CHANNEL]"],
      details: [.queryDetails, .windowDetails, .timeForms],
      options: [
        Option("from", value: "TIME", .optionFrom), Option("to", value: "TIME", .optionTo),
        Option("last", value: "N", .optionLast),
        Option("clock", choices: ["corrected", "node"], .optionClock),
        Option("limit", value: "N", .optionLimit),
        Option("window", value: "LENGTH", .optionWindow),
        Option("agg", value: "LIST", .optionAgg), Option("zone", value: "ZONE", .optionZone),
        Option("weekdays", value: "DAYS", .optionWeekdays),
        Option("daytime", value: "HOURS", .optionDaytime),
        Option("precision", choices: ["exact", "quick"], .optionPrecision),
        Option("points", value: "N", .optionPoints),
        Option("format", choices: ["json", "csv", "jsonl"], .optionQueryFormat),
        Option("csv", .optionCsv), Option("jsonl", .optionJsonl),
      ],
      examples: [
        "query greenhouse temperature --last 10", "query --from 1h --csv",
        "query greenhouse temperature --window 1d --from 30d",
        "query greenhouse temperature --window 1h --weekdays 1-5",
      ]),
    Verb(
      .series, .seriesSummary, forms: ["[DEVICE]"], details: [.seriesDetails, .timeForms],
      options: [
        Option("from", value: "TIME", .optionFrom), Option("to", value: "TIME", .optionTo),
      ],
      examples: ["series", "series greenhouse --from 7d"]),
    annotate, add, delete, undelete, retention, clock, alarms, rules, recipients,
    snapshots, user, token, audit, site, peers, sync,
    Verb(
      .send, .sendSummary, forms: ["DEVICE COMMAND [ARGUMENT...]"], details: [.sendDetails],
      options: [
        Option("lease", value: "TIME", .optionLease), Option("life", value: "TIME", .optionLife),
        Option("no-wait", .optionNoWait),
      ],
      examples: ["send greenhouse fan 80 --lease 60s"]),
    Verb(
      .commands, .commandsSummary, forms: ["[DEVICE]", "show COMMAND"],
      details: [.commandsDetails], options: [Option("limit", value: "N", .optionLimit)],
      examples: ["commands", "commands greenhouse --limit 5"]),
    Verb(
      .simulate, .simulateSummary, forms: ["KIND", "site"],
      details: [.simulateDetails, .simulateSiteDetails],
      options: [
        Option("count", value: "N", .optionCount), Option("label", value: "NAME", .optionLabel),
        Option("seed", value: "N", .optionSeed),
      ],
      examples: [
        "simulate esp32", "simulate otomate-companion --count 3", "simulate site --seed 7",
      ]),
    Verb(
      .decode, .decodeSummary, forms: ["FILE", "-"], details: [.decodeDetails],
      options: [Option("hex", .optionHex)],
      examples: ["decode capture.bin", "decode --hex vectors.txt"]),
    Verb(
      .export, .exportSummary, forms: ["--format csv|jsonl|sqlite [FILE]"],
      details: [.exportDetails, .timeForms],
      options: [
        Option("format", choices: ["csv", "jsonl", "sqlite"], .optionFormat),
        Option("from", value: "TIME", .optionFrom), Option("to", value: "TIME", .optionTo),
        Option("device", value: "DEVICE", .optionDevice),
        Option("channel", value: "CHANNEL", .optionChannel),
      ],
      examples: ["export --format csv readings.csv", "export --format sqlite --from 7d week.db"]),
    Verb(
      .import, .importSummary, forms: ["--format csv|jsonl FILE"], details: [.importDetails],
      options: [
        Option("format", choices: ["csv", "jsonl"], .optionImportFormat),
        Option("device", value: "DEVICE", .optionImportDevice),
        Option("channel", value: "CHANNEL", .optionImportChannel),
        Option("note", value: "TEXT", .optionImportNote), Option("partial", .optionPartial),
      ],
      examples: ["import --format csv --device pond --channel ph --note lab results.csv"]),
    Verb(
      .verify, .verifySummary, details: [.verifyDetails], options: [config],
      examples: ["verify"]),
    Verb(
      .backup, .backupSummary, forms: ["FILE"], details: [.backupDetails], options: [config],
      examples: ["backup /media/stick/bivouac-2026-11-21.db"]),
    Verb(
      .restore, .restoreSummary, forms: ["FILE"], details: [.restoreDetails],
      options: [config, Option("replace", .optionReplace)],
      examples: ["restore /media/stick/bivouac-2026-11-21.db --replace"]),
    Verb(
      .config, .configSummary,
      forms: ["check", "conflicts", "decide CONFLICT NUMBER", "restore ENTRY"],
      details: [.configDetails], options: [config],
      examples: ["config check", "config conflicts", "config restore 70368744177665"]),
    Verb(.version, .versionSummary),
    Verb(.help, .helpSummary, forms: ["[VERB]"]),
  ]

  private static let listOptions = [
    Option("list", .optionList), Option("all", .optionAll),
    Option("limit", value: "N", .optionListed),
  ]
  private static let span = [
    Option("from", value: "TIME", .optionFrom), Option("to", value: "TIME", .optionTo),
  ]

  private static let annotate = Verb(
    .annotate, .annotateSummary,
    forms: [
      "[DEVICE [CHANNEL]] TEXT [--at TIME]", "[DEVICE [CHANNEL]] TEXT --from TIME --to TIME",
      "--remove ID", "--list [DEVICE [CHANNEL]]",
    ],
    details: [.annotateDetails, .timeForms],
    options: [
      Option("at", value: "TIME", .optionAt), Option("remove", value: "ID", .optionTakeBack),
      Option("reason", value: "TEXT", .optionReason),
    ] + span + listOptions,
    examples: ["annotate greenhouse \"window opened\" --at 10m", "annotate --list --from 7d"])

  private static let add = Verb(
    .add, .addSummary,
    forms: ["DEVICE CHANNEL VALUE", "--remove ID", "--list [DEVICE [CHANNEL]]"],
    details: [.addDetails, .timeForms],
    options: [
      Option("at", value: "TIME", .optionAt), Option("note", value: "TEXT", .optionNote),
      Option("unit", value: "UNIT", .optionUnit),
      Option("within", value: "TIME", .optionWithin),
      Option("remove", value: "ID", .optionTakeBack),
      Option("reason", value: "TEXT", .optionReason),
    ] + span + listOptions,
    examples: ["add greenhouse ph 6.8 --at 2026-11-20T09:30 --note \"laboratory\""])

  private static let delete = Verb(
    .delete, .deleteSummary,
    forms: ["DEVICE [CHANNEL] --from TIME --to TIME", "--list [DEVICE [CHANNEL]]"],
    details: [.deleteDetails, .timeForms],
    options: span + [Option("reason", value: "TEXT", .optionReason), Option("yes", .optionYes)]
      + listOptions,
    examples: [
      "delete greenhouse temperature --from 2h --to 90m --reason \"in the sun\"",
      "delete --list",
    ])

  private static let retention = Verb(
    .retention, .retentionSummary,
    forms: [
      "[list]", "show DEVICE", "set DEVICE [CHANNEL]", "reset DEVICE [CHANNEL]",
      "acknowledge [ID]",
    ],
    details: [.retentionDetails, .retentionRoom],
    options: [
      Option("raw", value: "AGE", .optionRaw), Option("minutes", value: "AGE", .optionMinutes),
      Option("quota", value: "SIZE", .optionQuota),
      Option("note", value: "TEXT", .optionAcknowledgeNote),
    ],
    examples: [
      "retention", "retention set greenhouse temperature --raw 90d --minutes 2y",
      "retention acknowledge --note \"a larger card is ordered\"",
    ])

  private static let undelete = Verb(
    .undelete, .undeleteSummary, forms: ["ID"], details: [.undeleteDetails],
    options: [Option("reason", value: "TEXT", .optionReason)], examples: ["undelete 3f9a01c2"])

  private static let clock = Verb(
    .clock, .clockSummary,
    forms: [
      "[list]", "set EPOCH TIME [--uptime LENGTH]", "set EPOCH TIME --shown TIME",
      "set present TIME --now", "reset EPOCH",
    ],
    details: [.clockDetails, .timeForms],
    options: [
      Option("uptime", value: "LENGTH", .optionUptime),
      Option("shown", value: "TIME", .optionShown), Option("now", .optionNow),
      Option("within", value: "TIME", .optionWithin), Option("note", value: "TEXT", .optionNote),
      Option("anyway", .optionAnyway),
    ],
    examples: [
      "clock", "clock set 3f9a01c2 2026-03-01T08:00 --within 5m --note lamp",
      "clock set 3f9a01c2 2026-03-01T09:30 --shown 1970-01-01T01:20",
      "clock reset 3f9a01c2",
    ])

  private static let alarms = Verb(
    .alarms, .alarmsSummary,
    forms: ["[open|unacknowledged|all]", "acknowledge ID"], details: [.alarmsDetails],
    options: [
      Option("note", value: "TEXT", .optionAcknowledgeNote),
      Option("limit", value: "N", .optionLimit),
    ],
    examples: ["alarms", "alarms acknowledge 3f9a01c2 --note \"filter cleaned\""])

  private static let rules = Verb(
    .rules, .rulesSummary,
    forms: [
      "[list]", "add NAME DEVICE [CHANNEL] CONDITION", "remove ID", "enable ID", "disable ID",
      "silence [TIME|off]",
    ],
    details: [.rulesDetails, .rulesSilenceDetails],
    options: [
      Option("above", value: "LIMIT", .optionAbove), Option("below", value: "LIMIT", .optionBelow),
      Option("rises", value: "LIMIT", .optionRises), Option("falls", value: "LIMIT", .optionFalls),
      Option("within", value: "TIME", .optionRuleWithin),
      Option("silent", value: "TIME", .optionSilent),
      Option("frozen", value: "TIME", .optionFrozen), Option("gone", value: "TIME", .optionGone),
      Option("hysteresis", value: "N", .optionHysteresis),
      Option("delay", value: "TIME", .optionDelay),
      Option("clear-delay", value: "TIME", .optionClearDelay),
      Option("severity", choices: ["notice", "warning", "alarm"], .optionSeverity),
      Option("ask-comment", .optionAskComment),
    ],
    examples: [
      "rules add warm greenhouse temperature --above 30 --delay 5m",
      "rules add unplugged greenhouse --gone 2m --severity alarm",
    ])

  private static let recipients = Verb(
    .recipients, .recipientsSummary,
    forms: [
      "[list]", "add NAME ADDRESS", "add NAME DEVICE COMMAND", "remove ID", "enable ID",
      "disable ID", "test ID",
    ],
    details: [.recipientsDetails, .outputsDetails],
    options: [
      Option("severity", choices: ["notice", "warning", "alarm"], .optionRecipientSeverity),
      Option("tongue", choices: ["en", "fr"], .optionTongue),
      Option("no-end", .optionNoEnd), Option("rules", value: "ID,ID", .optionRules),
    ],
    examples: [
      "recipients add Siren greenhouse buzzer --severity alarm",
      "recipients add Ada ada@example.org --severity alarm",
      "recipients add pager https://pager.example.org/hook",
    ])

  private static let snapshots = Verb(
    .snapshots, .snapshotsSummary,
    forms: ["[DEVICE]", "add DEVICE FILE [--note TEXT]", "get HASH FILE [--force]"],
    details: [.snapshotsDetails],
    options: [
      Option("limit", value: "N", .optionLimit), Option("note", value: "TEXT", .optionSnapshotNote),
      Option("force", .optionReplaceFile),
    ],
    examples: [
      "snapshots greenhouse", "snapshots add greenhouse roof.jpg --note open",
      "snapshots get 8c1f09ab picture.jpg",
    ])

  private static let user = Verb(
    .user, .userSummary,
    forms: [
      "[list]", "add NAME [--role ROLE]", "password NAME", "role NAME ROLE", "remove NAME",
    ],
    details: [.userDetails, .passwordDetails],
    options: [
      Option("role", choices: ["viewer", "operator", "admin"], .optionRole),
      Option("password-file", value: "FILE", .optionPasswordFile),
    ],
    examples: ["user add ada --role admin", "user role ada operator"])

  private static let token = Verb(
    .token, .tokenSummary,
    forms: ["[list]", "create NAME --permissions LIST", "revoke ID"], details: [.tokenDetails],
    options: [Option("permissions", value: "LIST", .optionPermissions)],
    examples: ["token create Prometheus --permissions metrics"])

  private static let audit = Verb(
    .audit, .auditSummary, details: [.auditDetails],
    options: [Option("limit", value: "N", .optionAuditLimit)], examples: ["audit --limit 20"])
}
