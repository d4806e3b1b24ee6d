public import Model

/// When a commit was closed, on every clock that its node had.
public struct CommitClock: Hashable, Sendable {
  /// The node's CLOCK_BOOTTIME at the arrival of what is in it.
  public var arrival: NodeTime
  /// What the clocks said.
  public var observation: ClockObservation

  /// Puts a clock together.
  public init(arrival: NodeTime, observation: ClockObservation) {
    self.arrival = arrival
    self.observation = observation
  }
}

/// When a reading was taken, as well as the records can tell.
public struct ReadingDate: Hashable, Sendable {
  /// On the node's clock.
  public var node: NodeTime
  /// In UTC.
  public var utc: Dating

  /// Puts a date together.
  public init(node: NodeTime, utc: Dating) {
    self.node = node
    self.utc = utc
  }
}

/// Dates readings from the fits and anchors on record; nothing that is signed is rewritten.
public struct Timeline: Hashable, Sendable {
  /// The node's clock against UTC.
  public private(set) var node = NodeTimeline()
  /// The boards' clocks against the node's.
  public private(set) var devices = DeviceTimeline()
  /// What administrators say of boots.
  private(set) var overrides = RegisterFold()

  /// Begins with nothing on record.
  public init() {}

  /// Takes an anchor or a fit; other entries change nothing.
  public mutating func apply(_ content: JournalContent, in clockEpoch: ClockEpoch) {
    switch content {
    case .anchor(let anchor): node.apply(anchor, in: clockEpoch)
    case .clockFit(let fit): devices.apply(fit, in: clockEpoch)
    default: return
    }
  }

  /// Takes a write of a register of boots.
  mutating func apply(_ write: RegisterWrite, record: RecordId, stamp: Stamp) {
    overrides.apply(write, record: record, stamp: stamp)
    guard let clockEpoch = ClockEpoch(write.key.bytes) else { return }
    node.override(clockEpoch, by: Self.override(overrides.value(write.key))?.anchor)
  }

  /// UTC of a time of the commit's node. An epoch without an anchor is dated by what the commit's
  /// own clocks said, and uncertain.
  public func date(_ time: NodeTime, in commit: CommitClock) -> Dating {
    if let dating = node.date(time) { return dating }
    let arrivalUs = Saturating.sum(
      commit.observation.wallUs,
      Saturating.difference(commit.arrival.bootUs, commit.observation.bootUs))
    let elapsed =
      time.clockEpoch == commit.arrival.clockEpoch
      ? Saturating.difference(time.bootUs, commit.arrival.bootUs) : 0
    return Dating(utcUs: Saturating.sum(arrivalUs, elapsed), boundUs: nil, quality: .uncertain)
  }

  /// Dates a reading on the node's own clock.
  public func date(bootUs: Int64, in commit: CommitClock) -> ReadingDate {
    let time = NodeTime(clockEpoch: commit.arrival.clockEpoch, bootUs: bootUs)
    return ReadingDate(node: time, utc: date(time, in: commit))
  }

  /// Dates a sample of a board; `lastMs` are the ticks of the last sample of its source in the
  /// commit.
  ///
  /// An epoch that was never probed lies between its neighbours: its last sample was taken before
  /// it arrived and before the next epoch began, its first one after the epoch before began.
  public func date(
    ticksMs: Int64, of identity: DeviceIdentity, epoch: UInt32, lastMs: Int64,
    in commit: CommitClock
  ) -> ReadingDate {
    if let found = devices.time(of: identity, epoch: epoch, ticksMs: ticksMs),
      node.isAnchored(found.time.clockEpoch) || found.time.clockEpoch == commit.arrival.clockEpoch
    {
      var utc = date(found.time, in: commit)
      utc.boundUs = utc.boundUs.map { Saturating.sum($0, found.boundUs) }
      if utc.quality == .good, !found.isGood { utc.quality = .provisional }
      return ReadingDate(node: found.time, utc: utc)
    }
    let beforeLastUs = (lastMs - ticksMs) * 1_000
    let (below, above) = devices.neighbours(of: identity, epoch: epoch)
    var latestUs = date(commit.arrival, in: commit).utcUs
    if let next = above.flatMap({ beginning(of: identity, epoch: $0) }) {
      latestUs = min(latestUs, next)
    }
    let utcUs = Saturating.difference(latestUs, beforeLastUs)
    var boundUs: Int64?
    if let previous = below.flatMap({ beginning(of: identity, epoch: $0) }) {
      let earliestUs = Saturating.sum(previous, ticksMs * 1_000)
      boundUs = max(0, Saturating.difference(utcUs, earliestUs))
    }
    return ReadingDate(
      node: NodeTime(
        clockEpoch: commit.arrival.clockEpoch,
        bootUs: Saturating.difference(commit.arrival.bootUs, beforeLastUs)),
      utc: Dating(utcUs: utcUs, boundUs: boundUs, quality: .uncertain))
  }

  /// UTC of a board's boot; nil when it cannot be told.
  private func beginning(of identity: DeviceIdentity, epoch: UInt32) -> Int64? {
    // The first tick of the first segment that was probed: the boot itself unless it slept.
    guard let found = devices.time(of: identity, epoch: epoch, ticksMs: 0) else { return nil }
    return node.date(found.time)?.utcUs
  }
}
