/// HELLO (01): a board says who it is and what it holds (PROTOCOL.md 2.1).
public struct Hello: Equatable, Sendable {
  /// What the board holds of one epoch.
  public struct Epoch: Equatable, Sendable {
    /// The run of the board; 0 only under id 0.
    public var epoch: UInt32
    /// The lowest seq still in the ring.
    public var oldest: UInt32
    /// The seq that the next sample will get.
    public var next: UInt32

    /// States one epoch.
    public init(epoch: UInt32, oldest: UInt32, next: UInt32) {
      self.epoch = epoch
      self.oldest = oldest
      self.next = next
    }
  }

  /// The version of this document.
  public static let version: UInt8 = 1

  /// Whether the identity record cannot be written (flag bit 0).
  public var identityUnwritable = false
  /// The id that a host gave, 0 when the board has none.
  public var deviceId: UInt64 = 0
  /// Random, new at every boot.
  public var nonce: UInt32 = 0
  /// An eFuse MAC or the like, 0 when there is none.
  public var hardwareHint: UInt64 = 0
  /// FNV-1a 64 of the descriptor's bytes.
  public var descriptorHash: UInt64 = 0
  /// Bytes of the descriptor, at most 4096.
  public var descriptorBytes: UInt16 = 0
  /// The longest body this board sends, 58 to 250.
  public var bodyBytesToHostMax: UInt8 = 62
  /// The longest body it accepts, 40 to 250.
  public var bodyBytesToBoardMax: UInt8 = 40
  /// Wire bytes that the host may have outstanding, at least 48.
  public var windowBytes: UInt16 = 48
  /// Samples that the ring holds.
  public var ringCapacity: UInt32 = 0
  /// Samples per 1000 s over all channels; 0 when unknown.
  public var samplesPer1000s: UInt32 = 0
  /// The epochs, newest first; those from `epochCount` on mean nothing and are zero.
  public private(set) var epochs = InlineArray<4, Epoch>(
    repeating: Epoch(epoch: 0, oldest: 0, next: 0))
  /// How many epochs there are, 1 to 4.
  public private(set) var epochCount = 0

  /// A HELLO without epochs; append at least one.
  public init() {}

  /// Appends an epoch, at most four.
  public mutating func append(_ epoch: Epoch) {
    precondition(epochCount < Limits.epochsMax)
    epochs[epochCount] = epoch
    epochCount += 1
  }

  /// The version and the id of a HELLO of any version; nil when the body is none.
  public static func versionAndId(of body: Span<UInt8>) -> (version: UInt8, deviceId: UInt64)? {
    guard body.count >= 11, body[0] == MessageType.hello.rawValue else { return nil }
    var deviceId: UInt64 = 0
    for index in 0..<8 { deviceId |= UInt64(body[3 + index]) &<< UInt64(8 * index) }
    return (body[1], deviceId)
  }

  /// Reads a HELLO of version 1; of another version it throws `.shape`.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.hello)
    guard try reader.u8() == Self.version else { throw .shape }
    identityUnwritable = try reader.u8() & 1 == 1
    deviceId = try reader.u64()
    nonce = try reader.u32()
    hardwareHint = try reader.u64()
    descriptorHash = try reader.u64()
    descriptorBytes = try reader.u16()
    bodyBytesToHostMax = try reader.u8()
    bodyBytesToBoardMax = try reader.u8()
    windowBytes = try reader.u16()
    ringCapacity = try reader.u32()
    samplesPer1000s = try reader.u32()
    let count = Int(try reader.u8())
    guard (1...Limits.epochsMax).contains(count) else { throw .field }
    for _ in 0..<count {
      let epoch = try reader.u32()
      let oldest = try reader.u32()
      append(Epoch(epoch: epoch, oldest: oldest, next: try reader.u32()))
    }
    try reader.skipTlvs()
    guard fieldsAreInRange && epochsAreInRange else { throw .field }
  }

  private var fieldsAreInRange: Bool {
    let resumeBytes = Resume.bytes(epochCount: epochCount)
    let body = Int(bodyBytesToBoardMax)
    return Int(descriptorBytes) <= Limits.descriptorBytesMax
      && (Limits.bodyBytesToHostMin...Limits.bodyBytesMax).contains(Int(bodyBytesToHostMax))
      && (Limits.bodyBytesToBoardMin...Limits.bodyBytesMax).contains(body)
      && Int(windowBytes) >= Limits.windowBytesMin
      && resumeBytes <= body
      && resumeBytes + Limits.frameOverheadBytes <= Int(windowBytes)
  }

  private var epochsAreInRange: Bool {
    if deviceId == 0 {
      return epochCount == 1 && epochs[0] == Epoch(epoch: 0, oldest: 0, next: 0)
    }
    for index in 0..<epochCount {
      let entry = epochs[index]
      guard entry.epoch != 0, entry.oldest <= entry.next else { return false }
      for other in 0..<index where epochs[other].epoch == entry.epoch { return false }
    }
    return true
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    precondition(epochCount > 0)
    body.append(MessageType.hello.rawValue)
    body.append(Self.version)
    body.append(identityUnwritable ? 1 : 0)
    body.append(u64: deviceId)
    body.append(u32: nonce)
    body.append(u64: hardwareHint)
    body.append(u64: descriptorHash)
    body.append(u16: descriptorBytes)
    body.append(bodyBytesToHostMax)
    body.append(bodyBytesToBoardMax)
    body.append(u16: windowBytes)
    body.append(u32: ringCapacity)
    body.append(u32: samplesPer1000s)
    body.append(UInt8(epochCount))
    for index in 0..<epochCount {
      body.append(u32: epochs[index].epoch)
      body.append(u32: epochs[index].oldest)
      body.append(u32: epochs[index].next)
    }
  }

  /// Whether both say the same.
  public static func == (left: Self, right: Self) -> Bool {
    guard left.epochCount == right.epochCount else { return false }
    for index in 0..<left.epochCount where left.epochs[index] != right.epochs[index] {
      return false
    }
    return left.identityUnwritable == right.identityUnwritable
      && left.deviceId == right.deviceId
      && left.nonce == right.nonce
      && left.hardwareHint == right.hardwareHint
      && left.descriptorHash == right.descriptorHash
      && left.descriptorBytes == right.descriptorBytes
      && left.bodyBytesToHostMax == right.bodyBytesToHostMax
      && left.bodyBytesToBoardMax == right.bodyBytesToBoardMax
      && left.windowBytes == right.windowBytes
      && left.ringCapacity == right.ringCapacity
      && left.samplesPer1000s == right.samplesPer1000s
  }
}
