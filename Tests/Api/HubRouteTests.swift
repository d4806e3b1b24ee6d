import Model
import Reactor
import Testing
import Web

@testable import Api

@Suite("Routes of several sites") struct HubRouteTests {
  private let node = FakeNode()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func router(_ hub: FakeHub) -> Router {
    var router = Router()
    Api(node: node, hub: hub).addRoutes(to: &router)
    return router
  }

  private func request(_ method: Web.Method, _ path: String, _ body: String = "") -> Request {
    Request(
      method, path, headers: ["Content-Type": "application/json"], body: Array(body.utf8),
      peer: .local(processId: 1, userId: 1, groupId: 1))
  }

  @Test("sites are listed, and one more is kept") @Loop func list() async throws {
    let hub = FakeHub()
    let router = router(hub)
    let listed = await router.respond(to: request(.get, "/api/v1/sites"))
    let list = try JSON.decode(HubSitesView.self, from: listed.bytes)
    #expect(list.here == "north" && list.sites.map(\.path) == ["/", "/site/north/"])
    let body = #"{"place":"south"}"#
    #expect(await router.respond(to: request(.post, "/api/v1/sites", body)).status == 201)
    let again = #"{"place":"north"}"#
    #expect(await router.respond(to: request(.post, "/api/v1/sites", again)).status == 409)
    #expect(await router.respond(to: request(.post, "/api/v1/sites", "{}")).status == 400)
    #expect(hub.asked == ["south", "north"])
  }

  @Test("status and metrics tell of sites where there are several alone", arguments: [true, false])
  @Loop func several(isSeveral: Bool) async throws {
    let router = router(FakeHub(isSeveral: isSeveral))
    let status = await router.respond(to: request(.get, "/api/v1/status"))
    let view = try JSON.decode(StatusView.self, from: status.bytes)
    #expect(view.sites?.map(\.place) == (isSeveral ? ["main", "north"] : nil))
    let page = await router.respond(to: request(.get, "/metrics"))
    let lines = String(decoding: page.bytes, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    #expect(!lines.isEmpty)
    for line in lines { #expect(line.contains("{site=\"north\"") == isSeveral, "\(line)") }
  }
}
