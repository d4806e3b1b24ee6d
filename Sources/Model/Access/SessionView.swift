/// Who asks, as the API tells them.
public struct SessionView: Codable, Sendable, Equatable {
  /// Whether an administrator counts here; before that nobody can sign in.
  public var claimed: Bool
  /// The person who has signed in.
  public var user: String?
  /// What they are here.
  public var role: Role?
  /// The name of the token that was shown.
  public var token: String?
  /// What they may do.
  public var permissions: [Permission]
  /// What changes must carry in `X-Bivouac-CSRF` where a cookie says who asks.
  public var csrf: String?
  /// True over the unix socket.
  public var local: Bool?

  /// Nobody.
  public init(claimed: Bool) {
    self.claimed = claimed
    permissions = []
  }
}

/// The body of a request to sign in.
public struct SignInRequest: Codable, Sendable, Equatable {
  /// The name.
  public var user: String
  /// The password.
  public var password: String

  /// Puts a request together.
  public init(user: String, password: String) {
    self.user = user
    self.password = password
  }
}

/// The body of a request to become the first administrator.
public struct ClaimRequest: Codable, Sendable, Equatable {
  /// What stands on the daemon's terminal.
  public var code: String
  /// The name.
  public var user: String
  /// The password.
  public var password: String

  /// Puts a request together.
  public init(code: String, user: String, password: String) {
    self.code = code
    self.user = user
    self.password = password
  }
}

/// The body of a change of one's own password.
public struct PasswordRequest: Codable, Sendable, Equatable {
  /// What it was.
  public var old: String
  /// What it shall be.
  public var new: String

  /// Puts a request together.
  public init(old: String, new: String) {
    self.old = old
    self.new = new
  }
}

/// What the status tells of who may do what.
public struct AccessView: Codable, Sendable, Equatable {
  /// Whether an administrator counts.
  public var claimed: Bool
  /// What makes whoever types it the first one; only over the unix socket, and only until then.
  public var claimCode: String?
  /// How many are signed in.
  public var sessions: Int
  /// Attempts to sign in, or to claim, that failed since the start.
  public var loginFailures: UInt64

  /// Puts the parts together.
  public init(claimed: Bool, sessions: Int, loginFailures: UInt64) {
    self.claimed = claimed
    self.sessions = sessions
    self.loginFailures = loginFailures
  }
}
