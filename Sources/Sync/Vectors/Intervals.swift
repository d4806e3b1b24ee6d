internal import Model

/// A set of record numbers of one log, as disjoint, ascending ranges that do not touch.
///
/// Numbers are 1 to 2^40 - 1. How many ranges there are is bounded by whoever fills it
/// (`Limits.intervalsMax`).
public struct Intervals: Hashable, Sendable, CustomStringConvertible {
  /// The ranges, ascending; between two of them at least one number is missing.
  public private(set) var ranges: [ClosedRange<UInt64>] = []

  /// Nothing.
  public init() {}

  /// One range.
  public init(_ range: ClosedRange<UInt64>) { ranges = [range] }

  /// The union of ranges in any order.
  public init(_ ranges: some Sequence<ClosedRange<UInt64>>) {
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { append(range) }
  }

  /// True where it holds nothing.
  public var isEmpty: Bool { ranges.isEmpty }

  /// How many numbers it holds.
  public var count: UInt64 { ranges.reduce(0) { $0 + UInt64($1.count) } }

  /// The greatest number; nil where it holds nothing.
  public var last: UInt64? { ranges.last?.upperBound }

  /// Whether it is all numbers from 1 to `head`, and no other; of head 0, whether it is empty.
  public func isAll(upTo head: UInt64) -> Bool {
    head == 0 ? isEmpty : ranges == [1...head]
  }

  /// Whether it holds a number.
  public func contains(_ number: UInt64) -> Bool {
    let place = firstPlace(endingAtOrAfter: number)
    return place < ranges.count && ranges[place].lowerBound <= number
  }

  /// The first number that it holds from one on.
  public func first(from number: UInt64) -> UInt64? {
    let place = firstPlace(endingAtOrAfter: number)
    return place < ranges.count ? max(ranges[place].lowerBound, number) : nil
  }

  /// The last number that it holds up to one.
  public func last(to number: UInt64) -> UInt64? {
    let place = firstPlace(endingAtOrAfter: number)
    if place < ranges.count, ranges[place].lowerBound <= number { return number }
    return place > 0 ? ranges[place - 1].upperBound : nil
  }

  /// Whether it holds every number of a range.
  public func contains(_ range: ClosedRange<UInt64>) -> Bool {
    let place = firstPlace(endingAtOrAfter: range.lowerBound)
    guard place < ranges.count else { return false }
    return ranges[place].lowerBound <= range.lowerBound
      && range.upperBound <= ranges[place].upperBound
  }

  /// Whether every number that it holds is in another set.
  public func isSubset(of other: Intervals) -> Bool {
    ranges.allSatisfy { other.contains($0) }
  }

  /// Adds a range; what touches becomes one.
  public mutating func insert(_ range: ClosedRange<UInt64>) {
    // The first that may touch it: one that ends right before it counts.
    let from = firstPlace(endingAtOrAfter: max(range.lowerBound, 1) - 1)
    var (low, high, to) = (range.lowerBound, range.upperBound, from)
    while to < ranges.count, ranges[to].lowerBound <= range.upperBound + 1 {
      low = min(low, ranges[to].lowerBound)
      high = max(high, ranges[to].upperBound)
      to += 1
    }
    ranges.replaceSubrange(from..<to, with: CollectionOfOne(low...high))
  }

  /// The numbers of both.
  public func union(_ other: Intervals) -> Intervals {
    var result = Intervals()
    var (left, right) = (ranges[...], other.ranges[...])
    while let first = left.first ?? right.first {
      if let second = right.first, second.lowerBound < first.lowerBound || left.isEmpty {
        result.append(second)
        right = right.dropFirst()
      } else {
        result.append(first)
        left = left.dropFirst()
      }
    }
    return result
  }

  /// The numbers that are in both.
  public func intersection(_ other: Intervals) -> Intervals {
    var result = Intervals()
    var (left, right) = (ranges[...], other.ranges[...])
    while let first = left.first, let second = right.first {
      let low = max(first.lowerBound, second.lowerBound)
      let high = min(first.upperBound, second.upperBound)
      if low <= high { result.append(low...high) }
      if first.upperBound < second.upperBound {
        left = left.dropFirst()
      } else {
        right = right.dropFirst()
      }
    }
    return result
  }

  /// The numbers that are not in the other.
  public func subtracting(_ other: Intervals) -> Intervals {
    var result = Intervals()
    var rest = other.ranges[...]
    for range in ranges {
      var low = range.lowerBound
      while let hole = rest.first, hole.lowerBound <= range.upperBound {
        if hole.lowerBound > low { result.append(low...(hole.lowerBound - 1)) }
        low = max(low, hole.upperBound + 1)
        // One that goes on behind this range may take from the next as well.
        if hole.upperBound > range.upperBound { break }
        rest = rest.dropFirst()
      }
      if low <= range.upperBound { result.append(low...range.upperBound) }
    }
    return result
  }

  /// What is missing between 1 and the greatest number.
  public var holes: Intervals {
    guard let last else { return Intervals() }
    return Intervals(1...last).subtracting(self)
  }

  /// The smallest of the holes, of equals the first: asked for first where there are too many.
  public var smallestHole: ClosedRange<UInt64>? {
    holes.ranges.min { $0.count < $1.count }
  }

  /// Whether the set would have more ranges with this one in it.
  public func wouldOpen(_ range: ClosedRange<UInt64>) -> Bool {
    let place = firstPlace(endingAtOrAfter: max(range.lowerBound, 1) - 1)
    return place == ranges.count || ranges[place].lowerBound > range.upperBound + 1
  }

  /// The ranges, for a log.
  public var description: String {
    ranges.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }.joined(separator: " ")
  }

  /// The place of the first range that ends at a number or behind it.
  private func firstPlace(endingAtOrAfter number: UInt64) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Adds a range that begins at or behind the last one's begin.
  private mutating func append(_ range: ClosedRange<UInt64>) {
    guard let last = ranges.last, range.lowerBound <= last.upperBound + 1 else {
      ranges.append(range)
      return
    }
    let end = max(last.upperBound, range.upperBound)
    ranges[ranges.count - 1] = last.lowerBound...end
  }
}

extension FieldWriter {
  /// Intervals as docs/sync-format.md section 2 has them.
  mutating func intervals(_ intervals: Intervals) {
    varint(intervals.ranges.count)
    var next: UInt64 = 1
    for range in intervals.ranges {
      varint(range.lowerBound - next)
      varint(range.upperBound - range.lowerBound)
      // No two touch: the number behind one is never the first of the next.
      next = range.upperBound + 2
    }
  }
}

extension FieldReader {
  /// Intervals of a lane, at most `Limits.intervalsMax`.
  mutating func intervals(_ lane: Lane) throws(DecodeError) -> Intervals {
    let count = try count(max: Limits.intervalsMax)
    var found: [ClosedRange<UInt64>] = []
    found.reserveCapacity(min(count, remaining))
    var next: UInt64 = 1
    for _ in 0..<count {
      let start = offset
      let (gap, length) = (try varint(), try varint())
      guard gap < lane.seqEnd, length < lane.seqEnd, next + gap + length < lane.seqEnd else {
        throw DecodeError(.range, at: start)
      }
      found.append((next + gap)...(next + gap + length))
      next += gap + length + 2
    }
    return Intervals(found)
  }
}
