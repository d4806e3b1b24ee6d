/// Writes a JSON document straight to its bytes, for answers that are asked for often.
///
/// The author keeps the order of members (by their names' bytes, as `JSON.encode` has it) and ends
/// what was begun; a test holds such an answer beside what `JSON.encode` makes of the same value.
public struct JSONWriter: Sendable {
  /// What is written so far.
  public private(set) var bytes: [UInt8] = []
  /// Whether a value stands before this place, so that a comma has to come between.
  private var followsValue = false

  /// Starts with nothing.
  public init() { bytes.reserveCapacity(WebLimits.jsonReserveBytes) }

  // MARK: Structure

  /// Begins an object; it stands after a name or where a value may.
  public mutating func beginObject() { begin(UInt8(ascii: "{")) }

  /// Ends the innermost object.
  public mutating func endObject() { end(UInt8(ascii: "}")) }

  /// Begins an array.
  public mutating func beginArray() { begin(UInt8(ascii: "[")) }

  /// Ends the innermost array.
  public mutating func endArray() { end(UInt8(ascii: "]")) }

  /// Writes the name of a member whose value comes next.
  public mutating func name(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    append(name)
    append("\":")
    followsValue = false
  }

  /// Writes a name that is not known beforehand.
  public mutating func name(_ name: String) {
    write(name)
    bytes.append(UInt8(ascii: ":"))
    followsValue = false
  }

  // MARK: Values

  /// Writes `null`.
  public mutating func writeNull() { word("null") }

  /// Writes `true` or `false`.
  public mutating func write(_ value: Bool) { word(value ? "true" : "false") }

  /// Writes a whole number.
  public mutating func write(_ value: some FixedWidthInteger) {
    separate()
    if let small = Int64(exactly: value) {
      append(small)
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  /// Writes the shortest form that reads back as the same number, a whole one without ".0"; what
  /// JSON has no number for becomes `"Infinity"`, `"-Infinity"` or `"NaN"`.
  public mutating func write(_ value: some BinaryFloatingPoint & LosslessStringConvertible) {
    guard value.isFinite else {
      return write(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    }
    separate()
    bytes.append(contentsOf: value.description.utf8)
    if bytes.suffix(2).elementsEqual(".0".utf8) { bytes.removeLast(2) }
  }

  /// Writes a text.
  public mutating func write(_ text: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    append(escaping: text)
    bytes.append(UInt8(ascii: "\""))
  }

  // MARK: Members

  /// Writes a member; nil writes none.
  public mutating func member(_ name: StaticString, _ value: String?) {
    guard let value else { return }
    self.name(name)
    write(value)
  }

  /// Writes a member; nil writes none.
  public mutating func member(_ name: StaticString, _ value: Bool?) {
    guard let value else { return }
    self.name(name)
    write(value)
  }

  /// Writes a member; nil writes none.
  public mutating func member(_ name: StaticString, _ value: Int64?) {
    guard let value else { return }
    self.name(name)
    separate()
    append(value)
  }

  /// Writes a member.
  public mutating func member(_ name: StaticString, _ value: UInt64) {
    self.name(name)
    write(value)
  }

  // MARK: For the encoder, which puts members in order when an object ends

  /// Takes a document's part out and puts other bytes in its place.
  mutating func replace(from start: Int, with part: [UInt8]) {
    bytes.removeLast(bytes.count - start)
    bytes.append(contentsOf: part)
  }

  // MARK: Bytes

  private mutating func separate() {
    if followsValue { bytes.append(UInt8(ascii: ",")) }
    followsValue = true
  }

  private mutating func begin(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    followsValue = false
  }

  private mutating func end(_ bracket: UInt8) {
    bytes.append(bracket)
    followsValue = true
  }

  private mutating func word(_ word: StaticString) {
    separate()
    append(word)
  }

  private mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }

  private mutating func append(_ value: Int64) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var first = digits.count
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    for index in first..<digits.count { bytes.append(digits[index]) }
  }

  /// Escapes what RFC 8259 section 7 demands, the short forms where there are any.
  private mutating func append(escaping text: String) {
    var text = text
    text.withUTF8 { buffer in
      var from = 0
      for index in buffer.indices {
        let byte = unsafe buffer[index]
        guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
          continue
        }
        unsafe bytes.append(contentsOf: buffer[from..<index])
        from = index + 1
        append(escape: byte)
      }
      unsafe bytes.append(contentsOf: buffer[from...])
    }
  }

  private mutating func append(escape byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default:
      append("\\u00")
      for digit in [byte >> 4, byte & 0x0F] {
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }
}
