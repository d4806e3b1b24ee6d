/// LOG (14): a line for people (PROTOCOL.md 2.12); its text stays in the body.
public struct LogLine: Equatable, Sendable {
  /// Where in the body the text begins.
  public static let textAt = 2

  /// The severity of RFC 5424, 0 (emergency) to 7 (debug).
  public var level: UInt8

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.log)
    level = try reader.u8()
    guard level <= 7 else { throw .field }
  }

  /// Writes a line of at most 248 bytes into an empty body.
  public static func write(level: UInt8, text: Span<UInt8>, into body: inout Body) {
    precondition(level <= 7)
    body.append(MessageType.log.rawValue)
    body.append(level)
    body.append(text)
  }
}
