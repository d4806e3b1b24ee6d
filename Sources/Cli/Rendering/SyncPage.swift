internal import Model

/// How records travel, drawn.
enum SyncPage {
  static func lines(_ travel: SyncView, _ page: Page) -> [String] {
    guard travel.site != nil else { return page.wrap(.noSite) }
    let listening =
      travel.listening.isEmpty ? page.say(.nowhere) : travel.listening.joined(separator: ", ")
    var lines = DevicePage.facts([(.factListening, listening)], page)
    if let pin = travel.pin { lines += DevicePage.facts([(.factPin, pin)], page) }
    lines.append("")
    if travel.peers.isEmpty {
      lines += page.wrap(.noPeers)
    } else {
      lines += page.lines(table(travel.peers, page))
      for peer in travel.peers {
        if let code = peer.code {
          let name = name(of: peer)
          lines += page.wrap(
            .labelled("!", .joined([Message(verbatim: name), .peerCode(code)], separator: ": ")),
            indent: "  ")
        }
      }
    }
    if travel.waiting > 0 { lines += [""] + page.wrap(.recordsWait(travel.waiting)) }
    if travel.conflicts > 0 {
      lines +=
        [""] + page.wrap(.recordsConflict(travel.conflicts)).map { page.tone(.bad, $0) }
    }
    return lines
  }

  private static func name(of peer: PeerSyncView) -> String {
    let name = peer.label.isEmpty ? peer.node.map { String($0.prefix(16)) } : peer.label
    return TextWidth.harmless(name ?? peer.url ?? "?")
  }

  private static func table(_ peers: [PeerSyncView], _ page: Page) -> Table {
    var table = Table([
      .init(heading: page.say(.headNode), columnsMin: 8), .init(heading: page.say(.headState)),
      .init(heading: page.say(.headContact)),
      .init(heading: page.say(.headToSend), onRight: true),
      .init(heading: page.say(.headBytes), onRight: true),
      .init(heading: page.say(.headSince)),
      .init(heading: page.say(.headToCome), onRight: true),
      .init(heading: page.say(.headAcknowledged), onRight: true),
      .init(heading: page.say(.headProven), onRight: true),
      .init(heading: page.say(.headRate), onRight: true),
      .init(heading: page.say(.headAddress), columnsMin: 12),
    ])
    for peer in peers {
      let heard = page.ago(milliseconds: peer.lastContactSeconds.map { max(1, $0) * 1_000 })
      let rate = peer.bytesPerSecond.map { Figures.bytes($0, page.language) + "/s" } ?? "–"
      let waiting: [Table.Cell] = [
        .init(count(peer.backlogRecords, page)), .init(bytes(peer, page)),
        .init(since(peer, page)), .init(count(peer.missingRecords, page)),
      ]
      // Of keepers only: without one there are no such columns.
      let kept: [Table.Cell] = [
        .init(peer.acknowledgedRecords.map { count($0, page) } ?? ""),
        .init(peer.provenRecords.map { count($0, page) } ?? ""),
      ]
      let first: [Table.Cell] = [
        .init(name(of: peer)), .init(page.say(.peerState(peer.state)), tone(of: peer.state)),
        .init(heard),
      ]
      table.add(first + waiting + kept + [.init(rate), .init(peer.url ?? "")])
    }
    return table
  }

  private static func count(_ records: UInt64?, _ page: Page) -> String {
    records.map { Figures.whole($0, page.language) } ?? "?"
  }

  /// What waits for it, as stored; nothing where nothing waits, ? where nobody knows.
  private static func bytes(_ peer: PeerSyncView, _ page: Page) -> String {
    if peer.backlogRecords == 0 { return "–" }
    return peer.backlogBytes.map { Figures.bytes(Int64(clamping: $0), page.language) } ?? "?"
  }

  /// For how long something has waited for it.
  private static func since(_ peer: PeerSyncView, _ page: Page) -> String {
    if peer.backlogRecords == 0 { return "–" }
    return peer.backlogSeconds.map { Spans.text(milliseconds: $0 * 1_000, page.language) } ?? "?"
  }

  private static func tone(of state: String) -> Style.Tone {
    switch state {
    case "even", "called": .good
    case "unreachable": .bad
    case "absent": .warning
    default: .plain
    }
  }

  static func lines(_ came: BundleImportView, _ page: Page) -> [String] {
    if let count = came.acknowledged {
      return page.wrap(.receiptRead(String(came.maker.prefix(16)), count))
    }
    var lines = page.wrap(.bundleRead(kept: came.kept, known: came.known))
    if came.waiting > 0 { lines += page.wrap(.recordsWait(came.waiting)) }
    if came.dropped > 0 { lines += page.wrap(.recordsDropped(came.dropped)) }
    switch came.ending {
    case .whole: break
    case .cut: lines += page.wrap(.bundleCut).map { page.tone(.warning, $0) }
    case .forged: lines += page.wrap(.bundleForged).map { page.tone(.bad, $0) }
    }
    return lines
  }
}
