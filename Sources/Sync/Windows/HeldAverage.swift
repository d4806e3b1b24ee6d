/// The mean over time: a value holds until the next reading of its series.
///
/// Where the next one is later than `longestUs`, nobody knows what was in between, and nothing of
/// that time counts. The same after a value that is no number, and after the last reading.
public struct HeldAverage: Sendable {
  private let longestUs: Int64
  private var before: (utcUs: Int64, number: Double)?
  private var cell = 0

  /// Begins before the first reading.
  public init(longestUs: Int64) { self.longestUs = longestUs }

  /// Takes the next reading, never an earlier one than the last.
  public mutating func add(
    _ utcUs: Int64, _ number: Double, to windows: inout WindowAccumulator
  ) {
    defer { before = (utcUs, number) }
    guard let before, !before.number.isNaN, utcUs > before.utcUs else { return }
    let (duration, overflow) = utcUs.subtractingReportingOverflow(before.utcUs)
    guard !overflow, duration <= longestUs else { return }
    let cells = windows.cells
    while cell < cells.count, cells[cell].toUs <= before.utcUs { cell += 1 }
    var place = cell
    while place < cells.count, cells[place].fromUs < utcUs {
      let held = min(utcUs, cells[place].toUs) - max(before.utcUs, cells[place].fromUs)
      windows.tallies[cells[place].bucket].held.add(before.number, for: held)
      place += 1
    }
  }
}
