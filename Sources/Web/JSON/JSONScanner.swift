/// Reads a JSON document once from its first byte to its last (RFC 8259) and notes its values.
///
/// It does not call itself: how deep a document may be is a limit of its own, not of the stack.
struct JSONScanner {
  private let bytes: [UInt8]
  private var position = 0
  private var entries: [JSONTape.Entry] = []
  /// The entries of the containers around this place.
  private var open: [Int] = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONSyntaxError) -> [JSONTape.Entry] {
    skipSpace()
    try value()
    while let container = open.last {
      skipSpace()
      let isObject = entries[container].kind == .object
      let isEmpty = container == entries.count - 1
      if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
        end(container)
        continue
      }
      if !isEmpty {
        try demand(UInt8(ascii: ","))
        skipSpace()
      }
      if isObject { try name() }
      try value()
    }
    skipSpace()
    guard position == bytes.count else { throw JSONSyntaxError() }
    return entries
  }

  // MARK: Values

  private mutating func value() throws(JSONSyntaxError) {
    guard position < bytes.count else { throw JSONSyntaxError() }
    switch bytes[position] {
    case UInt8(ascii: "{"): try begin(.object)
    case UInt8(ascii: "["): try begin(.array)
    case UInt8(ascii: "\""): try text()
    case UInt8(ascii: "t"): try word("true", .yes)
    case UInt8(ascii: "f"): try word("false", .no)
    case UInt8(ascii: "n"): try word("null", .null)
    default: try number()
    }
  }

  private mutating func begin(_ kind: JSONTape.Kind) throws(JSONSyntaxError) {
    guard open.count < WebLimits.jsonDepthMax else { throw JSONSyntaxError() }
    open.append(entries.count)
    add(kind, from: position, to: position)
    position += 1
  }

  private mutating func end(_ container: Int) {
    entries[container].end = UInt32(position)
    entries[container].next = UInt32(entries.count)
    open.removeLast()
  }

  private mutating func name() throws(JSONSyntaxError) {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      throw JSONSyntaxError()
    }
    try text()
    skipSpace()
    try demand(UInt8(ascii: ":"))
    skipSpace()
  }

  private mutating func word(_ word: StaticString, _ kind: JSONTape.Kind) throws(JSONSyntaxError) {
    let start = position
    let count = word.utf8CodeUnitCount
    guard bytes.count - start >= count,
      word.withUTF8Buffer({ unsafe bytes[start..<start + count].elementsEqual($0) })
    else { throw JSONSyntaxError() }
    position += count
    add(kind, from: start, to: position)
  }

  // MARK: Numbers

  private mutating func number() throws(JSONSyntaxError) {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    add(.number, from: start, to: position)
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      position += 1
    }
    guard position > start else { throw JSONSyntaxError() }
  }

  // MARK: Texts

  private mutating func text() throws(JSONSyntaxError) {
    position += 1
    let start = position
    var isEscaped = false
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        add(isEscaped ? .escapedText : .text, from: start, to: position)
        position += 1
        return
      case UInt8(ascii: "\\"):
        isEscaped = true
        position += 1
        try escape()
      case 0..<0x20:
        throw JSONSyntaxError()
      default:
        position += 1
      }
    }
    throw JSONSyntaxError()
  }

  private mutating func escape() throws(JSONSyntaxError) {
    guard position < bytes.count else { throw JSONSyntaxError() }
    position += 1
    switch bytes[position - 1] {
    case UInt8(ascii: "u"):
      let unit = try hexadecimal()
      if unit & 0xFC00 == 0xD800 {
        // The first half of a pair (RFC 8259 section 7): alone it is no character.
        try demand(UInt8(ascii: "\\"))
        try demand(UInt8(ascii: "u"))
        guard try hexadecimal() & 0xFC00 == 0xDC00 else { throw JSONSyntaxError() }
      } else if unit & 0xFC00 == 0xDC00 {
        throw JSONSyntaxError()
      }
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      break
    default:
      throw JSONSyntaxError()
    }
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
    guard bytes.count - position >= 4 else { throw JSONSyntaxError() }
    let digits = bytes[position..<position + 4]
    guard digits.allSatisfy({ JSONEscapes.value(ofDigit: $0) != nil }) else {
      throw JSONSyntaxError()
    }
    position += 4
    return JSONEscapes.unit(digits)
  }

  // MARK: Bytes

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        position += 1
      default:
        return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func demand(_ byte: UInt8) throws(JSONSyntaxError) {
    guard take(byte) else { throw JSONSyntaxError() }
  }

  private mutating func add(_ kind: JSONTape.Kind, from start: Int, to end: Int) {
    entries.append(
      JSONTape.Entry(
        kind: kind, start: UInt32(start), end: UInt32(end), next: UInt32(entries.count + 1)))
  }
}
