internal import Model

/// People, tokens and the audit, drawn.
enum AccessPage {
  static func lines(_ list: UsersList, _ page: Page) -> [String] {
    guard !list.users.isEmpty else { return page.wrap(.nobody) }
    var table = Table([
      .init(heading: page.say(.headName)), .init(heading: page.say(.headRole)),
      .init(heading: page.say(.headChanged)), .init(heading: page.say(.headBy)),
      .init(heading: page.say(.headNote), columnsMin: 8),
    ])
    for user in list.users {
      table.add([
        .init(user.name), .init(page.say(.role(user.role))),
        .init(time(user.atUs, user.trusted, page)), .init(user.author),
        .init(user.conflict ? page.say(.changedTwice) : "", .warning),
      ])
    }
    return page.lines(table)
  }

  static func lines(_ list: TokensList, _ page: Page) -> [String] {
    guard !list.tokens.isEmpty else { return page.wrap(.noTokens) }
    var table = Table([
      .init(heading: page.say(.headId)), .init(heading: page.say(.headName), columnsMin: 8),
      .init(heading: page.say(.headPermissions)), .init(heading: page.say(.headMade)),
      .init(heading: page.say(.headBy)),
    ])
    for token in list.tokens {
      table.add([
        .init(token.id), .init(token.name),
        .init(token.permissions.map(\.rawValue).joined(separator: ",")),
        .init(time(token.atUs, token.trusted, page)), .init(token.author),
      ])
    }
    return page.lines(table)
  }

  static func lines(_ entries: [AuditEntryView], _ page: Page) -> [String] {
    guard !entries.isEmpty else { return page.wrap(.nothingAudited) }
    return entries.flatMap { entry in
      var what = Message.audited(entry.what, entry.parameters)
      // By which number it is given back.
      if entry.restorable == true {
        what = .joined([what, .restorableAs(entry.id)], separator: "")
      }
      let line = Message(verbatim: "\(time(entry.atUs, entry.trusted, page))  \(entry.author)  ")
      return page.wrap(.joined([line, what], separator: ""), indent: "  ")
    }
  }

  /// When, with `?` before a time of a clock that nobody vouched for.
  private static func time(_ us: Int64, _ trusted: Bool, _ page: Page) -> String {
    (trusted ? "" : "?") + WallTime.text(us: us, inUtc: page.isInUtc)
  }
}
