public import Model

/// A run of consecutive commits with their origin's signature over all of them: telemetry as it is
/// sent before it is compacted (docs/sync-format.md, section 1).
public struct SignedLive: Hashable, Sendable {
  /// The number of the first commit, from 1.
  public let first: UInt64
  /// The boot of the origin in which all of them were made.
  public let clockEpoch: ClockEpoch
  /// Each commit's body, 1 to `Limits.liveCommitsMax`, together at most `Limits.liveBytesMax`.
  public let bodies: [[UInt8]]
  /// The origin's, over the hashes of all.
  public let signature: [UInt8]

  /// The numbers of its commits.
  public var seqs: ClosedRange<UInt64> { first...(first + UInt64(bodies.count) - 1) }

  /// Signs a run of commits as their origin; one that is too long is our own mistake.
  public init(
    first: UInt64, clockEpoch: ClockEpoch, bodies: [[UInt8]], incarnation: Incarnation,
    key: NodeKey
  ) {
    precondition(
      (1...Limits.liveCommitsMax).contains(bodies.count) && first > 0
        && bodies.reduce(0) { $0 + $1.count } <= Limits.liveBytesMax
        && first + UInt64(bodies.count) <= Lane.telemetry.seqEnd,
      "\(bodies.count) commits from \(first)")
    self.first = first
    self.clockEpoch = clockEpoch
    self.bodies = bodies
    let run = RunId(origin: key.id, incarnation: incarnation)
    let hashes = Self.hashes(of: run, first, clockEpoch, bodies)
    signature = key.sign(Self.signed(run, first, hashes))
  }

  /// Puts a run together again of commits whose hashes were verified before, as a store does.
  public init(first: UInt64, clockEpoch: ClockEpoch, bodies: [[UInt8]], signature: [UInt8]) {
    self.first = first
    self.clockEpoch = clockEpoch
    self.bodies = bodies
    self.signature = signature
  }

  /// The hash of each commit with what identifies it.
  public func commitHashes(of run: RunId) -> [[UInt8]] {
    Self.hashes(of: run, first, clockEpoch, bodies)
  }

  /// True if the run's origin signed exactly these commits.
  public func holds(of run: RunId) -> Bool {
    let message = Self.signed(run, first, commitHashes(of: run))
    return Signatures.holds(signature, over: message, by: run.origin)
  }

  /// H of one commit with what identifies it.
  public static func commitHash(
    of run: RunId, seq: UInt64, clockEpoch: ClockEpoch, body: [UInt8]
  ) -> [UInt8] {
    var writer = FieldWriter()
    writer.reserve(body.count + 96)
    writer.purpose("bivouac commit 1")
    writer.run(run)
    writer.u8(Lane.telemetry.rawValue)
    writer.fixed(seq)
    writer.raw(clockEpoch.bytes)
    writer.raw(body)
    return Blake2b.hash256(writer.bytes)
  }

  private static func hashes(
    of run: RunId, _ first: UInt64, _ clockEpoch: ClockEpoch, _ bodies: [[UInt8]]
  ) -> [[UInt8]] {
    bodies.indices.map {
      commitHash(of: run, seq: first + UInt64($0), clockEpoch: clockEpoch, body: bodies[$0])
    }
  }

  private static func signed(_ run: RunId, _ first: UInt64, _ hashes: [[UInt8]]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac live 1")
    writer.run(run)
    writer.fixed(first)
    writer.fixed(UInt32(hashes.count))
    for hash in hashes { writer.raw(hash) }
    return writer.bytes
  }

  /// The bytes that are sent.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    writer.reserve(bodies.reduce(96) { $0 + $1.count + 3 })
    writer.varint(first)
    writer.varint(bodies.count)
    writer.raw(clockEpoch.bytes)
    for body in bodies { writer.bytesV(body) }
    writer.raw(signature)
    return writer.bytes
  }

  /// Reads a run of commits; neither their signature nor their bodies are looked at.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    first = try reader.seq(.telemetry)
    let countAt = reader.offset
    let count = try reader.count(max: Limits.liveCommitsMax)
    guard count > 0, first + UInt64(count) <= Lane.telemetry.seqEnd else {
      throw DecodeError(.range, at: countAt)
    }
    clockEpoch = try reader.clockEpoch()
    var bodies: [[UInt8]] = []
    var room = Limits.liveBytesMax
    for _ in 0..<count {
      let body = try reader.bytesV(max: room)
      room -= body.count
      bodies.append(body)
    }
    self.bodies = bodies
    signature = try reader.raw(Signatures.byteCount)
    try reader.end()
  }
}
