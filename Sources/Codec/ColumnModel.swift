/// What the numbers of a column are held against.
enum ColumnModel: Equatable {
  /// Nothing: the numbers themselves.
  case plain
  /// The number before.
  case delta
  /// The number before and the step to it.
  case deltaOfDelta
  /// A clock that starts with the first number.
  case grid(ColumnPeriod)

  /// How it is named on disk.
  var mode: IntegerColumn.Mode {
    switch self {
    case .plain: .plain
    case .delta: .delta
    case .deltaOfDelta: .deltaOfDelta
    case .grid: .grid
    }
  }

  /// How many numbers, of so many, it leaves to residues: the others it states itself.
  func residueCount(of count: Int) -> Int {
    switch self {
    case .plain, .grid: count
    case .delta: count - 1
    case .deltaOfDelta: count - 2
    }
  }

  /// What it is off by, base and divisor not taken away: the residues at `places`, written from
  /// `start` on.
  @inline(__always)
  func bare(
    _ numbers: Span<Int64>, _ places: Range<Int>, into residues: inout MutableSpan<Int64>,
    from start: Int
  ) {
    let shift = start - places.lowerBound
    switch self {
    case .plain:
      for place in places { residues[place + shift] = numbers[place] }
    case .delta:
      for place in places { residues[place + shift] = numbers[place + 1] &- numbers[place] }
    case .deltaOfDelta:
      for place in places {
        residues[place + shift] =
          (numbers[place + 2] &- numbers[place + 1]) &- (numbers[place + 1] &- numbers[place])
      }
    case .grid(let period):
      let first = numbers[0]
      for place in places {
        residues[place + shift] = numbers[place] &- first &- period.offset(place)
      }
    }
  }

  /// Its first residue, without a divisor: the base.
  func base(_ numbers: Span<Int64>) -> Int64 {
    switch self {
    case .plain: numbers[0]
    case .delta: numbers[1] &- numbers[0]
    case .deltaOfDelta: (numbers[2] &- numbers[1]) &- (numbers[1] &- numbers[0])
    case .grid: 0
    }
  }

  /// The bytes before the residues; of three numbers at least.
  func headSize(_ numbers: Span<Int64>, base: Int64, divisor: UInt64) -> Int {
    let shared = 1 + zigzagSize(numbers[0]) + varintSize(divisor)
    return switch self {
    case .plain: shared
    case .delta: shared + zigzagSize(base)
    case .deltaOfDelta: shared + zigzagSize(numbers[1] &- numbers[0]) + zigzagSize(base)
    case .grid(let period):
      shared + zigzagSize(period.whole) + varintSize(UInt64(period.fraction))
    }
  }

  private func zigzagSize(_ number: Int64) -> Int { varintSize(ZigZag.encode(number)) }

  /// Appends what stands before the residues.
  func writeHead(
    _ numbers: Span<Int64>, base: Int64, divisor: UInt64, isCoded: Bool, to bytes: inout [UInt8]
  ) {
    bytes.append(mode.rawValue | (isCoded ? IntegerColumn.codedFlag : 0))
    bytes.appendZigzag(numbers[0])
    switch self {
    case .plain: break
    case .delta: bytes.appendZigzag(base)
    case .deltaOfDelta:
      bytes.appendZigzag(numbers[1] &- numbers[0])
      bytes.appendZigzag(base)
    case .grid(let period):
      bytes.appendZigzag(period.whole)
      bytes.appendVarint(UInt64(period.fraction))
    }
    bytes.appendVarint(divisor)
  }
}
