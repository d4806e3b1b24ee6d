internal import Model

/// What was set in two places at once, drawn.
enum ConflictPage {
  static func lines(_ list: ConflictsList, _ page: Page) -> [String] {
    guard !list.conflicts.isEmpty else { return page.wrap(.noConflicts) }
    var lines: [String] = []
    for conflict in list.conflicts {
      if !lines.isEmpty { lines.append("") }
      lines.append(page.tone(.strong, conflict.id))
      for (at, value) in conflict.values.enumerated() {
        let when = (value.trusted ? "" : "?") + WallTime.text(us: value.atUs, inUtc: page.isInUtc)
        let head = Message(verbatim: "\(at + 1)  \(when)  \(value.author) (\(value.node))  ")
        let what = Message.audited(value.what, value.parameters)
        let holds = at == 0 ? Message.conflictHolds : Message(verbatim: "")
        lines += page.wrap(.joined([head, what, holds], separator: ""), indent: "   ")
      }
    }
    return lines + [""] + page.wrap(.conflictHint(list.conflicts[0].id))
  }
}
