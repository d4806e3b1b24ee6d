import Model
import Sync
import Testing

/// Two nodes of one site, and a hello between them that can be disturbed.
struct HelloPair {
  var asking = TrustWorld.key("G")
  var answering = TrustWorld.key("H")
  var expected: NodeId? = TrustWorld.node("H")
  var site = TrustWorld.site
  var otherSite = TrustWorld.site
  /// The newest versions that both speak.
  var askingNewest: UInt8?
  var answeringNewest: UInt8?
  /// Distinguishes the random bytes of one hello from those of another.
  var salt: UInt8 = 0

  func bytes(_ count: Int, _ what: UInt8) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0) &* 7 &+ what &+ salt &* 31 }
  }

  var initiator: HelloInitiator {
    get throws {
      try #require(
        HelloInitiator(
          site: site, key: asking, expected: expected, newest: askingNewest,
          secret: bytes(32, 1), nonce: bytes(16, 2)))
    }
  }

  func responder(to message1: [UInt8]) throws -> HelloResponder {
    try HelloResponder(
      to: message1, site: otherSite, key: answering, newest: answeringNewest,
      HelloResponder.Randomness(
        secret: bytes(32, 3), nonce: bytes(16, 4),
        session: try #require(SessionId(bytes(16, 5)))))
  }

  /// A whole hello: the sessions of both sides.
  func sessions() throws -> (initiator: NodeSession, responder: NodeSession) {
    let initiator = try initiator
    let responder = try responder(to: initiator.message1)
    let introduced = try initiator.introduced(by: responder.message2)
    let (session, message4) = try responder.proven(by: introduced.message3).accepted()
    return (try introduced.finished(by: message4), session)
  }
}

@Suite("Hello") struct HelloTests {
  @Test("two nodes of a site prove who they are in two round trips") func sessions() throws {
    let pair = HelloPair()
    let initiator = try pair.initiator
    let responder = try pair.responder(to: initiator.message1)
    #expect(initiator.message1.count == 114 && responder.message2.count == 161)
    #expect(responder.claimed == TrustWorld.node("G"))
    let introduced = try initiator.introduced(by: responder.message2)
    #expect(introduced.peer == TrustWorld.node("H"))
    #expect(HelloResponder.session(in: introduced.message3) == responder.session)
    let proven = try responder.proven(by: introduced.message3)
    #expect(proven.peer == TrustWorld.node("G"))
    let (session, message4) = proven.accepted()
    let mine = try introduced.finished(by: message4)
    #expect(mine.id == session.id && mine.peer == TrustWorld.node("H"))
    #expect(session.peer == TrustWorld.node("G"))
    var (asks, answers) = (mine.seal(channel: 0), session.seal(channel: 0))
    let request = asks.sealRequest([1, 2, 3])
    #expect(try answers.openRequest(request).body == [1, 2, 3])
    #expect(try asks.openAnswer(answers.sealAnswer([4])).body == [4])
  }

  @Test(
    "a refusal of the responder reaches the initiator, sealed", arguments: HelloRefusal.allCases)
  func refusal(_ refusal: HelloRefusal) throws {
    let pair = HelloPair()
    let initiator = try pair.initiator
    let responder = try pair.responder(to: initiator.message1)
    let introduced = try initiator.introduced(by: responder.message2)
    let message4 = try responder.proven(by: introduced.message3).refused(refusal)
    #expect(throws: refusal) { try introduced.finished(by: message4) }
    var forged = message4
    forged[forged.count - 17] ^= 1
    #expect(throws: HelloRefusal.seal) { try introduced.finished(by: forged) }
  }

  @Test("whatever bit of any message is changed, no session comes of it") func everyBit() throws {
    let pair = HelloPair()
    let initiator = try pair.initiator
    let responder = try pair.responder(to: initiator.message1)
    let introduced = try initiator.introduced(by: responder.message2)
    for bit in 0..<(initiator.message1.count * 8) {
      let changed = flipped(initiator.message1, bit)
      // It may be answered, but never so that the initiator believes the answer.
      guard let other = try? pair.responder(to: changed) else { continue }
      #expect(throws: HelloRefusal.self, "bit \(bit)") {
        try initiator.introduced(by: other.message2)
      }
      #expect(throws: HelloRefusal.self, "bit \(bit)") { try other.proven(by: introduced.message3) }
    }
    for bit in 0..<(responder.message2.count * 8) {
      #expect(throws: HelloRefusal.self, "bit \(bit)") {
        try initiator.introduced(by: flipped(responder.message2, bit))
      }
    }
    for bit in 0..<(introduced.message3.count * 8) {
      #expect(throws: HelloRefusal.self, "bit \(bit)") {
        try responder.proven(by: flipped(introduced.message3, bit))
      }
    }
    let message4 = try responder.proven(by: introduced.message3).accepted().message4
    for bit in 0..<(message4.count * 8) {
      #expect(throws: HelloRefusal.self, "bit \(bit)") {
        try introduced.finished(by: flipped(message4, bit))
      }
    }
  }

  private func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
    var bytes = bytes
    bytes[bit / 8] ^= 1 << (bit % 8)
    return bytes
  }

  @Test("every message cut short, or with a byte too many, is refused") func lengths() throws {
    let pair = HelloPair()
    let initiator = try pair.initiator
    let responder = try pair.responder(to: initiator.message1)
    let introduced = try initiator.introduced(by: responder.message2)
    let messages = [initiator.message1, responder.message2, introduced.message3]
    let takes: [([UInt8]) throws -> Void] = [
      { _ = try pair.responder(to: $0) }, { _ = try initiator.introduced(by: $0) },
      { _ = try responder.proven(by: $0) },
    ]
    for (message, take) in zip(messages, takes) {
      for count in message.indices {
        #expect(throws: HelloRefusal.self) { try take(Array(message[..<count])) }
      }
      if message != introduced.message3 {
        #expect(throws: HelloRefusal.malformed) { try take(message + [0]) }
      }
    }
  }

  @Test("a replayed hello leads to no session: the answer is fresh") func replayed() throws {
    var pair = HelloPair()
    let initiator = try pair.initiator
    let first = try pair.responder(to: initiator.message1)
    let message3 = try initiator.introduced(by: first.message2).message3
    // Somebody plays message 1 and message 3 again.
    pair.salt = 1
    let second = try pair.responder(to: initiator.message1)
    #expect(second.message2 != first.message2)
    #expect(throws: HelloRefusal.seal) { try second.proven(by: message3) }
    // And an old message 2 to a fresh hello.
    #expect(throws: HelloRefusal.signature) {
      try pair.initiator.introduced(by: first.message2)
    }
  }

  @Test("a message that is sent back to who sent it is refused") func reflected() throws {
    var pair = HelloPair()
    pair.answering = pair.asking
    #expect(throws: HelloRefusal.reflected) {
      try pair.responder(to: try pair.initiator.message1)
    }
    let asked = HelloPair()
    let initiator = try asked.initiator
    let responder = try asked.responder(to: initiator.message1)
    let message3 = try initiator.introduced(by: responder.message2).message3
    #expect(throws: HelloRefusal.seal) {
      try initiator.introduced(by: responder.message2).finished(by: message3)
    }
  }

  @Test("a node of another site is refused before anything is signed") func otherSite() throws {
    var pair = HelloPair()
    pair.otherSite = SiteId(TrustWorld.otherSiteKey)
    #expect(throws: HelloRefusal.site) { try pair.responder(to: try pair.initiator.message1) }
  }

  @Test("a carrier who swaps the site on the way gets no session") func swappedSite() throws {
    var pair = HelloPair()
    let initiator = try pair.initiator
    pair.otherSite = SiteId(TrustWorld.otherSiteKey)
    var swapped = initiator.message1
    swapped.replaceSubrange(2..<34, with: pair.otherSite.bytes)
    let responder = try pair.responder(to: swapped)
    #expect(throws: HelloRefusal.signature) { try initiator.introduced(by: responder.message2) }
  }

  @Test("who answers for another node is refused, whether or not one is expected") func otherPeer()
    throws
  {
    var pair = HelloPair()
    pair.answering = TrustWorld.key("X")
    let initiator = try pair.initiator
    let responder = try pair.responder(to: initiator.message1)
    #expect(throws: HelloRefusal.peer) { try initiator.introduced(by: responder.message2) }
    // X with H's name on its answer.
    var named = responder.message2
    named.replaceSubrange(1..<33, with: TrustWorld.node("H").bytes)
    #expect(throws: HelloRefusal.signature) { try initiator.introduced(by: named) }
    pair.expected = nil
    #expect(try pair.initiator.introduced(by: responder.message2).peer == TrustWorld.node("X"))
  }

  @Test("a carrier between two nodes who puts his own key into both halves gets no session")
  func between() throws {
    let pair = HelloPair()
    let initiator = try pair.initiator
    let mine = try #require(EphemeralKey(secret: [UInt8](repeating: 9, count: 32)))
    var message1 = initiator.message1
    message1.replaceSubrange(66..<98, with: mine.shared)
    let responder = try pair.responder(to: message1)
    var message2 = responder.message2
    message2.replaceSubrange(33..<65, with: mine.shared)
    #expect(throws: HelloRefusal.signature) { try initiator.introduced(by: message2) }
    #expect(throws: HelloRefusal.signature) { try initiator.introduced(by: responder.message2) }
  }

  /// Points of small order and their other encodings: RFC 7748 section 6.1 and libsodium's list.
  private static let smallOrder: [[UInt8]] =
    [[0] + [UInt8](repeating: 0, count: 31), [1] + [UInt8](repeating: 0, count: 31)]
    + [
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ].compactMap { Hex.bytes($0) }

  @Test("a key from which nothing secret follows is refused", arguments: smallOrder)
  func smallKeys(_ point: [UInt8]) throws {
    let pair = HelloPair()
    let initiator = try pair.initiator
    var message1 = initiator.message1
    message1.replaceSubrange(66..<98, with: point)
    #expect(throws: HelloRefusal.key) { try pair.responder(to: message1) }
    // As a node's key it can sign nothing that holds.
    var message2 = try pair.responder(to: initiator.message1).message2
    message2.replaceSubrange(1..<33, with: point)
    let anybody = try #require(
      HelloInitiator(
        site: pair.site, key: pair.asking, expected: nil, secret: pair.bytes(32, 1),
        nonce: pair.bytes(16, 2)))
    #expect(throws: HelloRefusal.signature) { try anybody.introduced(by: message2) }
  }

  @Test("who speaks only later versions is told so, and who also speaks ours is answered")
  func versions() throws {
    let pair = HelloPair()
    var later = try pair.initiator.message1
    later[0] = 9
    #expect(try pair.responder(to: later).message2[0] == 2)
    later[1] = 3
    #expect(throws: HelloRefusal.version) { try pair.responder(to: later) }
    later[1] = 10
    #expect(throws: HelloRefusal.malformed) { try pair.responder(to: later) }
  }

  @Test("of a node of the version before and one of this, both speak the version before")
  func versionBefore() throws {
    var vector = HaveVector()
    let run = RunId(origin: TrustWorld.node("G"), incarnation: Incarnation(1))
    for lane in [Lane.telemetry, .rollups] {
      vector[LogId(run, lane)] = HaveLog(held: Intervals(1...3))
    }
    for (asking, answering, version) in [(1, nil, 1), (nil, 1, 1), (1, 1, 1), (nil, nil, 2)]
      as [(UInt8?, UInt8?, UInt8)]
    {
      var pair = HelloPair()
      (pair.askingNewest, pair.answeringNewest) = (asking, answering)
      let sessions = try pair.sessions()
      for session in [sessions.initiator, sessions.responder] {
        #expect(session.version == version)
        #expect(session.told(vector)[LogId(run, .rollups)].isEmpty == (version == 1))
        #expect(session.told(vector)[LogId(run, .telemetry)] == vector[LogId(run, .telemetry)])
      }
    }
    // An answer in a version that was not offered is none.
    var pair = HelloPair()
    pair.askingNewest = 1
    var asked = try pair.initiator.message1
    asked[0] = 2
    let answer = try pair.responder(to: asked)
    #expect(throws: HelloRefusal.version) { try pair.initiator.introduced(by: answer.message2) }
  }

  @Test("a session ends after a day, or half an hour unused, of the monotonic clock") func life() {
    let (minute, day) = (Int64(60_000), Int64(86_400_000))
    #expect(!NodeSession.isOver(beganMs: 0, usedMs: day - 1, nowMs: day - 1))
    #expect(NodeSession.isOver(beganMs: 0, usedMs: day - 1, nowMs: day))
    #expect(!NodeSession.isOver(beganMs: 0, usedMs: minute, nowMs: 31 * minute - 1))
    #expect(NodeSession.isOver(beganMs: 0, usedMs: minute, nowMs: 31 * minute))
  }
}
