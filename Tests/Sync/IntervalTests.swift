import TestSupport
import Testing

@testable import Sync

@Suite("Intervals") struct IntervalTests {
  /// Numbers below this, so that a set of them is quickly compared.
  private static let end = 40

  private static func random(_ prng: inout Prng) -> (intervals: Intervals, plain: Set<UInt64>) {
    var intervals = Intervals()
    var plain: Set<UInt64> = []
    for _ in 0..<prng.below(8) {
      let low = UInt64(1 + prng.below(end - 2))
      let high = min(UInt64(end - 1), low + UInt64(prng.below(6)))
      let would = Set(low...high).union(plain)
      #expect(intervals.wouldOpen(low...high) == (runs(would) > runs(plain)))
      intervals.insert(low...high)
      plain = would
    }
    return (intervals, plain)
  }

  private static func runs(_ plain: Set<UInt64>) -> Int {
    plain.count { !plain.contains($0 - 1) }
  }

  private static func numbers(_ intervals: Intervals) -> Set<UInt64> {
    Set(intervals.ranges.flatMap { Array($0) })
  }

  /// Disjoint, ascending, not adjacent.
  private static func isNormal(_ intervals: Intervals) -> Bool {
    zip(intervals.ranges, intervals.ranges.dropFirst()).allSatisfy {
      $0.upperBound + 1 < $1.lowerBound
    }
  }

  @Test(
    "they are a set of numbers, whatever is done with them", arguments: 0..<400 as Range<UInt64>)
  func naive(seed: UInt64) {
    var prng = Prng(seed: seed)
    let (left, leftPlain) = Self.random(&prng)
    let (right, rightPlain) = Self.random(&prng)
    let results: [(Intervals, Set<UInt64>)] = [
      (left, leftPlain),
      (left.union(right), leftPlain.union(rightPlain)),
      (left.intersection(right), leftPlain.intersection(rightPlain)),
      (left.subtracting(right), leftPlain.subtracting(rightPlain)),
      (Intervals(left.ranges.reversed() + right.ranges), leftPlain.union(rightPlain)),
      (left.holes, Set(1..<(leftPlain.max() ?? 0) + 1).subtracting(leftPlain)),
    ]
    for (index, (intervals, plain)) in results.enumerated() {
      #expect(Self.numbers(intervals) == plain, "seed \(seed), \(index)")
      #expect(Self.isNormal(intervals), "seed \(seed), \(index): \(intervals)")
      #expect(intervals.count == UInt64(plain.count), "seed \(seed)")
    }
    #expect(left.isSubset(of: right) == leftPlain.isSubset(of: rightPlain), "seed \(seed)")
    for number in 1..<UInt64(Self.end) {
      #expect(left.contains(number) == leftPlain.contains(number), "seed \(seed)")
      #expect(left.first(from: number) == leftPlain.filter { $0 >= number }.min(), "seed \(seed)")
      #expect(left.last(to: number) == leftPlain.filter { $0 <= number }.max(), "seed \(seed)")
      let range = number...min(number + 3, UInt64(Self.end))
      #expect(left.contains(range) == Set(range).isSubset(of: leftPlain), "seed \(seed)")
    }
    let smallest = left.holes.ranges.map(\.count).min()
    #expect(left.smallestHole?.count == smallest, "seed \(seed)")
  }

  @Test("every pair of small sets joins the same in either order, twice as once, in any grouping")
  func laws() {
    let all = (0..<64).map { bits in
      let numbers = (1...6 as ClosedRange<UInt64>).filter { bits >> ($0 - 1) & 1 == 1 }
      return Intervals(numbers.map { $0...$0 })
    }
    for left in all {
      #expect(left.union(left) == left)
      for right in all {
        #expect(left.union(right) == right.union(left))
        #expect(left.isSubset(of: left.union(right)))
        for third in all {
          #expect(left.union(right).union(third) == left.union(right.union(third)))
        }
      }
    }
  }

  @Test("all up to a number is one interval from 1, and nothing up to none")
  func all() {
    #expect(Intervals(1...5).isAll(upTo: 5))
    #expect(!Intervals(1...6).isAll(upTo: 5))
    #expect(!Intervals(2...5).isAll(upTo: 5))
    #expect(Intervals().isAll(upTo: 0))
    #expect(!Intervals(1...1).isAll(upTo: 0))
  }
}
