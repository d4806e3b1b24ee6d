internal import Model
internal import Web

/// `token` and `audit`: what programs may do, and who changed what.
extension Conversation {
  private static let tokenWords = ["list", "create", "revoke"]

  func token() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "list"
    if arguments.has("permissions"), word != "create" {
      throw .usage(.optionNeedsOther("--permissions", "token create"), verb: "token")
    }
    switch word {
    case "list":
      try arguments.expect(positionals: 0...1, form: "token list")
      let bytes = try await daemon.bytes("/tokens")
      if settings.isJson {
        write(json: bytes)
      } else {
        output.write(lines: AccessPage.lines(try Daemon.decode(TokensList.self, bytes), page))
      }
      return .success
    case "create":
      try arguments.expect(positionals: 2...2, form: "token create NAME --permissions LIST")
      return try await createToken(words[1])
    case "revoke":
      try arguments.expect(positionals: 2...2, form: "token revoke ID")
      try await daemon.delete(Self.target("tokens", words[1]), Query())
      done(.tokenRevoked(words[1]))
      return .success
    default:
      let close = Suggestion.closest(to: word, among: Self.tokenWords)
      throw .usage(
        .unknownWord(word, after: "token", Self.tokenWords, suggestion: close), verb: "token")
    }
  }

  private func createToken(_ name: String) async throws(Failure) -> ExitCode {
    let known = Permission.allCases.map(\.rawValue)
    guard let list = arguments["permissions"] else {
      throw .usage(.tokenNeedsPermissions(known), verb: "token")
    }
    var permissions: [Permission] = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let permission = Permission(rawValue: String(word)) else {
        throw .usage(.optionNotAmong("--permissions", String(word), known), verb: "token")
      }
      permissions.append(permission)
    }
    let bytes = try await daemon.send(
      .post, "/tokens", TokenRequest(name: name, permissions: permissions))
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let made = try Daemon.decode(NewTokenView.self, bytes)
    // The secret alone on stdout, so that a script can take it from there.
    output.note(say(.tokenShownOnce(made.token.id)))
    output.write(lines: [made.secret])
    return .success
  }

  func audit() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...0, form: "audit")
    let limit = try arguments.count("limit", max: CliLimits.auditMax) ?? CliLimits.auditShown
    var entries: [AuditEntryView] = []
    var query = Query()
    query.add("limit", "\(min(limit, CliLimits.auditPageMax))")
    while entries.count < limit {
      let found = try await daemon.get(AuditList.self, "/audit", query)
      entries += found.entries.prefix(limit - entries.count)
      guard let next = found.next else { break }
      query = Query()
      query.add("limit", "\(min(max(1, limit - entries.count), CliLimits.auditPageMax))")
      query.add("cursor", next)
    }
    if settings.isJson {
      do {
        for entry in entries { write(json: try JSON.encode(entry)) }
      } catch {
        throw Failure(.failure, .answerNotUnderstood(error.description))
      }
    } else {
      output.write(lines: AccessPage.lines(entries, page))
    }
    return .success
  }
}
