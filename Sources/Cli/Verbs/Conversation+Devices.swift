internal import Model
internal import Web

extension Conversation {
  func status() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...0, form: "status")
    let bytes = try await daemon.bytes("/status")
    if settings.isJson {
      write(json: bytes)
    } else {
      output.write(lines: StatusPage.lines(try Daemon.decode(StatusView.self, bytes), page))
    }
    return .success
  }

  private struct NameBody: Encodable {
    var name: String?

    func encode(to encoder: any Encoder) throws {
      // A nil is said, not left out: it takes the name away.
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(name, forKey: .name)
    }

    private enum Key: String, CodingKey { case name }
  }
  private struct OpenBody: Encodable { var always: Bool }
  private struct AssignBody: Encodable { var to: String }
  private struct AnswerBody: Encodable { var answer: String }
  private struct Nothing: Encodable {}

  func devices() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    switch words.first {
    case nil: return try await listDevices()
    case "list":
      try arguments.expect(positionals: 1...1, form: "devices list")
      return try await listDevices()
    case "show":
      try arguments.expect(positionals: 2...2, form: "devices show DEVICE")
      return try await show(device: words[1])
    case "name":
      return try await nameDevice()
    case "open":
      try arguments.expect(positionals: 2...2, form: "devices open DEVICE")
      return try await openDevice(words[1])
    case "forget":
      try arguments.expect(positionals: 2...2, form: "devices forget DEVICE")
      _ = try await daemon.send(.post, Self.target("devices", words[1], "forget"), Nothing())
      return done(.forgotten(words[1]))
    case "assign":
      try arguments.expect(positionals: 3...3, form: "devices assign NEW DEVICE")
      let target = Self.target("devices", words[1], "assign")
      let bytes = try await daemon.send(.post, target, AssignBody(to: words[2]))
      return done(.assigned(words[1], words[2]), bytes)
    case "answer":
      try arguments.expect(positionals: 3...3, form: "devices answer QUESTION ANSWER")
      return try await answer(words[2], to: words[1])
    case .some(let word):
      let known = ["list", "show", "name", "open", "forget", "assign", "answer"]
      let close = Suggestion.closest(to: word, among: known)
      throw .usage(.unknownWord(word, after: "devices", known, suggestion: close), verb: "devices")
    }
  }

  private func listDevices() async throws(Failure) -> ExitCode {
    let bytes = try await daemon.bytes("/devices")
    if settings.isJson {
      write(json: bytes)
    } else {
      output.write(lines: DevicePage.list(try Daemon.decode([DeviceView].self, bytes), page))
    }
    return .success
  }

  private func show(device: String) async throws(Failure) -> ExitCode {
    let bytes = try await daemon.bytes(Self.target("devices", device))
    if settings.isJson {
      write(json: bytes)
    } else {
      output.write(lines: DevicePage.show(try Daemon.decode(DeviceView.self, bytes), page))
    }
    return .success
  }

  private func nameDevice() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let target = words.count > 1 ? Self.target("devices", words[1], "name") : ""
    if arguments.has("remove") {
      try arguments.expect(positionals: 2...2, form: "devices name DEVICE --remove")
      let bytes = try await daemon.send(.put, target, NameBody())
      return done(.unnamed(words[1]), bytes)
    }
    try arguments.expect(positionals: 3...3, form: "devices name DEVICE NAME")
    let bytes = try await daemon.send(.put, target, NameBody(name: words[2]))
    return done(.named(words[1], words[2]), bytes)
  }

  private func openDevice(_ device: String) async throws(Failure) -> ExitCode {
    let body = OpenBody(always: arguments.has("always"))
    let bytes = try await daemon.send(.post, Self.target("devices", device, "open"), body)
    return done(body.always ? .openedAlways(device) : .opened(device), bytes)
  }

  /// What was done, for a person; the changed resource, for a program.
  private func done(_ message: Message, _ bytes: [UInt8] = []) -> ExitCode {
    if settings.isJson {
      write(json: bytes.isEmpty ? Array("{}".utf8) : bytes)
    } else {
      write(message)
    }
    return .success
  }

  func questions() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...0, form: "questions")
    let bytes = try await daemon.bytes("/questions")
    if settings.isJson {
      write(json: bytes)
    } else {
      let questions = try Daemon.decode([QuestionView].self, bytes)
      output.write(lines: QuestionPage.list(questions, page))
    }
    return .success
  }

  func answer() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 2...2, form: "answer QUESTION ANSWER")
    return try await answer(arguments.positionals[1], to: arguments.positionals[0])
  }

  private func answer(_ answer: String, to question: String) async throws(Failure) -> ExitCode {
    let target = Self.target("questions", question, "answer")
    _ = try await daemon.send(.post, target, AnswerBody(answer: answer))
    return done(.answered)
  }
}
