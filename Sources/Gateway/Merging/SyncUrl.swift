internal import Web

/// Where another node is reached: `http://hub.example:8421/prefix`. Under the prefix lies `/sync`.
///
/// Behind `#pin=` of an https address stands the key that the server has to show: it goes wherever
/// the address goes, into an invitation, its QR code, and the file of the peers.
struct SyncUrl: Hashable, Sendable, CustomStringConvertible {
  /// Scheme, host and port.
  let origin: String
  /// What stands before `/sync`, without a slash at its end; empty for none.
  let prefix: String
  /// The key that has to be shown there; nil where authorities decide.
  var pin: PublicKeyPin?

  /// Scheme, host, port and prefix.
  var description: String { origin + prefix }
  /// The same with the pin.
  var text: String { pin.map { description + Self.pinMark + "\($0)" } ?? description }
  /// Whether TLS is spoken there.
  var isEncrypted: Bool { origin.hasPrefix("https://") }

  private static let pinMark = "#pin="

  /// Reads one; nil where the text is none, names a person, or asks for something.
  init?(_ text: String) {
    guard text.utf8.count <= 1_024, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let text = parts[0]
    guard !text.contains("@"), !text.contains("?") else { return nil }
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
    guard parts.count > 1 else { return }
    guard isEncrypted, let pin = Self.pin(of: "#" + parts[1]) else { return nil }
    self.pin = pin
  }

  private static func pin(of fragment: String) -> PublicKeyPin? {
    guard fragment.hasPrefix(pinMark) else { return nil }
    return PublicKeyPin(text: fragment.dropFirst(pinMark.count))
  }

  /// The same with a path at its end, unless it is there already: people give the address of the
  /// daemon, or that of one of its sites.
  func below(_ path: String) -> SyncUrl {
    guard !prefix.hasSuffix(path), var below = SyncUrl(description + path) else { return self }
    below.pin = pin
    return below
  }

  /// The same with another pin, or none; nil for a pin where no TLS is spoken.
  func pinned(to pin: PublicKeyPin?) -> SyncUrl? {
    guard isEncrypted || pin == nil else { return nil }
    var url = self
    url.pin = pin
    return url
  }
}
