/// The verbs for sites, peers, and records on their way.
extension Verb {
  static let site = Verb(
    .site, .siteSummary,
    forms: ["[show]", "create NAME", "recover", "list", "add SITE"],
    details: [.siteDetails, .siteKeyDetails, .hubDetails],
    options: [Option("label", value: "NAME", .optionNodeLabel), Option("keep", .optionKeep)],
    examples: [
      "site create \"Green farm\" --label barn", "site recover < site-key.txt",
      "site create \"North farm\" --site north", "status --site north",
    ])

  static let peers = Verb(
    .peers, .peersSummary,
    forms: [
      "[list]", "invite", "pair LINK", "pair URL [KEY]", "add URL", "remove PEER", "revoke PEER",
      "rotate",
    ],
    details: [.peersDetails, .pairDetails, .pinDetails, .revokeDetails],
    options: [
      Option("url", value: "URL", .optionInviteUrl), Option("uses", value: "N", .optionUses),
      Option("minutes", value: "N", .optionInviteMinutes),
      Option("scopes", value: "LIST", .optionScopes),
      Option("label", value: "NAME", .optionNodeLabel),
      Option("reason", value: "TEXT", .optionRevokeReason),
      Option("pin", value: "PIN", .optionPin),
    ],
    examples: [
      "peers invite --url http://hub.example:8421",
      "peers pair http://hub.example:8421 7ZK4-...-Q2", "peers revoke barn --reason stolen",
    ])

  static let sync = Verb(
    .sync, .syncSummary,
    forms: ["[status]", "now", "export FILE", "import FILE"],
    details: [.syncDetails, .bundleDetails],
    options: [Option("for", value: "PEER", .optionFor), Option("force", .optionForce)],
    examples: [
      "sync", "sync export --for hub /media/stick/barn.bundle",
      "sync import /media/stick/barn.bundle",
    ])
}
