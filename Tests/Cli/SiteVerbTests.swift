import Model
import Reactor
import Testing
import Web

@testable import Cli

@Suite("Verbs for sites, peers and records on their way", .timeLimit(.minutes(1)))
struct SiteVerbTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  /// What a daemon was asked, and the bundle that it gives and takes.
  @Loop private final class Asked {
    var lines: [String] = []
    var pieces: [[UInt8]] = [[UInt8](repeating: 1, count: 1 << 20), [2, 3]]
    var taken: [UInt8] = []
  }

  private static let key = String(repeating: "ab", count: 32)
  private static let link = "bivouac:1:\(key.prefix(16)):7ZK4-AAAA:http://hub.example:8421"

  private static var site: SiteView {
    SiteView(
      site: String(repeating: "cd", count: 32), name: "Green farm", node: key,
      members: [
        MemberView(node: key, label: "barn", scopes: ScopeWords.all, depth: 1, isSelf: true),
        MemberView(
          node: String(repeating: "ef", count: 32), label: "old", scopes: [], depth: 2,
          isSelf: false),
      ], keepsKey: false)
  }

  private static var travel: SyncView {
    var hub = PeerSyncView(
      node: String(repeating: "ef", count: 32), label: "hub", url: "http://hub.example:8421",
      state: "exchanging")
    hub.backlogRecords = 123_456
    hub.missingRecords = 0
    hub.backlogBytes = 5_100_000
    hub.backlogSeconds = 120
    hub.bytesPerSecond = 34_000
    hub.lastContactSeconds = 3
    var lost = PeerSyncView(
      node: nil, label: "", url: "http://10.0.0.9:8421", state: "unreachable")
    lost.code = "unreachable"
    return SyncView(
      site: "cd", listening: ["192.0.2.1:8421"], peers: [hub, lost], waiting: 2, conflicts: 1)
  }

  @Loop private func daemon(
    _ asked: Asked, ending: BundleEnding = .whole
  ) throws -> FakeDaemon {
    try FakeDaemon { router in
      let note: @Loop @Sendable (Request) -> Void = { request in
        asked.lines.append(
          "\(request.method) \(request.path.dropFirst(7)) "
            + String(decoding: request.body, as: UTF8.self))
      }
      router.get("/api/v1/site", access: .open) { _ in .json(Self.site) }
      router.get("/api/v1/sync", access: .open) { _ in .json(Self.travel) }
      for path in ["/site/recovery", "/site/key", "/peers/{peer}/revocation"] {
        router.post("/api/v1" + path, access: .open) { request in
          note(request)
          return .json(Self.site)
        }
      }
      router.post("/api/v1/site", access: .open) { request in
        note(request)
        return .json(NewSiteView(site: Self.site, siteKey: "SITEKEY-1"), status: 201)
      }
      router.post("/api/v1/invitations", access: .open) { request in
        note(request)
        var made = InvitationView(
          key: "7ZK4-AAAA", url: "http://hub.example:8421", link: Self.link, uses: 2,
          seconds: 1_800)
        made.qr = ["101", "010", "111"]
        return .json(made, status: 201)
      }
      router.post("/api/v1/pairing", access: .open) { request in
        note(request)
        return .json(PairedView(site: Self.site, inviter: Self.key, isClockApart: true))
      }
      for (method, path) in [
        (Web.Method.post, "/peers"), (.delete, "/peers/{peer}"), (.post, "/sync/now"),
      ] {
        router.add(method, "/api/v1" + path, access: .open) { request in
          note(request)
          return .json(Self.travel)
        }
      }
      Self.addBundles(to: &router, asked, ending, note)
    }
  }

  @Loop private static func addBundles(
    to router: inout Router, _ asked: Asked, _ ending: BundleEnding,
    _ note: @escaping @Loop @Sendable (Request) -> Void
  ) {
    for path in ["/sync/exports", "/sync/imports"] {
      router.post("/api/v1" + path, access: .open) { request in
        note(request)
        return .json(BundleTaskView(id: "b1"), status: 201)
      }
    }
    router.get("/api/v1/sync/exports/b1", access: .open) { _ in
      asked.pieces.isEmpty ? .noContent : Response(body: asked.pieces.removeFirst())
    }
    router.add(
      .put, "/api/v1/sync/imports/b1", access: .open, mediaTypes: ["application/octet-stream"]
    ) { request in
      asked.taken += request.body
      return .noContent
    }
    router.post("/api/v1/sync/imports/b1/end", access: .open) { _ in
      .json(
        BundleImportView(
          kept: 3, known: 1, waiting: 2, dropped: 1, ending: ending, maker: Self.key))
    }
  }

  @Test("a site's key goes to stdout alone, and what to do with it to stderr") @Loop
  func create() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let made = await perform(
      ["site", "create", "Green farm", "--label", "barn", "--keep"], at: daemon.path)
    #expect(made.code == .success && made.text == "SITEKEY-1\n" && made.notes.count == 2)
    #expect(asked.lines == [#"POST /site {"keep":true,"label":"barn","name":"Green farm"}"#])
    let json = await perform(["site", "create", "x", "--json"], at: daemon.path)
    #expect(json.text.contains(#""siteKey":"SITEKEY-1""#) && json.notes.isEmpty)
    await daemon.stop()
  }

  @Test("the site's key is typed unseen or comes by stdin, and is no word of the command line")
  @Loop func recover() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let typing = MemoryOutput()
    typing.secrets = ["SITE KEY"]
    let typed = await perform(["site", "recover"], at: daemon.path, output: typing)
    #expect(typed.code == .success && typing.questions == ["The site's key: "])
    let piped = MemoryOutput()
    piped.hasKeyboard = false
    piped.answer = " SITE KEY "
    #expect(await perform(["site", "recover"], at: daemon.path, output: piped).code == .success)
    #expect(
      asked.lines == [
        #"POST /site/recovery {"siteKey":"SITE KEY"}"#,
        #"POST /site/recovery {"siteKey":"SITEKEY"}"#,
      ])
    #expect(await perform(["site", "recover", "KEY"], at: daemon.path).code == .usage)
    let empty = MemoryOutput()
    empty.hasKeyboard = false
    #expect(await perform(["site", "recover"], at: daemon.path, output: empty).code == .usage)
    #expect(await perform(["site", "recover"], at: daemon.path).code == .failure)
    #expect(asked.lines.count == 2)
    await daemon.stop()
  }

  @Test("the site and its nodes are shown in both languages") @Loop func show() async throws {
    let daemon = try daemon(Asked())
    let english = await perform(["site"], at: daemon.path)
    #expect(english.text.contains("Green farm") && english.text.contains("no rights"))
    #expect(english.text.contains(Self.key), "an id is shown whole, to be copied")
    let french = await perform(["--lang", "fr", "peers"], at: daemon.path)
    #expect(french.text.contains("ce nœud") && french.text.contains("http://10.0.0.9:8421"))
    let json = await perform(["peers", "--json"], at: daemon.path)
    #expect(json.text.hasPrefix("{\"") && json.text.contains(#""members":[{"#))
    await daemon.stop()
  }

  @Test("an invitation is shown with key, address and link, and on a terminal as a QR code")
  @Loop func invite() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let words = [
      "peers", "invite", "--url", "http://hub.example:8421", "--uses", "2", "--minutes", "30",
      "--scopes", "record,grant",
    ]
    let piped = await perform(words, at: daemon.path)
    #expect(piped.text.contains("7ZK4-AAAA") && piped.text.contains("\n" + Self.link + "\n"))
    #expect(piped.text.contains("30 min, for 2 nodes") && !piped.text.contains("█"))
    #expect(
      asked.lines == [
        #"POST /invitations {"minutes":30,"scopes":["record","grant"],"#
          + #""url":"http://hub.example:8421","uses":2}"#
      ])
    let terminal = MemoryOutput()
    terminal.isTerminal = true
    let shown = await perform(["peers", "invite"], at: daemon.path, output: terminal)
    #expect(shown.text.contains("█▀█") || shown.text.contains("▄"))
    for wrong in [["--uses", "0"], ["--minutes", "10081"], ["--scopes", "god"]] {
      let refused = await perform(["peers", "invite"] + wrong, at: daemon.path)
      #expect(refused.code == .usage, "\(wrong)")
    }
    await daemon.stop()
  }

  @Test("a node pairs by link, by address and key, or by a key that is typed") @Loop
  func pair() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let url = "http://hub.example:8421"
    let linked = await perform(["peers", "pair", Self.link], at: daemon.path)
    #expect(linked.code == .success && linked.text.contains("Green farm"))
    #expect(linked.notes.contains { $0.contains("more than a day apart") })
    _ = await perform(["peers", "pair", url, "7ZK4", "--label", "n"], at: daemon.path)
    let typing = MemoryOutput()
    typing.secrets = ["7ZK5"]
    _ = await perform(["peers", "pair", url], at: daemon.path, output: typing)
    #expect(
      asked.lines == [
        #"POST /pairing {"key":"\#(Self.link)"}"#,
        #"POST /pairing {"key":"7ZK4","label":"n","url":"\#(url)"}"#,
        #"POST /pairing {"key":"7ZK5","url":"\#(url)"}"#,
      ])
    #expect(await perform(["peers", "pair", Self.link, "K"], at: daemon.path).code == .usage)
    #expect(await perform(["peers", "pair"], at: daemon.path).code == .usage)
    await daemon.stop()
  }

  @Test("peers are added, removed and revoked, and the key is rotated") @Loop
  func change() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    for words in [
      ["add", "http://h:1/p"], ["remove", "http://h:1/p"], ["revoke", "barn", "--reason", "sold"],
      ["rotate"],
    ] {
      #expect(await perform(["peers"] + words, at: daemon.path).code == .success)
    }
    #expect(
      asked.lines == [
        #"POST /peers {"url":"http://h:1/p"}"#, "DELETE /peers/http%3A%2F%2Fh%3A1%2Fp ",
        #"POST /peers/barn/revocation {"reason":"sold"}"#, "POST /site/key {}",
      ])
    for words in [
      ["revok", "barn"], ["revoke"], ["list", "--reason", "x"], ["add", "a", "b"],
    ] {
      #expect(await perform(["peers"] + words, at: daemon.path).code == .usage, "\(words)")
    }
    await daemon.stop()
  }

  @Test("how records travel is told in words of both languages") @Loop
  func status() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let english = await perform(["sync"], at: daemon.path)
    #expect(english.text.contains("exchanging") && english.text.contains("123,456"))
    #expect(english.text.contains("5.1 MB") && english.text.contains("2 min"))
    #expect(english.text.contains("34.0 kB/s") && english.text.contains("does not answer"))
    #expect(english.text.contains("2 records wait") && english.text.contains("1 conflict"))
    let french = await perform(["--lang", "fr", "sync", "now"], at: daemon.path)
    #expect(french.text.contains("injoignable") && french.text.contains("conflit"))
    #expect(asked.lines == ["POST /sync/now {}"])
    await daemon.stop()
  }
}

extension SiteVerbTests {
  @Test("a bundle is written under its name only when it is whole, and replaces nothing unasked")
  @Loop func export() async throws {
    let asked = Asked()
    let daemon = try daemon(asked)
    let whole = asked.pieces.flatMap { $0 }
    let file = try temporaryFolder() + "/barn.bundle"
    let written = await perform(["sync", "export", file, "--for", "hub"], at: daemon.path)
    #expect(written.code == .success && written.text.contains("1.0 MB"))
    #expect(asked.lines == [#"POST /sync/exports {"peer":"hub"}"#])
    #expect(try System.readFile(file, bytesMax: 2 << 20) == whole)
    #expect(!System.exists(file + ".part"))
    let again = await perform(["sync", "export", file], at: daemon.path)
    #expect(again.code == .failure && asked.lines.count == 1)
    asked.pieces = [[9]]
    let forced = await perform(["sync", "export", file, "--force", "--json"], at: daemon.path)
    #expect(forced.text == "{\"bytes\":1,\"file\":\"\(file)\"}\n")
    #expect(try System.readFile(file, bytesMax: 9) == [9])
    await daemon.stop()
    let gone = await perform(["sync", "export", file + "2"], at: daemon.path)
    #expect(gone.code == .noDaemon && !System.exists(file + "2.part"))
  }

  @Test(
    "a bundle is read piece by piece, and what it brought is told", arguments: BundleEnding.allCases
  )
  @Loop func importing(ending: BundleEnding) async throws {
    let asked = Asked()
    let daemon = try daemon(asked, ending: ending)
    let file = try temporaryFolder() + "/barn.bundle"
    let bytes = (0..<1_300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try System.writeFile(file, bytes, mode: 0o600)
    let read = await perform(["sync", "import", file], at: daemon.path)
    #expect(read.code == .success && asked.taken == bytes)
    #expect(read.text.contains("3 new records, 1 known already."))
    #expect(read.text.contains("2 records wait") && read.text.contains("1 record cannot be read"))
    #expect(read.text.contains("cut short") == (ending == .cut))
    #expect(read.text.contains("changed this file") == (ending == .forged))
    let nowhere = await perform(["sync", "import", file + "x"], at: daemon.path)
    #expect(nowhere.code == .failure)
    await daemon.stop()
  }

  @Test("a QR code is dark on light by colours, and drawn by what is light without them")
  func qr() {
    var page = Page.plain(.english)
    let rows = ["10", "01"]
    let plain = SitePage.qr(rows, page) ?? []
    // Ten modules wide with the quiet zone, two rows a line; what is dark is left out.
    #expect(plain == ["██████████", "██████████", "████▄▀████", "██████████", "██████████"])
    page.style = Style(isColored: true)
    #expect(SitePage.qr(rows, page)?[2] == "\u{1B}[30;107m    ▀▄    \u{1B}[0m")
    page.columns = 9
    #expect(SitePage.qr(rows, page) == nil)
  }
}
