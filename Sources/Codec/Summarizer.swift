/// Sums readings up by the quarter of an hour, or by the minute.
struct Summarizer {
  /// The one NaN that a sum can be: processors make different ones.
  static let notANumber = Int64(bitPattern: 0x7FF8_0000_0000_0000)

  private let isFloat: Bool
  private let ticks: Int64
  private(set) var quarters: [QuarterSummary] = []

  init(_ description: BlockDescription, _ grain: SummaryGrain) {
    isFloat = description.form == .float
    ticks = grain.ticks(onNodeClock: description.clock == .node)
  }

  /// Adds one reading; false when a sum of mantissas passes 64 bits.
  mutating func add(time: Int64, value: Int64) -> Bool {
    let place = place(of: Self.quarter(of: time, ticks))
    quarters[place].count += 1
    if isFloat {
      addFloat(Double(bitPattern: UInt64(bitPattern: value)), value, at: place)
      return true
    }
    let first = quarters[place].numbers == 0
    quarters[place].numbers += 1
    if first || value < quarters[place].min { quarters[place].min = value }
    if first || value > quarters[place].max { quarters[place].max = value }
    let (sum, overflow) = quarters[place].sum.addingReportingOverflow(value)
    quarters[place].sum = sum
    return !overflow
  }

  private mutating func addFloat(_ number: Double, _ pattern: Int64, at place: Int) {
    guard !number.isNaN else { return }
    func double(_ pattern: Int64) -> Double { Double(bitPattern: UInt64(bitPattern: pattern)) }
    let first = quarters[place].numbers == 0
    quarters[place].numbers += 1
    if first || number < double(quarters[place].min) { quarters[place].min = pattern }
    if first || number > double(quarters[place].max) { quarters[place].max = pattern }
    let sum = double(quarters[place].sum) + number
    quarters[place].sum = sum.isNaN ? Self.notANumber : Int64(bitPattern: sum.bitPattern)
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
