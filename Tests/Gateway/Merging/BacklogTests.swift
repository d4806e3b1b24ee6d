import Model
import Sync
import Testing

@testable import Gateway

@Suite("What waits between two nodes") struct BacklogTests {
  private static func node(_ number: UInt8) throws -> NodeId {
    try #require(NodeKey(seed: [UInt8](repeating: number, count: 32))).id
  }

  private static func log(_ number: UInt8, _ lane: Lane) throws -> LogId {
    LogId(RunId(origin: try node(number), incarnation: Incarnation(1)), lane)
  }

  @Test("it is known once both channels were compared, and not before") func both() throws {
    var mine = HaveVector()
    mine[try Self.log(1, .state)] = HaveLog(held: Intervals(1...9))
    mine[try Self.log(1, .telemetry)] = HaveLog(held: Intervals(1...100))
    mine[try Self.log(1, .rollups)] = HaveLog(held: Intervals(101...400))
    var readings = HaveVector()
    readings[try Self.log(2, .telemetry)] = HaveLog(held: Intervals(1...30))
    readings[try Self.log(3, .telemetry)] = HaveLog(held: Intervals(1...5))
    let all = Backlog(mine) { $0 == .state ? HaveVector() : readings }
    #expect(all?.toSend == 109 && all?.toCome == 35)
    for known in ExchangeChannel.allCases {
      #expect(Backlog(mine) { $0 == known ? readings : nil } == nil)
    }
    #expect(Backlog(mine) { _ in nil } == nil)
    // Of others' readings that nobody asked for none are to come.
    let asked = Backlog(mine, readingsOf: [try Self.node(3)]) {
      $0 == .state ? HaveVector() : readings
    }
    #expect(asked?.toCome == 5)
  }
}
