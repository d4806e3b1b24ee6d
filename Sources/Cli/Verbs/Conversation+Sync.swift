internal import Glibc
internal import Model
internal import Reactor
internal import Web

/// `sync`: how records travel, by the network or as a file.
extension Conversation {
  private static let syncWords = ["status", "now", "export", "import"]

  func sync() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? "status"
    try only(["for": ["export"], "force": ["export"]], word, of: "sync")
    switch word {
    case "status":
      try arguments.expect(positionals: 0...1, form: "sync status")
      return try show(try await daemon.bytes("/sync"))
    case "now":
      try arguments.expect(positionals: 1...1, form: "sync now")
      return try show(try await daemon.send(.post, "/sync/now", [String: String]()))
    case "export":
      try arguments.expect(positionals: 2...2, form: "sync export FILE")
      return try await exportBundle(words[1])
    case "import":
      try arguments.expect(positionals: 2...2, form: "sync import FILE")
      return try await importBundle(words[1])
    default: throw unknown(word, of: "sync", Self.syncWords)
    }
  }

  private func show(_ bytes: [UInt8]) throws(Failure) -> ExitCode {
    if settings.isJson {
      write(json: bytes)
    } else {
      output.write(lines: SyncPage.lines(try Daemon.decode(SyncView.self, bytes), page))
    }
    return .success
  }

  // MARK: As a file

  private func exportBundle(_ file: String) async throws(Failure) -> ExitCode {
    guard arguments.has("force") || !System.exists(file) else {
      throw Failure(.failure, .fileIsThere(file), next: .sayForce)
    }
    let begun = try Daemon.decode(
      BundleTaskView.self,
      try await daemon.send(.post, "/sync/exports", BundleRequest(peer: arguments["for"])))
    let part = file + ".part"
    var byteCount = 0
    do throws(Failure) {
      let opened = try Self.file(part) { () throws(Errno) in
        try System.removeFile(part)
        return try System.openFile(part, flags: O_WRONLY | O_CREAT | O_EXCL)
      }
      while true {
        let piece = try await daemon.bytes("/sync/exports/" + begun.id)
        if piece.isEmpty { break }
        try Self.file(part) { () throws(Errno) in try System.writeAll(opened.raw, piece) }
        byteCount += piece.count
      }
      try Self.file(file) { () throws(Errno) in
        try System.sync(part)
        // Somebody may have been quicker.
        guard arguments.has("force") || !System.exists(file) else { throw .exists }
        try System.move(part, to: file)
      }
    } catch {
      do throws(Errno) { try System.removeFile(part) } catch {}
      throw error
    }
    if settings.isJson {
      write(json: try Self.json(BundleWritten(bytes: byteCount, file: file)))
    } else {
      write(.bundleWritten(file, Figures.bytes(Int64(byteCount), settings.language)))
    }
    return .success
  }

  private func importBundle(_ file: String) async throws(Failure) -> ExitCode {
    let opened = try Self.file(file) { () throws(Errno) in
      try System.openFile(file, flags: O_RDONLY)
    }
    let begun = try Daemon.decode(
      BundleTaskView.self, try await daemon.send(.post, "/sync/imports", [String: String]()))
    let target = "/sync/imports/" + begun.id
    while true {
      let piece = try Self.file(file) { () throws(Errno) in try Self.piece(of: opened.raw) }
      if piece.isEmpty { break }
      try await daemon.put(bytes: piece, target)
    }
    let bytes = try await daemon.send(.post, target + "/end", [String: String]())
    let came = try Daemon.decode(BundleImportView.self, bytes)
    if settings.isJson {
      write(json: bytes)
    } else {
      output.write(lines: SyncPage.lines(came, page))
    }
    if let receipt = came.receipt.flatMap({ Hex.bytes($0[...]) }) {
      writeReceipt(receipt, file + ".receipt")
    }
    return .success
  }

  /// Writes what the maker of a bundle is to be told beside it; where that cannot be done, the
  /// import counts all the same.
  private func writeReceipt(_ receipt: [UInt8], _ file: String) {
    do throws(Errno) {
      try System.writeFile(file, receipt, mode: 0o644)
      output.note(say(.receiptWritten(file)))
    } catch {
      output.note(say(.receiptNotWritten(file, "\(error)")))
    }
  }

  /// As much as one request carries, or what is left of the file.
  private static func piece(of raw: Int32) throws(Errno) -> [UInt8] {
    var piece: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: CliLimits.chunkBytes)
    while piece.count < CliLimits.bundlePieceBytes {
      guard case .count(let count) = try System.read(raw, into: &chunk), count > 0 else { break }
      piece += chunk.prefix(count)
    }
    return piece
  }

  private static func file<Outcome: ~Copyable>(
    _ path: String, _ work: () throws(Errno) -> Outcome
  ) throws(Failure) -> Outcome {
    do throws(Errno) { return try work() } catch {
      if error == .exists { throw Failure(.failure, .fileIsThere(path), next: .sayForce) }
      throw Failure(.failure, .fileUnusable(path, "\(error)"))
    }
  }

  private static func json(_ value: some Encodable) throws(Failure) -> [UInt8] {
    do { return try JSON.encode(value) } catch {
      throw Failure(.failure, .answerNotUnderstood(error.description))
    }
  }
}

/// What `sync export --json` writes.
private struct BundleWritten: Encodable {
  var bytes: Int
  var file: String
}
