import Model
import TestSupport
import Testing

@testable import Sync

/// A node of this version and one of the version before.
@Suite("Versions of a hello") struct HelloVersionTests {
  @Test("with who speaks only version 1 a session is of that, and says nothing of lane 3")
  func before() throws {
    let pair = HelloPair()
    var earlier = try pair.initiator.message1
    earlier[0] = 1
    #expect(try pair.responder(to: earlier).message2[0] == 1)
    // An answer of a version that was not offered.
    let initiator = try pair.initiator
    for version in [0, 3] as [UInt8] {
      var answer = try pair.responder(to: initiator.message1).message2
      answer[0] = version
      #expect(throws: HelloRefusal.version) { try initiator.introduced(by: answer) }
    }
    let run = RunId(origin: pair.asking.id, incarnation: Incarnation(7))
    var vector = HaveVector()
    vector[LogId(run, .telemetry)] = HaveLog(held: Intervals(5...9))
    vector[LogId(run, .rollups)] = HaveLog(held: Intervals(1...4))
    let secrets = SessionSecrets([1], [2], [3], id: try #require(SessionId(pair.bytes(16, 4))))
    func told(_ version: UInt8) -> HaveVector {
      NodeSession(secrets, peer: pair.asking.id, side: .responder, version: version).told(vector)
    }
    #expect(told(2) == vector)
    #expect(told(1).logs.keys.map(\.lane) == [.telemetry])
  }
}
