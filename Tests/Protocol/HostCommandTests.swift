import Protocol
import Testing

@testable import ProtocolSearch

/// The outcomes of commands among actions.
private func outcomes(_ bench: HostBench) -> [String] {
  bench.actions.compactMap { action in
    switch action {
    case .result(let key, let status, _): "\(key.id) \(status)"
    case .commandNotReceived(let key): "\(key.id) not received"
    case .commandUnknown(let key): "\(key.id) unknown"
    default: nil
    }
  }
}

private func commands(_ bench: HostBench) throws -> [Command] {
  try bench.sent.filter { $0[0] == MessageType.command.rawValue }
    .map { body throws in try Command(body.span) }
}

@Suite("A host: commands") struct HostCommandTests {
  @Test("a command is repeated every 500 ms with the life that is left, and ends with its RESULT")
  func life() throws {
    let bench = HostBench.attached()
    let key = try #require(bench.nextKey)
    #expect(key == CommandKey(epoch: 7, session: 77, id: 1))
    try bench.command(key, lifeMs: 1_400)
    bench.wait(ms: 1_100)
    #expect(try commands(bench).map(\.lifeMs) == [1_400, 900, 400])
    bench.hear(result(session: 77, id: 1))
    #expect(outcomes(bench) == ["1 done"])
    #expect(bench.nextKey?.id == 2)
  }

  @Test("only the key just given is taken, one command at a time, with arguments that fit")
  func admission() throws {
    let bench = HostBench.attached(hello: helloOfBoard())
    let key = try #require(bench.nextKey)
    #expect(throws: HostSession.CommandRefusal.notNow) {
      try bench.command(CommandKey(epoch: 7, session: 76, id: 1))
    }
    #expect(throws: HostSession.CommandRefusal.argument) { try bench.command(key, lifeMs: 0) }
    // A body of 40 bytes holds 20 of arguments.
    let tooLong = [UInt8](repeating: 1, count: 21)
    #expect(throws: HostSession.CommandRefusal.argument) {
      try bench.command(key, arguments: tooLong)
    }
    try bench.command(key, arguments: Array(tooLong.dropFirst()))
    #expect(bench.nextKey == nil)
    #expect(throws: HostSession.CommandRefusal.notNow) { try bench.command(key) }
  }

  @Test("before a session there is no key") func notAttached() {
    let bench = HostBench()
    #expect(bench.nextKey == nil)
    bench.hear(bytes(helloOfBoard()))
    #expect(bench.nextKey == nil)
  }

  @Test("when its life ends unheard, a new session tells whether the board has it") func query()
    throws
  {
    for isReceived in [true, false] {
      let bench = HostBench.attached()
      try bench.command(try #require(bench.nextKey), lifeMs: 700)
      bench.wait(ms: 750)
      let body = try #require(bench.sent.last { $0[0] == MessageType.resume.rawValue })
      let resume = try Resume(body.span)
      #expect(resume.session != 77)
      #expect(bench.nextKey == nil)
      // A late RESULT of the old attachment says nothing.
      bench.hear(result(attached: 77, session: 0))
      #expect(outcomes(bench) == [])
      bench.hear(
        result(
          attached: resume.session, session: isReceived ? 77 : 0, id: isReceived ? 1 : 0,
          .failed))
      #expect(outcomes(bench) == [isReceived ? "1 failed" : "1 not received"])
      #expect(bench.nextKey == CommandKey(epoch: 7, session: resume.session, id: 1))
    }
  }

  @Test("a running command is awaited for 60 s, and then nobody knows") func running() throws {
    let bench = HostBench.attached()
    try bench.command(try #require(bench.nextKey))
    bench.hear(result(session: 77, id: 1, .running))
    bench.hear(result(session: 77, id: 1, .running))
    for _ in 0..<59 {
      bench.wait(ms: 1_000)
      bench.hear(samples(0..<1))
    }
    #expect(outcomes(bench) == ["1 running"])
    bench.wait(ms: 1_100)
    #expect(outcomes(bench) == ["1 running", "1 unknown"])
    #expect(bench.nextKey?.id == 2)
    let asked = try commands(bench).count
    bench.wait(ms: 5_000)
    #expect(try commands(bench).count == asked)
  }

  @Test("a running command is asked after every second, also beyond its life, until it is over")
  func asked() throws {
    let bench = HostBench.attached()
    try bench.command(try #require(bench.nextKey), lifeMs: 2_500)
    bench.wait(ms: 100)
    // The board says it twice: that starts nothing anew.
    for _ in 0..<2 { bench.hear(result(session: 77, id: 1, .running)) }
    bench.wait(ms: 3_950)
    let sent = try commands(bench)
    #expect(sent.map(\.lifeMs) == [2_500, 1_400, 400, 1])
    #expect(sent.allSatisfy { $0.session == 77 && $0.id == 1 && $0.epoch == 7 && $0.op == 1 })
    #expect(outcomes(bench) == ["1 running"])
    bench.hear(result(session: 77, id: 1))
    #expect(outcomes(bench) == ["1 running", "1 done"])
    bench.wait(ms: 5_000)
    #expect(try commands(bench).count == sent.count)
    #expect(bench.nextKey?.id == 2)
  }

  @Test("a running command of an earlier session is asked after by RESUME, every 10 s")
  func askedByResume() throws {
    let key = CommandKey(epoch: 7, session: 70, id: 3)
    let bench = HostBench()
    bench.hear(bytes(helloOfBoard(windowBytes: 500)))
    #expect(
      bench.attach(AttachPlan(nonce: 9, session: 77, descriptorKnown: true, carried: key)))
    bench.hear(result(session: 70, id: 3, .running))
    for _ in 0..<2 {
      bench.forget()
      bench.wait(ms: 9_800)
      #expect(!bench.sentTypes.contains(.resume))
      bench.wait(ms: 200)
      let resumes = try bench.sent.filter { $0[0] == MessageType.resume.rawValue }
        .map { body throws in try Resume(body.span) }
      #expect(resumes.map(\.session) == [77])
      bench.hear(result(session: 70, id: 3, .running))
      #expect(outcomes(bench) == [])
    }
    bench.wait(ms: 10_000)
    bench.hear(result(session: 70, id: 3))
    #expect(outcomes(bench) == ["3 done"])
    #expect(try commands(bench).isEmpty)
    bench.forget()
    bench.wait(ms: 20_000)
    #expect(!bench.sentTypes.contains(.resume))
    #expect(bench.nextKey == CommandKey(epoch: 7, session: 77, id: 1))
  }

  @Test("after a reconnection the RESULT that answers RESUME tells the outcome") func carried() {
    let key = CommandKey(epoch: 7, session: 70, id: 3)
    let cases: [(CommandKey, [UInt8], [String])] = [
      (key, result(session: 70, id: 3, .badArgument), ["3 badArgument"]),
      (key, result(session: 70, id: 3, .running), ["3 running"]),
      (key, result(session: 70, id: 2), ["3 not received"]),
      (key, result(), ["3 not received"]),
      (CommandKey(epoch: 6, session: 70, id: 3), result(), ["3 unknown"]),
    ]
    for (key, heard, expected) in cases {
      let bench = HostBench()
      bench.hear(bytes(helloOfBoard()))
      #expect(
        bench.attach(
          AttachPlan(nonce: 9, session: 77, descriptorKnown: true, carried: key)))
      bench.hear(heard)
      #expect(outcomes(bench) == expected)
    }
  }

  @Test("a command in flight is carried over a HELLO by the session itself") func carriedInside()
    throws
  {
    let bench = HostBench.attached()
    try bench.command(try #require(bench.nextKey), lifeMs: 10_000)
    bench.hear(bytes(helloOfBoard(windowBytes: 500)))
    #expect(bench.attach(AttachPlan(nonce: 9, session: 78, descriptorKnown: true)))
    bench.hear(result(attached: 78, session: 77, id: 1))
    #expect(outcomes(bench) == ["1 done"])
  }

  @Test("a RESULT for another session or an older command changes nothing") func stale() throws {
    let bench = HostBench.attached()
    try bench.command(try #require(bench.nextKey))
    bench.hear(result(attached: 76, session: 77, id: 1))
    bench.hear(result(session: 76, id: 1))
    bench.hear(result())
    #expect(outcomes(bench) == [])
    #expect(bench.counts.ignored == 1)
  }

  @Test("RESET_TO_BOOT names the board, and needs a HELLO first") func resetToBoot() throws {
    let bench = HostBench()
    #expect(!bench.resetToBoot())
    bench.hear(bytes(helloOfBoard()))
    #expect(bench.resetToBoot())
    let body = try #require(bench.sent.first)
    #expect(try ResetToBoot(body.span).deviceId == 5)
  }
}
