import Api
import Model
import Reactor
import Testing
import Web

@Suite("Routes of what people hide, add and say") struct FactRouteTests {
  let node = FakeNode()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func ask(
    _ method: Web.Method, _ path: String, _ query: Query = Query(), body: String = ""
  ) async -> Response {
    var router = Router()
    Api(node: node).addRoutes(to: &router)
    return await router.respond(
      to: Request(
        method, "/api/v1" + path, query: query, headers: ["Content-Type": "application/json"],
        body: Array(body.utf8), peer: .local(processId: 1, userId: 1000, groupId: 1000)))
  }

  @Test("what is hidden, added, said and taken back says who asked")
  @Loop func author() async {
    let span = #""fromUs":5,"toUs":9"#
    let hidden = await ask(.post, "/deletions", body: #"{"device":"greenhouse",\#(span)}"#)
    #expect(hidden.status == 201)
    _ = await ask(.post, "/deletions/00ff/undo", body: #"{"reason":"wrong"}"#)
    _ = await ask(
      .post, "/late-values",
      body: #"{"device":"g","channel":"ph","values":[{"timeUs":1,"value":"6.8"}]}"#)
    _ = await ask(.post, "/late-values/00ff/withdraw")
    _ = await ask(.post, "/annotations", body: #"{"fromUs":5,"text":"calibrated"}"#)
    _ = await ask(.post, "/annotations/00ff/remove")
    #expect(
      node.asked == [
        "delete greenhouse - 5..<9 local:1000", "undelete 00ff wrong local:1000",
        #"add ph ["6.8"] local:1000"#, "withdraw 00ff  local:1000",
        "annotate - calibrated local:1000", "remove 00ff  local:1000",
      ])
  }

  @Test("boots are listed, dated by a person, and left to their anchors again")
  @Loop func clocks() async throws {
    let list = await ask(.get, "/clocks")
    #expect(try JSON.decode(ClocksList.self, from: list.bytes).clocks == [FakeNode.clock])
    let said = await ask(.put, "/clocks/abab", body: #"{"bootUs":5,"utcUs":9,"note":"lamp"}"#)
    #expect(said.status == 200)
    #expect(await ask(.delete, "/clocks/abab").status == 200)
    #expect(await ask(.put, "/clocks/abab", body: #"{"bootUs":5}"#).status == 400)
    #expect(await ask(.put, "/clocks/abab", body: #"{"utcUs":"noon"}"#).status == 400)
    #expect(node.asked == ["clock abab 5=9 lamp local:1000", "reset abab local:1000"])
  }

  @Test("a list takes a device, a channel, a span and a page")
  @Loop func list() async throws {
    for path in ["/deletions", "/late-values", "/annotations"] {
      let answer = await ask(
        .get, path,
        Query(parsing: "device=g&channel=t&from=-5&to=7&all=yes&limit=3&cursor=x") ?? Query())
      #expect(answer.status == 200)
      var wanted = FactsRequest()
      (wanted.device, wanted.channel, wanted.fromUs, wanted.toUs) = ("g", "t", -5, 7)
      (wanted.all, wanted.limit, wanted.cursor) = (true, 3, "x")
      #expect(node.wantedFacts == wanted)
    }
    let page = await ask(.get, "/deletions")
    #expect(try JSON.decode(DeletionsPage.self, from: page.bytes).next == "n")
  }

  @Test(
    "what makes no sense is refused before the node hears of it",
    arguments: [
      ("/deletions", #"{"device":"g","fromUs":5,"toUs":5}"#),
      ("/deletions", #"{"device":"g","fromUs":5}"#),
      ("/deletions", #"{"fromUs":5,"toUs":6}"#),
      ("/late-values", #"{"device":"g","channel":"c","values":[]}"#),
      ("/late-values", #"{"device":"g","channel":"c","values":[{"timeUs":1.5,"value":"1"}]}"#),
      ("/late-values", #"{"device":"g","channel":"c","values":[{"timeUs":1,"value":1}]}"#),
      ("/annotations", #"{"fromUs":5,"toUs":4,"text":"x"}"#),
      ("/annotations", #"{"fromUs":5,"channel":"t","text":"x"}"#),
      ("/annotations", #"{"fromUs":5}"#),
      ("/annotations", "[]"),
    ])
  @Loop func refused(path: String, body: String) async {
    #expect(await ask(.post, path, body: body).status == 400)
    #expect(node.asked.isEmpty)
  }

  @Test("a misspelt parameter of a list is refused", arguments: ["all=no", "limit=0", "form=5"])
  @Loop func badList(text: String) async {
    #expect(await ask(.get, "/deletions", Query(parsing: text[...]) ?? Query()).status == 400)
    #expect(node.wantedFacts == nil)
  }
}
