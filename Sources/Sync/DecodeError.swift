/// Why bytes are not what they claim to be, and where that showed.
public struct DecodeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The rule that was broken.
  public enum Reason: String, Hashable, Sendable {
    /// The bytes end too early.
    case truncated
    /// A varint that is longer than it needs to be or passes 64 bits.
    case varint
    /// A version that this program does not read.
    case version
    /// Something that must be in order, or at most once, is not.
    case order
    /// An index or a count beyond what is there or allowed.
    case count
    /// Spans that do not add up.
    case spans
    /// A number outside its range.
    case range
    /// Text that is not UTF-8 or is too long.
    case text
    /// An identity that no device can have.
    case identity
    /// A channel that breaks the rules of channels.
    case channel
    /// Bytes left over at the end.
    case leftover
    /// Longer than the limit.
    case tooLong
    /// A column that the codec refuses.
    case column
    /// Not the one form that this content has.
    case canonical
  }

  /// The rule.
  public let reason: Reason
  /// The offset in the bytes at which it was seen to be broken.
  public let offset: Int

  /// Names a broken rule.
  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// The rule and the offset, for a log.
  public var description: String { "\(reason.rawValue) at byte \(offset)" }
}
