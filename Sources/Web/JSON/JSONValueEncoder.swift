/// The encoder of one value: whatever the value asks for is written at the sink's end.
struct JSONValueEncoder: Encoder {
  let sink: JSONSink
  /// How many containers are open around the value.
  let depth: Int

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(
      JSONMemberWriter(
        sink: sink, depth: depth, serial: sink.document.begin(isObject: true, depth: depth)))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    JSONElementWriter(
      sink: sink, depth: depth, serial: sink.document.begin(isObject: false, depth: depth))
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    JSONScalarWriter(sink: sink)
  }
}

/// Writes the members of one object.
struct JSONMemberWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let sink: JSONSink
  let depth: Int
  let serial: Int

  var codingPath: [any CodingKey] { [] }

  private func begin(_ key: Key) {
    sink.document.beginMember(key.stringValue, depth: depth, serial: serial)
  }

  mutating func encodeNil(forKey key: Key) {
    begin(key)
    sink.document.writer.writeNull()
  }

  mutating func encode(_ value: Bool, forKey key: Key) {
    begin(key)
    sink.document.writer.write(value)
  }

  mutating func encode(_ value: String, forKey key: Key) {
    begin(key)
    sink.document.writer.write(value)
  }

  mutating func encode<Number: FixedWidthInteger & Encodable>(_ value: Number, forKey key: Key) {
    begin(key)
    sink.document.writer.write(value)
  }

  mutating func encode<Number: BinaryFloatingPoint & LosslessStringConvertible & Encodable>(
    _ value: Number, forKey key: Key
  ) {
    begin(key)
    sink.document.writer.write(value)
  }

  mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    begin(key)
    try sink.write(value)
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    begin(key)
    return JSONValueEncoder(sink: sink, depth: depth + 1).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    begin(key)
    return JSONValueEncoder(sink: sink, depth: depth + 1).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { JSONInheritance.refused() }

  mutating func superEncoder(forKey key: Key) -> any Encoder { JSONInheritance.refused() }
}

/// Writes the elements of one array.
struct JSONElementWriter: UnkeyedEncodingContainer {
  let sink: JSONSink
  let depth: Int
  let serial: Int

  var codingPath: [any CodingKey] { [] }
  var count: Int { sink.document.count(depth: depth, serial: serial) }

  private func begin() { sink.document.beginElement(depth: depth, serial: serial) }

  mutating func encodeNil() {
    begin()
    sink.document.writer.writeNull()
  }

  mutating func encode(_ value: Bool) {
    begin()
    sink.document.writer.write(value)
  }

  mutating func encode(_ value: String) {
    begin()
    sink.document.writer.write(value)
  }

  mutating func encode<Number: FixedWidthInteger & Encodable>(_ value: Number) {
    begin()
    sink.document.writer.write(value)
  }

  mutating func encode<Number: BinaryFloatingPoint & LosslessStringConvertible & Encodable>(
    _ value: Number
  ) {
    begin()
    sink.document.writer.write(value)
  }

  mutating func encode<Value: Encodable>(_ value: Value) throws {
    begin()
    try sink.write(value)
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    begin()
    return JSONValueEncoder(sink: sink, depth: depth + 1).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    begin()
    return JSONValueEncoder(sink: sink, depth: depth + 1).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { JSONInheritance.refused() }
}

/// Writes a value that is no container.
struct JSONScalarWriter: SingleValueEncodingContainer {
  let sink: JSONSink

  var codingPath: [any CodingKey] { [] }

  mutating func encodeNil() { sink.document.writer.writeNull() }

  mutating func encode(_ value: Bool) { sink.document.writer.write(value) }

  mutating func encode(_ value: String) { sink.document.writer.write(value) }

  mutating func encode<Number: FixedWidthInteger & Encodable>(_ value: Number) {
    sink.document.writer.write(value)
  }

  mutating func encode<Number: BinaryFloatingPoint & LosslessStringConvertible & Encodable>(
    _ value: Number
  ) {
    sink.document.writer.write(value)
  }

  mutating func encode<Value: Encodable>(_ value: Value) throws { try sink.write(value) }
}

/// What our values never ask for: they are structs and enums.
enum JSONInheritance {
  /// A class that encodes its superclass apart is our own mistake and stops the process.
  static func refused() -> Never {
    preconditionFailure("a value with a superclass has no form in JSON here")
  }
}
