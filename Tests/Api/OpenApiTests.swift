import Model
import Reactor
import Testing
import Web

@testable import Api

@Suite("OpenAPI document") struct OpenApiTests {
  let node = FakeNode()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func document() -> (Router, JSONTree) {
    var router = Router()
    let api = Api(node: node, sites: FakeSites(), hub: FakeHub())
    api.addRoutes(to: &router)
    return (router, OpenApiDocument(api.operations).tree(version: "1.2.3"))
  }

  private func members(_ tree: JSONTree?) -> [String: JSONTree] {
    if case .object(let members) = tree { members } else { [:] }
  }

  @Test("it describes every route, and nothing that is no route") @Loop func routes() {
    let (router, document) = document()
    let described = members(document["paths"]).flatMap { path, item in
      members(item).keys.map { "\($0.uppercased()) \(path)" }
    }
    #expect(described.sorted() == router.routes.map { "\($0.method) \($0.pattern)" }.sorted())
    #expect(described.count > 15)
  }

  @Test("every operation says who may use it, and what others are told") @Loop func security() {
    var router = Router()
    let api = Api(node: node, sites: FakeSites(), hub: FakeHub())
    api.addRoutes(to: &router)
    let (_, document) = document()
    for operation in api.operations {
      let item = document["paths"]?[operation.pattern]?[operation.method.rawValue.lowercased()]
      let responses = members(item?["responses"])
      switch operation.access {
      case .open:
        #expect(item?["security"] == .array([]))
        #expect(responses["401"] == nil)
      case .localOnly: #expect(responses["403"] != nil)
      case .needs(let permission):
        #expect(item?["security"] == [["token": []], ["session": []]])
        #expect(item?["x-permission"] == .string(permission.rawValue))
        #expect(responses["401"] != nil && responses["403"] != nil)
      }
    }
    #expect(
      members(document["components"]?["securitySchemes"]).keys.sorted() == ["session", "token"])
  }

  @Test("it is served, with the version of the program") @Loop func served() async throws {
    let (router, document) = document()
    let answer = await router.respond(
      to: Request(
        .get, "/api/v1/openapi.json", peer: .local(processId: 1, userId: 0, groupId: 0)))
    #expect(answer.status == 200)
    #expect(try answer.bytes == JSON.encode(document))
    #expect(document["info"]?["version"] == "1.2.3")
  }

  @Test("every reference leads somewhere, and every component is referred to")
  @Loop func references() {
    let (_, document) = document()
    var found: Set<String> = []
    func collect(_ tree: JSONTree) {
      switch tree {
      case .object(let members):
        if case .string(let target)? = members["$ref"] { found.insert(target) }
        members.values.forEach(collect)
      case .array(let elements): elements.forEach(collect)
      case .string, .integer, .bool: break
      }
    }
    collect(document)
    let schemas = members(document["components"]?["schemas"]).keys
    #expect(found == Set(schemas.map { "#/components/schemas/\($0)" }))
  }

  @Test("bytes are described as bytes, both ways") @Loop func bytes() {
    let paths = document().1["paths"]
    let taken = paths?["/api/v1/sync/imports/{id}"]?["put"]?["requestBody"]?["content"]
    #expect(members(taken).keys.sorted() == ["application/octet-stream"])
    let given = paths?["/api/v1/sync/exports/{id}"]?["get"]?["responses"]
    #expect(members(given?["200"]?["content"]).keys.sorted() == ["application/octet-stream"])
    #expect(given?["204"] != nil)
  }

  @Test("no description speaks of what is not there") @Loop func descriptions() {
    let (_, document) = document()
    let schemas = members(document["components"]?["schemas"])
    let known = schemas.flatMap { name, schema in
      [name] + members(schema["properties"]).keys.map { "\(name).\($0)" }
    }
    #expect(Set(SchemaDescriptions.text.keys).subtracting(known) == [])
    #expect(SchemaDescriptions.text.count > 60)
  }

  @Test("a schema says what the type decodes: what is needed, what may be missing, which words")
  func schema() throws {
    let schemas = Schemas()
    #expect(
      try schemas.schema(of: [CommandView].self) == [
        "type": "array", "items": ["$ref": "#/components/schemas/CommandView"],
      ])
    let command = try #require(schemas.components["CommandView"])
    #expect(
      command["required"] == [
        "arguments", "device", "id", "issuedUs", "issuer", "leaseMs", "lifeMs", "name", "state",
      ])
    #expect(command["properties"]?["arguments"]?["items"] == ["type": "string"])
    #expect(
      command["properties"]?["state"]?["enum"] == [
        "queued", "claimed", "running", "acked", "failed", "refused", "unknown", "cancelled",
      ])
    #expect(command["properties"]?["lifeMs"]?["minimum"] == 0)
    #expect(command["properties"]?["value"]?["type"] == "integer")
    #expect(command["additionalProperties"] == false)
  }

  @Test("a type that decodes in a way of its own is not guessed at") func ownWay() {
    struct OwnWay: Decodable {
      init(from decoder: any Decoder) throws { _ = try decoder.singleValueContainer() }
    }
    #expect(throws: SchemaFailure.self) { try Schemas().schema(of: OwnWay.self) }
  }
}
