internal import Model

/// What a node may do in its site. The bits are signed: never renumber.
///
/// Bits that this program does not know are carried along and allow nothing here.
public struct Scopes: OptionSet, Hashable, Sendable, CustomStringConvertible {
  /// The sixteen bits of a grant.
  public let rawValue: UInt16

  /// Wraps the bits of a grant.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Its own telemetry, descriptors, anchors, fits, trimmings, outcomes, and orders to its own
  /// devices.
  public static let record = Scopes(rawValue: 1 << 0)
  /// Registers of devices and settings, deletions, late values, annotations, acknowledgements.
  public static let state = Scopes(rawValue: 1 << 1)
  /// Orders to devices of other nodes.
  public static let command = Scopes(rawValue: 1 << 2)
  /// Users, tokens and their revocations.
  public static let people = Scopes(rawValue: 1 << 3)
  /// Grants and revocations of nodes that stand below.
  public static let grant = Scopes(rawValue: 1 << 4)
  /// Its proven acknowledgement lets raw readings go by age.
  public static let keeper = Scopes(rawValue: 1 << 5)
  /// May carry the records of others.
  public static let serve = Scopes(rawValue: 1 << 6)

  /// Whatever there is, also what a later version may add: what the site key itself may.
  public static let all = Scopes(rawValue: .max)

  private static let names = ScopeWords.all

  /// The names of the bits, with `+` between them; `none` where there are none.
  public var description: String {
    let named = (0..<16).filter { rawValue >> $0 & 1 == 1 }.map {
      $0 < Self.names.count ? Self.names[$0] : "bit \($0)"
    }
    return named.isEmpty ? "none" : named.joined(separator: "+")
  }
}
