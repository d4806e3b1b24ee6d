/// An HTTP request method, as sent: `GET`, `POST` or any other token.
public struct Method: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The token, in the case it was sent in (methods are case-sensitive, RFC 9110 section 9.1).
  public let rawValue: String

  /// Makes a method of any token.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The token.
  public var description: String { rawValue }

  /// Reads, without effect.
  public static let get = Method(rawValue: "GET")
  /// Like `GET` without the body.
  public static let head = Method(rawValue: "HEAD")
  /// Creates or commands.
  public static let post = Method(rawValue: "POST")
  /// Replaces whole.
  public static let put = Method(rawValue: "PUT")
  /// Changes in part.
  public static let patch = Method(rawValue: "PATCH")
  /// Removes.
  public static let delete = Method(rawValue: "DELETE")
  /// Asks what is allowed.
  public static let options = Method(rawValue: "OPTIONS")

  /// Whether requests of this method carry a body whose type must be one the route accepts.
  var carriesBody: Bool { self == .post || self == .put || self == .patch }
}
