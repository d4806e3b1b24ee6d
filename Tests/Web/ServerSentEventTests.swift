import Testing
import Web

@Suite("Server-sent events") struct ServerSentEventTests {
  private func parse(
    _ text: String, step: Int = 4096, eventBytesMax: Int = 1000
  ) -> (events: [ServerSentEvent], parser: ServerSentEventParser) {
    var parser = ServerSentEventParser(eventBytesMax: eventBytesMax)
    var events: [ServerSentEvent] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: step) {
      let part = Array(bytes[start..<min(start + step, bytes.count)])
      parser.push(part.span) { events.append($0) }
    }
    return (events, parser)
  }

  @Test("what is encoded parses to the same event, in pieces of any size", arguments: 1...5)
  func roundTrip(step: Int) {
    let events = [
      ServerSentEvent(id: "7", event: "reading", data: "{\"a\":1}"),
      ServerSentEvent(id: "8", data: "two\nlines\n"),
      ServerSentEvent(id: "9", data: ""),
      ServerSentEvent(id: "10", data: " é leading space"),
    ]
    let text = events.map { String(decoding: $0.encoded, as: UTF8.self) }.joined(separator: ":\n\n")
    #expect(parse(text, step: step).events == events)
  }

  @Test("line breaks in an id or a name cannot start a field") func injection() {
    let event = ServerSentEvent(id: "1\ndata: x", event: "a\r\ndata: y", data: "z")
    let text = String(decoding: event.encoded, as: UTF8.self)
    #expect(text == "id: 1data: x\nevent: adata: y\ndata: z\n\n")
  }

  @Test("CR, LF and CRLF all end lines, even cut between CR and LF", arguments: 1...3)
  func lineEnds(step: Int) {
    let events = parse("data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\r", step: step).events
    #expect(events.map(\.data) == ["a\nb\nc", "d"])
  }

  @Test("a payload with CRLF and CR arrives with LF") func payloadLines() {
    let event = ServerSentEvent(data: "a\r\nb\rc")
    #expect(parse(String(decoding: event.encoded, as: UTF8.self)).events.map(\.data) == ["a\nb\nc"])
  }

  @Test("comments, unknown fields and events without data are skipped") func skipped() {
    let result = parse(":hello\n\nfoo: bar\n\nevent: x\n\nid: 4\n\nretry: 250\n\ndata\n\n")
    #expect(result.events == [ServerSentEvent(id: "4", data: "")])
    #expect(result.parser.lastEventId == "4")
    #expect(result.parser.retryMs == 250)
  }

  @Test("an unfinished event is not given out") func unfinished() {
    #expect(parse("data: a\n").events.isEmpty)
  }

  @Test("a byte order mark is not part of the first field") func byteOrderMark() {
    #expect(parse("\u{FEFF}data: a\n\n").events.map(\.data) == ["a"])
  }

  @Test("an event over the limit is dropped whole and the next one is read") func tooLong() {
    let long = String(repeating: "x", count: 60)
    let result = parse("data: \(long)\ndata: rest\n\ndata: next\n\n", eventBytesMax: 50)
    #expect(result.events.map(\.data) == ["next"])
    #expect(result.parser.eventsDropped == 1)
    let many = String(repeating: "data: 1234567890\n", count: 9)
    #expect(parse(many + "\ndata: next\n\n", eventBytesMax: 50).events.map(\.data) == ["next"])
  }
}
