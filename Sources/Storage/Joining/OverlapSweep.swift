/// Which stretches of time overlap others that are not of the same run.
enum OverlapSweep {
  /// Where something lies.
  struct Stretch {
    /// Only stretches of one group are compared.
    let group: Int
    /// Of one run of a node nothing is doubled.
    let run: Int64
    let times: ClosedRange<Int64>
  }

  /// The places of those that overlap, two by two, at most `Limits.overlapsMax` pairs: one who
  /// writes more of them than boards can have written gets to see them doubled.
  static func pairs(_ stretches: [Stretch]) -> [(Int, Int)] {
    guard let first = stretches.first, stretches.contains(where: { $0.run != first.run }) else {
      return []
    }
    let order = stretches.indices.sorted {
      let (left, right) = (stretches[$0], stretches[$1])
      return (left.group, left.times.lowerBound, $0) < (right.group, right.times.lowerBound, $1)
    }
    var pairs: [(Int, Int)] = []
    var open: [Int] = []
    for place in order {
      let stretch = stretches[place]
      open.removeAll {
        stretches[$0].group != stretch.group
          || stretches[$0].times.upperBound < stretch.times.lowerBound
      }
      for other in open where stretches[other].run != stretch.run {
        guard pairs.count < Limits.overlapsMax else { return pairs }
        pairs.append((other, place))
      }
      open.append(place)
    }
    return pairs
  }
}
