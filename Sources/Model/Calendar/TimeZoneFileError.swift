/// Why the bytes of a time zone cannot be used.
public enum TimeZoneFileError: Error, Hashable, Sendable {
  /// They do not begin with `TZif`.
  case notTimeZone
  /// They end before what their header announces.
  case truncated
  /// A version that RFC 8536 and RFC 9636 do not know.
  case unknownVersion(UInt8)
  /// More than `ModelLimits` allows, of what is named.
  case tooLarge(String)
  /// Counts that contradict each other.
  case badCounts
  /// Times of change that do not ascend, or lie beyond any use.
  case badTransitions
  /// A change to a local time type that the file does not have.
  case badType
  /// An offset that is no time zone's.
  case badOffset
  /// Clocks with leap seconds (the `right/` files): ours count as POSIX does.
  case leapSeconds
  /// The rule for the times after the last change does not read as POSIX writes it.
  case badRule
}
