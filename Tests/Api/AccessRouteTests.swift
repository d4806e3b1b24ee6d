import Api
import Model
import Reactor
import Testing
import Web

@Suite("Routes of people, tokens and sessions") struct AccessRouteTests {
  private let node = FakeNode()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func ask(
    _ method: Web.Method, _ path: String, _ query: Query = Query(), body: String = "",
    headers: Headers = ["Content-Type": "application/json"]
  ) async -> Response {
    var router = Router()
    Api(node: node).addRoutes(to: &router)
    return await router.respond(
      to: Request(
        method, "/api/v1" + path, query: query, headers: headers, body: Array(body.utf8),
        peer: .local(processId: 1, userId: 1000, groupId: 1000)))
  }

  @Test("signing in sets a cookie, and nothing on the way keeps the answer")
  @Loop func signIn() async {
    let answer = await ask(.post, "/session", body: #"{"user":"ada","password":"right"}"#)
    #expect(answer.status == 200)
    #expect(answer.headers["Set-Cookie"] == "a=b")
    #expect(answer.headers["Cache-Control"] == "no-store")
  }

  @Test("whoever tries too often is told when to come back") @Loop func tooMany() async {
    let answer = await ask(.post, "/session", body: #"{"user":"ada","password":"wrong"}"#)
    #expect(answer.status == 429)
    #expect(answer.headers["Retry-After"] == "12")
  }

  @Test("what people and tokens are asked for is passed on, with who asks")
  @Loop func passedOn() async {
    let (users, tokens) = ("/users", "/tokens")
    #expect(
      await ask(.post, users, body: #"{"name":"Bob","role":"operator","password":"12345678"}"#)
        .status == 201)
    #expect(await ask(.put, users + "/bob%20b", body: #"{"role":"viewer"}"#).status == 200)
    #expect(await ask(.delete, users + "/bob").status == 204)
    let made = await ask(.post, tokens, body: #"{"name":"G","permissions":["metrics","read"]}"#)
    #expect(made.status == 201 && made.headers["Cache-Control"] == "no-store")
    #expect(await ask(.delete, tokens + "/0102030405060708").status == 204)
    #expect(await ask(.get, "/audit", ["limit": "7", "cursor": "1-2-3"]).status == 200)
    #expect(
      node.people.asked == [
        "add Bob operator local:1000", "change bob b viewer local:1000", "remove bob local:1000",
        #"token G ["metrics", "read"] local:1000"#, "revoke 0102030405060708 local:1000",
        "audit 7 1-2-3",
      ])
  }

  @Test(
    "what cannot be meant is refused before anybody is asked",
    arguments: [
      ("/users", #"{"name":"b","role":"god","password":"12345678"}"#),
      ("/users", #"{"name":"b"}"#), ("/tokens", #"{"name":"b","permissions":["fly"]}"#),
      ("/session", #"{"user":"ada"}"#), ("/claim", "[]"),
    ])
  @Loop func refused(path: String, body: String) async {
    #expect(await ask(.post, path, body: body).status == 400)
    #expect(node.people.asked == [])
  }

  @Test("a change of a person that changes nothing is refused") @Loop func nothing() async {
    #expect(await ask(.put, "/users/bob", body: "{}").status == 400)
  }

  @Test("the claim code is in the status of the unix socket") @Loop func claimCode() async throws {
    let status = try JSON.decode(StatusView.self, from: await ask(.get, "/status").bytes)
    #expect(status.access?.claimCode == "AAAAA-AAAAA")
  }

  @Test("the claim code is in no status over the network") @Loop func noClaimCode() async throws {
    var router = Router(gatekeeper: AdminKeeper())
    Api(node: node).addRoutes(to: &router)
    let answer = await router.respond(
      to: Request(.get, "/api/v1/status", peer: .network(address: "127.0.0.1")))
    #expect(answer.status == 200)
    let status = try JSON.decode(StatusView.self, from: answer.bytes)
    #expect(status.access != nil && status.access?.claimCode == nil)
  }
}

/// Takes everybody for an administrator.
@Loop private final class AdminKeeper: Gatekeeper {
  nonisolated init() {}

  func caller(of head: Request) -> Caller? { Caller(.token(name: "t"), permissions: .all) }
}
