import Model
import Sync
import TestSupport
import Testing

/// A joiner and an inviter with a book of one invitation.
private struct PairingScene {
  var joinerKey = PairingScene.key(1)
  var inviterKey = PairingScene.key(1)
  var uses = 1
  var site: [UInt8]? = Array(TrustWorld.site.bytes.prefix(8))
  var inviterSite = TrustWorld.site
  var joinerWallUs: Int64 = 1_700_000_000_000_000
  var inviterWallUs: Int64 = 1_700_000_000_000_000
  var joinerName = "J"

  static func key(_ byte: UInt8) -> InvitationKey {
    guard let key = InvitationKey((0..<16).map { byte &+ $0 &* 17 }) else {
      preconditionFailure("a key of 16 bytes")
    }
    return key
  }

  var joiner: PairingJoiner {
    get throws {
      try #require(
        PairingJoiner(
          key: joinerKey, node: TrustWorld.node(joinerName), label: "Serre", site: site,
          wallUs: joinerWallUs, nonce: [UInt8](repeating: 5, count: 16)))
    }
  }

  var book: InvitationBook {
    var book = InvitationBook(site: inviterSite, node: TrustWorld.node("H"))
    let isOpen1 = book.invite(inviterKey, uses: uses, endsMs: 1_000)
    #expect(isOpen1)
    return book
  }

  func introduction(_ salt: UInt8 = 0) -> InvitationBook.Introduction {
    InvitationBook.Introduction(
      wallUs: inviterWallUs, nonce: [UInt8](repeating: salt, count: 16), membership: [1, 2, 3])
  }
}

@Suite("Pairing") struct PairingTests {
  @Test("who holds the key of an invitation joins, and the key itself is in no message")
  func joins() throws {
    let scene = PairingScene()
    var book = scene.book
    let joiner = try scene.joiner
    let message2 = try book.meet(joiner.message1, scene.introduction(), nowMs: 0)
    let met = try joiner.met(by: message2)
    #expect(met.site == TrustWorld.site && met.inviter == TrustWorld.node("H"))
    #expect(met.membership == [1, 2, 3] && !met.isClockApart)
    let proven = try book.prove(met.message3, nowMs: 0)
    #expect(proven.node == TrustWorld.node("J") && proven.label == "Serre" && !proven.isClockApart)
    let message4 = proven.granted([9, 9])
    #expect(try met.joined(by: message4) == [9, 9])
    for message in [joiner.message1, message2, met.message3, message4] {
      #expect(!message.indices.contains { message[$0...].starts(with: scene.joinerKey.bytes) })
    }
  }

  @Test("an inviter without the key is not believed, a joiner without it counts as a failure")
  func wrongKey() throws {
    var scene = PairingScene()
    scene.joinerKey = PairingScene.key(2)
    var book = scene.book
    #expect(throws: PairingRefusal.wrongKey) {
      try book.meet(try scene.joiner.message1, scene.introduction(), nowMs: 0)
    }
    // A liar who gives the invitation's name, which it overheard, but has another key.
    var message1 = try scene.joiner.message1
    message1.replaceSubrange(1..<9, with: scene.inviterKey.name)
    for failure in 1...5 {
      let message2 = try book.meet(message1, scene.introduction(UInt8(failure)), nowMs: 0)
      #expect(throws: PairingRefusal.wrongKey) { try scene.joiner.met(by: message2) }
      let ticket = Blake2b.content(message2).prefix(16)
      #expect(throws: PairingRefusal.wrongKey) {
        try book.prove(ticket + [UInt8](repeating: 0, count: 32), nowMs: 0)
      }
    }
    scene.joinerKey = scene.inviterKey
    #expect(throws: PairingRefusal.used) {
      try book.meet(try scene.joiner.message1, scene.introduction(9), nowMs: 0)
    }
  }

  @Test("an invitation is used once, or as often as it says; the same message again is no use")
  func uses() throws {
    var scene = PairingScene()
    scene.uses = 2
    var book = scene.book
    for (name, salt) in [("J", UInt8(1)), ("K", 2)] {
      scene.joinerName = name
      let message2 = try book.meet(try scene.joiner.message1, scene.introduction(salt), nowMs: 0)
      let met = try scene.joiner.met(by: message2)
      let first = try book.prove(met.message3, nowMs: 0).granted([1])
      #expect(try book.prove(met.message3, nowMs: 0).granted([1]) == first)
    }
    scene.joinerName = "L"
    #expect(throws: PairingRefusal.used) {
      try book.meet(try scene.joiner.message1, scene.introduction(3), nowMs: 0)
    }
  }

  @Test("of two who begin with one key only the first to prove it joins") func race() throws {
    var scene = PairingScene()
    var book = scene.book
    var third: [[UInt8]] = []
    for (name, salt) in [("J", UInt8(1)), ("K", 2)] {
      scene.joinerName = name
      let message2 = try book.meet(try scene.joiner.message1, scene.introduction(salt), nowMs: 0)
      third.append(try scene.joiner.met(by: message2).message3)
    }
    #expect(try book.prove(third[1], nowMs: 0).node == TrustWorld.node("K"))
    #expect(throws: PairingRefusal.used) { try book.prove(third[0], nowMs: 0) }
  }

  @Test("an invitation ends by the running time, and when it is withdrawn") func ends() throws {
    let scene = PairingScene()
    var book = scene.book
    let message1 = try scene.joiner.message1
    let message2 = try book.meet(message1, scene.introduction(), nowMs: 999)
    let message3 = try scene.joiner.met(by: message2).message3
    #expect(throws: PairingRefusal.expired) { try book.prove(message3, nowMs: 1_000) }
    #expect(throws: PairingRefusal.expired) {
      try book.meet(message1, scene.introduction(), nowMs: 1_000)
    }
    book.expire(nowMs: 1_000)
    #expect(book.count == 0)
    var withdrawn = scene.book
    _ = try withdrawn.meet(message1, scene.introduction(), nowMs: 0)
    withdrawn.withdraw(scene.inviterKey)
    #expect(throws: PairingRefusal.expired) { try withdrawn.prove(message3, nowMs: 0) }
    #expect(throws: PairingRefusal.wrongKey) {
      try withdrawn.meet(message1, scene.introduction(), nowMs: 0)
    }
  }

  @Test("an inviter of another site than the invitation says is refused") func otherSite() throws {
    var scene = PairingScene()
    scene.inviterSite = SiteId(TrustWorld.otherSiteKey)
    var book = scene.book
    let message2 = try book.meet(try scene.joiner.message1, scene.introduction(), nowMs: 0)
    #expect(throws: PairingRefusal.wrongSite) { try scene.joiner.met(by: message2) }
    scene.site = nil
    #expect(try scene.joiner.met(by: message2).site == scene.inviterSite)
  }

  @Test("a wall clock that is more than a day off is a warning and no refusal") func clocks() throws
  {
    var scene = PairingScene()
    for (wallUs, isApart) in [
      (scene.inviterWallUs + 86_400_000_000, false), (scene.inviterWallUs + 86_400_000_001, true),
      (0, true), (Int64.min, true), (Int64.max, true),
    ] {
      scene.joinerWallUs = wallUs
      var book = scene.book
      let message2 = try book.meet(try scene.joiner.message1, scene.introduction(), nowMs: 0)
      let met = try scene.joiner.met(by: message2)
      #expect(met.isClockApart == isApart)
      #expect(try book.prove(met.message3, nowMs: 0).isClockApart == isApart)
    }
  }

  @Test("every bit of every message counts") func everyBit() throws {
    let scene = PairingScene()
    var book = scene.book
    let joiner = try scene.joiner
    let message2 = try book.meet(joiner.message1, scene.introduction(), nowMs: 0)
    let met = try joiner.met(by: message2)
    let opened = book
    let proven = try book.prove(met.message3, nowMs: 0)
    for bit in 0..<(joiner.message1.count * 8) {
      var other = scene.book
      let changed = flipped(joiner.message1, bit)
      // Another label or node on the way: the joiner does not believe the answer.
      let answer = try? other.meet(changed, scene.introduction(), nowMs: 0)
      guard let answer else { continue }
      #expect(throws: PairingRefusal.wrongKey, "bit \(bit)") { try joiner.met(by: answer) }
    }
    for bit in 0..<(message2.count * 8) {
      #expect(throws: PairingRefusal.self, "bit \(bit)") {
        try joiner.met(by: flipped(message2, bit))
      }
    }
    for bit in 0..<(met.message3.count * 8) {
      var other = opened
      #expect(throws: PairingRefusal.self, "bit \(bit)") {
        try other.prove(flipped(met.message3, bit), nowMs: 0)
      }
    }
    for message4 in [proven.granted([1]), proven.refused(.membership)] {
      for bit in 0..<(message4.count * 8) {
        #expect(throws: PairingRefusal.wrongKey, "bit \(bit)") {
          try met.joined(by: flipped(message4, bit))
        }
      }
    }
    #expect(throws: PairingRefusal.membership) {
      try met.joined(by: proven.refused(.membership))
    }
  }

  private func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
    var bytes = bytes
    bytes[bit / 8] ^= 1 << (bit % 8)
    return bytes
  }

  @Test("messages that are cut short or sent back are refused") func lengths() throws {
    let scene = PairingScene()
    var book = scene.book
    let joiner = try scene.joiner
    let message2 = try book.meet(joiner.message1, scene.introduction(), nowMs: 0)
    let met = try joiner.met(by: message2)
    for count in joiner.message1.indices {
      #expect(throws: PairingRefusal.malformed) {
        try book.meet(Array(joiner.message1[..<count]), scene.introduction(), nowMs: 0)
      }
    }
    for count in message2.indices {
      #expect(throws: PairingRefusal.malformed) { try joiner.met(by: Array(message2[..<count])) }
    }
    for count in met.message3.indices {
      #expect(throws: PairingRefusal.malformed) {
        try book.prove(Array(met.message3[..<count]), nowMs: 0)
      }
    }
    var own = InvitationBook(site: TrustWorld.site, node: TrustWorld.node("J"))
    let isOpen2 = own.invite(scene.inviterKey, uses: 1, endsMs: 1_000)
    #expect(isOpen2)
    #expect(throws: PairingRefusal.reflected) {
      try own.meet(joiner.message1, scene.introduction(), nowMs: 0)
    }
    #expect(throws: PairingRefusal.self) { try joiner.met(by: joiner.message1) }
    #expect(throws: PairingRefusal.self) { try met.joined(by: met.message3) }
  }

  @Test("what waits is bounded: the oldest pairing gives way, one invitation more is refused")
  func bounds() throws {
    let scene = PairingScene()
    var book = scene.book
    let first = try book.meet(try scene.joiner.message1, scene.introduction(200), nowMs: 0)
    for salt in 0..<UInt8(Limits.pairingsMax) {
      _ = try book.meet(try scene.joiner.message1, scene.introduction(salt), nowMs: 0)
    }
    let message3 = try scene.joiner.met(by: first).message3
    #expect(throws: PairingRefusal.expired) { try book.prove(message3, nowMs: 0) }
    var prng = Prng(seed: 1)
    while book.count < Limits.invitationsMax {
      let key = try #require(InvitationKey((0..<16).map { _ in UInt8(prng.below(256)) }))
      let isOpen3 = book.invite(key, uses: 1, endsMs: 9)
      #expect(isOpen3)
    }
    let isOpen4 = book.invite(PairingScene.key(99), uses: 1, endsMs: 9)
    #expect(!isOpen4)
  }
}

@Suite("Keys of invitations") struct InvitationKeyTests {
  @Test("a key is read back from what a person may type of it", arguments: 0..<50)
  func typed(seed: Int) throws {
    var prng = Prng(seed: UInt64(seed))
    let key = try #require(InvitationKey((0..<16).map { _ in UInt8(prng.below(256)) }))
    #expect(key.text.count == 34, "seed \(seed)")
    let typed = [
      key.text, key.text.lowercased(), key.text.replacing("-", with: " "),
      key.text.replacing("-", with: "").replacing("0", with: "O").replacing("1", with: "l"),
    ]
    for text in typed { #expect(InvitationKey(text: text) == key, "seed \(seed): \(text)") }
  }

  @Test("one wrong character, two that changed places, one missing or too many are noticed")
  func mistyped() throws {
    let key = PairingScene.key(3)
    let characters = Array(key.text.replacing("-", with: ""))
    var accepted = 0
    for place in characters.indices {
      for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" where other != characters[place] {
        var wrong = characters
        wrong[place] = other
        if InvitationKey(text: String(wrong)) != nil { accepted += 1 }
      }
      var missing = characters
      missing.remove(at: place)
      #expect(InvitationKey(text: String(missing)) == nil)
      guard place + 1 < characters.count, characters[place] != characters[place + 1] else {
        continue
      }
      var swapped = characters
      swapped.swapAt(place, place + 1)
      if InvitationKey(text: String(swapped)) != nil { accepted += 1 }
    }
    #expect(accepted == 0)
    #expect(InvitationKey(text: key.text + "0") == nil && InvitationKey(text: "") == nil)
    #expect(InvitationKey(text: key.text.replacing("-", with: "_")) == nil)
  }

  @Test("a link names the site, the key and the place, and nothing else is one") func link() throws
  {
    let link = InvitationLink(
      site: TrustWorld.site, key: PairingScene.key(4), url: "https://hub.example:8421/x#pin=ab")
    #expect(InvitationLink(text: link.text) == link)
    #expect(link.site == Array(TrustWorld.site.bytes.prefix(8)))
    for text in [
      "", "bivouac:1", link.text.replacing("bivouac:1", with: "bivouac:2"),
      link.text.replacing("bivouac", with: "bivouak"), "bivouac:1:00:\(link.key.text):http://a",
      "bivouac:1:\(Hex.text(link.site)):\(link.key.text):",
    ] {
      #expect(InvitationLink(text: text) == nil, "\(text)")
    }
  }
}
