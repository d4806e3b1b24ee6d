internal import Model

/// Deletions, annotations and late values, drawn.
enum FactPage {
  static func deletions(
    _ deletions: [DeletionView], names: [String: String], _ page: Page
  ) -> [String] {
    guard !deletions.isEmpty else { return page.wrap(.noDeletions) }
    var table = Table([
      .init(heading: page.say(.headId)),
      .init(heading: page.say(.headDevice), columnsMin: 10),
      .init(heading: page.say(.headChannel)),
      .init(heading: page.say(.headFrom)), .init(heading: page.say(.headTo)),
      .init(heading: page.say(.headAuthor)),
      .init(heading: page.say(.headReason), columnsMin: 10),
    ])
    for deletion in deletions {
      table.add([
        .init(String(deletion.id.prefix(8)), .faint),
        .init(names[deletion.device] ?? deletion.device), .init(deletion.channel ?? "*"),
        .init(time(deletion.fromUs, page)), .init(time(deletion.toUs, page)),
        .init(deletion.author), words(deletion.reason, deletion.undone, page),
      ])
    }
    return page.lines(table)
  }

  static func annotations(
    _ annotations: [AnnotationView], names: [String: String], _ page: Page
  ) -> [String] {
    guard !annotations.isEmpty else { return page.wrap(.noAnnotations) }
    var table = Table([
      .init(heading: page.say(.headId)), .init(heading: page.say(.headTime)),
      .init(heading: page.say(.headTo)),
      .init(heading: page.say(.headDevice), columnsMin: 8),
      .init(heading: page.say(.headChannel)), .init(heading: page.say(.headAuthor)),
      .init(heading: page.say(.headText), columnsMin: 16),
    ])
    for annotation in annotations {
      let isInstant = annotation.fromUs == annotation.toUs
      table.add([
        .init(String(annotation.id.prefix(8)), .faint), .init(time(annotation.fromUs, page)),
        .init(isInstant ? "" : time(annotation.toUs, page)),
        .init(annotation.device.map { names[$0] ?? $0 } ?? "*"),
        .init(annotation.channel ?? "*"), .init(annotation.author),
        words(annotation.text, annotation.removed, page),
      ])
    }
    return page.lines(table)
  }

  static func late(
    _ entries: [LateValuesView], names: [String: String], _ page: Page
  ) -> [String] {
    guard !entries.isEmpty else { return page.wrap(.noLateValues) }
    var table = Table([
      .init(heading: page.say(.headId)),
      .init(heading: page.say(.headDevice), columnsMin: 10),
      .init(heading: page.say(.headChannel)),
      .init(heading: page.say(.headCount), onRight: true),
      .init(heading: page.say(.headFrom)), .init(heading: page.say(.headLast)),
      .init(heading: page.say(.headAuthor)),
      .init(heading: page.say(.headNote), columnsMin: 10),
    ])
    for entry in entries {
      table.add([
        .init(String(entry.id.prefix(8)), .faint), .init(names[entry.device] ?? entry.device),
        .init(entry.channel), .init("\(entry.count)"), .init(time(entry.firstUs, page)),
        .init(time(entry.lastUs, page)), .init(entry.author),
        words(entry.note, entry.withdrawn, page),
      ])
    }
    return page.lines(table)
  }

  /// A time to the second: who hides an hour does not look at milliseconds.
  private static func time(_ us: Int64, _ page: Page) -> String {
    let text = WallTime.text(us: us, inUtc: page.isInUtc)
    return us % 1_000_000 == 0 ? String(text.prefix(while: { $0 != "." })) : text
  }

  private static func words(
    _ text: String, _ withdrawn: WithdrawalView?, _ page: Page
  ) -> Table.Cell {
    guard let withdrawn else { return .init(text) }
    let mark = page.say(.takenBackBy(withdrawn.author))
    return .init(text.isEmpty ? mark : text + " " + mark, .warning)
  }
}
