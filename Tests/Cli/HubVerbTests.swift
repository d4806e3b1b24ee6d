import Model
import Reactor
import Testing
import Web

@testable import Cli

@Suite("Verbs on a hub of several sites", .timeLimit(.minutes(1))) struct HubVerbTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private final class Asked {
    var lines: [String] = []
  }

  private static var sites: HubSitesView {
    var north = HubSiteView(place: "north", state: "served")
    north.name = "North farm"
    var south = HubSiteView(place: "south", state: "failed")
    south.problem = ProblemView(code: "storage.damaged", detail: "its disk has rotted")
    return HubSitesView(
      here: "main", sites: [HubSiteView(place: SitePlace.main, state: "starting"), north, south],
      sitesMax: 32)
  }

  @Loop private func daemon(_ asked: Asked) throws -> FakeDaemon {
    try FakeDaemon { router in
      router.get("/api/v1/sites", access: .open) { _ in .json(Self.sites) }
      router.post("/api/v1/sites", access: .open) { request in
        asked.lines.append(
          "\(request.path) " + String(decoding: request.body, as: UTF8.self))
        return .json(Self.sites, status: 201)
      }
      var inner = Router()
      inner.post("/api/v1/site", access: .open) { request in
        asked.lines.append(request.path)
        let site = SiteView(site: "aa", name: "Farm", node: "bb", members: [], keepsKey: false)
        return .json(NewSiteView(site: site, siteKey: "KEY"), status: 201)
      }
      inner.get("/api/v1/status", access: .open) { request in
        asked.lines.append(request.path)
        return .json(Sample.status)
      }
      router.mount(under: "/site") { _ in inner }
    }
  }

  @Test("sites are listed, with why one is not served") @Loop func list() async throws {
    let daemon = try daemon(Asked())
    let listed = await perform(["site", "list", "--site", "north"], at: daemon.path)
    #expect(listed.code == .success)
    #expect(
      listed.text.split(separator: "\n").first?.split(separator: " ") == [
        "SITE", "NAME", "STATE",
      ])
    for words in ["being opened", "North farm", "not served", "south: its disk has rotted"] {
      #expect(listed.text.contains(words), "\(words)")
    }
    let french = await perform(["site", "list", "--lang", "fr"], at: daemon.path)
    #expect(french.text.contains("pas servi") && french.text.contains("en ouverture"))
    let json = await perform(["site", "list", "--json"], at: daemon.path)
    #expect(try JSON.decode(HubSitesView.self, from: Array(json.text.utf8)) == Self.sites)
    await daemon.stop()
  }

  @Test("a site is made where it is not yet, and founded in its place") @Loop
  func create() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let made = await perform(["site", "create", "Farm", "--site", "new"], at: daemon.path)
    #expect(made.code == .success && made.text == "KEY\n")
    #expect(made.notes.last?.contains("status --site new") == true)
    _ = await perform(["site", "create", "Farm", "--site", "north"], at: daemon.path)
    _ = await perform(["site", "add", "other"], at: daemon.path)
    #expect(
      asked.lines == [
        #"/api/v1/sites {"place":"new"}"#, "/site/new/api/v1/site", "/site/north/api/v1/site",
        #"/api/v1/sites {"place":"other"}"#,
      ])
    await daemon.stop()
  }

  @Test("a verb is about the site that was named, by an option or by the environment") @Loop
  func named() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    _ = await perform(["status", "--site", "north"], at: daemon.path)
    #expect(asked.lines == ["/site/north/api/v1/status"])
    let around = Surroundings.with(["BIVOUAC_SITE": "west", "BIVOUAC_SOCKET": daemon.path])
    let output = MemoryOutput()
    for (words, site) in [(["status"], "west"), (["status", "--site", "east"], "east")] {
      guard case .remote(_, _, let settings) = Cli.prepare(words, around, output) else {
        Issue.record("\(words) is a verb of the daemon")
        continue
      }
      #expect(settings.site == site)
    }
    await daemon.stop()
  }

  @Test(
    "what can be no short name is refused before anything is asked",
    arguments: ["A", "../x", "-"])
  func malformed(name: String) {
    for around in [Surroundings.with(), Surroundings.with(["BIVOUAC_SITE": name])] {
      let isNamed = around.variable("BIVOUAC_SITE") != nil
      let words = isNamed ? ["status"] : ["status", "--site=\(name)"]
      let output = MemoryOutput()
      guard case .done(.usage) = Cli.prepare(words, around, output) else {
        Issue.record("\(name) was taken")
        continue
      }
      #expect(output.notes.first?.contains("short name") == true)
    }
  }
}
