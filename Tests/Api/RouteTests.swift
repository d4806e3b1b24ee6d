import Api
import Model
import Reactor
import Testing
import Web

@Suite("Routes")
struct RouteTests {
  let node = FakeNode()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private var router: Router {
    var router = Router()
    Api(node: node).addRoutes(to: &router)
    return router
  }

  @Loop private func ask(
    _ method: Method, _ path: String, _ query: Query = Query(), body: String = ""
  ) async -> Response {
    await router.respond(
      to: Request(
        method, "/api/v1" + path, query: query, headers: ["Content-Type": "application/json"],
        body: Array(body.utf8), peer: .local(processId: 1, userId: 1000, groupId: 1000)))
  }

  @Loop private func problem(_ response: Response) throws -> ApiProblem {
    #expect(response.headers["Content-Type"] == "application/problem+json")
    return try JSON.decode(ApiProblem.self, from: response.bytes)
  }

  @Test("status and devices are JSON that the views read back")
  @Loop func views() async throws {
    let status = await ask(.get, "/status")
    #expect(try JSON.decode(StatusView.self, from: status.bytes).version == "1.2.3")
    let devices = await ask(.get, "/devices")
    #expect(try JSON.decode([DeviceView].self, from: devices.bytes) == node.devices())
    let one = await ask(.get, "/devices/greenhouse")
    #expect(try JSON.decode(DeviceView.self, from: one.bytes).id == FakeNode.greenhouse)
  }

  @Test("an unknown device is a problem with its name")
  @Loop func notFound() async throws {
    let answer = await ask(.get, "/devices/nothing")
    #expect(answer.status == 404)
    let found = try problem(answer)
    #expect(found.code == "not-found")
    #expect(found.parameters == ["device": "nothing"])
    #expect(found.remedy == "list the devices")
  }

  @Test("what is written says who asked, as the kernel knows it")
  @Loop func author() async {
    _ = await ask(.put, "/devices/greenhouse/name", body: #"{"name":"serre nord"}"#)
    _ = await ask(.put, "/devices/greenhouse/name", body: #"{"name":null}"#)
    _ = await ask(.post, "/devices/greenhouse/open", body: #"{"always":true}"#)
    _ = await ask(.post, "/devices/greenhouse/open")
    _ = await ask(.post, "/devices/greenhouse/forget")
    _ = await ask(.post, "/devices/greenhouse/assign", body: #"{"to":"pump"}"#)
    _ = await ask(.post, "/questions/q-1/answer", body: #"{"answer":"another"}"#)
    #expect(
      node.asked == [
        "rename greenhouse serre nord local:1000", "rename greenhouse - local:1000",
        "open greenhouse true local:1000", "open greenhouse false local:1000",
        "forget greenhouse local:1000", "assign greenhouse pump local:1000",
        "answer another q-1 local:1000",
      ])
  }

  @Test(
    "a name that would break a line or an address is refused",
    arguments: ["", " x", "x ", "a\\nb", "a\\u202Eb", String(repeating: "é", count: 33)])
  @Loop func badName(name: String) async throws {
    let answer = await ask(.put, "/devices/greenhouse/name", body: "{\"name\":\"\(name)\"}")
    #expect(answer.status == 400)
    #expect(try problem(answer).parameters["parameter"] == "name")
    #expect(node.asked.isEmpty)
  }

  @Test("a command is accepted, not done, and says where its life can be followed")
  @Loop func command() async throws {
    let body = #"{"name":"fan","arguments":["80"],"lifeMs":5000}"#
    let answer = await ask(.post, "/devices/greenhouse/commands", body: body)
    #expect(answer.status == 202)
    #expect(answer.headers["Location"] == "/api/v1/commands/00ff")
    let view = try JSON.decode(CommandView.self, from: answer.bytes)
    #expect(view.lifeMs == 5_000)
    #expect(view.state == .queued)
  }

  @Test(
    "an order that no device could take is refused before anything is written",
    arguments: [
      #"{"name":"","arguments":[]}"#, #"{"name":"x","arguments":[],"lifeMs":0}"#, "{", "",
      #"{"name":"x","arguments":[],"lifeMs":-1}"#, #"{"name":"x"}"#,
      #"{"name":"x","arguments":["\#(String(repeating: "a", count: 201))"]}"#,
      #"{"name":"x","arguments":["1"\#(String(repeating: #","1""#, count: 16))]}"#,
    ])
  @Loop func badCommand(body: String) async {
    let answer = await ask(.post, "/devices/greenhouse/commands", body: body)
    #expect(answer.status == 400)
    #expect(node.asked.isEmpty)
  }

  @Test("a query for readings passes every parameter on")
  @Loop func readings() async {
    let answer = await ask(
      .get, "/readings",
      [
        "device": "greenhouse", "channel": "t", "from": "-5", "to": "6", "clock": "node",
        "last": "7", "limit": "8", "cursor": "c",
      ])
    #expect(answer.status == 200)
    var expected = ReadingsRequest()
    expected.device = "greenhouse"
    expected.channel = "t"
    (expected.fromUs, expected.toUs) = (-5, 6)
    expected.clock = .node
    (expected.last, expected.limit, expected.cursor) = (7, 8, "c")
    #expect(node.wanted == expected)
  }

  @Test("without parameters everything is asked for, in pages of 1000")
  @Loop func readingsDefault() async {
    _ = await ask(.get, "/readings")
    #expect(node.wanted == ReadingsRequest())
  }

  @Test(
    "a parameter that cannot be used is refused by its name",
    arguments: [
      (["from": "yesterday"], "from"), (["to": "1.5"], "to"), (["from": "6", "to": "6"], "to"),
      (["clock": "solar"], "clock"), (["last": "0"], "last"), (["limit": "10001"], "limit"),
      (["limit": "5", "limit": "6"], "limit"), (["form": "1"], "form"), (["device": ""], "device"),
      (["channel": "a234567890bcdefgh"], "channel"), (["from": "9223372036854775808"], "from"),
    ] as [(Query, String)])
  @Loop func badReadings(query: Query, parameter: String) async throws {
    let answer = await ask(.get, "/readings", query)
    #expect(answer.status == 400)
    let found = try problem(answer)
    #expect(found.code == "bad-parameter")
    #expect(found.parameters["parameter"] == parameter)
    #expect(node.wanted == nil)
  }

  @Test(
    "a misspelt parameter is refused on every route",
    arguments: [
      "/status", "/devices", "/devices/greenhouse", "/commands", "/questions", "/events",
    ])
  @Loop func unknownParameter(path: String) async {
    #expect(await ask(.get, path, ["x": "1"]).status == 400)
  }

  @Test("boards are taken on the unix socket only")
  @Loop func networkBoards() async throws {
    let answer = await router.respond(
      to: Request(.post, "/api/v1/simulated", peer: .network(address: "127.0.0.1")))
    #expect(answer.status == 403)
    #expect(try problem(answer).code == "local-only")
  }

  @Test("a live feed of an unknown device is refused before it begins")
  @Loop func liveUnknown() async {
    #expect(await ask(.get, "/events", ["device": "nothing"]).status == 404)
    #expect(node.sinks.isEmpty)
  }
}
