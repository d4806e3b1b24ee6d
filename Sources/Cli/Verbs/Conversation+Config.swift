internal import Model
internal import Web

/// `config conflicts` and `config decide`: what was set in two places at once; `config restore`:
/// what was set before.
extension Conversation {
  /// What of `config` is asked of the daemon; the rest reads the files itself.
  nonisolated static let configWords: Set<String> = ["conflicts", "decide", "restore"]

  func config() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    if words.first == "decide" {
      try arguments.expect(positionals: 3...3, form: "config decide CONFLICT NUMBER")
      return try await decide(words[1], words[2])
    }
    if words.first == "restore" {
      try arguments.expect(positionals: 2...2, form: "config restore ENTRY")
      let bytes = try await daemon.send(
        .post, Self.target("audit", words[1], "restoration"), [String: String]())
      if settings.isJson { write(json: bytes) } else { done(.valueRestored) }
      return .success
    }
    try arguments.expect(positionals: 1...1, form: "config conflicts")
    let bytes = try await daemon.bytes("/conflicts")
    if settings.isJson {
      write(json: bytes)
    } else {
      output.write(lines: ConflictPage.lines(try Daemon.decode(ConflictsList.self, bytes), page))
    }
    return .success
  }

  private func decide(_ id: String, _ number: String) async throws(Failure) -> ExitCode {
    let found = try Daemon.decode(ConflictsList.self, try await daemon.bytes("/conflicts"))
    guard let conflict = found.conflicts.first(where: { $0.id == id }) else {
      throw Failure(.notFound, .noConflict(id))
    }
    guard let at = Int(number), conflict.values.indices.contains(at - 1) else {
      throw .usage(.conflictNumber(conflict.values.count), verb: "config")
    }
    let bytes = try await daemon.send(
      .post, "/conflicts/\(id)/decide", ConflictDecision(record: conflict.values[at - 1].record))
    if settings.isJson {
      write(json: bytes)
    } else {
      done(.conflictDecided)
    }
    return .success
  }
}
