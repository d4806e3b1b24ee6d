internal import Model
internal import Reactor
internal import Web

/// `snapshots`: pictures of devices.
extension Conversation {
  /// What a file of each type begins with; the daemon looks closer.
  private static let pictures: [(magic: [UInt8], mediaType: String)] = [
    ([0xFF, 0xD8, 0xFF], "image/jpeg"), ([0x89, 0x50, 0x4E, 0x47], "image/png"),
  ]

  func snapshots() async throws(Failure) -> ExitCode {
    let words = arguments.positionals
    let word = words.first ?? ""
    let part = ["add", "get"].contains(word) ? word : "list"
    try only(["note": ["add"], "force": ["get"], "limit": ["list"]], part, of: "snapshots")
    switch part {
    case "add":
      try arguments.expect(positionals: 3...3, form: "snapshots add DEVICE FILE")
      return try await addSnapshot(words[1], words[2])
    case "get":
      try arguments.expect(positionals: 3...3, form: "snapshots get HASH FILE")
      return try await getSnapshot(words[1], words[2])
    default:
      try arguments.expect(positionals: 0...1, form: "snapshots [DEVICE]")
      return try await listSnapshots(words.first)
    }
  }

  private func listSnapshots(_ device: String?) async throws(Failure) -> ExitCode {
    let limit = try arguments.count("limit", max: CliLimits.snapshotsMax) ?? 50
    var query = Query()
    query.add("limit", "\(limit)")
    let target = device.map { Self.target("devices", $0, "snapshots") } ?? "/snapshots"
    let bytes = try await daemon.bytes(target, query)
    if settings.isJson {
      write(json: bytes)
    } else {
      let found = try Daemon.decode(SnapshotsPage.self, bytes)
      output.write(lines: SnapshotPage.lines(found, names: try await names(), page))
    }
    return .success
  }

  private func addSnapshot(_ device: String, _ file: String) async throws(Failure) -> ExitCode {
    let content: [UInt8]
    do throws(Errno) {
      content = try System.readFile(file, bytesMax: CliLimits.snapshotBytesMax)
    } catch {
      throw Failure(.failure, .fileUnusable(file, "\(error)"))
    }
    guard let picture = Self.pictures.first(where: { content.starts(with: $0.magic) }) else {
      throw Failure(.usage, .notAPicture(file))
    }
    var query = Query()
    if let note = arguments["note"] { query.add("note", note) }
    let bytes = try await daemon.post(
      bytes: content, mediaType: picture.mediaType, Self.target("devices", device, "snapshots"),
      query)
    let added = try Daemon.decode(SnapshotView.self, bytes)
    if settings.isJson { write(json: bytes) } else { write(.snapshotAdded(added.hash)) }
    return .success
  }

  private func getSnapshot(_ hash: String, _ file: String) async throws(Failure) -> ExitCode {
    guard arguments.has("force") || !System.exists(file) else {
      throw Failure(.failure, .fileIsThere(file), next: .sayForce)
    }
    let content = try await daemon.bytes(Self.target("snapshots", try await whole(hash)))
    do throws(Errno) {
      try System.writeFile(file, content, mode: 0o644)
    } catch {
      throw Failure(.failure, .fileUnusable(file, "\(error)"))
    }
    write(.snapshotWritten(file, Figures.bytes(Int64(content.count), settings.language)))
    return .success
  }

  /// The hash that a beginning of it names among the newest.
  private func whole(_ hash: String) async throws(Failure) -> String {
    guard hash.utf8.count < 64 else { return hash }
    var query = Query()
    query.add("limit", "\(CliLimits.snapshotsMax)")
    let found = try await daemon.get(SnapshotsPage.self, "/snapshots", query)
    let matches = Set(found.snapshots.map(\.hash).filter { $0.hasPrefix(hash) })
    guard let only = matches.first else { throw Failure(.notFound, .noSnapshot(hash)) }
    guard matches.count == 1 else {
      throw Failure(.notFound, .ambiguousHash(hash, matches.count))
    }
    return only
  }
}
