public import Model

/// Who wrote a journal entry, and what the clocks said.
public struct Stamp: Hashable, Sendable {
  /// Whether the wall clock was synchronised: an untrusted one ranks below every trusted one.
  public var trusted: Bool
  /// CLOCK_BOOTTIME, in µs.
  public var bootUs: Int64
  /// The wall clock, in µs since 1970.
  public var wallUs: Int64
  /// Who: `node`, `local:1000`; at most 255 bytes of UTF-8.
  public var author: String

  /// Puts a stamp together.
  public init(trusted: Bool, bootUs: Int64, wallUs: Int64, author: String) {
    self.trusted = trusted
    self.bootUs = bootUs
    self.wallUs = wallUs
    self.author = author
  }
}

/// One entry of the journal: everything that is state (docs/storage-format.md section 5).
public struct JournalEntry: Hashable, Sendable {
  /// Who and when.
  public var stamp: Stamp
  /// What.
  public var content: JournalContent
  /// The boot of the node that it speaks of; nil for the one in which it is written. It stands
  /// beside the body on disk, so what is decoded has none.
  public var clockEpoch: ClockEpoch?

  /// Puts an entry together.
  public init(stamp: Stamp, content: JournalContent, clockEpoch: ClockEpoch? = nil) {
    self.stamp = stamp
    self.content = content
    self.clockEpoch = clockEpoch
  }
}

/// What a journal entry says, by kind.
public enum JournalContent: Hashable, Sendable {
  /// An incarnation begins.
  case incarnation(IncarnationBegun)
  /// A register is set or removed.
  case registerWrite(RegisterWrite)
  /// A board's descriptor, seen for the first time.
  case descriptor(DescriptorSeen)
  /// Boot time against UTC.
  case anchor(Anchor)
  /// A board's ticks against boot time.
  case clockFit(ClockFit)
  /// Readings are hidden.
  case deletion(Deletion)
  /// They are shown again.
  case deletionUndone(Withdrawal)
  /// A person adds values.
  case lateValues(LateValues)
  /// They are taken back.
  case lateValuesWithdrawn(Withdrawal)
  /// A person says something of a time.
  case annotation(Annotation)
  /// It is taken away.
  case annotationRemoved(Withdrawal)
  /// A quota or a full disk took readings away.
  case trimming(Trimming)
  /// A person has seen what went.
  case trimmingSeen(TrimmingSeen)
  /// A person or a token counts no more.
  case accessRevoked(AccessRevocation)
  /// A person or program gave an order.
  case commandIssued(CommandIssued)
  /// The order is about to be written to the device.
  case commandClaimed(CommandClaimed)
  /// What became of the order.
  case commandOutcome(CommandOutcome)
  /// A site is founded.
  case siteFounded(SiteFounded)
  /// A node may do something.
  case grant(Grant)
  /// A node may no longer do something.
  case revocation(Revocation)
  /// A node stands where another one stood.
  case succession(Succession)
  /// An alarm begins.
  case alarmRaised(AlarmRaised)
  /// It is over.
  case alarmCleared(AlarmCleared)
  /// A person has seen it.
  case alarmAcknowledged(AlarmAcknowledged)
  /// Somebody was told of it.
  case alarmDelivered(AlarmDelivered)
  /// A picture of a device was taken.
  case snapshotTaken(SnapshotTaken)

  /// The kind's number on disk.
  public var kind: UInt16 {
    switch self {
    case .incarnation: return 1
    case .registerWrite: return 2
    case .descriptor: return 3
    case .anchor: return 4
    case .clockFit: return 5
    case .deletion: return 6
    case .deletionUndone: return 7
    case .lateValues: return 8
    case .lateValuesWithdrawn: return 9
    case .annotation: return 10
    case .annotationRemoved: return 11
    case .trimming: return 12
    case .trimmingSeen: return 13
    case .accessRevoked: return 14
    case .commandIssued: return 16
    case .commandClaimed: return 17
    case .commandOutcome: return 18
    case .siteFounded: return 19
    case .grant: return 20
    case .revocation: return 21
    case .succession: return 22
    case .alarmRaised: return 24
    case .alarmCleared: return 25
    case .alarmAcknowledged: return 26
    case .alarmDelivered: return 27
    case .snapshotTaken: return 28
    }
  }

  /// Whether it may date readings anew.
  public var isDating: Bool {
    switch self {
    case .anchor, .clockFit: return true
    case .registerWrite(let write): return write.key.space == RegisterSpace.clock.rawValue
    default: return false
    }
  }

  /// The lane it belongs to.
  public var lane: Lane {
    switch self {
    // Revocations and alarms travel first, like commands.
    case .commandIssued, .commandClaimed, .commandOutcome, .accessRevoked, .alarmRaised,
      .alarmCleared, .alarmAcknowledged, .alarmDelivered, .siteFounded, .grant, .revocation,
      .succession:
      return .control
    case .snapshotTaken: return .blobs
    default: return .state
    }
  }
}

/// Kind 1: the first entry of an incarnation.
public struct IncarnationBegun: Hashable, Sendable {
  /// The incarnation before it on this disk; nil for the very first.
  public var parent: Parent?

  /// Where the parent stood, as this disk knows it.
  public struct Parent: Hashable, Sendable {
    /// Which.
    public var incarnation: Incarnation
    /// Its highest seq in lanes 0 to 4, 0 where it has none.
    public var heads: [UInt64]

    /// Names a parent; there are exactly five heads.
    public init(incarnation: Incarnation, heads: [UInt64]) {
      precondition(heads.count == Lane.allCases.count, "\(heads.count) heads")
      self.incarnation = incarnation
      self.heads = heads
    }
  }

  /// Begins an incarnation.
  public init(parent: Parent?) {
    self.parent = parent
  }
}

/// What a register is about. Raw values are on disk: never renumber.
public enum RegisterSpace: UInt8, Sendable, CaseIterable {
  /// Identity to a name in UTF-8.
  case deviceName = 1
  /// Identity to `companion`, `otomate`, `printer`, `other`.
  case deviceKind = 2
  /// Identity to `yes` or `no`.
  case openAtStart = 3
  /// Identity to bits per second in ASCII decimal.
  case speed = 4
  /// Question id to an answer in ASCII.
  case answer = 5
  /// Provisional identity to identity.
  case assignment = 6
  /// Identity to `1`.
  case forgotten = 7
  /// A setting's ASCII name to UTF-8.
  case setting = 8
  /// Identity to (port path, model).
  case lastSeen = 9
  /// Scope to how long its readings are kept.
  case retention = 10
  /// A boot of a node to what an administrator says of its time (`ClockOverride`).
  case clock = 11
  /// A person's name to role, generation and password (`UserRecord`).
  case user = 12
  /// A token's id to its name, permissions and secret's hash (`TokenRecord`).
  case token = 13
  /// 8 random bytes to a rule of alarms (`AlarmRule`).
  case alarmRule = 14
  /// 8 random bytes to whom alarms are told (`AlarmRecipient`).
  case recipient = 15
}

/// Kind 2: a register is set or removed.
public struct RegisterWrite: Hashable, Sendable {
  /// Which register.
  public var key: RegisterKey
  /// What it holds from now on; nil when it is removed.
  public var value: [UInt8]?
  /// Every write of this register that the author saw.
  public var replaces: [RecordId]

  /// Puts a write together; at most `Limits.replacesMax` replaced writes.
  public init(key: RegisterKey, value: [UInt8]?, replaces: [RecordId]) {
    self.key = key
    self.value = value
    self.replaces = replaces
  }
}

/// The name of a register.
public struct RegisterKey: Hashable, Sendable {
  /// What it is about; a raw number, since a later version may know more spaces.
  public var space: UInt8
  /// The key within the space.
  public var bytes: [UInt8]

  /// Names a register.
  public init(_ space: RegisterSpace, _ bytes: [UInt8]) {
    self.init(space: space.rawValue, bytes: bytes)
  }

  /// Names a register of a device.
  public init(_ space: RegisterSpace, _ identity: DeviceIdentity) {
    self.init(space, IdentityBytes.encode(identity))
  }

  /// Names a register of a space that this program may not know.
  public init(space: UInt8, bytes: [UInt8]) {
    self.space = space
    self.bytes = bytes
  }
}

/// Kind 3: a board's descriptor.
public struct DescriptorSeen: Hashable, Sendable {
  /// Whose.
  public var identity: DeviceIdentity
  /// FNV-1a 64 of the bytes, as the board states it.
  public var hash: UInt64
  /// The descriptor itself, at most `Limits.descriptorBytesMax`.
  public var bytes: [UInt8]

  /// Puts it together.
  public init(identity: DeviceIdentity, hash: UInt64, bytes: [UInt8]) {
    self.identity = identity
    self.hash = hash
    self.bytes = bytes
  }
}

/// Kind 4: boot time against UTC, in the clock epoch of the entry.
public struct Anchor: Hashable, Sendable {
  /// Where an anchor comes from. Raw values are on disk: never renumber.
  public enum Origin: UInt8, Sendable {
    /// Nobody vouches for it.
    case unknown = 0
    /// The kernel said that its clock is synchronised.
    case kernel = 1
    /// A person said so.
    case person = 2
  }

  /// CLOCK_BOOTTIME, in µs.
  public var bootUs: Int64
  /// UTC at that time, in µs since 1970.
  public var utcUs: Int64
  /// At most so far off, in µs.
  public var errorUs: Int64
  /// Who says so.
  public var origin: Origin

  /// Puts an anchor together.
  public init(bootUs: Int64, utcUs: Int64, errorUs: Int64, origin: Origin) {
    self.bootUs = bootUs
    self.utcUs = utcUs
    self.errorUs = errorUs
    self.origin = origin
  }
}

/// Kind 5: a board's ticks against CLOCK_BOOTTIME, in the clock epoch of the entry.
public struct ClockFit: Hashable, Sendable {
  /// Whose clock.
  public var identity: DeviceIdentity
  /// In which run of the board.
  public var epoch: UInt32
  /// The tick at which the board's present segment began (0 before any sleep).
  public var segmentStartMs: Int64
  /// A tick...
  public var referenceTicksMs: Int64
  /// ...and the CLOCK_BOOTTIME, in µs, at which it happened.
  public var referenceBootUs: Int64
  /// How much longer than 1 ms a tick is, in parts per 10^9.
  public var ratePpb: Int64
  /// At most so far off at the reference, in µs.
  public var boundUs: Int64
  /// Fitted over at least a minute, rather than from the best of a few probes.
  public var isGood: Bool

  /// Puts a fit together.
  public init(
    identity: DeviceIdentity, epoch: UInt32, segmentStartMs: Int64, referenceTicksMs: Int64,
    referenceBootUs: Int64, ratePpb: Int64, boundUs: Int64, isGood: Bool
  ) {
    self.identity = identity
    self.epoch = epoch
    self.segmentStartMs = segmentStartMs
    self.referenceTicksMs = referenceTicksMs
    self.referenceBootUs = referenceBootUs
    self.ratePpb = ratePpb
    self.boundUs = boundUs
    self.isGood = isGood
  }
}
