/// Any JSON value, for documents that are put together piece by piece.
indirect enum JSONTree: Encodable, Equatable, Sendable, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  case object([String: JSONTree])
  case array([JSONTree])
  case string(String)
  case integer(Int64)
  case bool(Bool)

  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(integerLiteral value: Int64) { self = .integer(value) }
  init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONTree)...) {
    self = .object(Dictionary(elements) { $1 })
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .object(let members): try container.encode(members)
    case .array(let elements): try container.encode(elements)
    case .string(let text): try container.encode(text)
    case .integer(let number): try container.encode(number)
    case .bool(let truth): try container.encode(truth)
    }
  }

  /// The object with one member more, or another one; other values stay what they are.
  func with(_ name: String, _ value: JSONTree?) -> JSONTree {
    guard case .object(var members) = self else { return self }
    members[name] = value
    return .object(members)
  }

  /// The member of an object; nil for other values.
  subscript(name: String) -> JSONTree? {
    if case .object(let members) = self { members[name] } else { nil }
  }
}
