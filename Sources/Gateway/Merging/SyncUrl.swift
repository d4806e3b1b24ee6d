/// Where another node is reached: `http://hub.example:8421/prefix`. Under the prefix lies `/sync`.
struct SyncUrl: Hashable, Sendable, CustomStringConvertible {
  /// Scheme, host and port.
  let origin: String
  /// What stands before `/sync`, without a slash at its end; empty for none.
  let prefix: String

  var description: String { origin + prefix }

  /// Reads one; nil where the text is none, names a person, or asks for something.
  init?(_ text: String) {
    guard text.utf8.count <= 1_024, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      !text.contains("@"), !text.contains("?"), !text.contains("#")
    else { return nil }
    let schemes = ["http://", "https://"]
    guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }) else {
      return nil
    }
    let rest = text.dropFirst(scheme.count)
    let end = rest.firstIndex(of: "/") ?? rest.endIndex
    let host = rest[..<end]
    guard !host.isEmpty, host.utf8.count <= 300 else { return nil }
    origin = scheme + host
    var path = rest[end...]
    while path.hasSuffix("/") { path = path.dropLast() }
    prefix = String(path)
  }

  /// The same with a path at its end, unless it is there already: people give the address of the
  /// daemon, or that of one of its sites.
  func below(_ path: String) -> SyncUrl {
    prefix.hasSuffix(path) ? self : SyncUrl(description + path) ?? self
  }
}
