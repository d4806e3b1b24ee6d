import Model
import Testing

@testable import Sync

@Suite("A channel of a session") struct SessionChannelTests {
  private let run: RunId

  init() throws {
    run = RunId(
      origin: try #require(NodeId([UInt8](repeating: 3, count: 32))), incarnation: Incarnation(7))
  }

  private func vector(_ last: UInt64) -> HaveVector {
    var vector = HaveVector()
    vector[LogId(run, .state)] = HaveLog(held: Intervals(1...last))
    return vector
  }

  /// Carries messages between both sides until the asking one rests: how many bytes each way of
  /// each round trip.
  private func exchange(
    _ asking: inout AskingChannel, _ answering: inout AnsweringChannel, _ mine: HaveVector,
    _ theirs: HaveVector
  ) throws -> [(request: Int, answer: Int)] {
    var trips: [(request: Int, answer: Int)] = []
    var actions = asking.handle(.wake(mine: mine))
    while case .send(let bytes)? = actions.first {
      guard case .answer(let answer) = answering.handle(bytes, mine: theirs) else {
        throw SealFailure.malformed
      }
      trips.append((bytes.count, answer.count))
      actions = asking.handle(.came(answer))
    }
    try #require(actions == [.rest(stalled: 0)], "\(actions)")
    return trips
  }

  @Test("two that know the same of each other say so in one round trip of at most 128 bytes")
  func idle() throws {
    let (initiator, responder) = try HelloPair().sessions()
    var asking = AskingChannel(initiator, machine: ExchangeMachine(.state))
    var answering = AnsweringChannel(responder, .state)
    let both = vector(1_000)
    #expect(try exchange(&asking, &answering, both, both).count <= 3)
    let idle = try exchange(&asking, &answering, both, both)
    #expect(idle.count == 1)
    #expect(idle.reduce(0) { $0 + $1.request + $1.answer } <= 128, "\(idle)")
  }

  @Test("of a push that was cut the batch is used as far as it came, under its seal only")
  func cutPush() throws {
    let (initiator, responder) = try HelloPair().sessions()
    let asking = AskingChannel(initiator, machine: ExchangeMachine(.state))
    let batch = (0..<100).map { UInt8($0) }
    var pushing = asking
    guard case .send(let bytes)? = pushing.handle(.served(batch)).first else {
      throw SealFailure.malformed
    }
    let head = bytes.count - batch.count - 30
    for count in 0..<bytes.count {
      var answering = AnsweringChannel(responder, .state)
      let came = answering.cut(Array(bytes.prefix(count)))
      #expect(came == (count < head ? nil : Array(bytes[head..<count])), "\(count)")
      #expect(answering.cut(bytes) == nil || count < head, "a second time it is a replay")
    }
    var altered = bytes
    altered[head - 1] ^= 1
    var answering = AnsweringChannel(responder, .state)
    #expect(answering.cut(altered) == nil, "its seal does not hold")
    var comparing = asking
    guard case .send(let compare)? = comparing.handle(.wake(mine: vector(1))).first else {
      throw SealFailure.malformed
    }
    var other = AnsweringChannel(responder, .state)
    #expect(other.cut(compare) == nil, "no push")
  }

  @Test("an answer that somebody altered ends the session, and one that was cut does not")
  func altered() throws {
    let (initiator, responder) = try HelloPair().sessions()
    var asking = AskingChannel(initiator, machine: ExchangeMachine(.state))
    var answering = AnsweringChannel(responder, .state)
    guard case .send(let bytes)? = asking.handle(.wake(mine: vector(1))).first,
      case .answer(var answer) = answering.handle(bytes, mine: vector(2))
    else { throw SealFailure.malformed }
    var cut = asking
    #expect(cut.handle(.came(Array(answer.dropLast()))) == [.cut])
    answer[answer.count / 2] ^= 1
    #expect(asking.handle(.came(answer)) == [.over])
  }

  @Test("a request that is sent twice ends the session on the side that answers")
  func replayed() throws {
    let (initiator, responder) = try HelloPair().sessions()
    var asking = AskingChannel(initiator, machine: ExchangeMachine(.state))
    var answering = AnsweringChannel(responder, .state)
    guard case .send(let bytes)? = asking.handle(.wake(mine: vector(1))).first else {
      throw SealFailure.malformed
    }
    _ = answering.handle(bytes, mine: vector(1))
    #expect(answering.handle(bytes, mine: vector(1)) == .over)
  }
}
