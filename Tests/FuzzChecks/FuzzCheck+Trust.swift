import Model
import Sync

extension FuzzCheck {
  /// The messages of a hello and sealed ones, by the first byte: whoever takes them believes only
  /// what was really sent, whatever comes.
  public static let hello = FuzzCheck(
    name: "hello",
    problem: { bytes in
      guard let sort = bytes.first, let played = PlayedHello.shared else { return nil }
      let message = Array(bytes.dropFirst())
      let isBelieved: Bool
      switch sort % 5 {
      case 0:
        let answer = attempt { () throws(HelloRefusal) in try played.responder(to: message) }
        guard let answer else { return nil }
        // It is answered, and the one who did not ask so never believes the answer.
        isBelieved =
          message != played.initiator.message1
          && attempt { () throws(HelloRefusal) in
            try played.initiator.introduced(by: answer.message2)
          } != nil
      case 1:
        isBelieved =
          message != played.responder.message2
          && attempt { () throws(HelloRefusal) in try played.initiator.introduced(by: message) }
            != nil
      case 2:
        isBelieved =
          message != played.introduced.message3
          && attempt { () throws(HelloRefusal) in try played.responder.proven(by: message) } != nil
      case 3:
        isBelieved =
          message != played.message4
          && attempt { () throws(HelloRefusal) in try played.introduced.finished(by: message) }
            != nil
      default:
        var seal = played.session.seal(channel: 0)
        let opened = attempt { () throws(SealFailure) in try seal.openRequest(message) }
        isBelieved = opened != nil && !message.starts(with: played.request)
      }
      return isBelieved ? "message \(sort % 5 + 1) is believed, and was never sent" : nil
    },
    seeds: {
      guard let played = PlayedHello.shared else { return [] }
      return [
        [0] + played.initiator.message1, [1] + played.responder.message2,
        [2] + played.introduced.message3, [3] + played.message4, [4] + played.request,
      ]
    })

  private static func attempt<Content, Failure: Error>(
    _ take: () throws(Failure) -> Content
  ) -> Content? {
    do throws(Failure) {
      return try take()
    } catch {
      return nil
    }
  }
}

/// A hello between two nodes, always the same.
private struct PlayedHello: Sendable {
  static let shared = PlayedHello()

  let initiator: HelloInitiator
  let responder: HelloResponder
  let introduced: HelloInitiator.Introduced
  let message4: [UInt8]
  let session: NodeSession
  let request: [UInt8]
  private let site: SiteId
  private let key: NodeKey

  private init?() {
    func bytes(_ byte: UInt8, _ count: Int) -> [UInt8] { .init(repeating: byte, count: count) }
    guard let siteKey = NodeKey(seed: bytes(1, 32)), let asking = NodeKey(seed: bytes(2, 32)),
      let answering = NodeKey(seed: bytes(3, 32)),
      let initiator = HelloInitiator(
        site: SiteId(siteKey), key: asking, expected: nil, secret: bytes(4, 32),
        nonce: bytes(5, 16))
    else { return nil }
    site = SiteId(siteKey)
    key = answering
    self.initiator = initiator
    do throws(HelloRefusal) {
      responder = try Self.responder(to: initiator.message1, site, key)
      introduced = try initiator.introduced(by: responder.message2)
      (session, message4) = try responder.proven(by: introduced.message3).accepted()
      var seal = try introduced.finished(by: message4).seal(channel: 0)
      request = seal.sealRequest([1, 2, 3])
    } catch {
      return nil
    }
  }

  func responder(to message1: [UInt8]) throws(HelloRefusal) -> HelloResponder {
    try Self.responder(to: message1, site, key)
  }

  private static func responder(
    to message1: [UInt8], _ site: SiteId, _ key: NodeKey
  ) throws(HelloRefusal) -> HelloResponder {
    guard let session = SessionId([UInt8](repeating: 6, count: 16)) else { throw .malformed }
    return try HelloResponder(
      to: message1, site: site, key: key,
      HelloResponder.Randomness(
        secret: [UInt8](repeating: 7, count: 32), nonce: [UInt8](repeating: 8, count: 16),
        session: session))
  }
}
