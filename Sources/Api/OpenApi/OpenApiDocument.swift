internal import Model
internal import Web

/// The OpenAPI 3.1 document of the API (https://spec.openapis.org/oas/v3.1.0), made of what the
/// routes themselves say.
struct OpenApiDocument {
  private var paths: [String: JSONTree] = [:]
  private let schemas = Schemas()

  /// Describes these operations. A type whose schema cannot be found out is our own mistake and
  /// stops the process, in the first test.
  init(_ operations: [Operation]) {
    for operation in operations {
      let item = paths[operation.pattern] ?? [:]
      paths[operation.pattern] = item.with(
        operation.method.rawValue.lowercased(), describe(operation))
    }
  }

  /// The whole document.
  func tree(version: String) -> JSONTree {
    [
      "openapi": "3.1.0",
      "info": [
        "title": "Bivouac",
        "version": .string(version),
        "description": .string(
          "A field gateway's readings, devices and commands. Times in *Us are microseconds: of"
            + " UTC since 1970 where the name says time or wall, else of the node's"
            + " CLOCK_BOOTTIME. Refusals are RFC 9457 problems."),
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      // Relative to this document, so that it is right behind a proxy's path prefix too.
      "servers": [["url": "../../"]],
      "paths": .object(paths),
      "components": [
        "schemas": .object(schemas.components.merging(Self.problem) { $1 }),
        "securitySchemes": Self.securitySchemes,
      ],
    ]
  }

  /// How who asks over the network is known. Over the unix socket nothing of it is needed.
  private static let securitySchemes: JSONTree = [
    "token": [
      "type": "http", "scheme": "bearer",
      "description": "A program's token, as POST /api/v1/tokens gives it once.",
    ],
    "session": [
      "type": "apiKey", "in": "cookie", "name": "bivouac_NODE",
      "description": .string(
        "A person's session, as POST /api/v1/session begins it; NODE stands for the first 8 digits"
          + " of the node's id. What is no GET carries the session's csrf in X-Bivouac-CSRF."),
    ],
  ]

  private static let refusal: JSONTree = [
    "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]
  ]

  /// Who may use an operation, and what others are told.
  private static func describe(_ access: RouteAccess, in item: JSONTree) -> JSONTree {
    switch access {
    case .open: return item.with("security", .array([]))
    case .localOnly:
      return item.with("security", .array([])).with(
        "responses",
        item["responses"]?.with(
          "403", ["description": "Not over the unix socket.", "content": refusal]))
    case .needs(let permission):
      let responses = item["responses"]?
        .with("401", ["description": "Neither signed in nor a token.", "content": refusal])
        .with(
          "403",
          [
            "description": .string(
              "Without the permission \(permission.rawValue), or a cookie without its secret."),
            "content": refusal,
          ])
      return item.with("security", [["token": []], ["session": []]])
        .with("x-permission", .string(permission.rawValue)).with("responses", responses)
    }
  }

  private static let problem: [String: JSONTree] = [
    "Problem": [
      "type": "object",
      "description": "Why a request was refused (RFC 9457), in English.",
      "properties": [
        "type": ["type": "string", "description": "urn:bivouac:problem: and a stable code."],
        "title": ["type": "string", "description": "The same for every problem of its kind."],
        "status": ["type": "integer", "minimum": 400, "maximum": 599],
        "detail": ["type": "string", "description": "What happened this time, and why."],
        "remedy": ["type": "string", "description": "What to do next."],
        "code": ["type": "string", "description": "The code of the type, alone."],
        "parameters": [
          "type": "object", "additionalProperties": ["type": "string"],
          "description": "The values in the sentence, for one in another language.",
        ],
      ],
      "required": ["type", "title", "status"],
      "additionalProperties": false,
    ]
  ]

  private func describe(_ operation: Operation) -> JSONTree {
    var item: JSONTree = [
      "summary": .string(operation.summary),
      "operationId": .string(Self.name(of: operation)),
      "responses": .object([
        "default": [
          "description": "Refused; nothing was changed.",
          "content": Self.refusal,
        ]
      ]),
    ]
    let parameters =
      operation.pathParameters.map(Self.describe(path:))
      + operation.parameters.map(Self.describe)
    if !parameters.isEmpty { item = item.with("parameters", .array(parameters)) }
    if let body = operation.body {
      item = item.with(
        "requestBody",
        ["required": true, "content": ["application/json": ["schema": schema(body)]]])
    }
    if !operation.bodyTypes.isEmpty {
      item = item.with(
        "requestBody", ["required": true, "content": Self.files(operation.bodyTypes)])
    }
    let (status, response) = describe(operation.answer)
    item = item.with("responses", item["responses"]?.with("\(status)", response))
    if case .bytes = operation.answer {
      item = item.with(
        "responses", item["responses"]?.with("204", ["description": "That was all."]))
    }
    return Self.describe(operation.access, in: item)
  }

  private func describe(_ answer: Operation.Answer) -> (status: Int, JSONTree) {
    switch answer {
    case .json(let type, let status):
      let content: JSONTree = ["application/json": ["schema": schema(type)]]
      return (status, ["description": "Done.", "content": content])
    case .oneOf(let types):
      let schema: JSONTree = ["oneOf": .array(types.map { self.schema($0) })]
      return (200, ["description": "Done.", "content": ["application/json": ["schema": schema]]])
    case .text(let mediaType, let type):
      var schema: JSONTree = ["type": "string"]
      if let type {
        schema = schema.with("contentMediaType", "application/json")
          .with("contentSchema", self.schema(type))
      }
      return (
        200, ["description": "Text.", "content": .object([mediaType: ["schema": schema]])]
      )
    case .bytes:
      let content: JSONTree = .object([Operation.bytesType: [:]])
      return (200, ["description": "Bytes.", "content": content])
    case .file(let types):
      return (200, ["description": "Bytes.", "content": Self.files(types)])
    case .nothing:
      return (204, ["description": "Done; there is nothing to say."])
    case .upgrade(let name):
      return (101, ["description": .string("The connection goes on as \(name).")])
    }
  }

  private func schema(_ type: any Decodable.Type) -> JSONTree {
    do {
      return try schemas.schema(of: type)
    } catch {
      preconditionFailure("\(type) decodes in a way of its own: it needs a schema by hand")
    }
  }

  /// Bytes of one of these media types.
  private static func files(_ types: [String]) -> JSONTree {
    .object(Dictionary(uniqueKeysWithValues: types.map { ($0, [:]) }))
  }

  private static func describe(path name: String) -> JSONTree {
    [
      "name": .string(name), "in": "path", "required": true, "schema": .text,
      "description": .string(SchemaDescriptions.pathParameters[name] ?? "Its id."),
    ]
  }

  private static func describe(_ parameter: Operation.Parameter) -> JSONTree {
    let schema: JSONTree =
      parameter.repeats ? ["type": "array", "items": parameter.schema] : parameter.schema
    return [
      "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
      "description": .string(parameter.description), "schema": schema,
    ]
  }

  /// `postDevicesIdCommands`: the method and the path.
  private static func name(of operation: Operation) -> String {
    let words = operation.pattern.split(separator: "/").filter { $0 != "api" && $0 != "v1" }
    return words.reduce(operation.method.rawValue.lowercased()) { name, word in
      let letters = word.filter { $0.isLetter || $0.isNumber }
      return name + letters.prefix(1).uppercased() + letters.dropFirst()
    }
  }
}
