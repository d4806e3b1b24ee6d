/// Assembles events from the bytes of a `text/event-stream`; a value that performs no I/O.
///
/// An event over the limit is dropped whole and counted: a server that never sends the blank
/// line must not grow memory.
public struct ServerSentEventParser: Sendable {
  private let bytesMax: Int
  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var event: String?
  private var afterCarriageReturn = false
  private var atStart = true
  private var overrun = false

  /// The id of the last event that carried one; what to send as `Last-Event-ID`.
  public private(set) var lastEventId: String?
  /// How long the server asks to wait before connecting again, in ms.
  public private(set) var retryMs: Int?
  /// Events dropped because they were too long.
  public private(set) var eventsDropped: UInt64 = 0

  /// Starts before the first byte of a stream.
  public init(eventBytesMax: Int = WebLimits.eventBytesMax) {
    bytesMax = eventBytesMax
  }

  /// Feeds bytes as they arrive; calls `onEvent` for each event that they complete.
  public mutating func push(
    _ bytes: borrowing Span<UInt8>, onEvent: (ServerSentEvent) -> Void
  ) {
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\n"), afterCarriageReturn {
        afterCarriageReturn = false
        continue
      }
      afterCarriageReturn = byte == UInt8(ascii: "\r")
      if afterCarriageReturn || byte == UInt8(ascii: "\n") {
        endLine(onEvent)
      } else {
        append(byte)
      }
    }
  }

  private mutating func append(_ byte: UInt8) {
    guard !overrun else { return }
    guard line.count + data.count < bytesMax else {
      overrun = true
      line.removeAll()
      data.removeAll()
      return
    }
    line.append(byte)
  }

  private mutating func endLine(_ onEvent: (ServerSentEvent) -> Void) {
    defer { line.removeAll(keepingCapacity: true) }
    if atStart {
      atStart = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    // A line that overran is empty here but was not on the wire: the next blank one ends it.
    if overrun {
      overrun = false
      skipping = true
      return
    }
    guard !line.isEmpty else { return dispatch(onEvent) }
    guard !skipping, line[0] != UInt8(ascii: ":") else { return }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    let name = String(decoding: line[..<colon], as: UTF8.self)
    var value = line[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    take(name, value)
  }

  private mutating func take(_ name: String, _ value: ArraySlice<UInt8>) {
    switch name {
    case "data":
      if hasData { data.append(UInt8(ascii: "\n")) }
      hasData = true
      data.append(contentsOf: value)
    case "event":
      event = String(decoding: value, as: UTF8.self)
    case "id" where !value.contains(0):
      lastEventId = String(decoding: value, as: UTF8.self)
    case "retry":
      retryMs = Int(String(decoding: value, as: UTF8.self)) ?? retryMs
    default:
      break  // unknown fields are skipped by the specification
    }
  }

  private mutating func dispatch(_ onEvent: (ServerSentEvent) -> Void) {
    defer {
      data.removeAll(keepingCapacity: true)
      hasData = false
      event = nil
      skipping = false
    }
    if skipping {
      eventsDropped &+= 1
    } else if hasData {
      let text = String(decoding: data, as: UTF8.self)
      onEvent(ServerSentEvent(id: lastEventId, event: event, data: text))
    }
  }

  /// The event being read has lost a part; the rest of it is skipped until the blank line.
  private var skipping = false
}
