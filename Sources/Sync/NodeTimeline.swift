public import Model

/// A time on a node's own clock.
public struct NodeTime: Hashable, Sendable {
  /// The boot that the clock counts from.
  public var clockEpoch: ClockEpoch
  /// CLOCK_BOOTTIME, in µs.
  public var bootUs: Int64

  /// Puts a time together.
  public init(clockEpoch: ClockEpoch, bootUs: Int64) {
    self.clockEpoch = clockEpoch
    self.bootUs = bootUs
  }
}

/// A time in UTC, and how far to believe it.
public struct Dating: Hashable, Sendable {
  /// µs since 1970.
  public var utcUs: Int64
  /// At most so far off, in µs; nil when nobody can say.
  public var boundUs: Int64?
  /// How well it is known.
  public var quality: TimeQuality

  /// Puts a dating together.
  public init(utcUs: Int64, boundUs: Int64?, quality: TimeQuality) {
    self.utcUs = utcUs
    self.boundUs = boundUs
    self.quality = quality
  }

  /// So much later, or earlier, in µs, by a clock that nothing else says anything of: it may drift
  /// by `NodeTimeline.driftPpm`. Nobody can say the bound of what had none.
  public func moved(by us: Int64) -> Dating {
    let drift = Saturating.share(us.magnitude, perMillion: NodeTimeline.driftPpm)
    return Dating(
      utcUs: Saturating.sum(utcUs, us), boundUs: boundUs.map { Saturating.sum($0, drift) },
      quality: quality)
  }
}

/// CLOCK_BOOTTIME to UTC: piecewise linear between the anchors of a clock epoch.
///
/// Beyond the first and the last anchor it goes on at the clock's own rate; the uncertainty grows
/// by 50 ppm from the nearest anchor (DESIGN, time), or by what the clock was seen to drift if
/// that is more. Anchors may say anything: sums saturate.
///
/// CLOCK_BOOTTIME does not jump. So where two anchors are further apart than any drift explains,
/// the wall clock was set in between and was wrong before: only the anchors after the last such
/// step count, for the whole epoch.
public struct NodeTimeline: Hashable, Sendable {
  /// How fast the uncertainty grows at least, in parts per million.
  public static let driftPpm: Int64 = 50
  /// More than the kernel ever slews a clock (adjtimex(2): 500 ppm); beyond it is a step.
  public static let stepPpm: Double = 500
  /// What two looks at two clocks may differ by for nothing, in µs.
  private static let lookUs: Double = 1_000

  private struct Boot: Hashable, Sendable {
    /// Every anchor of a clock that was vouched for, by its boot time.
    var all: [Anchor] = []
    /// Of these, those after the last step.
    var steady: [Anchor] = []
    /// How fast the uncertainty grows by those.
    var steadyDriftPpm = NodeTimeline.driftPpm
    /// What a register says: then nothing else counts.
    var override: Anchor?
    /// What a person said last in an anchor: it counts instead of those that were vouched for.
    var stated: Anchor?
    /// What was worked out where nothing was known: it counts only alone.
    var guessed: Anchor?
    /// Whether an administrator's word counted when that was worked out: it may rest upon it.
    var isGuessedByWord = false
    /// The one that counts alone, if one does.
    private var single: [Anchor]?

    /// Those that count.
    var counting: [Anchor] { single ?? steady }

    /// How fast the uncertainty grows.
    var driftPpm: Int64 { single == nil ? steadyDriftPpm : NodeTimeline.driftPpm }

    mutating func settle() {
      single = (override ?? stated ?? (all.isEmpty ? guessed : nil)).map { [$0] }
    }
  }

  private var boots = KeyTable<Boot>()

  /// Begins without anchors.
  public init() {}

  /// Takes an anchor; one at the same boot time replaces the one before.
  public mutating func apply(_ anchor: Anchor, in clockEpoch: ClockEpoch) {
    let place = boots.place(clockEpoch.tableKey, orAdding: Boot())
    switch anchor.origin {
    case .person: boots[place: place].stated = anchor
    case .unknown:
      boots[place: place].guessed = anchor
      boots[place: place].isGuessedByWord = boots.values.contains { $0.override != nil }
    case .kernel: Self.insert(anchor, into: &boots[place: place])
    }
    boots[place: place].settle()
  }

  /// An administrator says when a boot was, or no longer does.
  ///
  /// What was worked out for other boots while another word counted goes with that word: everything
  /// is dated as it was before, until it is worked out anew.
  mutating func override(_ clockEpoch: ClockEpoch, by anchor: Anchor?) {
    override(at: boots.place(clockEpoch.tableKey, orAdding: Boot()), by: anchor)
  }

  mutating func removeOverrides() {
    for place in 0..<boots.count { override(at: place, by: nil) }
  }

  private mutating func override(at place: Int, by anchor: Anchor?) {
    if let before = boots[place: place].override, before != anchor {
      for place in 0..<boots.count where boots[place: place].isGuessedByWord {
        boots[place: place].guessed = nil
        boots[place: place].isGuessedByWord = false
        boots[place: place].settle()
      }
    }
    boots[place: place].override = anchor
    boots[place: place].settle()
  }

  private func boot(_ clockEpoch: ClockEpoch) -> Boot? { boots[clockEpoch.tableKey] }

  private static func insert(_ anchor: Anchor, into boot: inout Boot) {
    let place = boot.all.partition { $0.bootUs >= anchor.bootUs }
    let isNewest = place == boot.all.count
    if !isNewest, boot.all[place].bootUs == anchor.bootUs {
      boot.all[place] = anchor
    } else {
      boot.all.insert(anchor, at: place)
    }
    let length = boot.all.count
    Thinning.thin(&boot.all)
    if isNewest, length == boot.all.count {
      count(anchor, in: &boot)
    } else {
      let all = boot.all
      (boot.steady, boot.steadyDriftPpm) = ([], driftPpm)
      for anchor in all { count(anchor, in: &boot) }
    }
  }

  /// Counts an anchor that follows all others.
  private static func count(_ anchor: Anchor, in boot: inout Boot) {
    if let before = boot.steady.last {
      let spanUs = Double(anchor.bootUs) - Double(before.bootUs)
      let gainedUs = (Double(anchor.utcUs) - Double(before.utcUs) - spanUs).magnitude
      let errorUs = Double(before.errorUs) + Double(anchor.errorUs) + lookUs
      if gainedUs > errorUs + spanUs * stepPpm / 1_000_000 {
        (boot.steady, boot.steadyDriftPpm) = ([], driftPpm)
      } else if gainedUs > errorUs, spanUs > 0 {
        // It drifts for certain: then the most that it can have drifted.
        let seen = Saturating.integer(
          min(stepPpm, ((gainedUs + errorUs) / spanUs * 1_000_000).rounded(.up)))
        boot.steadyDriftPpm = max(boot.steadyDriftPpm, seen)
      }
    }
    boot.steady.append(anchor)
  }

  /// The epochs that had been worked out from an administrator's word, and are so no longer.
  public func unplaced(since old: NodeTimeline) -> [ClockEpoch] {
    zip(old.boots.keys, old.boots.values).compactMap { key, boot in
      boot.isGuessedByWord && boots[key]?.guessed == nil ? ClockEpoch(key.bytes) : nil
    }
  }

  /// Whether something dates the epoch.
  public func isAnchored(_ clockEpoch: ClockEpoch) -> Bool {
    boot(clockEpoch)?.counting.isEmpty == false
  }

  /// What dates the epoch: where its points come from, and how many there are.
  public func basis(of clockEpoch: ClockEpoch) -> (origin: Anchor.Origin, count: Int)? {
    guard let counting = boot(clockEpoch)?.counting, let first = counting.first else {
      return nil
    }
    return (first.origin, counting.count)
  }

  /// UTC of a time; nil when its clock epoch has no anchor.
  public func date(_ time: NodeTime) -> Dating? {
    guard let boot = boot(time.clockEpoch), let first = boot.counting.first else { return nil }
    let list = boot.counting
    let after = list.partition { $0.bootUs > time.bootUs }
    let before = after > 0 ? list[after - 1] : nil
    let next = after < list.count ? list[after] : nil
    let base = before ?? first
    let elapsed = Saturating.difference(time.bootUs, base.bootUs)
    var utcUs = Saturating.sum(base.utcUs, elapsed)
    if let before, let next {
      let span = Double(next.bootUs - before.bootUs)
      let gained = Double(next.utcUs) - Double(before.utcUs) - span
      utcUs = Saturating.sum(utcUs, Saturating.integer(Double(elapsed) * gained / span))
    }
    let nearest = Self.nearest(time.bootUs, before, next) ?? first
    let distance = Saturating.difference(time.bootUs, nearest.bootUs).magnitude
    let drift = Saturating.share(distance, perMillion: boot.driftPpm)
    return Dating(
      utcUs: utcUs, boundUs: Saturating.sum(nearest.errorUs, drift),
      quality: nearest.origin == .unknown ? .uncertain : .good)
  }

  /// The anchors of an epoch within a span of its CLOCK_BOOTTIME, ascending.
  func anchors(within times: Range<Int64>, in clockEpoch: ClockEpoch) -> ArraySlice<Anchor> {
    let list = boot(clockEpoch)?.counting ?? []
    let start = list.partition { $0.bootUs >= times.lowerBound }
    return list[start..<list.partition { $0.bootUs >= times.upperBound }]
  }

  /// The same as `date`, rule by rule: from 0 to `Int64.max`.
  func pieces(of clockEpoch: ClockEpoch) -> [DatingPiece] {
    var pieces = rules(of: clockEpoch)
    // No anchor is before 0, so only the first rule is.
    pieces[0].start = 0
    if pieces[0].end == 0 { pieces.removeFirst() }
    return pieces
  }

  /// The same from `Int64.min` on: a board's fit may say that a tick was before the node's boot.
  func rules(of clockEpoch: ClockEpoch) -> [DatingPiece] {
    guard let boot = boot(clockEpoch), let first = boot.counting.first else {
      return [DatingPiece(start: .min, end: .max, line: nil)]
    }
    let (list, driftPpm) = (boot.counting, boot.driftPpm)
    var pieces: [DatingPiece] = []
    let line = DatingLine(baseBootUs: first.bootUs, baseUtcUs: first.utcUs)
    pieces.append(
      DatingPiece(
        start: .min, end: first.bootUs, line: line,
        bound: DatingBound(before: nil, after: DatingBound.End(first), driftPpm: driftPpm)))
    for (index, anchor) in list.enumerated() {
      var piece = DatingPiece(
        start: anchor.bootUs, end: .max,
        line: DatingLine(baseBootUs: anchor.bootUs, baseUtcUs: anchor.utcUs))
      var after: DatingBound.End?
      if index + 1 < list.count {
        let next = list[index + 1]
        piece.end = next.bootUs
        after = DatingBound.End(next)
        piece.line?.spanUs = Double(next.bootUs - anchor.bootUs)
        piece.line?.gainedUs =
          Double(next.utcUs) - Double(anchor.utcUs) - Double(next.bootUs - anchor.bootUs)
      }
      piece.bound = DatingBound(
        before: DatingBound.End(anchor), after: after, driftPpm: driftPpm)
      pieces.append(piece)
    }
    return pieces
  }

  /// The times in a stretch at which the uncertainty stops growing: half way between two anchors.
  func summits(of clockEpoch: ClockEpoch, in times: ClosedRange<Int64>) -> [Int64] {
    let list = boot(clockEpoch)?.counting ?? []
    var found: [Int64] = []
    for (before, next) in zip(list, list.dropFirst()) {
      let middle = before.bootUs + (next.bootUs - before.bootUs) / 2
      found += [middle, middle + 1].filter { times.contains($0) }
    }
    return found
  }

  private static func nearest(_ bootUs: Int64, _ before: Anchor?, _ next: Anchor?) -> Anchor? {
    guard let before, let next else { return before ?? next }
    return bootUs - before.bootUs <= next.bootUs - bootUs ? before : next
  }
}

extension ClockEpoch {
  var tableKey: TableKey { TableKey(bytes: bytes) }
}

/// Sums that stop at the ends of Int64: what is on a disk may say anything.
public enum Saturating {
  /// The sum of two.
  public static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? (left < 0 ? .min : .max) : sum
  }

  /// The first less the second.
  public static func difference(_ left: Int64, _ right: Int64) -> Int64 {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    return overflow ? (left < 0 ? .min : .max) : difference
  }

  static func integer(_ number: Double) -> Int64 {
    if let exact = Int64(exactly: number.rounded()) { return exact }
    return number < 0 ? .min : .max
  }

  /// A fraction of a distance, rounded up.
  static func share(_ distance: UInt64, perMillion: Int64) -> Int64 {
    integer((Double(distance) * Double(perMillion) / 1_000_000).rounded(.up))
  }
}

/// Keeps lists of points within `Limits.timelinePointsMax`.
enum Thinning {
  static func thin<Point>(_ points: inout [Point]) {
    guard points.count > Limits.timelinePointsMax else { return }
    var kept = 0
    for place in stride(from: (points.count - 1) % 2, to: points.count, by: 2) {
      points[kept] = points[place]
      kept += 1
    }
    while points.count > kept { points.removeLast() }
  }
}

extension Array {
  /// The first index from which on the predicate holds; it must hold for a tail of the array.
  func partition(_ belongsToTail: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongsToTail(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
