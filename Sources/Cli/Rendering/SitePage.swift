internal import Model

/// A site, its members, and an invitation, drawn.
enum SitePage {
  static func lines(_ site: SiteView, _ page: Page) -> [String] {
    guard let id = site.site else { return page.wrap(.noSite) }
    let facts: [(Message, String)] = [
      (.factSiteName, TextWidth.harmless(site.name)), (.factSiteId, id),
      (.factNode, site.node),
      (.factSiteKey, page.say(site.keepsKey ? .keyIsKept : .keyIsElsewhere)),
    ]
    return self.facts(facts, page) + [""] + members(site, nil, page)
  }

  static func members(_ site: SiteView, _ travel: SyncView?, _ page: Page) -> [String] {
    guard site.site != nil else { return page.wrap(.noSite) }
    var table = Table([
      .init(heading: page.say(.headName), columnsMin: 8), .init(heading: page.say(.headId)),
      .init(heading: page.say(.headPermissions), columnsMin: 8),
      .init(heading: page.say(.headAddress), columnsMin: 12), .init(heading: page.say(.headNote)),
    ])
    for member in site.members {
      let note: Message? =
        member.isSelf
        ? .thisNode
        : member.successor.map { .hasNewKey(String($0.prefix(8))) }
          ?? (member.scopes.isEmpty ? .rightsTaken : nil)
      let url = travel?.peers.first { $0.node == member.node }?.url
      table.add([
        .init(member.label), .init(String(member.node.prefix(8)), .faint),
        .init(member.scopes.joined(separator: ",")), .init(url ?? ""),
        .init(note.map(page.say) ?? "", member.isSelf ? .faint : .warning),
      ])
    }
    // An address that has not answered yet belongs to nobody known.
    for peer in travel?.peers ?? [] where peer.node == nil {
      table.add([
        .init("–"), .init(""), .init(""), .init(peer.url ?? ""),
        .init(page.say(.notAnsweredYet), .warning),
      ])
    }
    return page.lines(table) + pins(travel?.peers ?? [])
  }

  /// What pins the peers that are called by TLS: to be compared, and copied, so it is never cut.
  private static func pins(_ peers: [PeerSyncView]) -> [String] {
    let pinned = peers.compactMap { peer in
      peer.pin.map { TextWidth.harmless("\(peer.url ?? "?")#pin=\($0)") }
    }
    return pinned.isEmpty ? [] : [""] + pinned
  }

  /// The sites that a daemon keeps apart.
  static func lines(_ sites: [HubSiteView], _ page: Page) -> [String] {
    var table = Table([
      .init(heading: page.say(.headSite)), .init(heading: page.say(.headName), columnsMin: 8),
      .init(heading: page.say(.headId)), .init(heading: page.say(.headState)),
    ])
    var why: [String] = []
    for site in sites {
      let tone: Style.Tone =
        site.state == "served" ? .good : site.state == "failed" ? .bad : .warning
      table.add([
        .init(site.place), .init(site.name ?? "–"),
        .init(String((site.node ?? "").prefix(8)), .faint),
        .init(page.say(.hubSiteState(site.state)), tone),
      ])
      if let problem = site.problem {
        why += page.wrap(.labelled(site.place, .problem(problem)), indent: "  ")
          .map { page.tone(.bad, $0) }
      }
    }
    return page.lines(table) + (why.isEmpty ? [] : [""] + why)
  }

  /// Facts that are copied from the screen: never cut, however narrow it is.
  private static func facts(_ facts: [(Message, String)], _ page: Page) -> [String] {
    let width = facts.map { TextWidth.columns(page.say($0.0)) }.max() ?? 0
    return facts.map { name, value in
      "  " + page.tone(.faint, TextWidth.pad(page.say(name), to: width)) + "  "
        + TextWidth.harmless(value)
    }
  }

  /// What people call a node, or the beginning of its id.
  static func name(of node: String, in site: SiteView) -> String {
    let label = site.members.first { $0.node == node }?.label ?? ""
    return label.isEmpty ? String(node.prefix(16)) : label
  }

  static func lines(
    _ invitation: InvitationView, _ page: Page, isTerminal: Bool
  ) -> [String] {
    let facts: [(Message, String)] = [
      (.factInvitation, invitation.key), (.factAddress, invitation.url),
      (
        .factHolds,
        page.say(
          .invitationHolds(
            Spans.text(milliseconds: Int64(invitation.seconds) * 1_000, page.language),
            invitation.uses))
      ),
    ]
    var lines = self.facts(facts, page)
    lines += ["", TextWidth.harmless(invitation.link)]
    // For a person in front of a screen: in a file or a pipe the link says the same.
    if isTerminal, let rows = invitation.qr {
      lines.append("")
      lines += qr(rows, page) ?? page.wrap(.screenTooNarrow)
    }
    return lines + [""] + page.wrap(.invitationNext(invitation.url))
  }

  /// A QR code in half blocks, two rows a line, with its quiet zone; nil where it does not fit.
  ///
  /// Dark on light as every reader wants it: by colours or, without them, by drawing what is light,
  /// which suits a dark terminal.
  static func qr(_ rows: [String], _ page: Page) -> [String]? {
    let quiet = 4
    let width = (rows.first?.count ?? 0) + 2 * quiet
    guard width <= page.columns else { return nil }
    let margin = [Bool](repeating: false, count: width)
    var modules = rows.map { row in
      margin.prefix(quiet) + row.map { $0 == "1" } + margin.prefix(quiet)
    }
    let edge = [ArraySlice<Bool>](repeating: margin[...], count: quiet)
    modules = edge + modules + edge
    if !modules.count.isMultiple(of: 2) { modules.append(margin[...]) }
    let isInk = page.style.isColored
    return stride(from: 0, to: modules.count, by: 2).map { row in
      let text = zip(modules[row], modules[row + 1]).map { upper, lower in
        switch (upper == isInk, lower == isInk) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
      }.joined()
      return isInk ? "\u{1B}[30;107m\(text)\u{1B}[0m" : text
    }
  }
}
