import Model
import Testing

@testable import Sync

/// A keeper that calls, and the node that it calls and proves something to.
@Suite("Proofs that a caller offers", .serialized) struct ProofOfferTests {
  private static let secondUs: Int64 = 1_000_000

  private static func question(_ number: UInt8, spans: Int = 2) -> ProofQuestion {
    let run = RunId(origin: CommandFoldTests.node(1), incarnation: Incarnation(7))
    let log = LogId(run, .telemetry)
    let parts = (0..<UInt64(spans)).map { (place: UInt64) -> ProofPart in
      let first = 10 * place + 1
      return ProofPart(log, first...(first + 9))
    }
    return ProofQuestion(nonce: [UInt8](repeating: number, count: 16), parts)
  }

  private static func hash(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }

  // MARK: The one question that is open

  @Test("an answer to what was asked is taken, once") func once() throws {
    var open = OpenQuestion()
    let asked = Self.question(1)
    let replaces = open.ask(asked, nowUs: 5)
    #expect(!replaces)
    #expect(try open.take(nonce: asked.nonce, count: 2, nowUs: 6) == asked)
    // Again, as somebody would who says it twice.
    #expect(throws: OpenQuestion.Refusal.none) {
      try open.take(nonce: asked.nonce, count: 2, nowUs: 6)
    }
  }

  @Test("what nobody asked for is not taken") func unasked() {
    var open = OpenQuestion()
    #expect(throws: OpenQuestion.Refusal.none) {
      try open.take(nonce: Self.question(1).nonce, count: 2, nowUs: 6)
    }
  }

  @Test("an answer to another question, or to a part of it, closes the one that is open")
  func other() {
    for (nonce, count) in [(Self.question(2).nonce, 2), (Self.question(1).nonce, 1)] {
      var open = OpenQuestion()
      _ = open.ask(Self.question(1), nowUs: 5)
      #expect(throws: OpenQuestion.Refusal.other) {
        try open.take(nonce: nonce, count: count, nowUs: 6)
      }
      // Nobody guesses twice.
      #expect(throws: OpenQuestion.Refusal.none) {
        try open.take(nonce: Self.question(1).nonce, count: 2, nowUs: 6)
      }
    }
  }

  @Test("an answer that took two minutes is taken, one that took longer is not")
  func late() throws {
    var open = OpenQuestion()
    let asked = Self.question(1)
    _ = open.ask(asked, nowUs: 5)
    #expect(try open.take(nonce: asked.nonce, count: 2, nowUs: 5 + 120 * Self.secondUs) == asked)
    _ = open.ask(asked, nowUs: 5)
    #expect(throws: OpenQuestion.Refusal.late) {
      try open.take(nonce: asked.nonce, count: 2, nowUs: 6 + 120 * Self.secondUs)
    }
  }

  @Test("a question that was not answered is told, and its answer comes too late")
  func left() {
    var open = OpenQuestion()
    _ = open.ask(Self.question(1), nowUs: 5)
    let isLeft = open.ask(Self.question(2), nowUs: 6)
    #expect(isLeft)
    #expect(throws: OpenQuestion.Refusal.other) {
      try open.take(nonce: Self.question(1).nonce, count: 2, nowUs: 7)
    }
  }

  // MARK: When offers are made

  @Test("nothing asked: the next offer is five minutes later; more: at once, 64 times")
  func pace() {
    var offers = ProofOffers()
    #expect(offers.isDue(nowUs: 0), "a session begins with one")
    offers.noteNothing(nowUs: 0)
    #expect(!offers.isDue(nowUs: 299 * Self.secondUs) && offers.isDue(nowUs: 300 * Self.secondUs))
    for _ in 0..<63 { offers.noteAnswered(isMore: true, nowUs: 300 * Self.secondUs) }
    #expect(offers.isDue(nowUs: 300 * Self.secondUs))
    offers.noteAnswered(isMore: true, nowUs: 300 * Self.secondUs)
    #expect(!offers.isDue(nowUs: 301 * Self.secondUs), "who asks for ever waits as well")
    offers = ProofOffers()
    offers.noteAnswered(isMore: false, nowUs: 0)
    #expect(!offers.isDue(nowUs: Self.secondUs))
  }

  // MARK: Over a session

  /// Both ends of the telemetry of a session of some version.
  private struct Ends {
    var asking: AskingChannel
    var answering: AnsweringChannel

    init(_ channel: ExchangeChannel = .telemetry, version: UInt8 = 2) throws {
      let secrets = SessionSecrets(
        [1], [2], [3], id: try #require(SessionId([UInt8](repeating: 4, count: 16))))
      func session(_ side: SessionSide) -> NodeSession {
        NodeSession(secrets, peer: CommandFoldTests.node(1), side: side, version: version)
      }
      asking = AskingChannel(session(.initiator), machine: ExchangeMachine(channel))
      answering = AnsweringChannel(session(.responder), channel)
    }

    /// What the called side has to do with what the caller sends.
    mutating func send(
      _ event: AskingChannel.Event
    ) throws -> (action: AnsweringChannel.Action, bytes: [UInt8]) {
      guard case .send(let bytes)? = asking.handle(event).first else {
        throw SealFailure.malformed
      }
      return (answering.handle(bytes, mine: HaveVector()), bytes)
    }

    mutating func answer(
      _ answer: ExchangeAnswer
    ) -> (actions: [AskingChannel.Action], count: Int) {
      let bytes = answering.answered(answer)
      return (asking.handle(.came(bytes)), bytes.count)
    }
  }

  @Test("an offer, its question, its proof, and whether there is more") func whole() throws {
    var ends = try Ends()
    #expect(try ends.send(.offer).action == .offered)
    let asked = Self.question(1)
    #expect(ends.answer(.question(asked)).actions == [.question(asked)])
    let hashes: [[UInt8]?] = [Self.hash(3), nil]
    #expect(
      try ends.send(.give(nonce: asked.nonce, hashes)).action
        == .judge(nonce: asked.nonce, hashes))
    #expect(ends.answer(.taken(isMore: true)).actions == [.taken(isMore: true)])
    #expect(!ends.asking.isBusy)
  }

  @Test("an offer to who wants nothing is one round trip of at most 128 bytes") func idle() throws {
    var ends = try Ends()
    let (_, bytes) = try ends.send(.offer)
    let (actions, count) = ends.answer(.question(nil))
    #expect(actions == [.question(nil)])
    #expect(bytes.count + count <= 64, "\(bytes.count) and \(count)")
  }

  @Test("who is refused has nothing to prove, and asks nothing more") func refused() throws {
    var ends = try Ends()
    _ = try ends.send(.offer)
    let no = ExchangeAnswer.refused(code: "no-keeper", retrySeconds: 600)
    #expect(ends.answer(no).actions == [.question(nil)])
    _ = try ends.send(.give(nonce: Self.question(1).nonce, [nil]))
    #expect(ends.answer(no).actions == [.taken(isMore: false)])
  }

  @Test("a proof that is sent again ends the session, and so does one that was altered")
  func replayed() throws {
    var ends = try Ends()
    let asked = Self.question(1)
    _ = try ends.send(.offer)
    _ = ends.answer(.question(asked))
    let (action, bytes) = try ends.send(.give(nonce: asked.nonce, [Self.hash(3), nil]))
    #expect(action == .judge(nonce: asked.nonce, [Self.hash(3), nil]))
    var twice = ends.answering
    #expect(twice.handle(bytes, mine: HaveVector()) == .over)
    var altered = bytes
    altered[bytes.count / 2] ^= 1
    #expect(ends.answering.handle(altered, mine: HaveVector()) == .over)
  }

  @Test("with a node of version 1 nobody offers, and an offer there is a forgery") func before()
    throws
  {
    var old = try Ends(version: 1)
    #expect(old.asking.handle(.offer) == [.question(nil)])
    #expect(!old.asking.isBusy)
    // A caller that offers all the same.
    let (seals, ends) = (try Ends(version: 2), old)
    for event in [AskingChannel.Event.offer, .give(nonce: Self.question(1).nonce, [nil])] {
      var (asking, answering) = (seals.asking, ends.answering)
      guard case .send(let bytes)? = asking.handle(event).first else {
        throw SealFailure.malformed
      }
      #expect(answering.handle(bytes, mine: HaveVector()) == .over)
    }
  }

  @Test("beside the telemetry nothing is offered") func state() throws {
    var ends = try Ends(.state)
    for event in [AskingChannel.Event.offer, .give(nonce: Self.question(1).nonce, [nil])] {
      guard case .answer(let bytes) = try ends.send(event).action else {
        throw SealFailure.malformed
      }
      let actions = ends.asking.handle(.came(bytes))
      #expect(actions == [.question(nil)] || actions == [.taken(isMore: false)], "\(actions)")
    }
  }

  // MARK: What it is worth

  @Test("what is proven is the hash over what is here, and nothing else") func outcome() {
    let own = Self.hash(5)
    #expect(KeeperWatch.outcome(of: own, own: own) == .proven)
    #expect(KeeperWatch.outcome(of: Self.hash(6), own: own) == .differs)
    #expect(KeeperWatch.outcome(of: Array(own.dropLast()), own: own) == .differs)
    #expect(KeeperWatch.outcome(of: nil, own: own) == .notHere)
    unsafe SeededBug.current = .proofNotCompared
    defer { unsafe SeededBug.current = nil }
    #expect(KeeperWatch.outcome(of: Self.hash(6), own: own) == .proven, "the bug is in")
  }
}
