internal import Model
internal import Reactor
internal import Web

/// `user`: who may sign in.
extension Conversation {
  private static let userWords = ["list", "add", "password", "role", "remove"]

  func user() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "list"
    for (option, of) in [("role", ["add"]), ("password-file", ["add", "password"])]
    where arguments.has(option) && !of.contains(word) {
      throw .usage(
        .optionNeedsOther("--" + option, "user " + of.joined(separator: "|")), verb: "user")
    }
    switch word {
    case "list":
      try arguments.expect(positionals: 0...1, form: "user list")
      return try await listUsers()
    case "add":
      try arguments.expect(positionals: 2...2, form: "user add NAME")
      return try await addUser(words[1])
    case "password":
      try arguments.expect(positionals: 2...2, form: "user password NAME")
      return try await changeUser(
        words[1], UserChange(password: try password()), said: .passwordChanged(words[1]))
    case "role":
      try arguments.expect(positionals: 3...3, form: "user role NAME ROLE")
      guard let role = Role(rawValue: words[2]) else {
        throw .usage(
          .unknownWord(
            words[2], after: "user role \(words[1])", Role.allCases.map(\.rawValue),
            suggestion: nil), verb: "user")
      }
      return try await changeUser(
        words[1], UserChange(role: role), said: .roleChanged(words[1], role))
    case "remove":
      try arguments.expect(positionals: 2...2, form: "user remove NAME")
      try await daemon.delete(Self.target("users", words[1]), Query())
      done(.userRemoved(words[1]))
      return .success
    default:
      let close = Suggestion.closest(to: word, among: Self.userWords)
      throw .usage(
        .unknownWord(word, after: "user", Self.userWords, suggestion: close), verb: "user")
    }
  }

  private func listUsers() async throws(Failure) -> ExitCode {
    let bytes = try await daemon.bytes("/users")
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    output.write(lines: AccessPage.lines(try Daemon.decode(UsersList.self, bytes), page))
    return .success
  }

  private func addUser(_ name: String) async throws(Failure) -> ExitCode {
    let role = arguments["role"].flatMap { Role(rawValue: $0) } ?? .viewer
    let body = UserRequest(name: name, role: role, password: try password())
    let bytes = try await daemon.send(.post, "/users", body)
    if settings.isJson {
      write(json: bytes)
      return .success
    }
    let added = try Daemon.decode(UserView.self, bytes)
    write(.userAdded(added.name, added.role))
    return .success
  }

  private func changeUser(
    _ name: String, _ change: UserChange, said message: Message
  ) async throws(Failure) -> ExitCode {
    let bytes = try await daemon.send(.put, Self.target("users", name), change)
    if settings.isJson { write(json: bytes) } else { write(message) }
    return .success
  }

  /// The password of a file, else what a person types twice; never one of the command line, which
  /// everybody on the machine can read.
  private func password() throws(Failure) -> String {
    if let file = arguments["password-file"] { return try password(inFile: file) }
    guard let first = output.askSecret(say(.askPassword)) else {
      throw .usage(.passwordNeedsTerminal, verb: "user")
    }
    guard let second = output.askSecret(say(.askPasswordAgain)) else {
      throw Failure(.failure, .interrupted)
    }
    guard first == second else { throw Failure(.failure, .passwordsDiffer) }
    return first
  }

  private func password(inFile file: String) throws(Failure) -> String {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try System.readFile(file, bytesMax: CliLimits.passwordFileBytesMax)
    } catch {
      throw Failure(.failure, .passwordFileUnreadable(file, "\(error)"))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.failure, .passwordFileUnreadable(file, "UTF-8"))
    }
    return String(text.split(separator: "\n", omittingEmptySubsequences: false).first ?? "")
  }

  /// Says that something was done, to a person or to a program.
  func done(_ message: Message) {
    if settings.isJson { write(json: Array("{}".utf8)) } else { write(message) }
  }
}
