/// Asks for a bundle of records.
public struct BundleRequest: Codable, Sendable, Equatable {
  /// Whom it is for: a node by its id, the beginning of it, or its label; nil for anybody.
  public var peer: String?

  /// Puts a request together.
  public init(peer: String? = nil) { self.peer = peer }
}

/// A bundle that is being written or read.
public struct BundleTaskView: Codable, Sendable, Equatable {
  /// Its name in the requests that follow.
  public var id: String

  /// Puts it together.
  public init(id: String) { self.id = id }
}
