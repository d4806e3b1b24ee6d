/// Why bytes are not what they claim to be, and where that showed.
public struct CodecError: Error, Hashable, Sendable {
  /// The rule that was broken.
  public enum Reason: UInt8, Hashable, Sendable {
    /// The bytes end too early.
    case truncated
    /// A varint that is longer than it needs to be or passes 64 bits.
    case varint
    /// A version that this program does not read.
    case version
    /// A mode, a flag or a width that does not exist.
    case mode
    /// A count beyond what is there or allowed, or counts that do not add up.
    case count
    /// A number outside its range.
    case range
    /// Something that must be in order, or at most once, is not.
    case order
    /// Bits that must be zero are not.
    case padding
    /// Bytes left over at the end.
    case leftover
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
}
