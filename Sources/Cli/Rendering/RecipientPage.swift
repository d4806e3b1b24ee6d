internal import Model

/// Whom alarms are told to, drawn.
enum RecipientPage {
  static func lines(_ list: RecipientsList, _ page: Page) -> [String] {
    let unreadable = list.unreadable > 0 ? page.wrap(.unreadableRecipients(list.unreadable)) : []
    guard !list.recipients.isEmpty else { return page.wrap(.noRecipients) + unreadable }
    var table = Table([
      .init(heading: page.say(.headId)), .init(heading: page.say(.headName), columnsMin: 8),
      .init(heading: page.say(.headAddress), columnsMin: 12),
      .init(heading: page.say(.headFromSeverity)), .init(heading: page.say(.headWaiting)),
      .init(heading: page.say(.headNote), columnsMin: 6),
    ])
    for view in list.recipients {
      let recipient = view.recipient
      let note =
        recipient.enabled == false
        ? page.say(.ruleOff) : view.reason ?? (view.conflict ? page.say(.changedTwice) : "")
      let place =
        recipient.address
        ?? [recipient.device, recipient.command].compactMap(\.self).joined(separator: " ")
      let waits = view.state.map { page.say(.outputState($0)) } ?? "\(view.waiting)"
      table.add([
        .init(view.id), .init(recipient.name), .init(place),
        .init(page.say(.severity(recipient.severity))), .init(waits),
        .init(note, .warning),
      ])
    }
    return page.lines(table) + unreadable
  }
}
