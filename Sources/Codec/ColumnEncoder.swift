/// Finds the model of a column, and writes it.
struct ColumnEncoder: ~Copyable, ~Escapable {
  private let numbers: Span<Int64>
  /// What the numbers are off by under the model that `prepare` was given, above `base` and divided
  /// by `divisor`: the first `residueCount` of them.
  private var residues: [Int64] = []
  private var residueCount = 0
  private var base: Int64 = 0
  private var divisor: UInt64 = 1
  /// How each of their groups is packed.
  private var groups: [ColumnGroup] = []

  @_lifetime(copy numbers)
  init(_ numbers: Span<Int64>) { self.numbers = numbers }

  @_lifetime(self: copy self)
  mutating func encode(to bytes: inout [UInt8]) {
    guard numbers.count > 0 else { return }
    if Self.isLinear(numbers) {
      bytes.append(IntegerColumn.Mode.linear.rawValue)
      bytes.appendZigzag(numbers[0])
      if numbers.count > 1 { bytes.appendZigzag(numbers[1] &- numbers[0]) }
    } else if numbers.count < Limits.longCountMin {
      encodeShort(to: &bytes)
    } else {
      var weight = ColumnWeight(numbers)
      encode(weight.lightest().model, to: &bytes)
    }
  }

  /// Whether there is one step between all numbers.
  static func isLinear(_ numbers: Span<Int64>) -> Bool {
    guard numbers.count > 2 else { return true }
    let step = numbers[1] &- numbers[0]
    for index in 2..<numbers.count where numbers[index] &- numbers[index - 1] != step {
      return false
    }
    return true
  }

  /// Packs with every model, and keeps the one with the fewest bytes, of equals the first.
  @_lifetime(self: copy self)
  private mutating func encodeShort(to bytes: inout [UInt8]) {
    let models: [ColumnModel] = [
      .plain, .delta, .deltaOfDelta, .grid(.mean(of: numbers)), .grid(.median(of: numbers)),
    ]
    var best = ColumnModel.plain
    var bestSize = Int.max
    for model in models {
      prepare(model)
      let size = headSize(model) + packedSize()
      if size < bestSize { (best, bestSize) = (model, size) }
    }
    prepare(best)
    writeHead(best, isCoded: false, to: &bytes)
    _ = packedSize()
    writePacked(to: &bytes)
  }

  /// Packs a long column, or codes it.
  @_lifetime(self: copy self)
  mutating func encode(_ model: ColumnModel, to bytes: inout [UInt8]) {
    prepare(model)
    let head = headSize(model)
    let packed = head + packedSize()
    let code = ColumnCode(residues.span.extracting(0..<residueCount))
    // Codes take longer to read than packed bits: they have to be worth it.
    let isCoded = head + code.size <= packed - packed / Limits.codedSavedPart
    writeHead(model, isCoded: isCoded, to: &bytes)
    if isCoded {
      code.write(residues.span.extracting(0..<residueCount), to: &bytes)
    } else {
      writePacked(to: &bytes)
    }
  }

  // MARK: Residues

  @_lifetime(self: copy self)
  private mutating func prepare(_ model: ColumnModel) {
    if residues.isEmpty { residues = [Int64](repeating: 0, count: numbers.count) }
    let (numbers, count) = (numbers, model.residueCount(of: numbers.count))
    residueCount = count
    let base = model.base(numbers)
    self.base = base
    var span = residues.mutableSpan
    model.bare(numbers, 0..<count, into: &span, from: 0)
    divisor = ColumnDivisor.take(base, outOf: &span, 0..<count)
  }

  /// Packs every group, and gives the bytes of all.
  @_lifetime(self: copy self)
  private mutating func packedSize() -> Int {
    groups.removeAll(keepingCapacity: true)
    var size = 0
    for start in stride(from: 0, to: residueCount, by: Limits.groupCount) {
      let end = min(start + Limits.groupCount, residueCount)
      let group = ColumnGroup(residues.span.extracting(start..<end))
      groups.append(group)
      size += group.size
    }
    return size
  }

  // MARK: Bytes

  private func headSize(_ model: ColumnModel) -> Int {
    model.headSize(numbers, base: base, divisor: divisor)
  }

  private func writeHead(_ model: ColumnModel, isCoded: Bool, to bytes: inout [UInt8]) {
    model.writeHead(numbers, base: base, divisor: divisor, isCoded: isCoded, to: &bytes)
  }

  private func writePacked(to bytes: inout [UInt8]) {
    for (index, group) in groups.enumerated() {
      let start = index * Limits.groupCount
      let end = min(start + Limits.groupCount, residueCount)
      group.write(residues.span.extracting(start..<end), to: &bytes)
    }
  }
}
