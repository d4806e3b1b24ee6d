import Api
import Model
import Reactor
import Testing
import Web

@Suite("Routes of sites, peers and bundles") struct SiteRouteTests {
  private let node = FakeNode()
  private let sites = FakeSites()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func ask(
    _ method: Web.Method, _ path: String, body: [UInt8] = [], type: String = "application/json"
  ) async -> Response {
    var router = Router()
    Api(node: node, sites: sites).addRoutes(to: &router)
    return await router.respond(
      to: Request(
        method, "/api/v1" + path, headers: ["Content-Type": type], body: body,
        peer: .local(processId: 1, userId: 1000, groupId: 1000)))
  }

  @Loop private func ask(_ method: Web.Method, _ path: String, _ body: String) async -> Response {
    await ask(method, path, body: Array(body.utf8))
  }

  @Test("what is asked of the site is passed on, with who asks") @Loop func passedOn() async {
    _ = await ask(.post, "/site", #"{"name":"Farm","label":"barn","keep":true}"#)
    _ = await ask(.post, "/site/recovery", #"{"siteKey":"ABCD"}"#)
    _ = await ask(.post, "/site/key")
    _ = await ask(
      .post, "/invitations",
      #"{"url":"http://h:1","uses":1000,"minutes":10080,"scopes":["record","serve"]}"#)
    _ = await ask(.post, "/invitations")
    _ = await ask(.post, "/pairing", #"{"url":"http://h:1","key":"K","label":"l"}"#)
    _ = await ask(.post, "/peers/cc/revocation", #"{"reason":"sold"}"#)
    #expect(
      sites.asked == [
        "create Farm barn true local:1000", "recover ABCD - local:1000", "rotate local:1000",
        "invite http://h:1 1000 10080 record,serve local:1000",
        "invite - - - - local:1000", "pair http://h:1 K l local:1000",
        "revoke cc sold local:1000",
      ])
  }

  @Test("what is asked of peers is passed on, an address too") @Loop func peers() async throws {
    let added = await ask(.post, "/peers", #"{"url":"http://h:1/p"}"#)
    #expect(try JSON.decode(SyncView.self, from: added.bytes).peers.count == 1)
    #expect(await ask(.delete, "/peers/http:%2F%2Fh:1%2Fp").status == 200)
    #expect(await ask(.post, "/sync/now").status == 200)
    #expect(sites.asked == ["add http://h:1/p", "remove http://h:1/p", "now"])
  }

  @Test("the site and how records travel are told") @Loop func told() async throws {
    let site = try JSON.decode(SiteView.self, from: await ask(.get, "/site").bytes)
    #expect(site == FakeSites.site)
    let travel = try JSON.decode(SyncView.self, from: await ask(.get, "/sync").bytes)
    #expect(travel.peers.first?.backlogRecords == 0 && travel.peers.first?.missingRecords == nil)
  }

  @Test(
    "nothing on the way keeps an answer with a secret in it",
    arguments: [
      ("/site", #"{"name":"Farm"}"#), ("/invitations", "{}"), ("/site/key", ""),
      ("/sync/exports", "{}"),
    ])
  @Loop func unkept(path: String, body: String) async {
    #expect(await ask(.post, path, body).headers["Cache-Control"] == "no-store")
  }

  @Test("an invitation carries its link as a QR code, of the size that the standard has for it")
  @Loop func qr() async throws {
    let made = try JSON.decode(
      InvitationView.self, from: await ask(.post, "/invitations", "{}").bytes)
    let rows = try #require(made.qr)
    // Version 3, the first that holds so many bytes at level M: 29 modules (ISO/IEC 18004).
    #expect(made.link.utf8.count == 30 && rows.count == 29)
    #expect(rows.allSatisfy { $0.count == 29 && $0.allSatisfy { "01".contains($0) } })
    // Three corners have a finder pattern, the fourth has none.
    for row in [rows[0].prefix(7), rows[0].suffix(7), rows[22].prefix(7)] {
      #expect(row == "1111111")
    }
    #expect(rows[1].hasPrefix("10000010") && rows[22].suffix(7) != "1111111")
  }

  @Test("a refusal of the site keeps its code") @Loop func refusal() async throws {
    let answer = await ask(.post, "/site", #"{"name":"second"}"#)
    #expect(answer.status == 409)
    #expect(try JSON.decode(ApiProblem.self, from: answer.bytes).code == "site.exists")
  }

  @Test("a bundle comes piece by piece, and nothing is behind the last")
  @Loop func export() async throws {
    let begun = await ask(.post, "/sync/exports", #"{"peer":"hub"}"#)
    #expect(begun.status == 201)
    #expect(try JSON.decode(BundleTaskView.self, from: begun.bytes).id == "e1")
    let first = await ask(.get, "/sync/exports/e1")
    #expect(first.status == 200 && first.bytes == [1, 2, 3])
    #expect(first.headers["Content-Type"] == "application/octet-stream")
    #expect(first.headers["Cache-Control"] == "no-store")
    #expect(await ask(.get, "/sync/exports/e1").bytes == [4])
    let end = await ask(.get, "/sync/exports/e1")
    #expect(end.status == 204 && end.bytes == [])
    #expect(sites.asked == ["export hub", "piece e1", "piece e1", "piece e1"])
  }

  @Test("a bundle goes in piece by piece, and its end says what it brought")
  @Loop func importing() async throws {
    #expect(await ask(.post, "/sync/imports").status == 201)
    let bytes = "application/octet-stream"
    let most = [UInt8](repeating: 7, count: 1 << 20)
    #expect(await ask(.put, "/sync/imports/i1", body: most, type: bytes).status == 204)
    #expect(await ask(.put, "/sync/imports/i1", body: most + [7], type: bytes).status == 413)
    #expect(await ask(.put, "/sync/imports/i1", body: [], type: bytes).status == 400)
    #expect(await ask(.put, "/sync/imports/i1", body: [1]).status == 415)
    let end = await ask(.post, "/sync/imports/i1/end")
    #expect(try JSON.decode(BundleImportView.self, from: end.bytes).kept == 3)
    #expect(sites.asked == ["import", "take i1 1048576", "end i1"])
  }

  @Test(
    "what makes no sense is refused before anybody is asked",
    arguments: [
      ("/site", "{}"), ("/site", #"{"name":""}"#),
      ("/site", #"{"name":"\#(String(repeating: "n", count: 65))"}"#),
      ("/site", #"{"name":"n","label":""}"#), ("/site", #"{"name":"n","keep":"yes"}"#),
      ("/site/recovery", "{}"), ("/site/recovery", #"{"siteKey":""}"#),
      ("/invitations", #"{"uses":0}"#), ("/invitations", #"{"uses":1001}"#),
      ("/invitations", #"{"minutes":0}"#), ("/invitations", #"{"minutes":10081}"#),
      ("/invitations", #"{"scopes":[]}"#), ("/invitations", #"{"scopes":["god"]}"#),
      ("/invitations", #"{"url":""}"#), ("/invitations", "[]"),
      ("/pairing", #"{"url":"http://h:1"}"#), ("/pairing", #"{"url":"http://h:1","key":""}"#),
      ("/pairing", #"{"key":"\#(String(repeating: "k", count: 1_201))"}"#),
      ("/peers", "{}"), ("/peers", #"{"url":"h\#(String(repeating: "h", count: 1_024))"}"#),
      ("/peers/cc/revocation", #"{"reason":"\#(String(repeating: "r", count: 513))"}"#),
      ("/sync/exports", #"{"peer":""}"#), ("/sync/exports?peer=hub", "{}"),
    ])
  @Loop func refused(path: String, body: String) async {
    let parts = path.split(separator: "?")
    var router = Router()
    Api(node: node, sites: sites).addRoutes(to: &router)
    let answer = await router.respond(
      to: Request(
        .post, "/api/v1" + parts[0], query: Query(parsing: parts.count > 1 ? parts[1] : "") ?? [:],
        headers: ["Content-Type": "application/json"], body: Array(body.utf8),
        peer: .local(processId: 1, userId: 0, groupId: 0)))
    #expect(answer.status == 400)
    #expect(sites.asked == [])
  }

  @Test("a daemon without sites has none of these routes") @Loop func without() async {
    var router = Router()
    Api(node: node).addRoutes(to: &router)
    let answer = await router.respond(
      to: Request(.get, "/api/v1/site", peer: .local(processId: 1, userId: 0, groupId: 0)))
    #expect(answer.status == 404)
  }
}
