import Model
@testable import Sync
import Testing

@Suite("A liar who asks") struct HelloLiarTests {
  @Test("who claims another's key in message 1 and agrees on keys proves nothing in message 3")
  func claimed() throws {
    let pair = HelloPair()
    let liar = TrustWorld.key("X")
    let ephemeral = try #require(EphemeralKey(secret: [UInt8](repeating: 9, count: 32)))
    let asked = HelloAsked(
      site: pair.site, node: TrustWorld.node("G"), ephemeral: ephemeral.shared,
      nonce: [UInt8](repeating: 1, count: 16)
    ).encoded
    let responder = try pair.responder(to: asked)
    // The liar speaks the protocol as it is, but for the key that it has not.
    let answered = try HelloAnswered(decoding: responder.message2)
    let agreed = try #require(ephemeral.agreed(with: answered.ephemeral))
    let hashes = (Blake2b.hash256(asked), Blake2b.hash256(responder.message2))
    let secrets = SessionSecrets(agreed, hashes.0, hashes.1, id: answered.session)
    for (key, isBelieved) in [(liar, false), (TrustWorld.key("G"), true)] {
      var seal = secrets.seal(channel: Hello.channel, side: .initiator, names: .hello)
      let message3 = seal.sealRequest(
        answered.session.bytes + key.sign(Hello.statement(hashes.0, hashes.1)))
      if isBelieved {
        #expect(try responder.proven(by: message3).peer == TrustWorld.node("G"))
      } else {
        #expect(throws: HelloRefusal.signature) { try responder.proven(by: message3) }
      }
    }
  }
}
