import Model
import Sync
import TestSupport
import Testing

/// One line of docs/vectors/sync-trust.txt.
private struct TrustVector: CustomTestStringConvertible, Sendable {
  let name: String
  let verdict: String
  let form: String
  let bytes: [UInt8]
  let expected: String

  var testDescription: String { name }

  static let all: [TrustVector] = {
    let path = #filePath.replacing(
      "Tests/Sync/Trust/TrustVectorTests.swift", with: "docs/vectors/sync-trust.txt")
    return VectorFile.lines(path, fields: 5).compactMap { fields in
      Hex.bytes(fields[3]).map {
        TrustVector(
          name: fields[0], verdict: fields[1], form: fields[2], bytes: $0, expected: fields[4])
      }
    }
  }()

  static let entries = all.filter { $0.form.hasPrefix("journal-") }

  static func message(_ form: String) throws -> [UInt8] {
    try #require(all.first { $0.form == form }).bytes
  }
}

@Suite("Vectors of membership and hellos") struct TrustVectorTests {
  @Test("the file is read whole") func count() {
    #expect(TrustVector.all.count == 56 && TrustVector.entries.count >= 25)
  }

  @Test("every entry decodes, encodes and is refused as it says", arguments: TrustVector.entries)
  fileprivate func entry(_ vector: TrustVector) throws {
    let kind = try #require(UInt16(vector.form.dropFirst("journal-".count)))
    do {
      guard let entry = try JournalDecoder.decode(kind: kind, vector.bytes) else {
        Issue.record("an unknown kind")
        return
      }
      #expect(vector.verdict == "golden")
      let content = Describe.journal(entry) + Self.holds(entry.content)
      #expect(content == vector.expected)
      #expect(JournalEncoder.encode(entry) == vector.bytes)
      for length in vector.bytes.indices {
        #expect(throws: DecodeError.self) {
          try JournalDecoder.decode(kind: kind, Array(vector.bytes[..<length]))
        }
      }
    } catch {
      #expect(vector.verdict == "reject" && error.reason.rawValue == vector.expected, "\(error)")
    }
  }

  private static func holds(_ content: JournalContent) -> String {
    switch content {
    case .siteFounded(let founded): return founded.holds ? " holds" : " forged"
    case .grant(let grant) where grant.warrant != .origin:
      return grant.isSites ? " holds" : " forged"
    case .revocation(let cut) where cut.warrant != .origin:
      return cut.isSites ? " holds" : " forged"
    case .succession(let succession):
      guard let node = NodeKey(seed: [UInt8](repeating: 0x0A, count: 32))?.id else { return "" }
      return " to \(node) \(succession.holds(new: node) ? "holds" : "forged")"
    default: return ""
    }
  }

  /// The hello of the vectors, with the secrets that make_sync_trust.py plays it with.
  private func hello() throws -> (HelloInitiator, HelloResponder) {
    func bytes(_ byte: UInt8, _ count: Int = 32) -> [UInt8] { .init(repeating: byte, count: count) }
    let site = SiteId(try #require(NodeKey(seed: bytes(0x51))))
    let (node, other) = (
      try #require(NodeKey(seed: bytes(0x0A))), try #require(NodeKey(seed: bytes(0x0B)))
    )
    let initiator = try #require(
      HelloInitiator(
        site: site, key: node, expected: other.id, secret: bytes(0x21), nonce: bytes(0x31, 16)))
    let responder = try HelloResponder(
      to: initiator.message1, site: site, key: other,
      HelloResponder.Randomness(
        secret: bytes(0x22), nonce: bytes(0x32, 16),
        session: try #require(SessionId(bytes(0x41, 16)))))
    return (initiator, responder)
  }

  @Test("a hello has the bytes that the vectors say") func messages() throws {
    let (initiator, responder) = try hello()
    #expect(initiator.message1 == (try TrustVector.message("hello-1")))
    #expect(responder.message2 == (try TrustVector.message("hello-2")))
    let introduced = try initiator.introduced(by: responder.message2)
    #expect(introduced.message3 == (try TrustVector.message("hello-3")))
    let proven = try responder.proven(by: introduced.message3)
    #expect(proven.accepted().message4 == (try TrustVector.message("hello-4")))
    #expect(proven.refused(.membership) == (try TrustVector.message("hello-no")))
  }

  @Test("sealed messages have the bytes that the vectors say", arguments: [0, 1, 2] as [UInt8])
  func sealed(channel: UInt8) throws {
    let (initiator, responder) = try hello()
    let introduced = try initiator.introduced(by: responder.message2)
    let (session, message4) = try responder.proven(by: introduced.message3).accepted()
    var asks = try introduced.finished(by: message4).seal(channel: channel)
    var answers = session.seal(channel: channel)
    let vectors = TrustVector.all.filter {
      $0.form == "sealed-request-\(channel)" || $0.form == "sealed-answer-\(channel)"
    }
    #expect(vectors.count == 4)
    for vector in vectors {
      let body = try #require(Hex.bytes(vector.expected))
      if vector.form.hasPrefix("sealed-request") {
        #expect(asks.sealRequest(body) == vector.bytes)
        #expect(try answers.openRequest(vector.bytes).body == body)
      } else {
        #expect(answers.sealAnswer(body) == vector.bytes)
        #expect(try asks.openAnswer(vector.bytes).body == body)
      }
    }
    guard channel == 2 else { return }
    let batch = try #require(TrustVector.all.last)
    let hash = Blake2b.content(try #require(Hex.bytes(batch.expected)))
    #expect(answers.sealBatch(hash: hash) == batch.bytes)
    try asks.openBatch(batch.bytes, hash: hash)
  }

  @Test("a pairing has the bytes that the vectors say") func pairing() throws {
    func bytes(_ byte: UInt8, _ count: Int = 32) -> [UInt8] { .init(repeating: byte, count: count) }
    let keys = TrustVector.all.filter { $0.form == "pairing-key" }
    #expect(keys.count == 3)
    for vector in keys {
      #expect(InvitationKey(vector.bytes)?.text == vector.expected)
      #expect(InvitationKey(text: vector.expected)?.bytes == vector.bytes)
    }
    let key = try #require(InvitationKey(keys[0].bytes))
    let site = SiteId(try #require(NodeKey(seed: bytes(0x51))))
    let node = try #require(NodeKey(seed: bytes(0x0A))).id
    let other = try #require(NodeKey(seed: bytes(0x0B))).id
    let joiner = try #require(
      PairingJoiner(
        key: key, node: node, label: "Serre", site: nil, wallUs: 1_700_000_000_000_000,
        nonce: bytes(0x71, 16)))
    #expect(joiner.message1 == (try TrustVector.message("pairing-1")))
    var book = InvitationBook(site: site, node: other)
    let isOpen1 = book.invite(key, uses: 1, endsMs: 1)
    #expect(isOpen1)
    let introduction = InvitationBook.Introduction(
      wallUs: 1_700_000_001_000_000, nonce: bytes(0x72, 16), membership: Array("batch".utf8))
    let message2 = try book.meet(joiner.message1, introduction, nowMs: 0)
    #expect(message2 == (try TrustVector.message("pairing-2")))
    let met = try joiner.met(by: message2)
    #expect(met.message3 == (try TrustVector.message("pairing-3")))
    let proven = try book.prove(met.message3, nowMs: 0)
    #expect(proven.granted(Array("grant".utf8)) == (try TrustVector.message("pairing-4")))
    #expect(proven.refused(.membership) == (try TrustVector.message("pairing-no")))
  }
}
