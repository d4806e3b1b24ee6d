import Api
import Model
import Reactor
import Testing
import Web

@Suite("Routes of snapshots") struct SnapshotRouteTests {
  let node = FakeNode()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func ask(
    _ method: Web.Method, _ path: String, _ query: Query = Query(), type: String = "image/png",
    body: [UInt8] = [], headers: Headers = Headers()
  ) async -> Response {
    var router = Router()
    Api(node: node).addRoutes(to: &router)
    var headers = headers
    headers["Content-Type"] = type
    return await router.respond(
      to: Request(
        method, "/api/v1" + path, query: query, headers: headers, body: body,
        peer: .local(processId: 1, userId: 1000, groupId: 1000)))
  }

  @Test("a picture is added with its type and note, and the answer says where it is")
  @Loop func added() async {
    var query = Query()
    query.add("note", "vents open")
    let answer = await ask(.post, "/devices/greenhouse/snapshots", query, body: [1, 2, 3])
    #expect(answer.status == 201 && answer.headers["Location"] == "/api/v1/snapshots/0a0b")
    _ = await ask(.post, "/devices/greenhouse/snapshots", type: "image/jpeg; q=1", body: [1])
    #expect(
      node.asked == [
        "snapshot greenhouse image/png 3 vents open local:1000",
        "snapshot greenhouse image/jpeg 1 - local:1000",
      ])
  }

  @Test("another type, a body that is too long and an unknown parameter are refused unasked")
  @Loop func refused() async {
    for type in ["application/json", "image/svg+xml", "image/gif", ""] {
      let answer = await ask(.post, "/devices/greenhouse/snapshots", type: type, body: [1])
      #expect(answer.status == 415, "\(type)")
    }
    let long = [UInt8](repeating: 1, count: ApiLimits.snapshotBytesMax + 1)
    #expect(await ask(.post, "/devices/greenhouse/snapshots", body: long).status == 413)
    var query = Query()
    query.add("nota", "x")
    #expect(await ask(.post, "/devices/greenhouse/snapshots", query, body: [1]).status == 400)
    #expect(node.asked.isEmpty)
    // The longest one is taken.
    let longest = Array(long.dropLast())
    #expect(await ask(.post, "/devices/greenhouse/snapshots", body: longest).status == 201)
  }

  @Test("bytes come with their own type, for ever, and never as anything else")
  @Loop func bytes() async {
    let answer = await ask(.get, "/snapshots/0a0b")
    #expect(answer.status == 200 && answer.bytes == [1, 2, 3])
    #expect(answer.headers["Content-Type"] == "image/png")
    #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
    #expect(answer.headers["Cache-Control"]?.contains("immutable") == true)
    #expect(answer.headers["ETag"] == "\"0a0b\"")
    let known = await ask(.get, "/snapshots/0a0b", headers: ["If-None-Match": "\"x\", \"0a0b\""])
    #expect(known.status == 304 && known.bytes.isEmpty)
    let gone = await ask(.get, "/snapshots/0c", headers: ["If-None-Match": "\"0c\""])
    #expect(gone.status == 404)
  }

  @Test("lists take a limit within bounds")
  @Loop func lists() async {
    var query = Query()
    query.add("limit", "7")
    #expect(await ask(.get, "/snapshots", query).status == 200)
    #expect(await ask(.get, "/devices/greenhouse/snapshots").status == 200)
    #expect(node.asked == ["snapshots - 7", "snapshots greenhouse 100"])
    var many = Query()
    many.add("limit", "1001")
    #expect(await ask(.get, "/snapshots", many).status == 400)
  }
}
