/// The bounds of what is encoded and decoded here.
public enum Limits {
  /// Readings of one block, and numbers of one column. A decoder never keeps more than four
  /// columns of so many numbers, and one array header for each text.
  public static let readingsMax = 65_536
  /// Commits that one block may reach over.
  public static let commitsMax = 65_536
  /// The longest text, in bytes: that of a commit body.
  public static let textBytesMax = 200
  /// The longest unit, in bytes: that of a commit body.
  public static let unitBytesMax = 8
  /// Quarter hours of one summary: those of every reading of a block apart.
  public static let quartersMax = readingsMax
  /// Numbers that are packed together, with a reference and a width of their own.
  static let groupCount = 64
  /// Numbers of a long column, whose model is found by weight. A shorter one is only packed: a code
  /// of its own would not pay.
  static let longCountMin = 130
  /// Groups of a long column in which a model is weighed.
  static let weighedGroupsMax = 16
  /// A column is coded where that saves one byte in so many.
  static let codedSavedPart = 16
  /// A model is taken instead of one before it where it saves one bit in so many.
  static let weightSavedPart = 64
  /// Decimal digits that a column of floats is tried with: 0 to this.
  static let digitsMax = 15
  /// One float in so many may be kept apart, bit by bit, beside a column of decimals.
  static let floatsPerException = 8
  /// Steps that are looked at to find the usual one, and floats to find their digits.
  static let sampledMax = 127
}
