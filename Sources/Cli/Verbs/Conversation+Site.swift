internal import Model
internal import Web

/// `site`: the nodes that trust each other.
extension Conversation {
  private static let siteWords = ["show", "create", "recover", "list", "add"]

  func site() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "show"
    try only(["label": ["create", "recover"], "keep": ["create"]], word, of: "site")
    switch word {
    case "show":
      try arguments.expect(positionals: 0...1, form: "site show")
      let bytes = try await daemon.bytes("/site")
      if settings.isJson {
        write(json: bytes)
      } else {
        output.write(lines: SitePage.lines(try Daemon.decode(SiteView.self, bytes), page))
      }
      return .success
    case "create":
      try arguments.expect(positionals: 2...2, form: "site create NAME")
      return try await createSite(words[1])
    case "list":
      try arguments.expect(positionals: 1...1, form: "site list")
      return try await listSites()
    case "add":
      try arguments.expect(positionals: 2...2, form: "site add SITE")
      return try await addSite(words[1])
    case "recover":
      try arguments.expect(positionals: 1...1, form: "site recover")
      return try await recoverSite()
    default: throw unknown(word, of: "site", Self.siteWords)
    }
  }

  private func createSite(_ name: String) async throws(Failure) -> ExitCode {
    if let place = settings.site { try await provide(place) }
    let bytes = try await daemon.send(
      .post, "/site",
      SiteRequest(
        name: name, label: arguments["label"], keep: arguments.has("keep") ? true : nil))
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let made = try Daemon.decode(NewSiteView.self, bytes)
    // The key alone on stdout, so that it can go into a file or a printer.
    output.note(TextWidth.harmless(say(.siteCreated(made.site.name))))
    output.note(say(made.site.keepsKey ? .siteKeyKept : .siteKeyShownOnce))
    output.write(lines: [made.siteKey])
    if let place = settings.site { output.note(say(.siteIsAt(place))) }
    return .success
  }

  // MARK: Several sites

  /// The daemon itself, whichever of its sites is meant.
  private var hub: Daemon { Daemon(socketPath: settings.socketPath) }

  private func listSites() async throws(Failure) -> ExitCode {
    let bytes = try await hub.bytes("/sites")
    if settings.isJson {
      write(json: bytes)
    } else {
      let list = try Daemon.decode(HubSitesView.self, bytes)
      output.write(lines: SitePage.lines(list.sites, page))
    }
    return .success
  }

  private func addSite(_ place: String) async throws(Failure) -> ExitCode {
    let bytes = try await hub.send(.post, "/sites", HubSiteRequest(place: place))
    if settings.isJson { write(json: bytes) } else { write(.siteAdded(place)) }
    return .success
  }

  /// Has a hub keep the site, unless it does already.
  private func provide(_ place: String) async throws(Failure) {
    let list = try await hub.get(HubSitesView.self, "/sites")
    guard !list.sites.contains(where: { $0.place == place }) else { return }
    _ = try await hub.send(.post, "/sites", HubSiteRequest(place: place))
  }

  private func recoverSite() async throws(Failure) -> ExitCode {
    let key = try secret(.askSiteKey, missing: .siteKeyMissing, verb: "site")
    let bytes = try await daemon.send(
      .post, "/site/recovery", RecoveryRequest(siteKey: key, label: arguments["label"]))
    if settings.isJson {
      write(json: bytes)
    } else {
      write(.siteRecovered(try Daemon.decode(SiteView.self, bytes).name))
    }
    return .success
  }

  // MARK: What several of these verbs share

  /// What a person types unseen or, where there is no keyboard, the first line of stdin: never a
  /// word of the command line, which everybody on the machine can read.
  func secret(
    _ question: Message, missing: Message, verb: String
  ) throws(Failure) -> String {
    guard output.hasKeyboard else {
      let line = output.ask("")?.filter { !$0.isWhitespace } ?? ""
      guard !line.isEmpty else { throw .usage(missing, verb: verb) }
      return line
    }
    guard let typed = output.askSecret(say(question)) else {
      throw Failure(.failure, .interrupted)
    }
    guard !typed.isEmpty else { throw .usage(missing, verb: verb) }
    return typed
  }

  /// Refuses an option that belongs to other words of the verb.
  func only(
    _ options: [String: [String]], _ word: String, of verb: String
  ) throws(Failure) {
    for (option, words) in options.sorted(by: { $0.key < $1.key })
    where arguments.has(option) && !words.contains(word) {
      throw .usage(
        .optionNeedsOther("--" + option, verb + " " + words.joined(separator: "|")), verb: verb)
    }
  }

  /// A word that the verb does not know.
  func unknown(_ word: String, of verb: String, _ words: [String]) -> Failure {
    .usage(
      .unknownWord(
        word, after: verb, words, suggestion: Suggestion.closest(to: word, among: words)),
      verb: verb)
  }
}
