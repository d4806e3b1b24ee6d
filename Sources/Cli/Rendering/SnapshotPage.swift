internal import Model

/// Pictures of devices, drawn as a list.
enum SnapshotPage {
  /// Digits of a hash that are shown.
  private static let digits = 12

  static func lines(
    _ found: SnapshotsPage, names: [String: String], _ page: Page
  ) -> [String] {
    guard !found.snapshots.isEmpty else { return page.wrap(.noSnapshots) }
    var table = Table([
      .init(heading: page.say(.headHash)), .init(heading: page.say(.headTaken)),
      .init(heading: page.say(.headDevice), columnsMin: 8),
      .init(heading: page.say(.headSize)), .init(heading: page.say(.headContent)),
      .init(heading: page.say(.headNote), columnsMin: 6),
    ])
    for view in found.snapshots {
      let content = page.say(
        .snapshotContent(view.content.rawValue, gateway: view.gateway))
      // Before a time that nobody can bound, as before an uncertain reading.
      let mark = view.boundUs == nil ? "?" : " "
      let taken = WallTime.text(us: view.takenUs, inUtc: page.isInUtc).prefix { $0 != "." }
      table.add([
        .init(String(view.hash.prefix(Self.digits))), .init(mark + taken),
        .init(names[view.device] ?? view.device),
        .init(Figures.bytes(view.size, page.language)),
        .init(content, view.content == .damaged ? .bad : .plain), .init(view.note ?? ""),
      ])
    }
    let more = found.total - found.snapshots.count
    return page.lines(table) + (more > 0 ? page.wrap(.moreSnapshots(more)) : [])
  }
}
