import Model
import Sync
import Testing

@Suite("Sealed messages") struct SessionSealTests {
  private func channel(_ number: UInt8 = 0) throws -> (SessionSeal, SessionSeal) {
    let (initiator, responder) = try HelloPair().sessions()
    return (initiator.seal(channel: number), responder.seal(channel: number))
  }

  @Test("requests and answers go on for as long as they hold, and tell where they end")
  func conversation() throws {
    var (asks, answers) = try channel()
    for number: UInt8 in 1...50 {
      let request = asks.sealRequest([number])
      let opened = try answers.openRequest(request + [9, 9])
      #expect(opened.body == [number] && opened.byteCount == request.count)
      #expect(try asks.openAnswer(answers.sealAnswer([number, 0])).body == [number, 0])
    }
    #expect(asks.counter == 50 && answers.counter == 50)
  }

  @Test("an idle round takes at most 128 bytes of bodies") func small() throws {
    var (asks, answers) = try channel()
    let request = asks.sealRequest([1] + [UInt8](repeating: 0, count: 32))
    _ = try answers.openRequest(request)
    #expect(request.count + answers.sealAnswer([0, 0]).count <= 128)
  }

  @Test("a request that is sent again ends the session") func replayed() throws {
    var (asks, answers) = try channel()
    let request = asks.sealRequest([1])
    _ = try answers.openRequest(request)
    #expect(throws: SealFailure.counter) { try answers.openRequest(request) }
    #expect(answers.isOver)
    #expect(throws: SealFailure.over) { try answers.openRequest(asks.sealRequest([2])) }
  }

  @Test("a counter that goes back ends the session") func goesBack() throws {
    var (asks, answers) = try channel()
    let (first, second) = (asks.sealRequest([1]), asks.sealRequest([2]))
    #expect(try answers.openRequest(second).body == [2])
    #expect(throws: SealFailure.counter) { try answers.openRequest(first) }
  }

  @Test("a request that was lost does no harm, and its late answer is not taken for another's")
  func lost() throws {
    var (asks, answers) = try channel()
    _ = asks.sealRequest([1])
    let second = asks.sealRequest([2])
    _ = try answers.openRequest(second)
    // The carrier withholds this answer; the initiator asks again.
    let late = answers.sealAnswer([2])
    _ = try answers.openRequest(asks.sealRequest([3]))
    let right = answers.sealAnswer([3])
    var other = asks
    #expect(try asks.openAnswer(right).body == [3])
    #expect(throws: SealFailure.counter) { try other.openAnswer(late) }
    #expect(throws: SealFailure.counter) { try asks.openAnswer(right) }
  }

  @Test("a message reflected to its sender is refused") func reflected() throws {
    var (asks, answers) = try channel()
    let request = asks.sealRequest([1])
    #expect(throws: SealFailure.mac) { try asks.openAnswer(request) }
    _ = try answers.openRequest(request)
    let answer = answers.sealAnswer([1])
    #expect(throws: SealFailure.mac) { try answers.openRequest(answer) }
  }

  @Test("a message of one channel, or of another session, is refused in another") func channels()
    throws
  {
    var (asks, _) = try channel(0)
    var (_, other) = try channel(1)
    #expect(throws: SealFailure.mac) { try other.openRequest(asks.sealRequest([1])) }
    var pair = HelloPair()
    pair.salt = 3
    var elsewhere = try pair.sessions().responder.seal(channel: 0)
    #expect(throws: SealFailure.mac) { try elsewhere.openRequest(asks.sealRequest([1])) }
  }

  @Test("every bit of a sealed message counts") func bits() throws {
    var (asks, answers) = try channel()
    let request = asks.sealRequest([1, 2, 3])
    for bit in 0..<(request.count * 8) {
      var taker = answers
      var changed = request
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: SealFailure.self) { try taker.openRequest(changed) }
      #expect(taker.isOver && taker.counter == 0)
    }
    for count in request.indices {
      var taker = answers
      #expect(throws: SealFailure.malformed) { try taker.openRequest(Array(request[..<count])) }
    }
    #expect(try answers.openRequest(request).body == [1, 2, 3])
  }

  @Test("a batch's seal holds for its frames, its request and its direction only") func batch()
    throws
  {
    var (asks, answers) = try channel()
    _ = try answers.openRequest(asks.sealRequest([1]))
    _ = try asks.openAnswer(answers.sealAnswer([0]))
    let (hash, other) = (Blake2b.content([1]), Blake2b.content([2]))
    let seal = answers.sealBatch(hash: hash)
    #expect(seal.count == 24)
    var taker = asks
    try taker.openBatch(seal, hash: hash)
    #expect(throws: SealFailure.mac) { try taker.openBatch(seal, hash: other) }
    #expect(taker.isOver)
    var own = asks
    #expect(throws: SealFailure.mac) { try own.openBatch(own.sealBatch(hash: hash), hash: hash) }
    _ = asks.sealRequest([2])
    #expect(throws: SealFailure.counter) { try asks.openBatch(seal, hash: hash) }
  }
}
