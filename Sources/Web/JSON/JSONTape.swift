/// Why bytes are not a JSON document.
struct JSONSyntaxError: Error {}

/// Where the values of a document stand: one entry for each, in the document's order.
///
/// The whole document is judged when the tape is made (RFC 8259, UTF-8); texts and numbers are
/// converted when they are asked for. An entry is 16 bytes, so hostile input of any form takes at
/// most 16 times its own size for as long as it is decoded.
struct JSONTape {
  enum Kind: UInt8 {
    case null, yes, no, number, text, escapedText, array, object
  }

  struct Entry {
    let kind: Kind
    /// The first byte; of a text the one behind its quote.
    let start: UInt32
    /// The byte behind the last; of a text its closing quote.
    var end: UInt32
    /// The entry of the next value beside this one.
    var next: UInt32
  }

  let bytes: [UInt8]
  private(set) var entries: [Entry] = []

  /// Judges a document; throws where it is not one, or too deep.
  init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    guard bytes.count <= WebLimits.jsonDocumentBytesMax else { throw JSONSyntaxError() }
    self.bytes = bytes
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw JSONSyntaxError()
    }
    var scanner = JSONScanner(bytes: bytes)
    entries = try scanner.document()
  }

  /// The entries right within an object (names and values in turn) or an array.
  func children(of index: Int) -> [Int] {
    var found: [Int] = []
    var child = index + 1
    while child < Int(entries[index].next) {
      found.append(child)
      child = Int(entries[child].next)
    }
    return found
  }

  /// The bytes of a number or of a text without its quotes.
  private func raw(_ entry: Entry) -> ArraySlice<UInt8> { bytes[Int(entry.start)..<Int(entry.end)] }

  /// The text of an entry of either kind of text.
  func text(at index: Int) -> String {
    let entry = entries[index]
    guard entry.kind == .escapedText else { return String(decoding: raw(entry), as: UTF8.self) }
    return String(decoding: JSONEscapes.resolved(raw(entry)), as: UTF8.self)
  }

  /// The number as it is written.
  func number(at index: Int) -> String { String(decoding: raw(entries[index]), as: UTF8.self) }
}

/// Resolves the escapes of a text that was judged before.
enum JSONEscapes {
  static func resolved(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(raw.count)
    var index = raw.startIndex
    while index < raw.endIndex {
      guard raw[index] == UInt8(ascii: "\\") else {
        bytes.append(raw[index])
        index += 1
        continue
      }
      let letter = raw[index + 1]
      index += 2
      guard letter == UInt8(ascii: "u") else {
        bytes.append(plain(letter))
        continue
      }
      var scalar = unit(raw[index..<index + 4])
      index += 4
      if scalar & 0xFC00 == 0xD800 {
        let low = unit(raw[index + 2..<index + 6])
        scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
        index += 6
      }
      if let character = Unicode.Scalar(scalar) { bytes.append(contentsOf: character.utf8) }
    }
    return bytes
  }

  /// What a letter behind a backslash stands for.
  private static func plain(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: letter
    }
  }

  /// The UTF-16 unit of four hexadecimal digits.
  static func unit(_ digits: ArraySlice<UInt8>) -> UInt32 {
    digits.reduce(0) { $0 << 4 | UInt32(value(ofDigit: $1) ?? 0) }
  }

  /// The value of a hexadecimal digit; nil for any other byte.
  static func value(ofDigit byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
