/// RESUME (05): the host answers HELLO with what it has on disk (PROTOCOL.md 2.4).
public struct Resume: Equatable, Sendable {
  /// What the host has of one epoch.
  public struct Entry: Equatable, Sendable {
    /// Which.
    public var epoch: UInt32
    /// Every seq below it is on disk.
    public var durable: UInt32

    /// States one epoch.
    public init(epoch: UInt32, durable: UInt32) {
      self.epoch = epoch
      self.durable = durable
    }
  }

  /// Random, never 0.
  public var session: UInt32
  /// Samples of the running epoch with a seq below it may be sent.
  public var limit: UInt32
  /// The entries, in the order of the HELLO; those from `count` on mean nothing and are zero.
  public private(set) var entries = InlineArray<4, Entry>(repeating: Entry(epoch: 0, durable: 0))
  /// How many entries there are, 1 to 4.
  public private(set) var count = 0

  /// A RESUME without entries; append at least one.
  public init(session: UInt32, limit: UInt32) {
    precondition(session != 0)
    self.session = session
    self.limit = limit
  }

  /// Bytes of a body with so many entries.
  public static func bytes(epochCount: Int) -> Int { 10 + 8 * epochCount }

  /// Appends an entry, at most four.
  public mutating func append(_ entry: Entry) {
    precondition(count < Limits.epochsMax)
    entries[count] = entry
    count += 1
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.resume)
    session = try reader.u32()
    limit = try reader.u32()
    let count = Int(try reader.u8())
    guard session != 0, (1...Limits.epochsMax).contains(count) else { throw .field }
    for _ in 0..<count {
      let epoch = try reader.u32()
      append(Entry(epoch: epoch, durable: try reader.u32()))
    }
    try reader.skipTlvs()
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    precondition(count > 0)
    body.append(MessageType.resume.rawValue)
    body.append(u32: session)
    body.append(u32: limit)
    body.append(UInt8(count))
    for index in 0..<count {
      body.append(u32: entries[index].epoch)
      body.append(u32: entries[index].durable)
    }
  }

  /// Whether both say the same.
  public static func == (left: Self, right: Self) -> Bool {
    guard left.session == right.session, left.limit == right.limit, left.count == right.count
    else { return false }
    for index in 0..<left.count where left.entries[index] != right.entries[index] {
      return false
    }
    return true
  }
}
