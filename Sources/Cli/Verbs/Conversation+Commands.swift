internal import Model
internal import Reactor
internal import Web

extension Conversation {
  func send() async throws(Failure) -> ExitCode {
    try arguments.expect(
      positionals: 2...CliLimits.argumentsMax, form: "send DEVICE COMMAND [ARGUMENT...]")
    let words = arguments.positionals
    let order = CommandRequest(
      name: words[1], arguments: Array(words.dropFirst(2)),
      lifeMs: try arguments.milliseconds("life"), leaseMs: try arguments.milliseconds("lease"))
    let bytes = try await daemon.send(.post, Self.target("devices", words[0], "commands"), order)
    let command = try Daemon.decode(CommandView.self, bytes)
    guard !arguments.has("no-wait") else {
      if settings.isJson { write(json: bytes) } else { write(.sent(command.id)) }
      return .success
    }
    let end = try await follow(command)
    if settings.isJson { try output.write(json: end) }
    return end.state == .acked ? .success : .failure
  }

  /// Shows the life of a command to its end: in place on a terminal, else a line for each state.
  private func follow(_ issued: CommandView) async throws(Failure) -> CommandView {
    var command = issued
    var states = [command.state]
    showLife(states, command)
    onInterrupt = { [weak self] in
      self?.endLife()
      self?.output.note(self?.say(.goesOn(issued.id)) ?? "")
      return false
    }
    var pauseUs = CliLimits.lifePollUs.first
    while !command.state.isFinal {
      await Pause.wait(us: pauseUs)
      pauseUs = min(pauseUs * 2, CliLimits.lifePollUs.most)
      command = try await daemon.get(CommandView.self, Self.target("commands", issued.id))
      guard command.state != states.last else { continue }
      states.append(command.state)
      showLife(states, command)
    }
    endLife()
    return command
  }

  private func showLife(_ states: [CommandView.State], _ command: CommandView) {
    guard !settings.isJson else { return }
    if output.isTerminal {
      output.write("\r\u{1B}[K" + CommandPage.life(states, of: command, page))
    } else {
      output.write(lines: [CommandPage.life(states.suffix(1), of: command, page)])
    }
  }

  private func endLife() {
    if output.isTerminal, !settings.isJson { output.write("\n") }
  }

  func commands() async throws(Failure) -> ExitCode {
    if arguments.positionals.first == "show" {
      try arguments.expect(positionals: 2...2, form: "commands show COMMAND")
      return try await showCommand(arguments.positionals[1])
    }
    try arguments.expect(positionals: 0...1, form: "commands [DEVICE]")
    var query = Query()
    if let device = arguments.positionals.first { query.add("device", device) }
    query.add("limit", "\(try arguments.count("limit", max: 1_000) ?? 20)")
    let bytes = try await daemon.bytes("/commands", query)
    if settings.isJson {
      write(json: bytes)
    } else {
      let commands = try Daemon.decode([CommandView].self, bytes)
      output.write(lines: CommandPage.list(commands, names: try await names(), page))
    }
    return .success
  }

  private func showCommand(_ id: String) async throws(Failure) -> ExitCode {
    let bytes = try await daemon.bytes(Self.target("commands", try await wholeId(id)))
    if settings.isJson {
      write(json: bytes)
    } else {
      let command = try Daemon.decode(CommandView.self, bytes)
      output.write(lines: CommandPage.show(command, names: try await names(), page))
    }
    return .success
  }

  /// The id that begins so, among the newest: the list shows eight digits of it.
  private func wholeId(_ text: String) async throws(Failure) -> String {
    guard text.count < 32 else { return text }
    let known = try await daemon.get(
      [CommandView].self, "/commands", ["limit": "1000"])
    let found = known.filter { $0.id.hasPrefix(text) }
    guard found.count < 2 else {
      throw Failure(
        .notFound,
        .problem(
          "ambiguous", ["device": text, "candidates": found.map(\.id).joined(separator: ", ")],
          detail: "\"\(text)\" begins several ids"), next: .moreDigits)
    }
    return found.first?.id ?? text
  }
}

/// Waits on the loop.
@Loop enum Pause {
  static func wait(us: Int64) async {
    var timer: LoopTimer?
    await withCheckedContinuation { continuation in
      timer = LoopTimer { continuation.resume() }
      timer?.arm(afterUs: us)
    }
    timer?.cancel()
  }
}
