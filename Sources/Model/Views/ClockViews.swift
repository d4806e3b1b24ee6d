/// What an administrator says of one boot of the node.
public struct ClockOverrideView: Codable, Sendable, Equatable {
  /// CLOCK_BOOTTIME, in microseconds...
  public var bootUs: Int64
  /// ...and the UTC at that time, in microseconds since 1970.
  public var utcUs: Int64
  /// At most so far off, in microseconds.
  public var boundUs: Int64
  /// Where it comes from; empty when nothing was said.
  public var note: String
  /// Who, such as `local:1000`.
  public var author: String
  /// When it was written, by the wall clock of the node.
  public var atUs: Int64
  /// Whether that clock was trusted.
  public var trusted: Bool

  /// Puts it together.
  public init(
    bootUs: Int64, utcUs: Int64, boundUs: Int64, note: String, author: String, atUs: Int64,
    trusted: Bool
  ) {
    self.bootUs = bootUs
    self.utcUs = utcUs
    self.boundUs = boundUs
    self.note = note
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
  }
}

/// One boot of the node, and how it is dated.
public struct ClockEpochView: Codable, Sendable, Equatable {
  /// What dates a boot. Raw values are the API's: never rename.
  public enum Basis: String, Codable, Sendable, CaseIterable {
    /// Times at which the kernel said that its clock is synchronised.
    case anchors
    /// The ends of the boots around it: it lies between them.
    case neighbours
    /// What an administrator says.
    case override
    /// Nothing: its wall clock is all there is, and nobody vouches for that.
    case nothing
  }

  /// Its id: 32 hexadecimal digits, the kernel's boot id.
  public var epoch: String
  /// How many boots there were up to it, it included.
  public var number: Int64
  /// Whether it is the one that runs now.
  public var isPresent: Bool
  /// CLOCK_BOOTTIME of its last commit, or now while it runs, in microseconds.
  public var lastUs: Int64
  /// What dates it.
  public var basis: Basis
  /// How many anchors count.
  public var anchors: Int
  /// When it began and when its last commit was, in microseconds since 1970 UTC; nil while nothing
  /// dates it.
  public var fromUs: Int64?, toUs: Int64?
  /// The largest uncertainty of a time in it, in microseconds; nil while nothing dates it.
  public var boundUs: Int64?
  /// When it began by its own wall clock, which nobody vouches for; nil when that is not on record.
  public var claimedUs: Int64?
  /// What an administrator says of it; nil while nothing holds.
  public var override: ClockOverrideView?

  private enum CodingKeys: String, CodingKey {
    case epoch, number, lastUs, basis, anchors, fromUs, toUs, boundUs, claimedUs, override
    case isPresent = "present"
  }

  /// A boot that nothing dates.
  public init(epoch: String, number: Int64, isPresent: Bool, lastUs: Int64) {
    self.epoch = epoch
    self.number = number
    self.isPresent = isPresent
    self.lastUs = lastUs
    basis = .nothing
    anchors = 0
  }
}

/// Every boot of the node, oldest first.
public struct ClocksList: Codable, Sendable, Equatable {
  /// The boots.
  public var clocks: [ClockEpochView]

  /// Puts a list together.
  public init(clocks: [ClockEpochView]) {
    self.clocks = clocks
  }
}

/// The body of a request to say when a boot was.
public struct ClockOverrideRequest: Codable, Sendable, Equatable {
  /// CLOCK_BOOTTIME, in microseconds; its beginning (0) when nil.
  public var bootUs: Int64?
  /// The UTC at that time, in microseconds since 1970.
  public var utcUs: Int64
  /// At most so far off, in microseconds; a minute when nil: so well people read clocks.
  public var boundUs: Int64?
  /// Where it comes from.
  public var note: String?
  /// True: even where the boot's own anchors or the boots around it say otherwise.
  public var anyway: Bool?

  /// Puts a request together.
  public init(
    bootUs: Int64? = nil, utcUs: Int64, boundUs: Int64? = nil, note: String? = nil,
    anyway: Bool? = nil
  ) {
    self.bootUs = bootUs
    self.utcUs = utcUs
    self.boundUs = boundUs
    self.note = note
    self.anyway = anyway
  }
}
