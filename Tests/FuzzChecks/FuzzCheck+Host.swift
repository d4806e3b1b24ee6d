import Protocol

extension FuzzCheck {
  /// The host's session, heard, answered and told the time as the bytes say.
  public static let host = FuzzCheck(
    name: "host",
    problem: { bytes in
      Broken.problem { () throws(Broken) in
        var script = Script(bytes: bytes)
        let driven = DrivenHost()
        while let step = script.byte() { try driven.act(step, &script) }
      }
    },
    seeds: {
      // A step that says each body of the vectors in turn, each answered and given time.
      let bodies = Seeds.link(of: ["body"]).filter { !$0.isEmpty && $0.count <= 250 }
      let hellos = bodies.filter { $0[0] == MessageType.hello.rawValue }
      return bodies.enumerated().map { index, body in
        let hello = hellos[index % max(hellos.count, 1)]
        var script = [0, UInt8(hello.count)] + hello + [2, 1, 3, 0]
        script += [4, 0, UInt8(body.count)] + body + [1, 200, 5, 6, 1]
        return script
      }
    })
}

/// Numbers taken from the input, in order.
struct Script {
  private let bytes: [UInt8]
  private var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func byte() -> UInt8? {
    guard at < bytes.count else { return nil }
    at += 1
    return bytes[at - 1]
  }

  /// As many as there are, at most `count`.
  mutating func take(_ count: Int) -> [UInt8] {
    let end = min(at + count, bytes.count)
    defer { at = end }
    return Array(bytes[at..<end])
  }

  /// A little-endian number of 32 bits; what is missing is 0.
  mutating func number() -> UInt32 {
    take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// A session with the account that the protocol promises to keep.
private final class DrivenHost {
  private var session = HostSession()
  private var actions: [HostAction] = []
  private var nowUs: Int64 = 1_000_000
  private var isHeard = false
  /// The next seq that may come, of each epoch of this session.
  private var next: [UInt32: UInt32] = [:]
  private var samples: UInt64 = 0
  private var gaps: UInt64 = 0
  private var sessionNumber: UInt32 = 0

  func act(_ step: UInt8, _ script: inout Script) throws(Broken) {
    actions = []
    switch step % 10 {
    case 0: hear(script.take(Int(script.byte() ?? 0)))
    case 1: nowUs += Int64(script.byte() ?? 0) * 10_000
    case 2: attach(isKnown: (script.byte() ?? 0) & 1 == 1, &script)
    // What the board answers to RESUME, in the session that was begun last.
    case 3: hear(result(id: UInt16(script.byte() ?? 0), status: .done))
    case 4: hear(result(id: UInt16(script.byte() ?? 0), status: .running))
    case 5: commit(script.byte() ?? 0)
    case 6: command(script.take(Int(script.byte() ?? 0)))
    case 7: session.provision(deviceId: UInt64(script.number()), nowUs: nowUs, emit: keep)
    case 8: session.resetToBoot(nowUs: nowUs, emit: keep)
    default: nowUs += Int64(script.number()) * 1_000
    }
    session.tick(nowUs: nowUs, emit: keep)
    for action in actions { try judge(action) }
    let isAccounted = session.counts.samples == samples && session.counts.gapSamples == gaps
    try Broken.expect(isAccounted, "\(samples) samples and \(gaps) lost, it counts otherwise")
  }

  private func keep(_ action: HostAction) { actions.append(action) }

  private func hear(_ body: [UInt8]) {
    guard (1...Limits.bodyBytesMax).contains(body.count) else { return }
    session.receive(body: body.span, nowUs: nowUs, emit: keep)
  }

  private func result(id: UInt16, status: CommandStatus) -> [UInt8] {
    var body = Body()
    CommandResult(
      attached: sessionNumber, session: id == 0 ? 0 : sessionNumber, id: id, status: status,
      value: 0
    ).write(into: &body)
    return body.span.array
  }

  private func attach(isKnown: Bool, _ script: inout Script) {
    let board = session.board
    var plan = AttachPlan(
      nonce: board.nonce, session: sessionNumber &+ 1, descriptorKnown: isKnown)
    var begun: [UInt32: UInt32] = [:]
    for index in 0..<board.epochCount {
      let epoch = board.epochs[index]
      let back = min(UInt32(script.byte() ?? 0), epoch.next)
      plan.cursors[index] = AttachPlan.Cursor(durable: epoch.next - back)
      begun[epoch.epoch] = epoch.next - back
    }
    guard session.attach(plan, nowUs: nowUs, emit: keep) else { return }
    sessionNumber &+= 1
    next = begun
  }

  private func commit(_ back: UInt8) {
    for (epoch, end) in next {
      session.committed(
        epoch: epoch, durable: end - min(UInt32(back), end), nowUs: nowUs, emit: keep)
    }
  }

  private func command(_ arguments: [UInt8]) {
    guard let key = session.nextCommandKey else { return }
    do throws(HostSession.CommandRefusal) {
      try session.command(
        key, op: 1, arguments: arguments.span, lifeMs: 5_000, leaseMs: UInt32(arguments.count),
        nowUs: nowUs, emit: keep)
    } catch {
      return  // A refusal is an answer.
    }
  }

  private func judge(_ action: HostAction) throws(Broken) {
    switch action {
    case .hello: isHeard = true
    case .send(let body):
      try Broken.expect(isHeard, "a byte before a HELLO")
      let room = Int(session.board.bodyBytesToBoardMax)
      try Broken.expect(body.count > 0 && body.count <= room, "\(body.count) bytes of \(room)")
    case .samples(let epoch, let first, let count):
      samples += UInt64(count)
      try goOn(epoch: epoch, first: first, count: count)
    case .gap(let epoch, let first, let count):
      gaps += UInt64(count)
      try goOn(epoch: epoch, first: first, count: count)
    case .descriptorChunk(let offset, let count):
      let isWithin = offset + count <= Limits.descriptorBytesMax
      try Broken.expect(isWithin && offset >= 0, "a descriptor longer than any")
    default: break
    }
  }

  /// Made = stored + lost: each number of an epoch comes exactly once, in order.
  private func goOn(epoch: UInt32, first: UInt32, count: UInt32) throws(Broken) {
    let due = next[epoch]
    try Broken.expect(due == first, "epoch \(epoch): \(first) comes, \(due ?? 0) was due")
    let (end, overflow) = first.addingReportingOverflow(count)
    try Broken.expect(count > 0 && !overflow, "epoch \(epoch): \(count) from \(first) on")
    next[epoch] = end
  }
}
