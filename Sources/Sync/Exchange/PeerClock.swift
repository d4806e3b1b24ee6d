public import Model

/// What a node's running clock says: which boot, and how long that has lasted, in µs.
public struct ClockReading: Hashable, Sendable {
  /// The boot.
  public let clockEpoch: ClockEpoch
  /// CLOCK_BOOTTIME in µs, not negative.
  public let bootUs: Int64

  /// Puts a reading together.
  public init(_ clockEpoch: ClockEpoch, bootUs: Int64) {
    self.clockEpoch = clockEpoch
    self.bootUs = bootUs
  }
}

/// The running clock of another node as a live session measured it, so that the age of what was
/// stamped there is known here whatever the wall clocks say (docs/sync-format.md, section 9).
///
/// It bounds from above: an age that is said to be too great has a command refused, one that is
/// too small would have it run after its life.
public struct PeerClock: Hashable, Sendable {
  /// For how long a measurement serves, in µs: the other side asks anew before that.
  public static let servesUs: Int64 = 900_000_000
  /// How much faster one clock may run than another, as one part in so many: 200 ppm.
  static let driftPart: Int64 = 5_000

  /// What it said.
  public let reading: ClockReading
  /// This node's CLOCK_BOOTTIME in µs at some moment not after that at which it was read.
  public let sinceUs: Int64

  /// A reading that was taken at `sinceUs` of this node's running clock, or later.
  public init(_ reading: ClockReading, sinceUs: Int64) {
    self.reading = reading
    self.sinceUs = sinceUs
  }

  /// The age of a stamp of that node, in µs: it is no older. Nil where it was made in another boot,
  /// or the measurement is too old.
  public func age(of stamp: Stamp, _ clockEpoch: ClockEpoch, nowUs: Int64) -> Int64? {
    let elapsedUs = nowUs - sinceUs
    guard clockEpoch == reading.clockEpoch, elapsedUs >= 0, elapsedUs <= Self.servesUs else {
      return nil
    }
    let theirUs = reading.bootUs.addingReportingOverflow(elapsedUs + elapsedUs / Self.driftPart)
    let age = theirUs.partialValue.subtractingReportingOverflow(stamp.bootUs)
    return theirUs.overflow || age.overflow ? nil : max(0, age.partialValue)
  }
}

/// What measures the asker's clock on the side that answers.
///
/// An asker that names this node's reading in the answer before read its own clock after that
/// answer was made: so what it says is no older than since then.
public struct PeerClockMeter: Sendable {
  private var answeredUs: Int64?

  /// Has answered nothing yet.
  public init() {}

  /// Takes a question, answered at `nowUs` of this node's running clock; what it tells of the
  /// asker's clock, nil for the first.
  public mutating func take(_ mine: ClockReading, echo: Int64, nowUs: Int64) -> PeerClock? {
    defer { answeredUs = nowUs }
    guard let answeredUs, answeredUs == echo else { return nil }
    return PeerClock(mine, sinceUs: answeredUs)
  }
}

extension Stamp {
  /// How old it is at most, in µs: by the clock of one boot; else by the running clock of the node
  /// that made it, as a session with it measured that; else by two wall clocks that both can be
  /// trusted. Nil where none is so: nobody can say.
  public func ageUs(
    in clockEpoch: ClockEpoch, now: ClockObservation, here: ClockEpoch, measured: PeerClock?
  ) -> Int64? {
    if SeededBug.lifeFromReceipt.isOn { return 0 }
    if clockEpoch == here { return max(0, now.bootUs - bootUs) }
    if let age = measured?.age(of: self, clockEpoch, nowUs: now.bootUs) { return age }
    guard trusted, now.trusted else { return nil }
    return max(0, now.wallUs - wallUs)
  }
}
