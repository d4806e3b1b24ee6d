import Protocol

@testable import ProtocolSearch

/// A host session alone on a bench, with what it asked for.
final class HostBench {
  private(set) var session = HostSession()
  private(set) var actions: [HostAction] = []
  var nowUs: Int64 = 1_000_000

  /// What was sent since last asked, as bodies.
  var sent: [[UInt8]] {
    actions.compactMap { if case .send(let body) = $0 { body.array } else { nil } }
  }

  var sentTypes: [MessageType?] { sent.map { MessageType(rawValue: $0[0]) } }
  var stage: HostSession.Stage { session.stage }
  var counts: HostCounts { session.counts }
  var nextKey: CommandKey? { session.nextCommandKey }

  func forget() { actions = [] }

  func hear(_ body: [UInt8]) {
    session.receive(body: body.span, nowUs: nowUs) { actions.append($0) }
  }

  func hear(_ write: (inout Body) -> Void) { hear(Body(write).array) }

  func tick() { session.tick(nowUs: nowUs) { actions.append($0) } }

  /// Lets time pass in small steps.
  func wait(ms: Int64) {
    let endUs = nowUs + ms * 1000
    while nowUs < endUs {
      nowUs += 10_000
      tick()
    }
  }

  func attach(_ plan: AttachPlan) -> Bool {
    session.attach(plan, nowUs: nowUs) { actions.append($0) }
  }

  func provision(_ deviceId: UInt64) -> Bool {
    session.provision(deviceId: deviceId, nowUs: nowUs) { actions.append($0) }
  }

  func resetToBoot() -> Bool {
    session.resetToBoot(nowUs: nowUs) { actions.append($0) }
  }

  func committed(_ durable: UInt32, epoch: UInt32 = 7) {
    session.committed(epoch: epoch, durable: durable, nowUs: nowUs) { actions.append($0) }
  }

  func command(_ key: CommandKey, lifeMs: UInt32 = 1_000, arguments: [UInt8] = [2]) throws {
    try session.command(
      key, op: 1, arguments: arguments.span, lifeMs: lifeMs, leaseMs: 0, nowUs: nowUs
    ) { actions.append($0) }
  }

  /// A session that the board has accepted, with a window that holds everything.
  static func attached(
    hello: Hello = helloOfBoard(windowBytes: 500), durable: UInt32 = 0, received: UInt32? = nil,
    carried: CommandKey? = nil
  ) -> HostBench {
    let bench = HostBench()
    bench.hear { hello.write(into: &$0) }
    var plan = AttachPlan(nonce: 9, session: 77, descriptorKnown: true, carried: carried)
    plan.cursors[0] = AttachPlan.Cursor(durable: durable, received: received)
    _ = bench.attach(plan)
    bench.hear(result())
    return bench
  }
}

/// The HELLO of a board in one epoch.
func helloOfBoard(
  deviceId: UInt64 = 5, nonce: UInt32 = 9, epoch: UInt32 = 7, next: UInt32 = 100,
  windowBytes: UInt16 = 48
) -> Hello {
  var hello = Hello()
  hello.deviceId = deviceId
  hello.nonce = nonce
  hello.windowBytes = windowBytes
  hello.bodyBytesToBoardMax = windowBytes == 48 ? 40 : 250
  hello.append(
    deviceId == 0
      ? Hello.Epoch(epoch: 0, oldest: 0, next: 0)
      : Hello.Epoch(epoch: epoch, oldest: 0, next: next))
  return hello
}

/// The body of a HELLO.
func bytes(_ hello: Hello) -> [UInt8] { Body { hello.write(into: &$0) }.array }

/// The body of a RESULT.
func result(
  attached: UInt32 = 77, session: UInt32 = 0, id: UInt16 = 0, _ status: CommandStatus = .done
) -> [UInt8] {
  Body {
    CommandResult(attached: attached, session: session, id: id, status: status, value: 0)
      .write(into: &$0)
  }.array
}

/// The body of a SAMPLES with a number for each seq.
func samples(_ range: Range<UInt32>, index: UInt8 = 0) -> [UInt8] {
  let list = range.map { seq in
    Sample(seq: seq, ticks: UInt64(seq) * 10, channel: 0, value: .integer(1))
  }
  return Body { body in
    _ = SamplesEncoder.encode(
      index: index, first: range.lowerBound, end: range.upperBound,
      from: ListSource(first: range.lowerBound, samples: list), bodyBytesMax: 250, into: &body)
  }.array
}
