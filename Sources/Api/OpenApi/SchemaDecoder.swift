/// Finds out what a type decodes by letting it decode: every key that it asks for, and as what.
///
/// So the document cannot say anything else than the code that reads and writes the JSON. It works
/// for types whose decoding is the compiler's own; what they ask for is answered with empty values.
struct SchemaDecoder: Decoder {
  let record: SchemaRecord
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedRecorder(record: record))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw SchemaFailure() }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { throw SchemaFailure() }
}

/// A type that decodes in a way of its own, of which nothing can be found out.
struct SchemaFailure: Error {}

/// The properties of one object, as far as they are known, and the components they refer to.
final class SchemaRecord {
  let schemas: Schemas
  private(set) var properties: [String: JSONTree] = [:]
  private(set) var required: [String] = []
  /// Keys that were asked whether they are null: what follows may be missing.
  var nullable: Set<String> = []

  init(_ schemas: Schemas) { self.schemas = schemas }

  func note(_ key: String, _ type: any Decodable.Type, isRequired: Bool) throws {
    properties[key] = try schemas.schema(of: type)
    if isRequired { required.append(key) }
  }
}

private struct KeyedRecorder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let record: SchemaRecord
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_ key: Key) -> Bool { true }

  /// Asked first by the library's own `decodeIfPresent` of the basic types.
  func decodeNil(forKey key: Key) throws -> Bool {
    record.nullable.insert(key.stringValue)
    return false
  }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    let isRequired = !record.nullable.contains(key.stringValue)
    try record.note(key.stringValue, type, isRequired: isRequired)
    return try record.schemas.empty(type)
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    try record.note(key.stringValue, type, isRequired: false)
    return nil
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { throw SchemaFailure() }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw SchemaFailure()
  }

  func superDecoder() throws -> any Decoder { throw SchemaFailure() }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw SchemaFailure() }
}
