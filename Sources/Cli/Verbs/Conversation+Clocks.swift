internal import Model
internal import Reactor
internal import Web

/// `clock`: when the node's boots were.
extension Conversation {
  private static let clockWords = ["list", "set", "reset"]

  func clock() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "list"
    for option in ["uptime", "shown", "now", "within", "note", "anyway"]
    where arguments.has(option) && word != "set" {
      throw .usage(.optionNeedsOther("--" + option, "clock set"), verb: "clock")
    }
    switch word {
    case "list":
      try arguments.expect(positionals: 0...1, form: "clock [list]")
      return try await listClocks()
    case "set":
      try arguments.expect(positionals: 2...3, form: "clock set EPOCH TIME")
      return try await setClock(words[1], words.count > 2 ? words[2] : nil)
    case "reset":
      try arguments.expect(positionals: 2...2, form: "clock reset EPOCH")
      let bytes = try await daemon.bytes(.delete, Self.target("clocks", words[1]))
      return try show(bytes, Message.clockReset)
    default:
      let close = Suggestion.closest(to: word, among: Self.clockWords)
      throw .usage(
        .unknownWord(word, after: "clock", Self.clockWords, suggestion: close), verb: "clock")
    }
  }

  private func listClocks() async throws(Failure) -> ExitCode {
    let bytes = try await daemon.bytes("/clocks")
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let list = try Daemon.decode(ClocksList.self, bytes)
    output.write(lines: ClockPage.list(list.clocks, page))
    return .success
  }

  private func setClock(_ epoch: String, _ text: String?) async throws(Failure) -> ExitCode {
    let ways = ["uptime", "shown", "now"].filter { arguments.has($0) }
    guard ways.count < 2 else {
      throw .usage(.optionsExclude("--" + ways[0], "--" + ways[1]), verb: "clock")
    }
    let nowUs = Clock.wallUs()
    var wanted = ClockOverrideRequest(
      utcUs: 0, boundUs: try span("within"), note: arguments["note"],
      anyway: arguments.has("anyway") ? true : nil)
    guard let text else { throw .usage(.missingArgument("clock set EPOCH TIME"), verb: "clock") }
    guard let utcUs = TimeArgument.microseconds(text, nowUs: nowUs) else {
      throw .usage(.notATime("TIME", text), verb: "clock")
    }
    wanted.utcUs = utcUs
    wanted.bootUs = try await bootUs(epoch, nowUs)
    let bytes = try await daemon.send(.put, Self.target("clocks", epoch), wanted)
    return try show(bytes, Message.clockSet)
  }

  /// Which time of the boot is meant; nil for its beginning.
  private func bootUs(_ epoch: String, _ nowUs: Int64) async throws(Failure) -> Int64? {
    if let us = try span("uptime") { return us }
    if arguments.has("now") {
      guard epoch == "present" else { throw .usage(.clockNowIsPresent, verb: "clock") }
      return Clock.bootUs()
    }
    guard let text = arguments["shown"] else { return nil }
    guard let shownUs = TimeArgument.microseconds(text, nowUs: nowUs) else {
      throw .usage(.notATime("--shown", text), verb: "clock")
    }
    let list = try await daemon.get(ClocksList.self, "/clocks")
    let found = list.clocks.filter {
      epoch == "present" ? $0.isPresent : $0.epoch.hasPrefix(epoch)
    }
    // What it does not know or finds ambiguous the daemon says better.
    guard found.count == 1, let beganUs = found[0].fromUs ?? found[0].claimedUs else { return nil }
    let bootUs = shownUs.subtractingReportingOverflow(beganUs)
    guard !bootUs.overflow, bootUs.partialValue >= 0 else {
      let began = WallTime.text(us: beganUs, inUtc: settings.isInUtc)
      throw .usage(.clockShownBefore(text, began), verb: "clock")
    }
    return bootUs.partialValue
  }

  /// A length of time in µs; nil when the option was not given.
  private func span(_ name: String) throws(Failure) -> Int64? {
    guard let text = arguments[name] else { return nil }
    guard let value = Spans.milliseconds(text) else {
      throw .usage(.notADuration("--" + name, text), verb: "clock")
    }
    return value * 1_000
  }

  private func show(
    _ bytes: [UInt8], _ said: (String, String) -> Message
  ) throws(Failure) -> ExitCode {
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let clock = try Daemon.decode(ClockEpochView.self, bytes)
    write(said(String(clock.epoch.prefix(8)), ClockPage.span(clock, page)))
    return .success
  }
}
