/// What has changed between two vectors: it names both by their digests, so that nobody ever lays
/// it over another than its own base.
public struct VectorDelta: Hashable, Sendable {
  /// The version that is written.
  public static let version: UInt8 = 1

  /// The digest of the vector that it is laid over.
  public let base: [UInt8]
  /// The digest of what that gives.
  public let result: [UInt8]
  /// The logs that changed, whole; one of which nothing is seen is removed.
  public let logs: [LogId: HaveLog]

  /// Why a delta cannot be used; the answer to both is a request for the whole vector.
  public enum Failure: Error, Hashable, Sendable {
    /// It is laid over another vector.
    case base
    /// What it gives is not what its maker had.
    case result
  }

  /// The difference of two vectors.
  public init(from base: HaveVector, to next: HaveVector) {
    self.base = base.digest
    result = next.digest
    var logs: [LogId: HaveLog] = [:]
    for (log, state) in next.logs where base.logs[log] != state { logs[log] = state }
    for log in base.logs.keys where next.logs[log] == nil { logs[log] = HaveLog() }
    self.logs = logs
  }

  /// The vector that it gives.
  public func applied(to base: HaveVector) throws(Failure) -> HaveVector {
    guard base.digest == self.base else { throw .base }
    var next = base
    for (log, state) in logs { next[log] = state }
    guard next.digest == result else { throw .result }
    return next
  }

  /// The canonical bytes.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.raw(base)
    writer.raw(result)
    writer.varint(logs.count)
    for (log, state) in logs.sorted(by: { $0.key < $1.key }) { writer.log(log, state) }
    return writer.bytes
  }

  /// Reads a delta of at most `Limits.vectorBytesMax` bytes.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    guard bytes.count <= Limits.vectorBytesMax else { throw DecodeError(.tooLong, at: 0) }
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    base = try reader.raw(HaveVector.digestByteCount)
    result = try reader.raw(HaveVector.digestByteCount)
    let count = try reader.count(max: Limits.vectorLogsMax)
    var logs: [LogId: HaveLog] = [:]
    var last: LogId?
    for _ in 0..<count {
      let start = reader.offset
      let (log, state) = try reader.log()
      if let last, last >= log { throw DecodeError(.order, at: start) }
      logs[log] = state
      last = log
    }
    self.logs = logs
    try reader.end()
  }
}
