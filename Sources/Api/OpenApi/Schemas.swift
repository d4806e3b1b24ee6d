/// A type whose schema is that of its parts.
private protocol Composite {
  static var parts: any Decodable.Type { get }
  static var isList: Bool { get }
  init()
}

extension Array: Composite where Element: Decodable {
  static var parts: any Decodable.Type { Element.self }
  static var isList: Bool { true }
}

extension Dictionary: Composite where Key == String, Value: Decodable {
  static var parts: any Decodable.Type { Value.self }
  static var isList: Bool { false }
}

/// A part of a list that may be null.
private protocol Nullable {
  static var wrapped: any Decodable.Type { get }
}

extension Optional: Nullable where Wrapped: Decodable {
  static var wrapped: any Decodable.Type { Wrapped.self }
}

/// A type with one JSON form that is not an object.
private protocol Primitive {
  static var schema: JSONTree { get }
  init()
}

extension String: Primitive {
  static var schema: JSONTree { ["type": "string"] }
}

extension Bool: Primitive {
  static var schema: JSONTree { ["type": "boolean"] }
}

extension Double: Primitive {
  /// JSON has no number for what is not finite.
  static var schema: JSONTree {
    [
      "oneOf": [
        ["type": "number"], ["type": "string", "enum": ["NaN", "Infinity", "-Infinity"]],
      ]
    ]
  }
}

extension Int: Primitive {}
extension Int64: Primitive {}
extension UInt8: Primitive {}
extension UInt32: Primitive {}
extension UInt64: Primitive {}

extension FixedWidthInteger where Self: Primitive {
  static var schema: JSONTree {
    let schema: JSONTree = ["type": "integer", "format": .string(isSigned ? "int64" : "uint64")]
    return isSigned ? schema : schema.with("minimum", 0)
  }
}

/// The JSON Schemas of Swift types, as components that refer to each other by name.
final class Schemas {
  private(set) var components: [String: JSONTree] = [:]

  /// The schema of a type; an object becomes a component, once, and a reference to it.
  func schema(of type: any Decodable.Type) throws -> JSONTree {
    if let type = type as? any Primitive.Type { return type.schema }
    if let type = type as? any Nullable.Type {
      return ["oneOf": [try schema(of: type.wrapped), ["type": "null"]]]
    }
    if let type = type as? any Composite.Type {
      let parts = try schema(of: type.parts)
      return type.isList
        ? ["type": "array", "items": parts]
        : ["type": "object", "additionalProperties": parts]
    }
    if let words = Self.words(of: type) { return .words(words) }
    let name = String(describing: type)
    let reference: JSONTree = ["$ref": .string("#/components/schemas/\(name)")]
    guard components[name] == nil else { return reference }
    components[name] = ["type": "object"]  // stands while its own parts are looked at
    let record = SchemaRecord(self)
    _ = try type.init(from: SchemaDecoder(record: record))
    var properties: [String: JSONTree] = [:]
    for (key, schema) in record.properties {
      // Beside a reference a description is allowed since JSON Schema 2020-12.
      let text = SchemaDescriptions.text["\(name).\(key)"]
      properties[key] = schema.with("description", text.map { .string($0) })
    }
    components[name] = [
      "type": "object", "properties": .object(properties),
      "required": .array(record.required.sorted().map { .string($0) }),
      "additionalProperties": false,
    ]
    if let text = SchemaDescriptions.text[name] {
      components[name] = components[name]?.with("description", .string(text))
    }
    return reference
  }

  /// A value of a type that was asked for, which nobody looks at.
  func empty<T: Decodable>(_ type: T.Type) throws -> T {
    if let type = type as? any Primitive.Type, let value = type.init() as? T { return value }
    if let type = type as? any Composite.Type, let value = type.init() as? T { return value }
    if let first = Self.first(of: type) as? T { return first }
    return try T(from: SchemaDecoder(record: SchemaRecord(self)))
  }

  /// The words of an enumeration that is written as a word.
  private static func words(of type: any Decodable.Type) -> [String]? {
    guard let type = type as? any CaseIterable.Type else { return nil }
    return all(of: type).compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
  }

  private static func first(of type: any Decodable.Type) -> Any? {
    (type as? any CaseIterable.Type).flatMap { all(of: $0).first }
  }

  private static func all(of type: (some CaseIterable).Type) -> [Any] { type.allCases.map { $0 } }
}
