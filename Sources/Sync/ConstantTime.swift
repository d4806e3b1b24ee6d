/// Comparisons whose time says nothing of where two secrets differ.
public enum ConstantTime {
  /// Whether two texts of bytes are the same; only their lengths can be timed.
  public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
  }
}
