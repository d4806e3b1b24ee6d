/// Sums readings up by the quarter of an hour, or by the minute.
struct Summarizer {
  /// The one NaN that a sum can be: processors make different ones.
  static let notANumber = Int64(bitPattern: 0x7FF8_0000_0000_0000)

  private let isFloat: Bool
  private let ticks: Int64
  private(set) var quarters: [QuarterSummary] = []
  /// The quarter of the last reading, where it stands, and when it begins and ends.
  private var place = -1
  private var start: Int64 = 0
  private var end: Int64 = 0

  init(_ description: BlockDescription, _ grain: SummaryGrain) {
    isFloat = description.form == .float
    ticks = grain.ticks(onNodeClock: description.clock == .node)
  }

  /// Adds one reading; false when a sum of mantissas passes 64 bits.
  @inline(__always)
  mutating func add(time: Int64, value: Int64) -> Bool {
    if time < start || time >= end || place < 0 { find(time) }
    if isFloat {
      Self.addFloat(value, to: &quarters[place])
      return true
    }
    return Self.addDecimal(value, to: &quarters[place])
  }

  @inline(__always)
  private static func addDecimal(_ value: Int64, to quarter: inout QuarterSummary) -> Bool {
    let first = quarter.numbers == 0
    quarter.count &+= 1
    quarter.numbers &+= 1
    if first || value < quarter.min { quarter.min = value }
    if first || value > quarter.max { quarter.max = value }
    let (sum, overflow) = quarter.sum.addingReportingOverflow(value)
    quarter.sum = sum
    return !overflow
  }

  private mutating func find(_ time: Int64) {
    let quarter = Self.quarter(of: time, ticks)
    place = place(of: quarter)
    // The first and the last quarter that there are reach beyond what 64 bits hold.
    let (begin, tooEarly) = quarter.multipliedReportingOverflow(by: ticks)
    start = tooEarly ? .min : begin
    let (behind, tooLate) = (quarter + 1).multipliedReportingOverflow(by: ticks)
    end = tooLate ? .max : behind
  }

  private static func addFloat(_ pattern: Int64, to quarter: inout QuarterSummary) {
    func double(_ pattern: Int64) -> Double { Double(bitPattern: UInt64(bitPattern: pattern)) }
    let number = double(pattern)
    quarter.count += 1
    guard !number.isNaN else { return }
    let first = quarter.numbers == 0
    quarter.numbers += 1
    if first || number < double(quarter.min) { quarter.min = pattern }
    if first || number > double(quarter.max) { quarter.max = pattern }
    let sum = double(quarter.sum) + number
    quarter.sum = sum.isNaN ? notANumber : Int64(bitPattern: sum.bitPattern)
  }

  /// The quarter that holds a time, before zero too.
  private static func quarter(of time: Int64, _ ticks: Int64) -> Int64 {
    time >= 0 ? time / ticks : -1 - (-1 - time) / ticks
  }

  /// Where a quarter stands in the ordered list, made where it is new: nearly always at the end.
  private mutating func place(of quarter: Int64) -> Int {
    var low = 0
    var high = quarters.count
    if let last = quarters.last {
      if last.quarter == quarter { return quarters.count - 1 }
      if last.quarter < quarter { low = quarters.count }
    }
    while low < high {
      let middle = (low + high) / 2
      if quarters[middle].quarter < quarter { low = middle + 1 } else { high = middle }
    }
    if low < quarters.count, quarters[low].quarter == quarter { return low }
    quarters.insert(
      QuarterSummary(quarter: quarter, count: 0, numbers: 0, min: 0, max: 0, sum: 0), at: low)
    return low
  }
}
