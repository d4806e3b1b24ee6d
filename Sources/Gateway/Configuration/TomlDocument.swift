internal import CToml

/// A value of a TOML text, with the line it stands on.
struct TomlNode: Sendable {
  indirect enum Value: Sendable {
    case table([TomlEntry])
    case array([TomlNode])
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case time
  }

  let value: Value
  /// From 1; 0 where unknown.
  let line: Int

  /// What a person calls it.
  var kindName: String {
    switch value {
    case .table: "a table"
    case .array: "a list"
    case .string: "a text"
    case .integer: "a whole number"
    case .float: "a number with a fraction"
    case .boolean: "true or false"
    case .time: "a date or time"
    }
  }

  /// The value as it would be written, where it is short.
  var text: String {
    switch value {
    case .string(let text): "\"\(text)\""
    case .integer(let number): "\(number)"
    case .float(let number): "\(number)"
    case .boolean(let truth): "\(truth)"
    case .table, .array, .time: kindName
    }
  }
}

/// A key of a TOML table and its value, in the order of the text.
struct TomlEntry: Sendable {
  let key: String
  let line: Int
  let node: TomlNode
}

/// Why a text is not TOML.
struct TomlFailure: Error, Sendable {
  /// Line and column from 1; 0 where unknown.
  let line: Int
  let column: Int
  let reason: String
}

/// Reads TOML texts into values of our own: nothing of the library stays alive.
enum TomlDocument {
  /// The entries of the top table.
  static func parse(_ text: [UInt8]) throws(TomlFailure) -> [TomlEntry] {
    var failure = ctoml_error()
    let document = unsafe text.withUnsafeBytes { bytes in
      unsafe ctoml_parse(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, &failure)
    }
    guard let document = unsafe document else {
      let reason = unsafe withUnsafeBytes(of: failure.message) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw TomlFailure(line: Int(failure.line), column: Int(failure.column), reason: reason)
    }
    defer { unsafe ctoml_free(document) }
    return unsafe children(of: ctoml_root(document))
  }

  private static func children(of node: OpaquePointer?) -> [TomlEntry] {
    var entries: [TomlEntry] = []
    unsafe withUnsafeMutablePointer(to: &entries) { target in
      unsafe ctoml_visit(
        node,
        { closure, key, length, line, child in
          guard let entries = unsafe closure?.assumingMemoryBound(to: [TomlEntry].self) else {
            return
          }
          let bytes = unsafe UnsafeRawBufferPointer(start: key, count: length)
          let name = unsafe String(decoding: bytes, as: UTF8.self)
          let value = unsafe TomlDocument.node(child)
          unsafe entries.pointee.append(TomlEntry(key: name, line: Int(line), node: value))
        }, target)
    }
    return entries
  }

  private static func node(_ node: OpaquePointer?) -> TomlNode {
    let value: TomlNode.Value =
      switch Int(unsafe ctoml_kind(node)) {
      case CTOML_TABLE: .table(unsafe children(of: node))
      case CTOML_ARRAY: .array(unsafe children(of: node).map(\.node))
      case CTOML_STRING: .string(unsafe string(node))
      case CTOML_INTEGER: .integer(unsafe ctoml_integer(node))
      case CTOML_FLOAT: .float(unsafe ctoml_float(node))
      case CTOML_BOOLEAN: .boolean(unsafe ctoml_boolean(node))
      default: .time
      }
    return TomlNode(value: value, line: Int(unsafe ctoml_line(node)))
  }

  private static func string(_ node: OpaquePointer?) -> String {
    var length = 0
    let bytes = unsafe ctoml_string(node, &length)
    return unsafe String(
      decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
  }
}
