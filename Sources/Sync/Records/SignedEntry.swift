public import Model

/// An entry of a log of state (lanes 0, 1 and 4) with what makes it verify by itself: the link
/// before it and its origin's signature (docs/sync-format.md, section 1).
///
/// Whose it is stands beside it; nothing in `body` is to be read before `holds` said so.
public struct SignedEntry: Hashable, Sendable {
  /// Which log of its run: 0, 1 or 4.
  public let lane: Lane
  /// Its number, from 1.
  public let seq: UInt64
  /// The boot of the origin that it speaks of.
  public let clockEpoch: ClockEpoch
  /// What it is about; a later version may know more kinds.
  public let kind: UInt16
  /// What it says, as it stands in the journal.
  public let body: [UInt8]
  /// The link of the entry before it; zeros for the first.
  public let previousLink: [UInt8]
  /// The origin's, over the link.
  public let signature: [UInt8]

  /// Signs an entry as its origin; what no log can hold is our own mistake and stops the process.
  public init(
    lane: Lane, seq: UInt64, clockEpoch: ClockEpoch, kind: UInt16, body: [UInt8],
    previousLink: [UInt8], incarnation: Incarnation, key: NodeKey
  ) {
    precondition(lane.hasEntries && seq > 0 && seq < lane.seqEnd, "entry \(seq) of \(lane)")
    precondition(body.count <= Limits.journalBytesMax, "a body of \(body.count) bytes")
    precondition(previousLink.count == EntryChain.linkByteCount, "a link")
    self.lane = lane
    self.seq = seq
    self.clockEpoch = clockEpoch
    self.kind = kind
    self.body = body
    self.previousLink = previousLink
    let run = RunId(origin: key.id, incarnation: incarnation)
    let hash = EntryChain.contentHash(
      of: run, lane: lane, seq: seq, clockEpoch: clockEpoch, kind: kind, body: body)
    signature = key.sign(EntryChain.signed(EntryChain.link(after: previousLink, hash)))
  }

  /// Puts an entry together again that was verified before, as a store does.
  public init(
    lane: Lane, seq: UInt64, clockEpoch: ClockEpoch, kind: UInt16, body: [UInt8],
    previousLink: [UInt8], signature: [UInt8]
  ) {
    self.lane = lane
    self.seq = seq
    self.clockEpoch = clockEpoch
    self.kind = kind
    self.body = body
    self.previousLink = previousLink
    self.signature = signature
  }

  /// H of what it says and of what identifies it: two of these under one identity are a conflict.
  public func contentHash(of run: RunId) -> [UInt8] {
    EntryChain.contentHash(
      of: run, lane: lane, seq: seq, clockEpoch: clockEpoch, kind: kind, body: body)
  }

  /// Its link: what the entry after it names.
  public func link(of run: RunId) -> [UInt8] {
    EntryChain.link(after: previousLink, contentHash(of: run))
  }

  /// True if the run's origin signed exactly this.
  public func holds(of run: RunId) -> Bool {
    Signatures.holds(signature, over: EntryChain.signed(link(of: run)), by: run.origin)
  }

  /// The bytes that are sent and kept.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    writer.reserve(body.count + 136)
    writer.u8(lane.rawValue)
    writer.varint(seq)
    writer.raw(clockEpoch.bytes)
    writer.varint(UInt64(kind))
    writer.bytesV(body)
    writer.raw(previousLink)
    writer.raw(signature)
    return writer.bytes
  }

  /// Reads an entry; its signature is not looked at.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    guard let lane = Lane(rawValue: try reader.u8()), lane.hasEntries else {
      throw DecodeError(.range, at: 0)
    }
    self.lane = lane
    seq = try reader.seq(lane)
    clockEpoch = try reader.clockEpoch()
    let kindAt = reader.offset
    guard let kind = UInt16(exactly: try reader.varint()) else {
      throw DecodeError(.range, at: kindAt)
    }
    self.kind = kind
    body = try reader.bytesV(max: Limits.journalBytesMax)
    let linkAt = reader.offset
    previousLink = try reader.raw(EntryChain.linkByteCount)
    // Nothing comes before the first: any other link would be a second past of an empty one.
    guard seq > 1 || previousLink == EntryChain.start else {
      throw DecodeError(.canonical, at: linkAt)
    }
    signature = try reader.raw(Signatures.byteCount)
    try reader.end()
  }
}

extension Lane {
  /// Whether its records are entries, signed one by one.
  public var hasEntries: Bool {
    switch self {
    case .control, .state, .blobs: return true
    case .telemetry, .rollups: return false
    }
  }
}
