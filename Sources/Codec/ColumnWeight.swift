/// How well models fit a long column: what they are off by, in bits, in some of its groups.
///
/// To write a column with every model and count the bytes would take five times as long, and saves
/// next to nothing.
struct ColumnWeight: ~Copyable, ~Escapable {
  private let numbers: Span<Int64>
  private var sample: [Int64] = []

  @_lifetime(copy numbers)
  init(_ numbers: Span<Int64>) { self.numbers = numbers }

  /// The model that weighs least, and its weight. A later one has to be worth it.
  @_lifetime(self: copy self)
  mutating func lightest() -> (model: ColumnModel, bits: Int) {
    sample = [Int64](repeating: 0, count: Limits.weighedGroupsMax * Limits.groupCount)
    var best = (model: ColumnModel.plain, bits: weigh(.plain))
    let others: [ColumnModel] = [
      .delta, .deltaOfDelta, .grid(.mean(of: numbers)), .grid(.median(of: numbers)),
    ]
    for model in others {
      let bits = weigh(model)
      if bits < best.bits - best.bits / Limits.weightSavedPart { best = (model, bits) }
    }
    return best
  }

  /// The bits of all distances, in zigzag form, of the sampled groups to a middle one of theirs.
  @_lifetime(self: copy self)
  private mutating func weigh(_ model: ColumnModel) -> Int {
    let numbers = numbers
    let count = model.residueCount(of: numbers.count)
    let groups = (count + Limits.groupCount - 1) / Limits.groupCount
    let looked = min(groups, Limits.weighedGroupsMax)
    var residues = sample.mutableSpan
    var end = 0
    for group in 0..<looked {
      let start = group * groups / looked * Limits.groupCount
      let places = start..<min(start + Limits.groupCount, count)
      model.bare(numbers, places, into: &residues, from: end)
      end += places.count
    }
    _ = ColumnDivisor.take(model.base(numbers), outOf: &residues, 0..<end)
    // Only the last group may be short, and it stands last here too.
    var bits = 0
    for start in stride(from: 0, to: end, by: Limits.groupCount) {
      bits += Self.bits(residues.span.extracting(start..<min(start + Limits.groupCount, end)))
    }
    return bits
  }

  private static func bits(_ group: Span<Int64>) -> Int {
    let middle = middle(group[0], group[group.count / 2], group[group.count - 1])
    var bits = 0
    for index in 0..<group.count { bits &+= bitLength(ZigZag.encode(group[index] &- middle)) }
    return bits
  }

  /// One that is far off does not move it, as it would move a mean.
  private static func middle(_ first: Int64, _ second: Int64, _ third: Int64) -> Int64 {
    max(min(first, second), min(max(first, second), third))
  }
}
