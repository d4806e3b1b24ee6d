import Model
import Testing
import Web

@testable import Gateway

@Suite("Which peers are called") struct PeerFileTests {
  @Test("an address keeps its scheme, host, port and prefix, and loses slashes at its end")
  func urls() throws {
    let plain = try #require(SyncUrl("http://hub.example:8421"))
    #expect(plain.origin == "http://hub.example:8421")
    #expect(plain.prefix.isEmpty)
    let behind = try #require(SyncUrl("https://farm.example/bivouac/a//"))
    #expect(behind.origin == "https://farm.example")
    #expect(behind.prefix == "/bivouac/a")
    #expect("\(behind)" == "https://farm.example/bivouac/a")
  }

  @Test("the address of a site of several is below the daemon's, and is that once")
  func below() throws {
    let hub = try #require(SyncUrl("https://farm.example/bivouac/"))
    let site = hub.below("/site/north")
    #expect("\(site)" == "https://farm.example/bivouac/site/north")
    #expect(site.below("/site/north") == site)
    #expect(hub.below("") == hub)
  }

  private static let pin = "sha256//" + String(repeating: "A", count: 43) + "="

  @Test("an https address may carry a pin, which goes along and is no part of the address")
  func pins() throws {
    let pinned = try #require(SyncUrl("https://hub.example:8421/a/#pin=" + Self.pin))
    #expect("\(pinned)" == "https://hub.example:8421/a")
    #expect(pinned.origin == "https://hub.example:8421" && pinned.prefix == "/a")
    #expect(pinned.pin == PublicKeyPin([UInt8](repeating: 0, count: 32)))
    #expect(SyncUrl(pinned.text) == pinned)
    #expect(pinned.text == "https://hub.example:8421/a#pin=" + Self.pin)
    #expect(pinned.below("/site/n").text == "https://hub.example:8421/a/site/n#pin=" + Self.pin)
    let bare = try #require(pinned.pinned(to: nil))
    #expect(bare.text == "https://hub.example:8421/a" && bare != pinned)
    let plain = try #require(SyncUrl("http://hub.example"))
    #expect(plain.pinned(to: pinned.pin) == nil && plain.pinned(to: nil) == plain)
    for bad in [
      "http://hub#pin=" + Self.pin, "https://hub#", "https://hub#pin=", "https://hub#" + Self.pin,
      "https://hub#pin=" + Self.pin.dropLast(), "https://hub#pin=" + Self.pin + "#",
      "https://hub#pin=sha1//" + Self.pin.dropFirst(8),
    ] {
      #expect(SyncUrl(bad) == nil, "\(bad)")
    }
  }

  @Test(
    "what is no address of a node is refused",
    arguments: [
      "", "hub.example", "ftp://hub.example", "http://", "http:///x", "http://me:pw@hub/",
      "http://hub/?a", "http://hub/#a", "http://hu b/", "http://hub\n/",
      "http://" + String(repeating: "a", count: 1_025),
    ])
  func noUrls(text: String) { #expect(SyncUrl(text) == nil) }

  @Test("the file gives back what was written, and leaves out lines that are none")
  func roundTrip() throws {
    let node = try #require(NodeId([UInt8](repeating: 0xAB, count: 32)))
    let peers = [
      PeerFile.Peer(url: try #require(SyncUrl("http://a:1")), node: node),
      PeerFile.Peer(url: try #require(SyncUrl("https://b/c")), node: nil),
      PeerFile.Peer(url: try #require(SyncUrl("https://b/d#pin=" + Self.pin)), node: node),
    ]
    #expect(PeerFile.parse(PeerFile.text(peers)) == peers)
    let odd = "nonsense\n\nhttp://a:1 zz\n" + PeerFile.text([peers[1]])
    #expect(PeerFile.parse(odd).map(\.node) == [nil, nil])
    let many = String(repeating: "http://a:1\n", count: PeerFile.peersMax + 3)
    #expect(PeerFile.parse(many).count <= PeerFile.peersMax)
  }
}

@Suite("How long a peer is left alone") struct BackoffTests {
  @Test("waits double, none as long as a window of 20 s, and each is at least half of its measure")
  func doubling() {
    var low = Backoff(), high = Backoff()
    var measure = Backoff.firstMs
    for _ in 0..<12 {
      #expect(low.next(atLeastMs: 0, random: 0) == measure / 2)
      #expect(high.next(atLeastMs: 0, random: UInt64(measure / 2)) == measure / 2 * 2)
      measure = min(Backoff.longestMs, measure * 2)
    }
    #expect(measure == Backoff.longestMs && Backoff.longestMs <= 15_000)
  }

  @Test("what the other side asked for is waited, and success begins anew")
  func asked() {
    var backoff = Backoff()
    #expect(backoff.next(atLeastMs: 30_000, random: 7) == 30_000)
    _ = backoff.next(atLeastMs: 0, random: 0)
    backoff.succeeded()
    #expect(backoff.next(atLeastMs: 0, random: 0) == Backoff.firstMs / 2)
  }
}
