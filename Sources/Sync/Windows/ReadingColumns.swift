public import Model

/// Readings of one series that share a clock and a form, as columns: buffers that are filled again
/// and again.
public struct ReadingColumns: Sendable {
  /// How the values are written.
  public var form: ValueForm
  /// Which are earlier when two have one time: the key of the commit or range of commits.
  public var place: Int64 = 0
  /// The index there of the first of them.
  public var base = 0
  /// On the clock itself: µs of CLOCK_BOOTTIME, or ms ticks.
  public var times: [Int64] = []
  /// Mantissas, or the bits of a float64; empty for texts.
  public var values: [Int64] = []
  /// The bytes of texts; empty for numbers.
  public var texts: [[UInt8]] = []

  /// Begins without readings.
  public init(form: ValueForm = .text) { self.form = form }

  /// Forgets the readings and keeps the memory.
  public mutating func removeAll() {
    times.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
  }

  /// Adds a value; its time is added beside it.
  public mutating func append(_ value: SampleValue) {
    switch value {
    case .decimal(let mantissa): values.append(mantissa)
    case .float(let bits): values.append(Int64(bitPattern: bits))
    case .text(let text): texts.append(Array(text.utf8))
    }
  }

  /// What a reading says.
  public func value(_ index: Int) -> Value {
    switch form {
    case .decimal(let exponent): return .decimal(values[index], exponent: exponent)
    case .float: return .float(Double(bitPattern: UInt64(bitPattern: values[index])))
    case .text: return .text(String(decoding: texts[index], as: UTF8.self))
    }
  }

  /// The same as the nearest float64; NaN for text.
  public func number(_ index: Int) -> Double {
    switch form {
    case .decimal(let exponent): return DecimalNumber.nearest(Int128(values[index]), exponent)
    case .float: return Double(bitPattern: UInt64(bitPattern: values[index]))
    case .text: return .nan
    }
  }

  /// Whether no time is before the one that stands before it.
  public var isInOrder: Bool {
    let times = times.span
    var isInOrder = true
    for index in 1..<max(1, times.count) {
      isInOrder = isInOrder && times[index - 1] <= times[index]
    }
    return isInOrder
  }
}

/// What is known of a quarter hour of a block's own clock.
public struct QuarterSums: Hashable, Sendable {
  /// Readings.
  public var count: Int64
  /// Of them numbers: neither text nor NaN.
  public var numbers: Int64
  /// The smallest, the largest and the sum: mantissas, or the bits of a float64.
  public var least: Int64
  /// See `least`.
  public var most: Int64
  /// See `least`.
  public var sum: Int64

  /// Puts sums together.
  public init(count: Int64, numbers: Int64, least: Int64, most: Int64, sum: Int64) {
    self.count = count
    self.numbers = numbers
    self.least = least
    self.most = most
    self.sum = sum
  }
}
