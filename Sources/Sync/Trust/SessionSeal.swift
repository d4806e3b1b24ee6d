internal import Model

/// Why a sealed message changes nothing and ends its session.
public enum SealFailure: String, Error, Hashable, Sendable {
  /// Too short, or its length is not what it says.
  case malformed
  /// The MAC does not hold.
  case mac
  /// The counter was used, or is not that of the request under way.
  case counter
  /// An earlier message has ended the session.
  case over
}

/// One channel of a session, one side of it: seals what it sends, opens what it takes.
///
/// A request has a counter above all before it; its answer, and the batch that goes along with
/// either, has the same. So nothing is taken twice, and no answer to one request is taken for that
/// to another, while a request that was lost on the way does no harm. Whatever does not hold ends
/// the session: `isOver`.
public struct SessionSeal: Sendable {
  /// What a MAC is made for, so that none serves for another.
  struct Names: Sendable {
    let request: String
    let answer: String

    static let hello = Names(request: Hello.name, answer: Hello.name)
    static let exchange = Names(request: "request", answer: "answer")
    static let batch = "batch"
  }

  /// What was under a seal.
  public struct Opened: Hashable, Sendable {
    /// The body.
    public let body: [UInt8]
    /// How many bytes the seal and its body took: what follows lies outside.
    public let byteCount: Int
  }

  /// The length of a MAC in bytes.
  static let macByteCount = 16

  /// Whether a message has ended the session.
  public private(set) var isOver = false
  /// The counter of the request under way, or of the last one; 0 before the first.
  public private(set) var counter: UInt64 = 0
  private var isAwaiting = false
  private let sends: [UInt8]
  private let takes: [UInt8]
  private let names: Names

  init(sends: [UInt8], takes: [UInt8], names: Names) {
    self.sends = sends
    self.takes = takes
    self.names = names
  }

  /// The initiator: seals a request. That no answer came to the one before does no harm.
  public mutating func sealRequest(_ body: [UInt8]) -> [UInt8] {
    counter += 1
    isAwaiting = true
    return sealed(body, names.request)
  }

  /// The initiator: opens the answer to the request under way.
  public mutating func openAnswer(_ bytes: [UInt8]) throws(SealFailure) -> Opened {
    let (stated, opened) = try open(bytes, names.answer)
    guard isAwaiting, stated == counter else { throw end(.counter) }
    isAwaiting = false
    return opened
  }

  /// The responder: opens a request that begins the bytes.
  public mutating func openRequest(_ bytes: [UInt8]) throws(SealFailure) -> Opened {
    let (stated, opened) = try open(bytes, names.request)
    guard stated > counter || SeededBug.counterUnchecked.isOn else { throw end(.counter) }
    counter = stated
    isAwaiting = true
    return opened
  }

  /// The responder: seals the one answer to the request that was opened last.
  public mutating func sealAnswer(_ body: [UInt8]) -> [UInt8] {
    precondition(isAwaiting, "a second answer to request \(counter)")
    isAwaiting = false
    return sealed(body, names.answer)
  }

  /// Either: the seal of a batch that goes along with the request or answer sealed last.
  ///
  /// - Parameter hash: H of all its frames.
  public func sealBatch(hash: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.fixed(counter)
    writer.raw(mac(counter, Names.batch, hash, sends))
    return writer.bytes
  }

  /// Either: checks the seal of the batch that came along with what was opened last.
  public mutating func openBatch(_ seal: [UInt8], hash: [UInt8]) throws(SealFailure) {
    guard !isOver else { throw .over }
    guard seal.count == 8 + Self.macByteCount else { throw end(.malformed) }
    let expected = mac(counter, Names.batch, hash, takes)
    guard Self.counter(of: seal) == counter else { throw end(.counter) }
    guard ConstantTime.equal(Array(seal.dropFirst(8)), expected) else { throw end(.mac) }
  }

  /// What a sealed message says its body is, before anything has held.
  static func unverifiedBody(of bytes: [UInt8]) -> [UInt8]? {
    do throws(DecodeError) {
      return try parts(of: bytes).body
    } catch {
      return nil
    }
  }

  private mutating func end(_ failure: SealFailure) -> SealFailure {
    isOver = true
    return failure
  }

  private func sealed(_ body: [UInt8], _ name: String) -> [UInt8] {
    precondition(body.count <= Limits.sealedBytesMax, "a sealed body of \(body.count) bytes")
    var writer = FieldWriter()
    writer.reserve(body.count + 32)
    writer.fixed(counter)
    writer.bytesV(body)
    writer.raw(mac(counter, name, Blake2b.hash256(body), sends))
    return writer.bytes
  }

  private mutating func open(
    _ bytes: [UInt8], _ name: String
  ) throws(SealFailure) -> (counter: UInt64, opened: Opened) {
    guard !isOver else { throw .over }
    let parts: (counter: UInt64, body: [UInt8], mac: [UInt8], byteCount: Int)
    do throws(DecodeError) {
      parts = try Self.parts(of: bytes)
    } catch {
      throw end(.malformed)
    }
    let expected = mac(parts.counter, name, Blake2b.hash256(parts.body), takes)
    guard ConstantTime.equal(parts.mac, expected) else { throw end(.mac) }
    return (parts.counter, Opened(body: parts.body, byteCount: parts.byteCount))
  }

  private func mac(_ counter: UInt64, _ name: String, _ hash: [UInt8], _ key: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.fixed(counter)
    writer.bytes8(name.utf8)
    writer.raw(hash)
    return Blake2b.keyed128(writer.bytes, key: key)
  }

  private static func parts(
    of bytes: [UInt8]
  ) throws(DecodeError) -> (counter: UInt64, body: [UInt8], mac: [UInt8], byteCount: Int) {
    var reader = FieldReader(bytes.span)
    let counter = try reader.fixed(UInt64.self)
    let body = try reader.bytesV(max: Limits.sealedBytesMax)
    let mac = try reader.raw(macByteCount)
    return (counter, body, mac, reader.offset)
  }

  private static func counter(of seal: [UInt8]) -> UInt64 {
    seal.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
