/// Whom a client takes a server for that speaks TLS with it.
public enum ServerTrust: Hashable, Sendable {
  /// The server for whose name an authority has signed: one of the system's, or of a file.
  case authorities(file: String?)
  /// Whoever has this key: no authority is asked, and no name, date or signature looked at.
  case pin(PublicKeyPin)

  var pinnedKey: String? { if case .pin(let pin) = self { pin.description } else { nil } }

  var authoritiesFile: String? { if case .authorities(let file) = self { file } else { nil } }
}
