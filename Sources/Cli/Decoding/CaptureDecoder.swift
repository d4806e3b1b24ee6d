internal import Protocol

/// What stands in a captured stream of bytes: messages and lines of text, in order.
struct CaptureItem: Equatable, Encodable {
  /// The offset of the byte that ended it.
  var offset: UInt64
  /// `frame`, or `text`.
  var kind: String
  /// The message's name; nil for text.
  var type: String?
  /// The text, or why a message is malformed.
  var text: String?
  /// The message's fields, in the order of the specification.
  var fields: [CaptureField]
  /// The frame's body in hexadecimal.
  var body: String?
}

/// One field of a message.
struct CaptureField: Equatable, Encodable {
  var name: String
  var value: String

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  init(_ name: String, _ value: some BinaryInteger) { self.init(name, "\(value)") }
}

/// Reads a captured stream by the protocol's own reader; a value without I/O.
struct CaptureDecoder: ~Copyable {
  private var reader = FrameReader()
  private var offset: UInt64 = 0

  /// What was seen so far.
  var counts: FrameReader.Counts { reader.counts }

  /// Takes the next bytes and gives out what they complete.
  mutating func push(_ bytes: [UInt8], emit: (CaptureItem) -> Void) {
    for index in bytes.indices {
      offset &+= 1
      let end = offset
      // One byte at a time, so that each item has the offset of its end.
      reader.push(bytes.span.extracting(index..<(index + 1)), nowUs: 0) { output, span in
        emit(Self.item(output, span, offset: end))
      }
    }
  }

  /// The end of the stream: a line that was begun is a line.
  mutating func finish(emit: (CaptureItem) -> Void) {
    let end = offset
    reader.tick(nowUs: Limits.textPauseUs) { output, span in
      emit(Self.item(output, span, offset: end))
    }
  }

  private static func item(
    _ output: FrameReader.Output, _ bytes: Span<UInt8>, offset: UInt64
  ) -> CaptureItem {
    switch output {
    case .text:
      var text: [UInt8] = []
      TextLine.escape(bytes) { text.append($0) }
      return CaptureItem(
        offset: offset, kind: "text", text: String(decoding: text, as: UTF8.self), fields: [])
    case .frame:
      var item = MessageText.item(bytes)
      item.offset = offset
      return item
    }
  }
}
