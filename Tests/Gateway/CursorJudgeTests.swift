import Model
import Protocol
import Sync
import Testing

@testable import Gateway

@Suite("Cursor judge") struct CursorJudgeTests {
  private let device: DeviceIdentity

  init() throws {
    device = try #require(DeviceIdentity(kind: .companion, bytes: Array(1...8)))
  }

  private func hello(_ epochs: [(UInt32, UInt32)], nonce: UInt32 = 9) -> Hello {
    var hello = Hello()
    hello.deviceId = 1
    hello.nonce = nonce
    hello.ringCapacity = 64
    for (epoch, next) in epochs { hello.append(Hello.Epoch(epoch: epoch, oldest: 0, next: next)) }
    return hello
  }

  private func known(
    _ epoch: UInt32, next: UInt32, nonce: UInt32 = 9, isClosed: Bool = false
  ) -> Cursor {
    Cursor(
      identity: device, epoch: epoch, nonce: nonce, next: next, isClosed: isClosed,
      ringCapacity: 64)
  }

  private func judge(_ hello: Hello, _ cursors: [Cursor]) -> CursorJudge.Verdict {
    CursorJudge.judge(hello, as: device, known: cursors)
  }

  @Test("a board never met opens what it lists") func fresh() {
    let verdict = judge(hello([(4, 10), (3, 7)]), [])
    let newest = Cursor(identity: device, epoch: 4, nonce: 9, ringCapacity: 64)
    let older = Cursor(identity: device, epoch: 3, nonce: 0, ringCapacity: 64)
    #expect(verdict == .same(open: [newest, older], close: []))
  }

  @Test("the same boot goes on where it stood") func same() {
    let cursor = known(4, next: 10)
    #expect(judge(hello([(4, 10)]), [cursor]) == .same(open: [cursor], close: []))
    #expect(judge(hello([(4, 11)]), [cursor]) == .same(open: [cursor], close: []))
  }

  @Test("another nonce in the same epoch is a copy") func clone() {
    #expect(judge(hello([(4, 10)], nonce: 8), [known(4, next: 10)]) == .copy)
  }

  @Test("a nonce that was not known is learnt") func nonceLearnt() {
    let verdict = judge(hello([(4, 10)]), [known(4, next: 10, nonce: 0)])
    #expect(verdict == .same(open: [known(4, next: 10)], close: []))
  }

  @Test("a seq below the cursor is a copy, in the running epoch and in an older one") func back() {
    #expect(judge(hello([(4, 9)]), [known(4, next: 10)]) == .copy)
    #expect(judge(hello([(5, 0), (4, 9)]), [known(4, next: 10)]) == .copy)
  }

  @Test("a lower epoch than one known, never listed before, is a copy") func lowerEpoch() {
    #expect(judge(hello([(3, 0)]), [known(4, next: 10)]) == .copy)
    #expect(judge(hello([(5, 0), (3, 0)]), [known(4, next: 10)]) == .copy)
  }

  @Test("a new epoch leaves the old one open while it is listed, and closes it when it is not")
  func newEpoch() {
    let fresh = Cursor(identity: device, epoch: 5, nonce: 9, ringCapacity: 64)
    let old = known(4, next: 10, nonce: 7)
    #expect(judge(hello([(5, 0), (4, 12)]), [old]) == .same(open: [fresh, old], close: []))
    #expect(judge(hello([(5, 0)]), [old]) == .same(open: [fresh], close: [old]))
  }

  @Test("an epoch closed once is not closed again, nor opened when it is listed as an old one")
  func closed() {
    let fresh = Cursor(identity: device, epoch: 5, nonce: 9, ringCapacity: 64)
    let old = known(4, next: 10, isClosed: true)
    #expect(judge(hello([(5, 0)]), [old]) == .same(open: [fresh], close: []))
    #expect(judge(hello([(5, 0), (4, 3)]), [old]) == .same(open: [fresh], close: []))
  }

  @Test("a board that runs an epoch which it had given up is a copy") func revived() {
    #expect(judge(hello([(4, 12)]), [known(4, next: 10, isClosed: true)]) == .copy)
  }
}
