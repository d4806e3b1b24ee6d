/// Header fields in their order, looked up without regard to case (RFC 9110 section 5).
public struct Headers: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One field.
  public struct Field: Hashable, Sendable {
    /// The name, as sent.
    public let name: String
    /// The value, without surrounding white space.
    public let value: String
  }

  /// All fields, in order; a name may come more than once.
  public private(set) var fields: [Field]

  /// Starts empty.
  public init() { fields = [] }

  /// Takes names and values in their written order.
  public init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }

  /// The first value of a name; setting replaces all of that name, `nil` removes them.
  public subscript(name: String) -> String? {
    get {
      fields.first { Self.same($0.name, name) }?.value
    }
    set {
      fields.removeAll { Self.same($0.name, name) }
      if let newValue { add(name, newValue) }
    }
  }

  /// All values of a name, in order.
  public func values(of name: String) -> [String] {
    fields.filter { Self.same($0.name, name) }.map(\.value)
  }

  /// Appends a field and keeps others of the same name.
  public mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Whether a name and a value can stand in a header without breaking it.
  ///
  /// A value with a line break would let its author write headers of their own.
  public static func isSendable(name: String, value: String) -> Bool {
    let nameIsToken = !name.isEmpty && name.utf8.allSatisfy { Self.isToken($0) }
    return nameIsToken && value.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      return true
    default:
      return "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  private static func same(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
