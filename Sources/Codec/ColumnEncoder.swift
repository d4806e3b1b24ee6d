/// Tries every model of a column, and writes the smallest.
struct ColumnEncoder: ~Copyable, ~Escapable {
  /// A model with what it needs to know.
  private enum Model {
    case plain, delta, deltaOfDelta
    case grid(ColumnPeriod)
  }

  /// A way to write the column.
  private struct Choice {
    var model: Model
    var size: Int
  }

  private let numbers: Span<Int64>
  /// What the numbers are off by under the model that `prepare` was given, above `base` and divided
  /// by `divisor`: the first `stepCount` of them.
  private var steps: [Int64] = []
  private var stepCount = 0
  private var base: Int64 = 0
  private var divisor: UInt64 = 1

  @_lifetime(copy numbers)
  init(_ numbers: Span<Int64>) { self.numbers = numbers }

  @_lifetime(self: copy self)
  mutating func encode(to bytes: inout [UInt8]) {
    guard numbers.count > 0 else { return }
    if isLinear {
      bytes.append(IntegerColumn.Mode.linear.rawValue)
      bytes.appendZigzag(numbers[0])
      if numbers.count > 1 { bytes.appendZigzag(numbers[1] &- numbers[0]) }
      return
    }
    // Not linear: three numbers at least.
    steps = [Int64](repeating: 0, count: numbers.count)
    var packed = Choice(model: .plain, size: .max)
    var coded = packed
    choose(.plain, &packed, &coded)
    choose(.delta, &packed, &coded)
    choose(.deltaOfDelta, &packed, &coded)
    choose(.grid(.mean(of: numbers)), &packed, &coded)
    choose(.grid(.median(of: numbers)), &packed, &coded)
    // Codes take longer to read than packed bits: they have to be worth it.
    let isCoded = coded.size <= packed.size - packed.size / Limits.codedSavedPart
    let best = isCoded ? coded : packed
    prepare(best.model)
    write(best.model, isCoded: isCoded, to: &bytes)
  }

  private var isLinear: Bool {
    guard numbers.count > 2 else { return true }
    let step = numbers[1] &- numbers[0]
    for index in 2..<numbers.count where numbers[index] &- numbers[index - 1] != step {
      return false
    }
    return true
  }

  /// Keeps the model where it takes fewer bytes than the best before it, packed or coded.
  @_lifetime(self: copy self)
  private mutating func choose(_ model: Model, _ packed: inout Choice, _ coded: inout Choice) {
    prepare(model)
    let head = headSize(model)
    let packedSize = packedSize(head, below: packed.size)
    if packedSize < packed.size { packed = Choice(model: model, size: packedSize) }
    guard stepCount >= Limits.codedCountMin else { return }
    let codedSize = head + ColumnCode(steps.span.extracting(0..<stepCount)).size
    if codedSize < coded.size { coded = Choice(model: model, size: codedSize) }
  }

  /// The bytes when packed; not counted to the end where they are too many.
  private func packedSize(_ head: Int, below end: Int) -> Int {
    var size = head
    for start in stride(from: 0, to: stepCount, by: Limits.groupCount) {
      guard size < end else { return size }
      size += ColumnGroup(group(from: start)).size
    }
    return size
  }

  @_lifetime(borrow self)
  private func group(from start: Int) -> Span<Int64> {
    steps.span.extracting(start..<min(start + Limits.groupCount, stepCount))
  }

  // MARK: Models

  @_lifetime(self: copy self)
  private mutating func prepare(_ model: Model) {
    switch model {
    case .plain:
      stepCount = numbers.count
      for index in 0..<stepCount { steps[index] = numbers[index] }
    case .delta:
      stepCount = numbers.count - 1
      for index in 0..<stepCount { steps[index] = numbers[index + 1] &- numbers[index] }
    case .deltaOfDelta:
      stepCount = numbers.count - 2
      for index in 0..<stepCount {
        steps[index] =
          (numbers[index + 2] &- numbers[index + 1]) &- (numbers[index + 1] &- numbers[index])
      }
    case .grid(let period):
      stepCount = numbers.count
      for index in 0..<stepCount {
        steps[index] = numbers[index] &- numbers[0] &- period.offset(index)
      }
    }
    divide()
  }

  /// Takes from `steps` their first and the greatest divisor of what remains.
  @_lifetime(self: copy self)
  private mutating func divide() {
    base = steps[0]
    var greatest: UInt64 = 0
    for index in 0..<stepCount {
      steps[index] &-= base
      if greatest != 1 { greatest = Self.commonDivisor(greatest, steps[index].magnitude) }
    }
    divisor = max(greatest, 1)
    guard divisor != 1 else { return }
    let signed = Int64(bitPattern: divisor)
    for index in 0..<stepCount { steps[index] /= signed }
  }

  private static func commonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
    var (first, second) = (first, second)
    while second != 0 { (first, second) = (second, first % second) }
    return first
  }

  // MARK: Bytes

  private func headSize(_ model: Model) -> Int {
    let shared = 1 + zigzagSize(numbers[0]) + varintSize(divisor)
    return switch model {
    case .plain: shared
    case .delta: shared + zigzagSize(base)
    case .deltaOfDelta: shared + zigzagSize(numbers[1] &- numbers[0]) + zigzagSize(base)
    case .grid(let period):
      shared + zigzagSize(period.whole) + varintSize(UInt64(period.fraction))
    }
  }

  private func zigzagSize(_ number: Int64) -> Int { varintSize(ZigZag.encode(number)) }

  private func write(_ model: Model, isCoded: Bool, to bytes: inout [UInt8]) {
    func begin(_ mode: IntegerColumn.Mode) {
      bytes.append(mode.rawValue | (isCoded ? IntegerColumn.codedFlag : 0))
      bytes.appendZigzag(numbers[0])
    }
    switch model {
    case .plain: begin(.plain)
    case .delta:
      begin(.delta)
      bytes.appendZigzag(base)
    case .deltaOfDelta:
      begin(.deltaOfDelta)
      bytes.appendZigzag(numbers[1] &- numbers[0])
      bytes.appendZigzag(base)
    case .grid(let period):
      begin(.grid)
      bytes.appendZigzag(period.whole)
      bytes.appendVarint(UInt64(period.fraction))
    }
    bytes.appendVarint(divisor)
    if isCoded {
      let coded = steps.span.extracting(0..<stepCount)
      return ColumnCode(coded).write(coded, to: &bytes)
    }
    for start in stride(from: 0, to: stepCount, by: Limits.groupCount) {
      let group = group(from: start)
      ColumnGroup(group).write(group, to: &bytes)
    }
  }
}
