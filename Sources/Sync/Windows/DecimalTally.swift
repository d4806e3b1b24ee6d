/// Count, sum, smallest and largest of integers that share an exponent: exact.
struct DecimalTally: Hashable, Sendable {
  var exponent: Int8
  var count: Int64 = 0
  var sum: Int128 = 0
  var least: Int64 = .max
  var most: Int64 = .min

  @inline(__always)
  mutating func add(count: Int64, sum: Int128, least: Int64, most: Int64) {
    self.count += count
    self.sum += sum
    self.least = min(self.least, least)
    self.most = max(self.most, most)
  }

  @inline(__always)
  mutating func add(_ mantissa: Int64) {
    count += 1
    sum += Int128(mantissa)
    least = min(least, mantissa)
    most = max(most, mantissa)
  }

  /// A run: the sum is kept in two halves, which no run that fits in memory can overflow.
  @inline(__always)
  mutating func add(_ mantissas: Span<Int64>, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    var (low, high) = (Int64(0), Int64(0))
    var (least, most) = (Int64.max, Int64.min)
    for index in range {
      let mantissa = mantissas[index]
      low &+= mantissa & 0xFFFF_FFFF
      high &+= mantissa >> 32
      least = mantissa < least ? mantissa : least
      most = mantissa > most ? mantissa : most
    }
    add(
      count: Int64(range.count), sum: Int128(high) << 32 + Int128(low), least: least, most: most)
  }
}

/// The same of float64; NaN is counted apart and is no number.
struct FloatTally: Hashable, Sendable {
  var count: Int64 = 0
  /// With what rounding lost in `lost` (Neumaier, 1974): the order of the readings hardly matters.
  private var raw = 0.0
  private var lost = 0.0
  var least = Double.infinity
  var most = -Double.infinity

  var sum: Double { (raw + lost).isFinite ? raw + lost : raw }

  @inline(__always)
  mutating func add(count: Int64, sum: Double, least: Double, most: Double) {
    guard count > 0 else { return }
    self.count += count
    let total = raw + sum
    if total.isFinite { lost += abs(raw) >= abs(sum) ? (raw - total) + sum : (sum - total) + raw }
    raw = total
    self.least = min(self.least, least)
    self.most = max(self.most, most)
  }

  @inline(__always)
  mutating func add(_ number: Double) {
    guard !number.isNaN else { return }
    add(count: 1, sum: number, least: number, most: number)
  }
}
