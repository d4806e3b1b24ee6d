internal import Model
internal import Web

/// `peers`: who else is of the site, and where they are reached.
extension Conversation {
  private static let peerWords = ["list", "invite", "pair", "add", "remove", "revoke", "rotate"]

  func peers() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "list"
    try only(
      [
        "url": ["invite"], "uses": ["invite"], "minutes": ["invite"], "scopes": ["invite"],
        "label": ["pair"], "reason": ["revoke"], "pin": ["invite", "pair", "add"],
      ], word, of: "peers")
    switch word {
    case "list":
      try arguments.expect(positionals: 0...1, form: "peers list")
      return try await listPeers()
    case "invite":
      try arguments.expect(positionals: 1...1, form: "peers invite")
      return try await invite()
    case "pair":
      try arguments.expect(positionals: 2...3, form: "peers pair URL [KEY]")
      return try await pair(Array(words.dropFirst()))
    case "add":
      try arguments.expect(positionals: 2...2, form: "peers add URL")
      return told(
        try await daemon.send(
          .post, "/peers", PeerRequest(url: words[1], pin: arguments["pin"])),
        .peerAdded(words[1]))
    case "remove":
      try arguments.expect(positionals: 2...2, form: "peers remove PEER")
      return told(
        try await daemon.bytes(.delete, Self.target("peers", words[1])), .peerRemoved(words[1]))
    case "revoke":
      try arguments.expect(positionals: 2...2, form: "peers revoke PEER")
      return told(
        try await daemon.send(
          .post, Self.target("peers", words[1], "revocation"),
          RevocationRequest(reason: arguments["reason"])), .peerRevoked(words[1]))
    case "rotate":
      try arguments.expect(positionals: 1...1, form: "peers rotate")
      return told(try await daemon.send(.post, "/site/key", [String: String]()), .keyRotated)
    default: throw unknown(word, of: "peers", Self.peerWords)
    }
  }

  private func told(_ bytes: [UInt8], _ message: Message) -> ExitCode {
    if settings.isJson { write(json: bytes) } else { write(message) }
    return .success
  }

  private func listPeers() async throws(Failure) -> ExitCode {
    let bytes = try await daemon.bytes("/site")
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let site = try Daemon.decode(SiteView.self, bytes)
    let travel = try await daemon.get(SyncView.self, "/sync")
    output.write(lines: SitePage.members(site, travel, page))
    return .success
  }

  private func invite() async throws(Failure) -> ExitCode {
    let scopes = arguments["scopes"]?.split(separator: ",", omittingEmptySubsequences: false)
      .map(String.init)
    for word in scopes ?? [] where !ScopeWords.all.contains(word) {
      throw .usage(.optionNotAmong("--scopes", word, ScopeWords.all), verb: "peers")
    }
    let bytes = try await daemon.send(
      .post, "/invitations",
      InvitationRequest(
        url: arguments["url"], uses: try arguments.count("uses", max: CliLimits.invitationUsesMax),
        minutes: try arguments.count("minutes", max: CliLimits.invitationMinutesMax),
        scopes: scopes, pin: arguments["pin"]))
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let made = try Daemon.decode(InvitationView.self, bytes)
    output.write(lines: SitePage.lines(made, page, isTerminal: output.isTerminal))
    return .success
  }

  private func pair(_ words: [String]) async throws(Failure) -> ExitCode {
    var wanted = PairingRequest(key: "", label: arguments["label"], pin: arguments["pin"])
    if words[0].hasPrefix("bivouac:") {
      guard words.count == 1 else {
        throw .usage(.unexpectedArgument(words[1]), verb: "peers")
      }
      wanted.key = words[0]
    } else {
      wanted.url = words[0]
      wanted.key =
        words.count > 1
        ? words[1] : try secret(.askInvitation, missing: .invitationMissing, verb: "peers")
    }
    let bytes = try await daemon.send(.post, "/pairing", wanted)
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let paired = try Daemon.decode(PairedView.self, bytes)
    write(.paired(paired.site.name, SitePage.name(of: paired.inviter, in: paired.site)))
    if paired.isClockApart { output.note(say(.clocksApart)) }
    return .success
  }
}
