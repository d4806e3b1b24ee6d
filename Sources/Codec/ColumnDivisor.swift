/// The greatest common divisor of residues, and the division by it, without a division for each:
/// a number is a multiple of an odd one if its product with the inverse modulo 2^64 is small, and
/// that product is the quotient then (Granlund and Montgomery, 1994, section 9).
struct ColumnDivisor {
  /// 1 to 2^63.
  private(set) var value: UInt64 = 0
  private var inverse: UInt64 = 0
  private var shift: UInt64 = 0
  private var quotientMax: UInt64 = 0

  /// Takes the base from the residues at these places and divides them by their greatest common
  /// divisor, which is the result.
  static func take(
    _ base: Int64, outOf residues: inout MutableSpan<Int64>, _ places: Range<Int>
  ) -> UInt64 {
    for place in places { residues[place] &-= base }
    let divisor = Self(of: residues.span.extracting(places))
    divisor.divide(&residues, places)
    return divisor.value
  }

  /// The greatest divisor of all the numbers, as magnitudes; 1 where all are zero.
  init(of numbers: Span<Int64>) {
    for index in 0..<numbers.count {
      let magnitude = numbers[index].magnitude
      let product = magnitude &* inverse
      let quotient = product &>> shift | product &<< (64 &- shift & 63)
      if magnitude == 0 || (value != 0 && quotient <= quotientMax) { continue }
      take(Self.commonDivisor(value, magnitude))
      if value == 1 { return }
    }
    if value == 0 { take(1) }
  }

  private mutating func take(_ divisor: UInt64) {
    value = divisor
    shift = UInt64(divisor.trailingZeroBitCount)
    let odd = divisor &>> shift
    // Right to 3 bits; each step doubles them.
    inverse = odd
    for _ in 0..<5 { inverse &*= 2 &- odd &* inverse }
    quotientMax = .max / divisor
  }

  /// Divides multiples of it; 2^63 by 2^63 is 1.
  func divide(_ numbers: inout MutableSpan<Int64>, _ places: Range<Int>) {
    guard value != 1 else { return }
    if value == 1 << 63 {
      for place in places { numbers[place] = numbers[place] == 0 ? 0 : 1 }
      return
    }
    let (signed, shift) = (Int64(bitPattern: inverse), Int64(shift))
    for place in places { numbers[place] = (numbers[place] &>> shift) &* signed }
  }

  private static func commonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
    var (first, second) = (first, second)
    while second != 0 { (first, second) = (second, first % second) }
    return first
  }
}
