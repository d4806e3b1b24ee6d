/// A person, as administrators see them.
public struct UserView: Codable, Sendable, Equatable {
  /// The name, in lower case.
  public var name: String
  /// What they are here.
  public var role: Role
  /// Whether two changed this person without knowing of each other; the next change settles it.
  public var conflict: Bool
  /// Who changed this person last.
  public var author: String
  /// When, by the wall clock then, in microseconds since 1970.
  public var atUs: Int64
  /// Whether that clock was synchronised.
  public var trusted: Bool

  /// Puts a view together.
  public init(
    name: String, role: Role, conflict: Bool, author: String, atUs: Int64, trusted: Bool
  ) {
    self.name = name
    self.role = role
    self.conflict = conflict
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
  }
}

/// Everybody who counts.
public struct UsersList: Codable, Sendable, Equatable {
  /// By name.
  public var users: [UserView]

  /// Makes a list.
  public init(users: [UserView]) { self.users = users }
}

/// The body of a request to add a person.
public struct UserRequest: Codable, Sendable, Equatable {
  /// The name; it is kept in lower case.
  public var name: String
  /// What they shall be.
  public var role: Role
  /// The password.
  public var password: String

  /// Puts a request together.
  public init(name: String, role: Role, password: String) {
    self.name = name
    self.role = role
    self.password = password
  }
}

/// The body of a change of a person.
public struct UserChange: Codable, Sendable, Equatable {
  /// What they shall be; as before when missing.
  public var role: Role?
  /// The password; as before when missing.
  public var password: String?

  /// Puts a change together.
  public init(role: Role? = nil, password: String? = nil) {
    self.role = role
    self.password = password
  }
}

/// A token, without its secret, which is kept nowhere.
public struct TokenView: Codable, Sendable, Equatable {
  /// Sixteen hexadecimal digits.
  public var id: String
  /// What a person called it.
  public var name: String
  /// What it may do.
  public var permissions: [Permission]
  /// Who made it.
  public var author: String
  /// When, by the wall clock then, in microseconds since 1970.
  public var atUs: Int64
  /// Whether that clock was synchronised.
  public var trusted: Bool

  /// Puts a view together.
  public init(
    id: String, name: String, permissions: [Permission], author: String, atUs: Int64,
    trusted: Bool
  ) {
    self.id = id
    self.name = name
    self.permissions = permissions
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
  }
}

/// Every token that counts.
public struct TokensList: Codable, Sendable, Equatable {
  /// By id.
  public var tokens: [TokenView]

  /// Makes a list.
  public init(tokens: [TokenView]) { self.tokens = tokens }
}

/// The body of a request for a token.
public struct TokenRequest: Codable, Sendable, Equatable {
  /// What it shall be called.
  public var name: String
  /// What it shall be able to do; something at least.
  public var permissions: [Permission]

  /// Puts a request together.
  public init(name: String, permissions: [Permission]) {
    self.name = name
    self.permissions = permissions
  }
}

/// A token that was just made.
public struct NewTokenView: Codable, Sendable, Equatable {
  /// What is kept of it.
  public var token: TokenView
  /// What programs show; told this once.
  public var secret: String

  /// Puts both together.
  public init(token: TokenView, secret: String) {
    self.token = token
    self.secret = secret
  }
}
