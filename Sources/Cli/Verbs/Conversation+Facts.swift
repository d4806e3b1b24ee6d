internal import Model
internal import Reactor
internal import Web

/// `delete`, `undelete`, `annotate` and `add`: what people hide, say and add.
extension Conversation {
  // MARK: Deletions

  func delete() async throws(Failure) -> ExitCode {
    if arguments.has("list") { return try await listDeletions() }
    try arguments.expect(positionals: 1...2, form: "delete DEVICE [CHANNEL]")
    let words = arguments.positionals
    guard let from = try time("from", verb: "delete"), let to = try time("to", verb: "delete")
    else { throw .usage(.deletionNeedsSpan, verb: "delete") }
    let channel = words.count > 1 ? words[1] : nil
    let question = Message.askDelete(
      words[0], channel, WallTime.text(us: from, inUtc: settings.isInUtc),
      WallTime.text(us: to, inUtc: settings.isInUtc))
    guard confirms(question) else { return .failure }
    let body = DeletionRequest(
      device: words[0], channel: channel, fromUs: from, toUs: to, reason: arguments["reason"])
    let bytes = try await daemon.send(.post, "/deletions", body)
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    for deletion in try Daemon.decode(DeletionsPage.self, bytes).deletions {
      write(.deleted(String(deletion.id.prefix(8))))
    }
    return .success
  }

  func undelete() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 1...1, form: "undelete ID")
    return try await takeBack("deletions", arguments.positionals[0], "undo", Message.undeleted)
  }

  private func listDeletions() async throws(Failure) -> ExitCode {
    let query = try factsQuery(verb: "delete")
    let bytes = try await daemon.bytes("/deletions", query)
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let found = try Daemon.decode(DeletionsPage.self, bytes)
    output.write(lines: FactPage.deletions(found.deletions, names: try await names(), page))
    noteMore(found.next)
    return .success
  }

  // MARK: Annotations

  func annotate() async throws(Failure) -> ExitCode {
    if arguments.has("list") { return try await listAnnotations() }
    if let id = arguments["remove"] {
      try arguments.expect(positionals: 0...0, form: "annotate --remove ID")
      return try await takeBack("annotations", id, "remove", Message.annotationRemoved)
    }
    try arguments.expect(positionals: 1...3, form: "annotate [DEVICE [CHANNEL]] TEXT")
    let words = arguments.positionals
    let from = try time("from", verb: "annotate")
    let at = try time("at", verb: "annotate")
    guard at == nil || (from == nil && !arguments.has("to")) else {
      throw .usage(.optionsExclude("--at", "--from"), verb: "annotate")
    }
    let body = AnnotationRequest(
      device: words.count > 1 ? words[0] : nil, channel: words.count > 2 ? words[1] : nil,
      fromUs: at ?? from ?? Clock.wallUs(), toUs: try time("to", verb: "annotate"),
      text: words[words.count - 1])
    let bytes = try await daemon.send(.post, "/annotations", body)
    if settings.isJson {
      write(json: bytes)
    } else {
      write(.annotated(String(try Daemon.decode(AnnotationView.self, bytes).id.prefix(8))))
    }
    return .success
  }

  private func listAnnotations() async throws(Failure) -> ExitCode {
    let query = try factsQuery(verb: "annotate")
    let bytes = try await daemon.bytes("/annotations", query)
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let found = try Daemon.decode(AnnotationsPage.self, bytes)
    output.write(lines: FactPage.annotations(found.annotations, names: try await names(), page))
    noteMore(found.next)
    return .success
  }

  // MARK: Late values

  func add() async throws(Failure) -> ExitCode {
    if arguments.has("list") { return try await listLate() }
    if let id = arguments["remove"] {
      try arguments.expect(positionals: 0...0, form: "add --remove ID")
      return try await takeBack("late-values", id, "withdraw", Message.lateWithdrawn)
    }
    try arguments.expect(positionals: 3...3, form: "add DEVICE CHANNEL VALUE")
    let words = arguments.positionals
    let value = settings.language == .french ? Figures.withPoint(words[2]) : words[2]
    let at = try time("at", verb: "add") ?? Clock.wallUs()
    let body = LateValuesRequest(
      device: words[0], channel: words[1], unit: arguments["unit"],
      boundUs: try arguments.milliseconds("within").map { Int64($0) * 1_000 },
      note: arguments["note"], values: [LateValue(timeUs: at, value: value)])
    let bytes = try await daemon.send(.post, "/late-values", body)
    if settings.isJson {
      write(json: bytes)
    } else {
      write(.lateAdded(String(try Daemon.decode(LateValuesView.self, bytes).id.prefix(8))))
    }
    return .success
  }

  private func listLate() async throws(Failure) -> ExitCode {
    let query = try factsQuery(verb: "add")
    let bytes = try await daemon.bytes("/late-values", query)
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let found = try Daemon.decode(LateValuesPage.self, bytes)
    output.write(lines: FactPage.late(found.lateValues, names: try await names(), page))
    noteMore(found.next)
    return .success
  }

  // MARK: What they share

  private func takeBack(
    _ kind: String, _ id: String, _ how: String, _ message: (String) -> Message
  ) async throws(Failure) -> ExitCode {
    let body = WithdrawalRequest(reason: arguments["reason"])
    let bytes = try await daemon.send(.post, Self.target(kind, id, how), body)
    if settings.isJson { write(json: bytes) } else { write(message(id)) }
    return .success
  }

  /// The parameters of a list: a device, a channel, a span.
  private func factsQuery(verb: String) throws(Failure) -> Query {
    try arguments.expect(positionals: 0...2, form: "\(verb) --list [DEVICE [CHANNEL]]")
    var query = Query()
    let words = arguments.positionals
    if let device = words.first { query.add("device", device) }
    if words.count > 1 { query.add("channel", words[1]) }
    for name in ["from", "to"] {
      if let us = try time(name, verb: verb) { query.add(name, "\(us)") }
    }
    if arguments.has("all") { query.add("all", "yes") }
    query.add("limit", "\(try arguments.count("limit", max: 1_000) ?? CliLimits.factsListed)")
    return query
  }

  private func noteMore(_ next: String?) {
    if next != nil { output.note(say(.moreFacts)) }
  }

  /// A point in time on the wall clock; nil when the option was not given.
  private func time(_ name: String, verb: String) throws(Failure) -> Int64? {
    guard let text = arguments[name] else { return nil }
    guard let us = TimeArgument.microseconds(text, nowUs: Clock.wallUs()) else {
      throw .usage(.notATime("--" + name, text), verb: verb)
    }
    return us
  }

  /// Asks a person at a terminal; a program, and who says --yes, are not asked.
  private func confirms(_ question: Message) -> Bool {
    guard output.isTerminal, !settings.isJson, !arguments.has("yes") else { return true }
    let answer = output.ask(say(question) + " " + say(.yesOrNo) + " ")
    let isYes = Message.yesWords.contains((answer ?? "").lowercased())
    if !isYes { write(.nothingDone) }
    return isYes
  }
}
