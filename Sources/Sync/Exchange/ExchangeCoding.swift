internal import Model

extension ExchangeRequest {
  /// The bytes inside the seal.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    switch self {
    case .compare(let mine, let yours):
      writer.u8(1)
      writer.digest(mine)
      writer.digest(yours ?? ExchangeCoding.noDigest)
    case .tell(let message):
      writer.u8(2)
      writer.vector(message)
    case .pull(let bytesMax, let parts):
      writer.u8(3)
      writer.varint(bytesMax)
      writer.parts(parts)
    case .push: writer.u8(4)
    case .wait(let mine, let yours, let seconds):
      writer.u8(5)
      writer.digest(mine)
      writer.digest(yours)
      writer.fixed(seconds)
    case .prove(let nonce, let parts):
      precondition(nonce.count == RangeProof.nonceByteCount, "a nonce")
      writer.u8(6)
      writer.raw(nonce)
      writer.proofParts(parts)
    case .leave: writer.u8(7)
    case .clock(let mine, let echo):
      writer.u8(8)
      writer.clock(mine)
      writer.fixed(UInt64(echo))
    case .offer: writer.u8(9)
    case .proof(let nonce, let hashes):
      precondition(nonce.count == RangeProof.nonceByteCount, "a nonce")
      writer.u8(10)
      writer.raw(nonce)
      writer.hashes(hashes)
    }
    return writer.bytes
  }

  /// Reads a request whose seal held.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    guard bytes.count <= ExchangeCoding.bytesMax else { throw DecodeError(.tooLong, at: 0) }
    var reader = FieldReader(bytes.span)
    switch try reader.u8() {
    case 1: self = .compare(mine: try reader.digest(), yours: try reader.digestOrNone())
    case 2: self = .tell(try reader.vector())
    case 3:
      let at = reader.offset
      let bytesMax = try reader.varint()
      guard bytesMax <= UInt64(Limits.pullBytesMax) else { throw DecodeError(.range, at: at) }
      self = .pull(bytesMax: Int(bytesMax), try reader.parts())
    case 4: self = .push
    case 5:
      let (mine, yours) = (try reader.digest(), try reader.digest())
      let at = reader.offset
      let seconds = try reader.fixed(UInt16.self)
      guard seconds <= Limits.waitSecondsMax else { throw DecodeError(.range, at: at) }
      self = .wait(mine: mine, yours: yours, seconds: seconds)
    case 6:
      self = .prove(
        nonce: try reader.raw(RangeProof.nonceByteCount), try reader.proofParts())
    case 7: self = .leave
    case 8: self = .clock(try reader.clock(), echo: try reader.bootUs())
    case 9: self = .offer
    case 10:
      self = .proof(
        nonce: try reader.raw(RangeProof.nonceByteCount), try reader.hashes())
    default: throw DecodeError(.range, at: 0)
    }
    try reader.end()
  }
}

extension ExchangeAnswer {
  /// The bytes inside the seal. Which answer it is follows from what was asked.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    if case .refused(let code, let seconds) = self {
      writer.u8(1)
      writer.bytes8(code.utf8)
      writer.fixed(seconds)
      return writer.bytes
    }
    writer.u8(0)
    switch self {
    case .same: writer.u8(0)
    case .differs(let message, let since):
      writer.u8(1)
      writer.vector(message)
      writer.digest(since ?? ExchangeCoding.noDigest)
    case .told(let isUnderstood): writer.u8(isUnderstood ? 0 : 1)
    case .pushed(let message, let dropped, let refused):
      writer.vector(message)
      writer.varint(dropped)
      writer.varint(refused)
    case .waited(let isChanged): writer.u8(isChanged ? 1 : 0)
    case .proven(let hashes): writer.hashes(hashes)
    case .clock(let mine): writer.clock(mine)
    case .question(let question):
      writer.u8(question == nil ? 0 : 1)
      if let question {
        writer.raw(question.nonce)
        writer.proofParts(question.parts)
      }
    case .taken(let isMore): writer.u8(isMore ? 1 : 0)
    case .pulled, .left, .refused: break
    }
    return writer.bytes
  }

  /// Reads the answer to a request, whose seal held.
  public init(
    decoding bytes: [UInt8], to request: ExchangeRequest
  ) throws(DecodeError) {
    guard bytes.count <= ExchangeCoding.bytesMax else { throw DecodeError(.tooLong, at: 0) }
    var reader = FieldReader(bytes.span)
    if try reader.flag() {
      let code = try reader.text8()
      guard code.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw DecodeError(.text, at: 1)
      }
      self = .refused(code: code, retrySeconds: try reader.fixed(UInt32.self))
      try reader.end()
      return
    }
    switch request {
    case .compare:
      self =
        try reader.flag()
        ? .differs(try reader.vector(), since: try reader.digestOrNone()) : .same
    case .tell: self = .told(try !reader.flag())
    case .pull: self = .pulled
    case .push:
      self = .pushed(
        try reader.vector(), dropped: try reader.varint(), refused: try reader.varint())
    case .wait: self = .waited(try reader.flag())
    case .prove(_, let parts):
      let at = reader.offset
      let hashes = try reader.hashes()
      guard hashes.count == parts.count else { throw DecodeError(.count, at: at) }
      self = .proven(hashes)
    case .leave: self = .left
    case .clock: self = .clock(try reader.clock())
    case .offer:
      self = .question(
        try reader.flag()
          ? ProofQuestion(
            nonce: try reader.raw(RangeProof.nonceByteCount), try reader.proofParts()) : nil)
    case .proof: self = .taken(isMore: try reader.flag())
    }
    try reader.end()
  }
}

/// What the fields of requests and answers have in common.
enum ExchangeCoding {
  /// No vector has this digest: it says that none is known.
  static let noDigest = [UInt8](repeating: 0, count: HaveVector.digestByteCount)
  /// A vector, and some bytes around it.
  static let bytesMax = Limits.vectorBytesMax + 1_024
}

extension FieldWriter {
  fileprivate mutating func digest(_ digest: [UInt8]) {
    precondition(digest.count == HaveVector.digestByteCount, "a digest")
    raw(digest)
  }

  fileprivate mutating func clock(_ reading: ClockReading) {
    raw(reading.clockEpoch.bytes)
    fixed(UInt64(reading.bootUs))
  }

  fileprivate mutating func hashes(_ hashes: [[UInt8]?]) {
    precondition((1...Limits.proofPartsMax).contains(hashes.count), "\(hashes.count) hashes")
    varint(hashes.count)
    for hash in hashes {
      precondition((hash?.count ?? RangeProof.byteCount) == RangeProof.byteCount, "a hash")
      u8(hash == nil ? 0 : 1)
      raw(hash ?? [])
    }
  }

  fileprivate mutating func vector(_ message: VectorMessage) {
    switch message {
    case .delta(let delta):
      u8(0)
      bytesV(delta.encoded())
    case .whole(let vector):
      u8(1)
      bytesV(vector.encoded())
    }
  }

  fileprivate mutating func parts(_ parts: [LogPart]) {
    precondition(parts.count <= Limits.exchangePartsMax, "\(parts.count) parts")
    varint(parts.count)
    for part in parts {
      run(part.log.run)
      u8(part.log.lane.rawValue)
      intervals(part.seqs)
      if !part.log.lane.hasEntries { begun(part.begun) }
    }
  }
}

extension FieldReader {
  fileprivate mutating func flag() throws(DecodeError) -> Bool {
    let at = offset
    switch try u8() {
    case 0: return false
    case 1: return true
    default: throw DecodeError(.range, at: at)
    }
  }

  fileprivate mutating func digest() throws(DecodeError) -> [UInt8] {
    try raw(HaveVector.digestByteCount)
  }

  fileprivate mutating func digestOrNone() throws(DecodeError) -> [UInt8]? {
    let digest = try digest()
    return digest == ExchangeCoding.noDigest ? nil : digest
  }

  fileprivate mutating func clock() throws(DecodeError) -> ClockReading {
    ClockReading(try clockEpoch(), bootUs: try bootUs())
  }

  fileprivate mutating func bootUs() throws(DecodeError) -> Int64 {
    let at = offset
    guard let us = Int64(exactly: try fixed(UInt64.self)) else {
      throw DecodeError(.range, at: at)
    }
    return us
  }

  fileprivate mutating func hashes() throws(DecodeError) -> [[UInt8]?] {
    let at = offset
    let count = try count(max: Limits.proofPartsMax)
    guard count > 0 else { throw DecodeError(.count, at: at) }
    var hashes: [[UInt8]?] = []
    for _ in 0..<count { hashes.append(try flag() ? try raw(RangeProof.byteCount) : nil) }
    return hashes
  }

  fileprivate mutating func vector() throws(DecodeError) -> VectorMessage {
    let isWhole = try flag()
    let at = offset
    let bytes = try bytesV(max: Limits.vectorBytesMax)
    do throws(DecodeError) {
      return isWhole
        ? .whole(try HaveVector(decoding: bytes)) : .delta(try VectorDelta(decoding: bytes))
    } catch {
      throw DecodeError(error.reason, at: at + error.offset)
    }
  }

  /// Parts in any order: the order is the wish.
  fileprivate mutating func parts() throws(DecodeError) -> [LogPart] {
    let count = try count(max: Limits.exchangePartsMax)
    var parts: [LogPart] = []
    for _ in 0..<count {
      let run = try run()
      let at = offset
      guard let lane = Lane(rawValue: try u8()) else { throw DecodeError(.range, at: at) }
      let seqs = try intervals(lane)
      guard !seqs.isEmpty else { throw DecodeError(.canonical, at: at) }
      let begun = lane.hasEntries ? [] : try begun(least: 0)
      parts.append(LogPart(LogId(run, lane), seqs, begun: begun))
    }
    return parts
  }
}
