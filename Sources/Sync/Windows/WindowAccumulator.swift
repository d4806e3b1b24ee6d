internal import Model

/// Sorts readings and quarter hours into the buckets of a window query.
///
/// Blocks may come in any order. Nothing is dated reading by reading where a rule dates a stretch:
/// the borders are looked for instead.
public struct WindowAccumulator: Sendable {
  /// Where a quarter hour lies.
  public enum Placing: Hashable, Sendable {
    /// Wholly in a bucket, its cell's index given.
    case inside(cell: Int)
    /// In none.
    case outside
    /// Across a border, or where the commits must say when.
    case divided
  }

  private(set) var cells: [WindowCell]
  /// One for each bucket.
  public internal(set) var tallies: [WindowTally]
  /// Whether each bucket's earliest and latest reading are wanted.
  private let keepsEnds: Bool
  /// Whether what is counted from now on are sums of readings that are no longer there.
  public var countsTrimmed = false
  /// Whether what is counted from now on is dated only about: every bucket that it touches is
  /// marked.
  public var countsRoughly = false
  /// Where the last search in `cells` ended.
  private var hint = 0

  /// Begins with empty buckets; the cells must be in order and not overlap.
  public init(cells: [WindowCell], bucketCount: Int, keepsEnds: Bool) {
    self.cells = cells
    self.keepsEnds = keepsEnds
    tallies = [WindowTally](repeating: WindowTally(), count: bucketCount)
  }

  /// Counts what comes from now on by other cells of the same buckets.
  public mutating func lay(_ cells: [WindowCell]) { self.cells = cells }

  /// The UTC times that a stretch of a clock covers; nil where the commits must say it.
  private func span(_ times: ClosedRange<Int64>, _ pieces: [DatingPiece]) -> ClosedRange<Int64>? {
    var index = pieces.piece(at: times.lowerBound)
    var (from, to) = (Int64.max, Int64.min)
    while index < pieces.count, pieces[index].start <= times.upperBound {
      let piece = pieces[index]
      guard let line = piece.line, line.isRising else { return nil }
      from = min(from, line.utcUs(max(piece.start, times.lowerBound)))
      to = max(to, line.utcUs(min(piece.end - 1, times.upperBound)))
      index += 1
    }
    return from <= to ? from...to : nil
  }

  /// Where the readings of a stretch of a clock lie, without looking at them.
  public mutating func place(
    _ times: ClosedRange<Int64>, _ pieces: [DatingPiece]
  ) -> Placing {
    guard let span = span(times, pieces) else { return .divided }
    let cell = cells.first(endingAfter: span.lowerBound, hint: hint)
    hint = cell
    guard cell < cells.count, cells[cell].fromUs <= span.upperBound else { return .outside }
    let isInside = cells[cell].fromUs <= span.lowerBound && span.upperBound < cells[cell].toUs
    return isInside ? .inside(cell: cell) : .divided
  }

  /// Counts a quarter hour that lies wholly in one cell.
  public mutating func add(
    _ sums: QuarterSums, _ form: ValueForm, in cell: Int, _ times: ClosedRange<Int64>,
    _ pieces: [DatingPiece]
  ) {
    guard let span = span(times, pieces) else { return }
    add(sums, form, to: cells[cell].bucket, span, boundUs: pieces.boundUs(in: times))
  }

  private mutating func add(
    _ sums: QuarterSums, _ form: ValueForm, to bucket: Int, _ span: ClosedRange<Int64>,
    boundUs: Int64
  ) {
    tallies[bucket].count += sums.count
    tallies[bucket].isFromSummaries = true
    if countsTrimmed { tallies[bucket].isTrimmed = true }
    if countsRoughly { tallies[bucket].isApproximate = true }
    tallies[bucket].extend(span.lowerBound, span.upperBound, boundUs: boundUs)
    guard sums.numbers > 0 else { return }
    switch form {
    case .decimal(let exponent):
      tallies[bucket].withDecimals(exponent) {
        $0.add(
          count: sums.numbers, sum: Int128(sums.sum), least: sums.least, most: sums.most)
      }
    case .float:
      func number(_ bits: Int64) -> Double { Double(bitPattern: UInt64(bitPattern: bits)) }
      tallies[bucket].floats.add(
        count: sums.numbers, sum: number(sums.sum), least: number(sums.least),
        most: number(sums.most))
    case .text: return
    }
  }

  /// Counts a quarter hour that lies across borders by where it begins; false where the commits
  /// must say where that is. Every bucket that it touches is marked.
  public mutating func addByStart(
    _ sums: QuarterSums, _ form: ValueForm, _ times: ClosedRange<Int64>, _ pieces: [DatingPiece]
  ) -> Bool {
    guard let span = span(times, pieces),
      let line = pieces[pieces.piece(at: times.lowerBound)].line
    else { return false }
    let begin = line.utcUs(times.lowerBound)
    var cell = cells.first(endingAfter: span.lowerBound, hint: hint)
    while cell < cells.count, cells[cell].fromUs <= span.upperBound {
      tallies[cells[cell].bucket].isApproximate = true
      if cells[cell].fromUs <= begin, begin < cells[cell].toUs {
        add(
          sums, form, to: cells[cell].bucket, begin...min(span.upperBound, cells[cell].toUs - 1),
          boundUs: pieces.boundUs(in: times))
      }
      cell += 1
    }
    return true
  }
}

extension WindowAccumulator {
  /// Counts some of the readings of a block. `dated` tells the date of those that no rule dates,
  /// and how far off that can be (`DatingBound.unknownUs` when nobody can say).
  public mutating func add(
    _ columns: borrowing ReadingColumns, _ range: Range<Int>, isInOrder: Bool,
    _ pieces: [DatingPiece], dated: (Int) -> (utcUs: Int64, boundUs: Int64)
  ) {
    guard isInOrder else { return addEach(columns, range, pieces, dated: dated) }
    var start = range.lowerBound
    while start < range.upperBound {
      let piece = pieces[pieces.piece(at: columns.times[start])]
      let end = Self.first(in: start..<range.upperBound, columns.times.span) { $0 >= piece.end }
      if let line = piece.line, line.isRising {
        addRun(columns, start..<end, line, piece)
      } else {
        addEach(columns, start..<end, pieces, dated: dated)
      }
      start = end
    }
  }

  /// Readings in order, dated by a rule that rises.
  private mutating func addRun(
    _ columns: borrowing ReadingColumns, _ range: Range<Int>, _ line: DatingLine,
    _ piece: DatingPiece
  ) {
    let times = columns.times.span
    var start = range.lowerBound
    var utcUs = line.utcUs(times[start])
    var cell = cells.first(endingAfter: utcUs, hint: hint)
    while cell < cells.count {
      let (from, to) = (cells[cell].fromUs, cells[cell].toUs)
      if utcUs < from {
        start = Self.first(in: start..<range.upperBound, times) { line.utcUs($0) >= from }
        guard start < range.upperBound else { break }
        utcUs = line.utcUs(times[start])
        if utcUs >= to {
          cell = cells.first(endingAfter: utcUs, hint: cell)
          continue
        }
      }
      let end = Self.first(in: start..<range.upperBound, times) { line.utcUs($0) >= to }
      count(
        columns, start..<end, to: cells[cell].bucket, utcUs, line.utcUs(times[end - 1]),
        boundUs: piece.boundUs(times, start..<end))
      start = end
      guard start < range.upperBound else { break }
      utcUs = line.utcUs(times[start])
      cell = cells.first(endingAfter: utcUs, hint: cell)
    }
    hint = min(cell, cells.count)
  }

  private mutating func count(
    _ columns: borrowing ReadingColumns, _ range: Range<Int>, to bucket: Int, _ fromUs: Int64,
    _ toUs: Int64, boundUs: Int64
  ) {
    tallies[bucket].count += Int64(range.count)
    tallies[bucket].isFromReadings = true
    tallies[bucket].extend(fromUs, toUs, boundUs: boundUs)
    let values = columns.values.span
    switch columns.form {
    case .decimal(let exponent):
      tallies[bucket].withDecimals(exponent) { $0.add(values, range) }
    case .float:
      for index in range {
        tallies[bucket].floats.add(Double(bitPattern: UInt64(bitPattern: values[index])))
      }
    case .text: break
    }
    guard keepsEnds else { return }
    let first = WindowPoint(
      utcUs: fromUs, value: columns.value(range.lowerBound), place: columns.place,
      index: columns.base + range.lowerBound)
    tallies[bucket].note(first: first)
    let last = WindowPoint(
      utcUs: toUs, value: columns.value(range.upperBound - 1), place: columns.place,
      index: columns.base + range.upperBound - 1)
    tallies[bucket].note(last: last)
  }

  /// Readings whose times go up and down, or that their commits must date.
  private mutating func addEach(
    _ columns: borrowing ReadingColumns, _ range: Range<Int>, _ pieces: [DatingPiece],
    dated: (Int) -> (utcUs: Int64, boundUs: Int64)
  ) {
    for index in range {
      let time = columns.times[index]
      let piece = pieces[pieces.piece(at: time)]
      let utcUs = piece.line?.utcUs(time) ?? dated(index).utcUs
      let cell = cells.first(endingAfter: utcUs, hint: hint)
      hint = cell
      guard cell < cells.count, cells[cell].fromUs <= utcUs else { continue }
      let boundUs = piece.line == nil ? dated(index).boundUs : piece.boundUs(time)
      count(columns, index..<(index + 1), to: cells[cell].bucket, utcUs, utcUs, boundUs: boundUs)
    }
  }

  /// The first index from which on a condition holds that holds for a tail of the times.
  @inline(__always)
  private static func first(
    in range: Range<Int>, _ times: Span<Int64>, _ holds: (Int64) -> Bool
  ) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    guard low < high, holds(times[high - 1]) else { return high }
    while low < high {
      let middle = (low + high) / 2
      if holds(times[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
