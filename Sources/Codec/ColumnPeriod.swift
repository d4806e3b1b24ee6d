/// An even period: a whole part, and 65536ths of one.
struct ColumnPeriod: Equatable {
  var whole: Int64
  var fraction: UInt16

  /// Where the clock stands after `index` periods (below 2^16 of them).
  func offset(_ index: Int) -> Int64 {
    (Int64(index) &* whole) &+ Int64((UInt64(index) &* UInt64(fraction)) &>> 16)
  }

  /// The mean step from the first number to the last.
  static func mean(of numbers: Span<Int64>) -> Self {
    let steps = Int64(numbers.count - 1)
    let way = numbers[numbers.count - 1] &- numbers[0]
    var (whole, rest) = way.quotientAndRemainder(dividingBy: steps)
    if rest < 0 { (whole, rest) = (whole - 1, rest + steps) }
    return Self(whole: whole, fraction: UInt16((rest << 16) / steps))
  }

  /// The usual step: the middle one of up to 127 that are looked at, evenly spread, so that a pause
  /// does not show in it.
  static func median(of numbers: Span<Int64>) -> Self {
    let steps = numbers.count - 1
    let looked = min(steps, Limits.sampledMax)
    var sample: [Int64] = []
    sample.reserveCapacity(looked)
    for index in 0..<looked {
      let place = index * steps / looked
      sample.append(numbers[place + 1] &- numbers[place])
    }
    sample.sort()
    return Self(whole: sample[looked / 2], fraction: 0)
  }
}
