internal import Model

/// Commands and their lives, drawn.
enum CommandPage {
  static func list(_ commands: [CommandView], names: [String: String], _ page: Page) -> [String] {
    guard !commands.isEmpty else { return page.wrap(.noCommands) }
    var table = Table([
      .init(heading: page.say(.headId)),
      .init(heading: page.say(.headDevice), columnsMin: 10),
      .init(heading: page.say(.headCommand), columnsMin: 10),
      .init(heading: page.say(.headOutcome), columnsMin: 30),
      .init(heading: page.say(.headIssued)),
    ])
    for command in commands {
      table.add([
        .init(String(command.id.prefix(8)), .faint),
        .init(names[command.device] ?? command.device), .init(words(command)),
        .init(outcome(command, page), tone(command.state)),
        .init(page.ago(bootUs: command.issuedUs), .faint),
      ])
    }
    return page.lines(table)
  }

  /// One command with everything that is known of it.
  static func show(_ command: CommandView, names: [String: String], _ page: Page) -> [String] {
    var facts: [(Message, String)] = [
      (.factId, command.id), (.factDevice, names[command.device] ?? command.device),
      (.factState, outcome(command, page)),
    ]
    if let value = command.value { facts.append((.factValue, "\(value)")) }
    facts.append((.factIssued, page.ago(bootUs: command.issuedUs) + ", " + command.issuer))
    let life = Spans.text(milliseconds: Int64(command.lifeMs), page.language)
    facts.append((.factLife, life))
    if command.leaseMs > 0 {
      facts.append((.factLease, Spans.text(milliseconds: Int64(command.leaseMs), page.language)))
    }
    return [page.tone(.strong, TextWidth.harmless(words(command)))] + DevicePage.facts(facts, page)
  }

  /// The command as it was typed.
  static func words(_ command: CommandView) -> String {
    ([command.name] + command.arguments).joined(separator: " ")
  }

  /// The state, with its reason where there is one.
  static func outcome(_ command: CommandView, _ page: Page) -> String {
    let state = page.say(.commandState(command.state))
    return command.reason.map { state + page.say(.colon) + page.say(.reason($0)) } ?? state
  }

  /// The states passed so far, as one line.
  static func life(_ states: [CommandView.State], of command: CommandView, _ page: Page) -> String {
    let passed = states.dropLast().map { page.tone(.faint, page.say(.commandState($0))) }
    let last = page.tone(tone(command.state), TextWidth.harmless(outcome(command, page)))
    return TextWidth.harmless(words(command)) + page.say(.colon)
      + (passed + [last]).joined(separator: " → ")
  }

  static func tone(_ state: CommandView.State) -> Style.Tone {
    switch state {
    case .queued, .claimed, .running: .plain
    case .acked: .good
    case .failed, .refused: .bad
    case .unknown, .cancelled: .warning
    }
  }
}
