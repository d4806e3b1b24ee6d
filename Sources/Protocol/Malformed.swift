/// Why a body is not the message that its type names; counted, and otherwise ignored.
public enum Malformed: Error, Equatable, Sendable {
  /// Shorter than its table, or a TLV that reaches beyond the end.
  case short
  /// A varint longer than it needs to be, or above its limit.
  case varint
  /// A field with a value that its table excludes.
  case field
  /// Bytes left over, or a type that is not the one expected.
  case shape
}
