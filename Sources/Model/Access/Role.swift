/// What a person is here. The words are the API's own: never rename.
public enum Role: String, Codable, Sendable, CaseIterable {
  /// Looks.
  case viewer
  /// Looks, and works with devices.
  case `operator`
  /// Does everything.
  case admin

  /// What follows from it.
  public var permissions: Permissions {
    switch self {
    case .viewer: Permissions([.metrics, .read])
    case .operator: Permissions([.metrics, .read, .operate])
    case .admin: .all
    }
  }
}
