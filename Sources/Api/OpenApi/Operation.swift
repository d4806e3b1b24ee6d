internal import Web

/// What one route is for, takes and gives: what the OpenAPI document says of it.
struct Operation: Sendable {
  /// A parameter of the query or of the head. Those of the path follow from the pattern.
  struct Parameter: Sendable {
    enum Place: String, Sendable { case query, header }

    var name: String
    var place = Place.query
    var schema: JSONTree
    var description: String
    /// Whether it may come several times.
    var repeats = false
  }

  /// What a success carries.
  enum Answer: Sendable {
    case json(any (Decodable & Sendable).Type, status: Int = 200)
    /// One of several, by what was asked.
    case oneOf([any (Decodable & Sendable).Type])
    case text(mediaType: String, of: (any (Decodable & Sendable).Type)? = nil)
    /// Bytes, or nothing behind the last of them.
    case bytes
    /// Bytes of one of some media types.
    case file([String])
    case nothing
    /// The connection leaves HTTP.
    case upgrade(String)
  }

  var method: Method
  var pattern: String
  /// Who may.
  var access: RouteAccess
  var summary: String
  var parameters: [Parameter] = []
  var body: (any (Decodable & Sendable).Type)?
  /// What a body that is not JSON may be; empty for JSON.
  var bodyTypes: [String]
  /// The most bytes of a body.
  var bodyBytesMax: Int
  var answer: Answer

  /// The media type of bytes.
  static let bytesType = "application/octet-stream"

  init(
    _ method: Method, _ pattern: String, _ access: RouteAccess, _ summary: String,
    parameters: [Parameter] = [], body: (any (Decodable & Sendable).Type)? = nil,
    bodyTypes: [String] = [], bodyBytesMax: Int = WebLimits.bodyBytesMax, answer: Answer
  ) {
    self.method = method
    self.pattern = pattern
    self.access = access
    self.summary = summary
    self.parameters = parameters
    self.body = body
    self.bodyTypes = bodyTypes
    self.bodyBytesMax = bodyBytesMax
    self.answer = answer
  }

  /// What a body may be.
  var mediaTypes: [String] { bodyTypes.isEmpty ? ["application/json"] : bodyTypes }

  /// The names in the pattern, in order.
  var pathParameters: [String] {
    pattern.split(separator: "/").filter { $0.hasPrefix("{") }.map {
      String($0.dropFirst().dropLast())
    }
  }
}

extension JSONTree {
  /// A text within the bounds of a parameter.
  static let text: JSONTree = [
    "type": "string", "minLength": 1, "maxLength": .integer(Int64(ApiLimits.textBytesMax)),
  ]

  /// A whole number in a range.
  static func integer(in range: ClosedRange<Int64>) -> JSONTree {
    [
      "type": "integer", "format": "int64", "minimum": .integer(range.lowerBound),
      "maximum": .integer(range.upperBound),
    ]
  }

  /// One of a few words.
  static func words(_ words: [String]) -> JSONTree {
    ["type": "string", "enum": .array(words.map { .string($0) })]
  }
}
