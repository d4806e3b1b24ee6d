public import Model

/// Who may use a route. Every route names one: there is no default that one could forget to change.
public enum RouteAccess: Hashable, Sendable {
  /// Everybody, also who has not signed in.
  case open
  /// Whoever has a permission.
  case needs(Permission)
  /// Processes of this machine, over the unix socket.
  case localOnly
}

/// Who asks, once that is known.
public struct Caller: Hashable, Sendable {
  /// The ways to be known.
  public enum Who: Hashable, Sendable {
    /// A process of this machine, over the unix socket: the socket's mode is what guards it.
    case local(userId: UInt32)
    /// A person who has signed in.
    case user(name: String, role: Role, session: SessionKey)
    /// A program with a token.
    case token(name: String)
  }

  /// What a signed-in person's browser is known by.
  public struct SessionKey: Hashable, Sendable {
    /// The hash of what the browser shows.
    public var hash: [UInt8]
    /// What its changes must carry, in hexadecimal.
    public var csrf: String

    /// Puts a key together.
    public init(hash: [UInt8], csrf: String) {
      self.hash = hash
      self.csrf = csrf
    }
  }

  /// Who.
  public var who: Who
  /// What they may do.
  public var permissions: Permissions

  /// Names somebody.
  public init(_ who: Who, permissions: Permissions) {
    self.who = who
    self.permissions = permissions
  }

  /// As it is written into the journal: `local:1000`, `user:ada`, `token:Grafana`.
  public var author: String {
    switch who {
    case .local(let userId): "local:\(userId)"
    case .user(let name, _, _): "user:\(name)"
    case .token(let name): "token:\(name)"
    }
  }

  /// Whether it is a process of this machine.
  public var isLocal: Bool { if case .local = who { true } else { false } }
}
