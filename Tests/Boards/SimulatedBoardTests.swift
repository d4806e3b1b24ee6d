import Boards
import Protocol
import Reactor
import Testing

/// A host as small as can be, on the other side of a played board's line.
@Loop private final class SmallHost {
  private let line: Descriptor
  private var session = HostSession()
  private var reader = FrameReader()
  private(set) var samples: [UInt8: Int64] = [:]
  private(set) var results: [CommandStatus] = []
  private(set) var descriptor: [UInt8] = []
  private(set) var hellos = 0

  init(line: consuming Descriptor) { self.line = line }

  var isAttached: Bool { session.isAttached }

  func turn() throws {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let nowUs = Clock.bootUs()
    var bodies: [[UInt8]] = []
    if case .count(let count) = try System.read(line.raw, into: &chunk) {
      reader.push(chunk.span.extracting(0..<count), nowUs: nowUs) { output, bytes in
        if output == .frame { bodies.append(bytes.indices.map { bytes[$0] }) }
      }
    }
    for body in bodies {
      try run(body: body) { $0.receive(body: body.span, nowUs: nowUs, emit: $1) }
    }
    try run(body: []) { $0.tick(nowUs: nowUs, emit: $1) }
  }

  func order(op: UInt8, argument: UInt8) throws {
    guard let key = session.nextCommandKey else { return }
    var actions: [HostAction] = []
    try session.command(
      key, op: op, arguments: [argument].span, lifeMs: 1000, leaseMs: 0, nowUs: Clock.bootUs()
    ) { actions.append($0) }
    try perform(actions, body: [])
  }

  private func run(
    body: [UInt8], _ call: (inout HostSession, (HostAction) -> Void) -> Void
  ) throws {
    var actions: [HostAction] = []
    call(&session) { actions.append($0) }
    try perform(actions, body: body)
  }

  private func perform(_ actions: [HostAction], body: [UInt8]) throws {
    let nowUs = Clock.bootUs()
    for action in actions {
      switch action {
      case .send(let body): _ = try System.write(line.raw, from: Frame(body: body.span).span)
      case .hello(let hello):
        hellos += 1
        try run(body: []) { session, emit in
          if hello.deviceId == 0 {
            session.provision(deviceId: 77, nowUs: nowUs, emit: emit)
          } else {
            let plan = AttachPlan(nonce: hello.nonce, session: 5, descriptorKnown: false)
            session.attach(plan, nowUs: nowUs, emit: emit)
          }
        }
      case .descriptorChunk: descriptor += body[DescriptorChunk.bytesAt...]
      case .samples(let epoch, let first, let count):
        try SamplesDecoder.forEach(in: body.span, from: first) { sample in
          if case .integer(let value) = sample.value { samples[sample.channel] = value }
        }
        try run(body: []) {
          $0.committed(epoch: epoch, durable: first + count, nowUs: nowUs, emit: $1)
        }
      case .result(_, let status, _): results.append(status)
      default: break
      }
    }
  }
}

@Suite("A board on a pseudo-terminal") struct SimulatedBoardTests {
  @Test("it is given an id, read and attached, measures all its channels and obeys")
  func wholeLife() async throws {
    EventLoop.shared.start()
    try await Self.live()
  }

  @Loop private static func live() async throws {
    let board = try SimulatedBoard(kind: .otomateCompanion, seed: 7, secondsOfDay: 36_000)
    let host = SmallHost(line: try board.openLine())
    var events: [BoardEvent] = []
    board.onEvent = { events.append($0) }
    let deadlineUs = Clock.bootUs() + 15_000_000
    var isOrdered = false
    while Clock.bootUs() < deadlineUs && host.results.isEmpty {
      try host.turn()
      if host.samples.count == 27 && !isOrdered {
        isOrdered = true
        try host.order(op: 1, argument: 2)
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(host.samples.count == 27)
    #expect(host.results == [.done])
    #expect(try DescriptorReader.summary(host.descriptor.span).channelCount == 27)
    #expect(board.epoch == 1)
    #expect(
      events == [.provisioned(77), .attached(true), .command(name: "d1", argument: "1")])
    board.reset()
    #expect(!board.isAttached)
    board.close()
  }
}
