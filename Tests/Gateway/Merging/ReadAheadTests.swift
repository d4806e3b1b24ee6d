import Model
import Reactor
import Sync
import Testing

@testable import Gateway
@testable import Storage

@Suite("Reading ahead") struct ReadAheadTests {
  private static func session(_ number: UInt8) throws -> SessionId {
    try #require(SessionId([UInt8](repeating: number, count: SessionId.byteCount)))
  }

  private static func parts(_ seqs: ClosedRange<UInt64>) throws -> [LogPart] {
    let origin = try #require(NodeKey(seed: [UInt8](repeating: 1, count: 32))).id
    let run = RunId(origin: origin, incarnation: Incarnation(1))
    return [LogPart(LogId(run, .state), Intervals(seqs))]
  }

  private static let batch = ServedBatch(
    bytes: [1, 2, 3], isFull: false, rest: [], unreadableCount: 0)

  private static func onLoop(_ body: @Loop @Sendable () async throws -> Void) async rethrows {
    EventLoop.shared.start()
    try await body()
  }

  @Test("who asks for just that gets what was read, once") func given() async throws {
    try await Self.onLoop {
      let (ahead, parts, first) = (ReadAhead(), try Self.parts(5...9), try Self.session(1))
      ahead.begin(first, parts, bytesMax: 100) { Self.batch }
      #expect(await ahead.take(first, parts, bytesMax: 100) == Self.batch)
      #expect(await ahead.take(first, parts, bytesMax: 100) == nil)
    }
  }

  @Test("another question, a smaller batch, or nothing left: it is read when asked for")
  func others() async throws {
    try await Self.onLoop {
      let (ahead, parts, first) = (ReadAhead(), try Self.parts(5...9), try Self.session(1))
      ahead.begin(first, parts, bytesMax: 100) { Self.batch }
      let fewer = try Self.parts(5...8)
      #expect(await ahead.take(first, fewer, bytesMax: 100) == nil)
      ahead.begin(first, parts, bytesMax: 100) { Self.batch }
      #expect(await ahead.take(first, parts, bytesMax: 99) == nil)
      ahead.begin(first, [], bytesMax: 100) { Self.batch }
      #expect(await ahead.take(first, [], bytesMax: 100) == nil)
      ahead.begin(first, parts, bytesMax: 100) { () throws(DatabaseError) in
        throw DatabaseError(.inputOutput)
      }
      #expect(await ahead.take(first, parts, bytesMax: 100) == nil)
    }
  }

  @Test("it is kept for one at a time, and nobody gets what another asked for")
  func one() async throws {
    try await Self.onLoop {
      let (ahead, parts, first) = (ReadAhead(), try Self.parts(5...9), try Self.session(1))
      ahead.begin(first, parts, bytesMax: 100) { Self.batch }
      let second = try Self.session(2)
      ahead.begin(second, parts, bytesMax: 100) { () throws(DatabaseError) in
        Issue.record("a second one is read")
        throw DatabaseError(.inputOutput)
      }
      #expect(await ahead.take(second, parts, bytesMax: 100) == nil)
      #expect(await ahead.take(first, parts, bytesMax: 100) == Self.batch)
    }
  }
}
