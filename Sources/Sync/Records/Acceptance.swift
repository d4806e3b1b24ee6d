/// Why a record that is kept and forwarded changes nothing here, yet. Raw values are on disk:
/// never renumber.
public enum Unapplied: UInt8, Hashable, Sendable, CaseIterable {
  /// Its kind, or the version of its body, is not known to this program.
  case kind = 1
  /// Its author may not do that, as far as is known here.
  case right = 2
  /// It breaks a rule of its kind.
  case rule = 3
  /// Another content under the same identity counts: the one of the lower hash.
  case conflict = 4
}

/// What becomes of a record that came (docs/sync-format.md, section 4).
public enum Verdict: Hashable, Sendable {
  /// Its signature fails: it has no identity, and is counted against who carried it.
  case dropped
  /// It is here already.
  case known
  /// Another content is here under its identity, and both were signed: an alarm. Both are kept;
  /// true where this one's hash is the lower, so that state applies it instead.
  case conflict(isLower: Bool)
  /// Its origin is no member, as far as is known here: it is kept apart and not in `seen`.
  case waits
  /// It would open one interval too many. This hole is to be asked for first.
  case refused(fillFirst: ClosedRange<UInt64>?)
  /// Kept, forwarded and in `seen`; applied where there is no reason against it.
  case kept(Unapplied?)
}

/// What is known here of the identity that a record claims.
public enum KnownContent: Hashable, Sendable {
  /// Nothing.
  case none
  /// It was here, and what it said has gone by age.
  case gone
  /// The hash of what it says.
  case hash([UInt8])
}

/// Decides over one record at a time.
///
/// Rights do not depend on the order of arrival: what was judged `waits` or `right` is judged again
/// when the membership changes, what was judged `kind` by every new version.
public struct Acceptance: Sendable {
  /// Whether the origin is or was a member, as far as is known here.
  public var isMember: Bool
  /// What was seen of the record's log.
  public var seen: Intervals

  /// Begins with what is known of a log.
  public init(isMember: Bool, seen: Intervals) {
    self.isMember = isMember
    self.seen = seen
  }

  /// The verdict over a record; what would be kept is in `seen` afterwards.
  ///
  /// `hash` is that of its content; `reason` is asked only of what would be kept.
  public mutating func judge(
    _ seq: UInt64, hash: [UInt8], signatureHolds: Bool, known: KnownContent,
    reason: () -> Unapplied?
  ) -> Verdict {
    guard signatureHolds else { return .dropped }
    switch known {
    case .gone: return .known
    case .hash(let here) where here == hash: return .known
    case .hash(let here):
      let isLower = hash.lexicographicallyPrecedes(here)
      return .conflict(isLower: isLower && !SeededBug.conflictFirstArrival.isOn)
    case .none: break
    }
    guard isMember else { return .waits }
    // Seen, and neither its content nor its absence is known: nothing new comes of it.
    guard !seen.contains(seq) else { return .known }
    if seen.ranges.count >= Limits.intervalsMax, seen.wouldOpen(seq...seq) {
      return .refused(fillFirst: seen.smallestHole)
    }
    seen.insert(seq...seq)
    return .kept(reason())
  }
}

/// What the links of two neighbours say of one another.
public enum ChainEvidence: Hashable, Sendable {
  /// One of them is not here.
  case open
  /// The later one names the earlier.
  case whole
  /// The origin signed two pasts: an alarm, and nothing else follows from it.
  case fork

  /// Compares the link of entry n - 1 with what entry n says of it.
  public init(linkBefore: [UInt8]?, named: [UInt8]) {
    guard let linkBefore else {
      self = .open
      return
    }
    self = linkBefore == named ? .whole : .fork
  }
}
