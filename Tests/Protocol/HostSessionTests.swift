import Protocol
import Testing

@testable import ProtocolSearch

@Suite("A host: beginning") struct HostBeginningTests {
  @Test("not one byte is written before a valid HELLO, whatever is heard") func silent() {
    let bench = HostBench()
    bench.hear(result())
    bench.hear(samples(0..<5))
    bench.hear([0x01, 0x02, 0x03])
    bench.hear([0x16])
    bench.wait(ms: 70_000)
    #expect(bench.sent == [])
    #expect(bench.stage == .waiting)
    #expect(bench.counts.malformed == 1)
    #expect(bench.counts.unknownType == 1)
    #expect(bench.counts.ignored == 2)
  }

  @Test("nor before the core has answered it") func unanswered() {
    let bench = HostBench()
    for _ in 0..<4 {
      bench.hear(bytes(helloOfBoard()))
      bench.wait(ms: 500)
    }
    #expect(bench.sent == [])
    #expect(bench.actions.count { if case .hello = $0 { true } else { false } } == 1)
  }

  @Test("a HELLO of another version is shown and not answered") func otherVersion() {
    let bench = HostBench()
    var hello = bytes(helloOfBoard())
    hello[1] = 2
    bench.hear(hello)
    bench.wait(ms: 3_000)
    #expect(bench.sent == [])
    #expect(bench.counts.otherVersion == 1)
    #expect(bench.stage == .waiting)
  }

  @Test("a board without id is provisioned at each HELLO with its nonce") func provision() throws {
    let bench = HostBench()
    bench.hear(bytes(helloOfBoard(deviceId: 0)))
    #expect(!bench.provision(0))
    #expect(bench.provision(5))
    bench.nowUs += 500_000
    bench.hear(bytes(helloOfBoard(deviceId: 0)))
    #expect(bench.sentTypes == [.provision, .provision])
    #expect(bench.sent[0] == Body { Provision(nonce: 9, deviceId: 5).write(into: &$0) }.array)
    bench.hear(bytes(helloOfBoard(epoch: 1, next: 0)))
    #expect(bench.stage == .asking)
    #expect(bench.actions.count { if case .hello = $0 { true } else { false } } == 2)
  }

  @Test("RESUME is repeated every 500 ms until a RESULT of that very session") func resume() {
    let bench = HostBench()
    bench.hear(bytes(helloOfBoard()))
    #expect(bench.attach(AttachPlan(nonce: 9, session: 77, descriptorKnown: true)))
    bench.hear(samples(0..<5))
    bench.wait(ms: 1_100)
    bench.hear(result(attached: 76))
    #expect(bench.sentTypes == [.resume, .resume, .resume])
    #expect(Set(bench.sent).count == 1)
    #expect(bench.stage == .resuming)
    #expect(bench.counts.samples == 0)
    bench.hear(result())
    #expect(bench.stage == .attached)
  }

  @Test("a plan for another HELLO, without session, or with more than the board made is refused")
  func wrongPlan() {
    let bench = HostBench()
    #expect(!bench.attach(AttachPlan(nonce: 0, session: 77, descriptorKnown: true)))
    bench.hear(bytes(helloOfBoard()))
    #expect(!bench.attach(AttachPlan(nonce: 8, session: 77, descriptorKnown: true)))
    #expect(!bench.attach(AttachPlan(nonce: 9, session: 0, descriptorKnown: true)))
    var beyond = AttachPlan(nonce: 9, session: 77, descriptorKnown: true)
    beyond.cursors[0] = AttachPlan.Cursor(durable: 101)
    #expect(!bench.attach(beyond))
    #expect(bench.sent == [])
  }

  @Test("an unknown descriptor is read in order, again after 500 ms, and must give its hash")
  func descriptor() {
    let descriptor = Array("twelve bytes".utf8)
    let bench = HostBench()
    var hello = helloOfBoard()
    hello.descriptorBytes = 12
    hello.descriptorHash = Fnv1a.hash(descriptor.span)
    bench.hear(bytes(hello))
    #expect(bench.attach(AttachPlan(nonce: 9, session: 77, descriptorKnown: false)))
    bench.wait(ms: 600)
    #expect(bench.sentTypes == [.descriptorRead, .descriptorRead])
    func chunk(_ offset: UInt16, _ bytes: [UInt8]) -> [UInt8] {
      Body { DescriptorChunk.write(offset: offset, bytes: bytes.span, into: &$0) }.array
    }
    bench.hear(chunk(5, Array(descriptor[5...])))
    #expect(bench.counts.ignored == 1)
    // Spoiled first, then right.
    bench.hear(chunk(0, [UInt8](repeating: 0, count: 12)))
    #expect(bench.counts.descriptorMismatches == 1)
    bench.hear(chunk(0, Array(descriptor[..<5])))
    bench.hear(chunk(5, Array(descriptor[5...])))
    #expect(bench.stage == .resuming)
    #expect(bench.actions.contains { if case .descriptorComplete = $0 { true } else { false } })
  }
}

@Suite("A host: samples") struct HostSampleTests {
  @Test("a loss is answered by ACK *again* at once, then at most every 250 ms") func again() throws
  {
    let bench = HostBench.attached()
    bench.wait(ms: 300)
    bench.forget()
    for _ in 0..<40 {
      bench.hear(samples(5..<9))
      bench.nowUs += 10_000
    }
    let asked = try bench.sent.filter { $0[0] == MessageType.ack.rawValue }
      .map { body throws in try Ack(body.span) }.filter { $0.again }
    #expect(asked.count == 2)
    #expect(asked.allSatisfy { $0.received == 0 && $0.epoch == 7 })
    #expect(bench.counts.outOfOrder == 40)
    #expect(bench.counts.samples == 0)
  }

  @Test("a GAP moves the cursor like samples") func gap() {
    let bench = HostBench.attached()
    bench.hear { Gap(index: 0, first: 0, count: 40).write(into: &$0) }
    bench.hear(samples(40..<45))
    #expect(bench.counts.gapSamples == 40)
    #expect(bench.session.cursor(ofEpoch: 7) == AttachPlan.Cursor(durable: 0, received: 45))
  }

  @Test("what was committed is acknowledged, and only that") func durable() throws {
    let bench = HostBench.attached()
    bench.wait(ms: 300)
    bench.hear(samples(0..<50))
    bench.forget()
    bench.committed(51)
    #expect(bench.sent == [])
    bench.committed(30)
    bench.committed(20)
    let body = try #require(bench.sent.first)
    let ack = try Ack(body.span)
    #expect(
      ack == Ack(epoch: 7, durable: 30, received: 50, limit: 30 + 8_192, again: false))
    #expect(bench.sent.count == 1)
  }

  @Test("a board that runs ahead of its limit is not stored") func beyondLimit() {
    let bench = HostBench.attached(hello: helloOfBoard(next: 10_000, windowBytes: 500))
    var first: UInt32 = 0
    while first < 9_000 {
      bench.hear(samples(first..<first + 100))
      first += 100
    }
    #expect(bench.session.cursor(ofEpoch: 7)?.received == 8_100)
    #expect(bench.counts.beyondLimit == 1)
    #expect(bench.counts.outOfOrder == 8)
  }

  @Test("samples of an older epoch end where HELLO said, and it is acknowledged until on disk")
  func olderEpoch() throws {
    var hello = helloOfBoard(windowBytes: 500)
    hello.append(Hello.Epoch(epoch: 6, oldest: 0, next: 20))
    let bench = HostBench.attached(hello: hello)
    bench.hear(samples(0..<10, index: 1))
    bench.hear(samples(10..<21, index: 1))
    #expect(bench.counts.malformed == 1)
    bench.hear(samples(10..<20, index: 1))
    bench.hear(samples(0..<10, index: 2))
    #expect(bench.counts.ignored == 1)
    bench.forget()
    bench.wait(ms: 2_500)
    func epochs() throws -> [UInt32] {
      try bench.sent.filter { $0[0] == MessageType.ack.rawValue }
        .map { body throws in try Ack(body.span).epoch }
    }
    #expect(try epochs().contains(6))
    bench.committed(20, epoch: 6)
    bench.forget()
    bench.wait(ms: 2_500)
    #expect(try Set(epochs()) == [7])
  }

  /// The most wire bytes that were outstanding towards a deaf board, for which nothing is cleared
  /// before 250 ms, and the ACKs it was sent.
  private func outstanding(
    _ bench: HostBench, steps: Int, each: (Int) -> Void
  ) -> (bytesMax: Int, acks: Int) {
    var frames: [(bytes: Int, atUs: Int64)] = []
    var bytesMax = 0
    var acks = 0
    for step in 0..<steps {
      bench.forget()
      bench.nowUs += 10_000
      bench.tick()
      each(step)
      frames.removeAll { bench.nowUs - $0.atUs >= 250_000 }
      for body in bench.sent {
        frames.append((body.count + Limits.frameOverheadBytes, bench.nowUs))
        if body[0] == MessageType.ack.rawValue { acks += 1 }
      }
      bytesMax = max(bytesMax, frames.reduce(0) { $0 + $1.bytes })
    }
    return (bytesMax, acks)
  }

  @Test("the running epoch is acknowledged every second when there is nothing else to say")
  func idle() {
    let (_, acks) = outstanding(HostBench.attached(), steps: 3_000) { _ in }
    #expect((28...31).contains(acks))
  }

  @Test("however much there is to say, a window of 48 bytes is kept towards a deaf board")
  func window() throws {
    let bench = HostBench.attached(hello: helloOfBoard(next: 5_000))
    for first in stride(from: 0 as UInt32, to: 1_000, by: 50) {
      bench.hear(samples(first..<first + 50))
    }
    bench.wait(ms: 300)
    let (bytesMax, acks) = outstanding(bench, steps: 1_000) { step in
      bench.committed(UInt32(step + 1))
      if let key = bench.nextKey { try? bench.command(key, lifeMs: 400) }
    }
    #expect(bytesMax <= 48)
    #expect(acks >= 10)
  }

  @Test("a frame heard 50 ms after an ACK proves that it was read, one heard earlier does not")
  func ackCleared() {
    for (afterUs, expected) in [(49_000, 1), (50_000, 2)] as [(Int64, Int)] {
      let bench = HostBench.attached(hello: helloOfBoard(next: 5_000))
      bench.hear(samples(0..<50))
      bench.wait(ms: 300)
      bench.forget()
      bench.committed(1)
      bench.nowUs += afterUs
      bench.committed(2)
      bench.hear(samples(0..<1))
      #expect(bench.sentTypes == [MessageType?](repeating: .ack, count: expected))
    }
  }

  @Test("a board that says nothing is asked for the time after 30 s, and gone after 60 s")
  func silence() {
    let bench = HostBench.attached()
    // The first probes are answered.
    bench.wait(ms: 100)
    for _ in 0..<20_000 where bench.stage == .attached {
      bench.wait(ms: 10)
    }
    #expect(bench.nowUs - 1_000_000 >= 60_000_000 && bench.nowUs - 1_000_000 < 60_200_000)
    #expect(
      bench.actions.contains { if case .detached(.silent) = $0 { true } else { false } })
    bench.forget()
    bench.wait(ms: 5_000)
    #expect(bench.sent == [])
  }

  @Test("a HELLO while attached ends the session and begins anew") func reboot() {
    let bench = HostBench.attached()
    bench.forget()
    bench.hear(bytes(helloOfBoard(nonce: 10, epoch: 8, next: 0)))
    let said = bench.actions.map { action in
      switch action {
      case .detached(.hello): "detached"
      case .hello: "hello"
      default: "other"
      }
    }
    #expect(said.prefix(2) == ["detached", "hello"])
    #expect(bench.sent == [])
  }
}
