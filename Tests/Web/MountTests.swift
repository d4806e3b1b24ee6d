import Model
import Reactor
import Testing

@testable import Web

@Suite("Routers below a path") struct MountTests {
  /// Knows one word, by which callers are told apart.
  @Loop private final class Keeper: Gatekeeper {
    private let word: String

    nonisolated init(_ word: String) { self.word = word }

    func caller(of head: Request) -> Caller? {
      guard head.headers["X-Who"] == word else { return nil }
      return Caller(.token(name: word), permissions: .all)
    }
  }

  init() { EventLoop.shared.start() }

  private func router(_ word: String) -> Router {
    var router = Router(gatekeeper: Keeper(word))
    router.get("/who/{name}", access: .needs(.read)) { request in
      .text("\(word) \(request.parameters["name"] ?? "") \(request.path)")
    }
    router.get("/", access: .open) { _ in .text("the page of \(word)") }
    return router
  }

  private var front: Router {
    var front = router("main")
    let north = router("north")
    front.mount(under: "/site") { $0 == "north" ? north : Router() }
    return front
  }

  @Loop private func ask(_ path: String, _ who: String, _ method: Method = .get) async -> Response {
    await front.respond(to: Request(method, path, headers: ["X-Who": who]))
  }

  @Loop private func text(_ path: String, _ who: String) async -> String {
    String(decoding: await ask(path, who).bytes, as: UTF8.self)
  }

  @Test("each has its own routes and knows its own callers") @Loop func apart() async {
    #expect(await text("/who/a%20b", "main") == "main a b /who/a%20b")
    #expect(await text("/site/north/who/a%20b", "north") == "north a b /site/north/who/a%20b")
    #expect(await ask("/site/north/who/x", "main").status == 401)
    #expect(await ask("/who/x", "north").status == 401)
    #expect(await text("/site/north/", "") == "the page of north")
  }

  @Test("whether a stream may go on is asked of the same one") @Loop func later() {
    let head = Request(.get, "/site/north/who/x", headers: ["X-Who": "north"])
    guard case .admitted = front.judge(head, for: .needs(.read)) else {
      Issue.record("somebody of north is refused there")
      return
    }
    let other = Request(.get, "/site/north/who/x", headers: ["X-Who": "main"])
    if case .admitted = front.judge(other, for: .needs(.read)) {
      Issue.record("somebody of main is let in at north")
    }
  }

  @Test(
    "nothing is found by another spelling",
    arguments: [
      "/site/south/who/x", "/site/%6eorth/who/x", "/site//who/x", "/site", "/site/",
      "/site/north/site/north/who/x", "/site/north/../main/who/x", "/SITE/north/who/x",
      "//site/north/who/x", "/site/https:evil.example", "/site/%2F%2Fevil.example", "/site/a?b",
    ])
  @Loop func nowhere(path: String) async {
    #expect(await ask(path, "north").status == 404)
  }

  @Test("without its slash it leads to the page, by a relative way") @Loop
  func redirection() async {
    let moved = await ask("/site/north", "")
    #expect(moved.status == 308 && moved.headers["Location"] == "north/")
    #expect(await ask("/site/north", "", .post).status == 404)
    #expect(await router("main").respond(to: Request(.get, "/site/north")).status == 404)
  }
}
