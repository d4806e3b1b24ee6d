/// One event of a `text/event-stream` (WHATWG HTML, section 9.2).
public struct ServerSentEvent: Hashable, Sendable {
  /// Where a client that comes back wants to go on from (its `Last-Event-ID`).
  public var id: String?
  /// The event's name; `nil` means `message`.
  public var event: String?
  /// The payload; may have several lines.
  public var data: String

  /// Makes an event.
  public init(id: String? = nil, event: String? = nil, data: String) {
    self.id = id
    self.event = event
    self.data = data
  }

  /// The media type of a stream of events.
  public static let mediaType = "text/event-stream"

  /// A comment that keeps the stream and everything between alive; clients skip it.
  public static let comment: [UInt8] = Array(":\n\n".utf8)

  /// The bytes on the wire.
  ///
  /// Line breaks in the id or the name are dropped: they would end the field. Each line of the
  /// payload gets a field of its own, which the client joins again by line feeds.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(data.utf8.count + 32)
    if let id { Self.append("id: ", Self.oneLine(id), to: &bytes) }
    if let event { Self.append("event: ", Self.oneLine(event), to: &bytes) }
    for line in Self.lines(of: data) { Self.append("data: ", line, to: &bytes) }
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// How many of the encoded bytes say the id.
  public static func idBytes(_ id: String) -> Int { "id: \n".utf8.count + oneLine(id).count }

  private static func append(
    _ field: StaticString, _ value: some Sequence<UInt8>, to bytes: inout [UInt8]
  ) {
    bytes.append(contentsOf: field.description.utf8)
    bytes.append(contentsOf: value)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// A NUL in an id makes clients ignore the id.
  private static func oneLine(_ text: String) -> [UInt8] {
    text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") && $0 != 0 }
  }

  /// CR, LF and CRLF all end a line for the reader, so they do here.
  private static func lines(of text: String) -> [[UInt8]] {
    var lines: [[UInt8]] = [[]]
    var afterCarriageReturn = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\n"), afterCarriageReturn {
        afterCarriageReturn = false
        continue
      }
      afterCarriageReturn = byte == UInt8(ascii: "\r")
      if afterCarriageReturn || byte == UInt8(ascii: "\n") {
        lines.append([])
      } else {
        lines[lines.count - 1].append(byte)
      }
    }
    return lines
  }
}
