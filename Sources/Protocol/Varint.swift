/// Sizes and folding of the variable-length numbers of the protocol.
public enum Varint {
  /// The longest one, in bytes: 64 bits at 7 a byte.
  public static let bytesMax = 10

  /// Bytes that the shortest form of a number takes.
  public static func size(_ value: UInt64) -> Int {
    var rest = value &>> 7
    var count = 1
    while rest > 0 {
      rest &>>= 7
      count += 1
    }
    return count
  }

  /// Bytes that a signed number takes.
  public static func size(zigzag value: Int64) -> Int { size(zigzag(value)) }

  /// Folds the sign into the lowest bit: 0, -1, 1, -2 become 0, 1, 2, 3.
  public static func zigzag(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
  }

  /// The inverse of `zigzag`.
  public static func unzigzag(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
  }
}
