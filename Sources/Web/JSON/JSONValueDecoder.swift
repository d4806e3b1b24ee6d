/// The place of a value within a document, for the person who has to find it.
final class JSONPlace {
  private let outer: JSONPlace?
  private let key: any CodingKey

  init(_ key: any CodingKey, in outer: JSONPlace?) {
    self.key = key
    self.outer = outer
  }

  /// The keys from the outermost to this one.
  var path: [any CodingKey] { (outer?.path ?? []) + [key] }
}

/// The place of an array's element.
struct JSONIndex: CodingKey {
  let index: Int

  var stringValue: String { "[\(index)]" }
  var intValue: Int? { index }

  init(_ index: Int) { self.index = index }
  init?(stringValue: String) { nil }
  init?(intValue: Int) { self.init(intValue) }
}

/// Reads one value of a document; its containers are made by it too.
struct JSONValueDecoder: Decoder, SingleValueDecodingContainer {
  let tape: JSONTape
  let index: Int
  let place: JSONPlace?

  var codingPath: [any CodingKey] { place?.path ?? [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  private var entry: JSONTape.Entry { tape.entries[index] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard entry.kind == .object else { throw unexpected([String: Any].self) }
    return KeyedDecodingContainer(JSONMemberReader(self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard entry.kind == .array else { throw unexpected([Any].self) }
    return JSONElementReader(self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  /// The value within this one that a key names.
  func inner(_ index: Int, _ key: any CodingKey) -> JSONValueDecoder {
    JSONValueDecoder(tape: tape, index: index, place: JSONPlace(key, in: place))
  }

  // MARK: Scalars

  func decodeNil() -> Bool { entry.kind == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    switch entry.kind {
    case .yes: return true
    case .no: return false
    default: throw unexpected(type)
    }
  }

  func decode(_ type: String.Type) throws -> String {
    guard entry.kind == .text || entry.kind == .escapedText else { throw unexpected(type) }
    return tape.text(at: index)
  }

  /// A whole number, also where it is written as 1.0 or 1e3.
  func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
    guard entry.kind == .number else { throw unexpected(type) }
    let text = tape.number(at: index)
    if let value = Number(text) { return value }
    // Beyond 2^53 a double does not say which whole number was meant.
    if text.utf8.contains(where: { [0x2E, 0x45, 0x65].contains($0) }), let double = Double(text),
      double.magnitude <= 0x1p53, let value = Number(exactly: double)
    {
      return value
    }
    throw DecodingError.dataCorrupted(context("\(text) is no \(type)"))
  }

  /// A number, or one of the three texts that `JSON.encode` writes for what JSON has no number.
  func decode<Number: BinaryFloatingPoint & LosslessStringConvertible & Decodable>(
    _ type: Number.Type
  ) throws -> Number {
    switch entry.kind {
    case .number:
      let text = tape.number(at: index)
      guard let value = Number(text), value.isFinite else {
        throw DecodingError.dataCorrupted(context("\(text) is no \(type)"))
      }
      return value
    case .text, .escapedText:
      switch tape.text(at: index) {
      case "Infinity": return .infinity
      case "-Infinity": return -.infinity
      case "NaN": return .nan
      default: throw unexpected(type)
      }
    default:
      throw unexpected(type)
    }
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }

  // MARK: Errors

  private func unexpected(_ type: Any.Type) -> DecodingError {
    entry.kind == .null
      ? .valueNotFound(type, context("null")) : .typeMismatch(type, context("another type"))
  }

  private func context(_ reason: String) -> DecodingError.Context {
    DecodingError.Context(codingPath: codingPath, debugDescription: reason)
  }
}

/// Reads the members of one object; of two with one name the last counts.
struct JSONMemberReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let object: JSONValueDecoder
  private let places: [String: Int]

  init(_ object: JSONValueDecoder) {
    self.object = object
    let children = object.tape.children(of: object.index)
    var places = [String: Int](minimumCapacity: children.count / 2)
    for position in stride(from: 0, to: children.count, by: 2) {
      places[object.tape.text(at: children[position])] = children[position + 1]
    }
    self.places = places
  }

  var codingPath: [any CodingKey] { object.codingPath }
  var allKeys: [Key] { places.keys.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { places[key.stringValue] != nil }

  private func member(_ key: Key) throws -> JSONValueDecoder {
    guard let index = places[key.stringValue] else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: codingPath, debugDescription: "missing"))
    }
    return object.inner(index, key)
  }

  func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try member(key).decode(type) }

  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    try member(key).decode(type)
  }

  func decode<Number: FixedWidthInteger & Decodable>(
    _ type: Number.Type, forKey key: Key
  ) throws -> Number {
    try member(key).decode(type)
  }

  func decode<Number: BinaryFloatingPoint & LosslessStringConvertible & Decodable>(
    _ type: Number.Type, forKey key: Key
  ) throws -> Number {
    try member(key).decode(type)
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try member(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try member(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try member(key).unkeyedContainer()
  }

  func superDecoder() -> any Decoder { JSONInheritance.refused() }

  func superDecoder(forKey key: Key) -> any Decoder { JSONInheritance.refused() }
}

/// Reads the elements of one array, in order.
struct JSONElementReader: UnkeyedDecodingContainer {
  private let array: JSONValueDecoder
  private let children: [Int]
  private(set) var currentIndex = 0

  init(_ array: JSONValueDecoder) {
    self.array = array
    children = array.tape.children(of: array.index)
  }

  var codingPath: [any CodingKey] { array.codingPath }
  var count: Int? { children.count }
  var isAtEnd: Bool { currentIndex == children.count }

  /// The next element; it stays the next one until it was read.
  private func next(_ type: Any.Type) throws -> JSONValueDecoder {
    let key = JSONIndex(currentIndex)
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type, DecodingError.Context(codingPath: codingPath + [key], debugDescription: "the end"))
    }
    return array.inner(children[currentIndex], key)
  }

  mutating func decodeNil() throws -> Bool {
    let isNull = try next(Never.self).decodeNil()
    if isNull { currentIndex += 1 }
    return isNull
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool {
    defer { currentIndex += 1 }
    return try next(type).decode(type)
  }

  mutating func decode(_ type: String.Type) throws -> String {
    defer { currentIndex += 1 }
    return try next(type).decode(type)
  }

  mutating func decode<Number: FixedWidthInteger & Decodable>(
    _ type: Number.Type
  ) throws -> Number {
    defer { currentIndex += 1 }
    return try next(type).decode(type)
  }

  mutating func decode<Number: BinaryFloatingPoint & LosslessStringConvertible & Decodable>(
    _ type: Number.Type
  ) throws -> Number {
    defer { currentIndex += 1 }
    return try next(type).decode(type)
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    defer { currentIndex += 1 }
    return try next(type).decode(type)
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    defer { currentIndex += 1 }
    return try next(type).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    defer { currentIndex += 1 }
    return try next([Any].self).unkeyedContainer()
  }

  mutating func superDecoder() -> any Decoder { JSONInheritance.refused() }
}
