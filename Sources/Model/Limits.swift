/// The bounds of the calendar; what goes beyond one is refused with a typed error.
public enum ModelLimits {
  /// The largest file of a time zone, in bytes; Debian's largest has under 4 000.
  public static let zoneFileBytesMax = 65_536
  /// Changes of offset in one file of a time zone; Debian's longest list has under 250.
  public static let zoneTransitionsMax = 4_096
  /// Bytes of abbreviations in one file of a time zone.
  static let zoneAbbreviationBytesMax = 2_048
  /// The longest rule for the times after the last change of offset, in bytes.
  static let zoneRuleBytesMax = 256
  /// The longest name of a time zone, in bytes; Debian's longest has 30.
  public static let zoneNameBytesMax = 64
  /// Offsets lie within these seconds of UTC (RFC 8536, section 3.2).
  static let zoneOffsets: ClosedRange<Int64> = -89_999...93_599
  /// No two offsets lie further apart than this, in seconds, either way from UTC.
  static let zoneOffsetReach: Int64 = 93_600
  /// Changes of offset lie within these seconds of 1970, so that no sum overflows.
  static let zoneTimes: ClosedRange<Int64> = -(1 << 60)...(1 << 60)
  /// The longest bucket: a hundred years, in any unit.
  public static let bucketYearsMax = 100
}
