/// What somebody may do; every route of the API names the one that it needs.
///
/// The words are the API's own: never rename.
public enum Permission: String, Codable, Sendable, CaseIterable {
  /// To read the metrics page.
  case metrics
  /// To read everything else, but for people, tokens and the audit.
  case read
  /// To command devices, answer questions, and add what people say.
  case operate
  /// To change who may do what, and what cannot be done by hand again.
  case administer
}

/// A set of permissions; the bits are on disk: never renumber.
public struct Permissions: OptionSet, Hashable, Sendable {
  /// One bit for each.
  public let rawValue: UInt8

  /// Takes the bits as they are.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A set of one.
  public init(_ permission: Permission) {
    switch permission {
    case .metrics: self.init(rawValue: 1)
    case .read: self.init(rawValue: 2)
    case .operate: self.init(rawValue: 4)
    case .administer: self.init(rawValue: 8)
    }
  }

  /// A set of those named.
  public init(_ permissions: [Permission]) {
    self = permissions.reduce(into: Permissions()) { $0.formUnion(Permissions($1)) }
  }

  /// Everything.
  public static let all = Permissions(Permission.allCases)

  /// Whether it holds one.
  public func contains(_ permission: Permission) -> Bool { contains(Permissions(permission)) }

  /// Those that it holds, in the order of their bits.
  public var list: [Permission] { Permission.allCases.filter { contains($0) } }

  /// Their words, for a sentence.
  public var text: String { list.map(\.rawValue).joined(separator: ", ") }
}
