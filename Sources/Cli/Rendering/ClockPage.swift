internal import Model

/// Boots of the node, drawn.
enum ClockPage {
  static func list(_ clocks: [ClockEpochView], _ page: Page) -> [String] {
    guard !clocks.isEmpty else { return page.wrap(.noClocks) }
    var table = Table([
      .init(heading: page.say(.headId)), .init(heading: page.say(.headBegan)),
      .init(heading: page.say(.headLast)), .init(heading: page.say(.headDatedBy)),
      .init(heading: page.say(.headUncertainty)),
      .init(heading: page.say(.headNote), columnsMin: 10),
    ])
    for clock in clocks {
      let isDated = clock.basis != .nothing
      let ended = clock.isPresent ? page.say(.clockPresent) : time(clock.toUs, page)
      table.add([
        .init(String(clock.epoch.prefix(8)), .faint),
        .init(
          isDated ? time(clock.fromUs, page) : "?" + time(clock.claimedUs, page),
          isDated ? .plain : .warning),
        .init(ended), .init(page.say(.clockBasis(clock.basis, clock.anchors))),
        .init(bound(clock.boundUs, page)), .init(note(clock, page)),
      ])
    }
    return page.lines(table)
  }

  /// From when to when a boot is dated, for the middle of a sentence.
  static func span(_ clock: ClockEpochView, _ page: Page) -> String {
    guard clock.fromUs != nil else { return "?" }
    return time(clock.fromUs, page) + " – " + time(clock.toUs, page) + " "
      + bound(clock.boundUs, page)
  }

  private static func note(_ clock: ClockEpochView, _ page: Page) -> String {
    guard let override = clock.override else { return "" }
    return override.note.isEmpty
      ? override.author : "\(override.note) (\(override.author))"
  }

  /// To the second: boots are counted in hours and days.
  private static func time(_ us: Int64?, _ page: Page) -> String {
    guard let us else { return "?" }
    return String(WallTime.text(us: us, inUtc: page.isInUtc).prefix { $0 != "." })
  }

  static func bound(_ us: Int64?, _ page: Page) -> String {
    guard let us else { return "" }
    let milliseconds = us / 1_000 + (us % 1_000 > 0 ? 1 : 0)
    return "± " + Spans.text(milliseconds: milliseconds, page.language)
  }
}
