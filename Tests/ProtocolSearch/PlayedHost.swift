import Protocol
import TestSupport

/// A host in virtual time: a `HostSession`, and the books that a node keeps of a board.
final class PlayedHost {
  /// What is kept of one epoch of one board.
  struct Book: Equatable {
    var cursor: UInt32 = 0
    var stored: UInt64 = 0
    var gaps: UInt64 = 0
  }

  struct BookKey: Hashable {
    var deviceId: UInt64
    var epoch: UInt32
  }

  /// A command as a person sees it: one order, whatever is said on the line.
  struct Order {
    var argument: Int64
    var bornUs: Int64
    var key: CommandKey?
    var status: CommandStatus?
    var isUnknown = false
    var isOver: Bool { (status != nil && status != .running) || isUnknown }
  }

  private(set) var session = HostSession()
  private var reader = FrameReader()
  /// On disk: survives a crash.
  private(set) var books: [BookKey: Book] = [:]
  /// In memory: lost with a crash.
  private var pending: [BookKey: Book] = [:]
  private var hasDescriptor = false
  private var descriptor: [UInt8] = []
  private var random: Prng
  private(set) var outgoing: [UInt8] = []
  private(set) var orders: [Order] = []
  private(set) var violations: [String] = []
  private(set) var fit = ClockFit()
  private(set) var detaches = 0
  private(set) var malformed: UInt32 = 0
  private(set) var mismatchedLines = 0
  private var lastTicks: [BookKey: UInt64] = [:]
  private(set) var wakeUs: Int64?
  private(set) var outstandingBytesMax = 0
  var orderLifeMs: UInt32 = 3000

  init(seed: UInt64) { random = Prng(seed: seed) }

  var samplesStored: UInt64 { books.values.reduce(0) { $0 + $1.stored } }

  // MARK: What happens to it

  /// The port is opened anew; what is pending stays.
  func reopen() {
    malformed &+= session.counts.malformed
    session = HostSession()
    reader = FrameReader()
    outgoing = []
    wakeUs = nil
  }

  /// The process dies and comes back: only books, claims and descriptors are left.
  func crash() {
    reopen()
    pending = [:]
    lastTicks = [:]
  }

  func receive(_ bytes: [UInt8], nowUs: Int64) {
    var bodies: [[UInt8]] = []
    var lines = 0
    reader.push(bytes.span, nowUs: nowUs) { output, bytes in
      switch output {
      case .frame: bodies.append(bytes.array)
      case .text: lines += 1
      }
    }
    mismatchedLines += lines
    for body in bodies {
      var actions: [HostAction] = []
      session.receive(body: body.span, nowUs: nowUs) { actions.append($0) }
      perform(actions, body: body, nowUs: nowUs)
    }
  }

  func tick(nowUs: Int64) {
    guard let dueUs = wakeUs, nowUs >= dueUs else { return }
    run(nowUs: nowUs) { session, emit in session.tick(nowUs: nowUs, emit: emit) }
  }

  /// Puts on disk what is pending, and says so.
  func commit(nowUs: Int64) {
    let batch = pending
    pending = [:]
    for (key, book) in batch { books[key] = book }
    for (key, book) in batch where key.deviceId == session.board.deviceId {
      run(nowUs: nowUs) { session, emit in
        session.committed(epoch: key.epoch, durable: book.cursor, nowUs: nowUs, emit: emit)
      }
    }
  }

  func takeOutgoing() -> [UInt8] {
    defer { outgoing = [] }
    return outgoing
  }

  // MARK: Orders

  func order(_ argument: Int64, nowUs: Int64) {
    orders.append(Order(argument: argument, bornUs: nowUs))
    sendOrders(nowUs: nowUs)
  }

  private func sendOrders(nowUs: Int64) {
    guard let key = session.nextCommandKey,
      let index = orders.firstIndex(where: { !$0.isOver && $0.key == nil })
    else { return }
    let left = Int64(orderLifeMs) - (nowUs - orders[index].bornUs) / 1000
    guard left > 0 else {
      orders[index].status = .expired
      return
    }
    // The claim: from here on this order is this key's.
    orders[index].key = key
    let arguments = Body { $0.append(zigzag: orders[index].argument) }
    run(nowUs: nowUs) { session, emit in
      do throws(HostSession.CommandRefusal) {
        try session.command(
          key, op: 1, arguments: arguments.span, lifeMs: UInt32(left), leaseMs: 0, nowUs: nowUs,
          emit: emit)
      } catch {
        violations.append("a key just given was refused: \(error)")
      }
    }
  }

  // MARK: Actions

  private func run(
    nowUs: Int64, _ call: (inout HostSession, (HostAction) -> Void) -> Void
  ) {
    var actions: [HostAction] = []
    call(&session) { actions.append($0) }
    perform(actions, body: [], nowUs: nowUs)
  }

  private func perform(_ actions: [HostAction], body: [UInt8], nowUs: Int64) {
    for action in actions {
      switch action {
      case .send(let body): outgoing += Frame(body: body.span).span.array
      case .hello(let hello): answer(hello, nowUs: nowUs)
      case .descriptorChunk(let offset, let count):
        descriptor.replaceSubrange(
          offset..., with: body[DescriptorChunk.bytesAt..<DescriptorChunk.bytesAt + count])
      case .descriptorComplete: hasDescriptor = true
      case .descriptorMismatch: violations.append("descriptor mismatch")
      case .samples(let epoch, let first, let count):
        take(epoch: epoch, first: first, count: count, body: body)
      case .gap(let epoch, let first, let count):
        take(epoch: epoch, first: first, count: count, body: nil)
      case .result(let key, let status, _): settle(key) { $0.status = status }
      case .commandNotReceived(let key): settle(key) { $0.key = nil }
      case .commandUnknown(let key): settle(key) { $0.isUnknown = true }
      case .timeProbe(let probe): fit.add(probe)
      case .detached: detaches += 1
      case .wake(let atUs): wakeUs = atUs
      case .otherVersion, .attached, .log: break
      }
    }
    if actions.contains(where: { if case .wake = $0 { false } else { true } }) {
      sendOrders(nowUs: nowUs)
    }
  }

  private func settle(_ key: CommandKey, _ change: (inout Order) -> Void) {
    guard let index = orders.firstIndex(where: { $0.key == key && !$0.isOver }) else { return }
    change(&orders[index])
  }

  private func answer(_ hello: Hello, nowUs: Int64) {
    if hello.deviceId == 0 {
      let deviceId = random.next() | 1
      run(nowUs: nowUs) { session, emit in
        _ = session.provision(deviceId: deviceId, nowUs: nowUs, emit: emit)
      }
      return
    }
    fit = ClockFit()
    descriptor = []
    let sessionNumber = UInt32(truncatingIfNeeded: random.next()) | 1
    // A claim on disk without an outcome is carried.
    let carried = orders.last { $0.key != nil && !$0.isOver }?.key
    var plan = AttachPlan(
      nonce: hello.nonce, session: sessionNumber, descriptorKnown: hasDescriptor,
      carried: carried)
    for index in 0..<hello.epochCount {
      let key = BookKey(deviceId: hello.deviceId, epoch: hello.epochs[index].epoch)
      plan.cursors[index] = AttachPlan.Cursor(
        durable: books[key]?.cursor ?? 0, received: pending[key]?.cursor)
    }
    run(nowUs: nowUs) { session, emit in
      if !session.attach(plan, nowUs: nowUs, emit: emit) {
        violations.append("a plan for the HELLO just heard was refused")
      }
    }
  }

  private func take(epoch: UInt32, first: UInt32, count: UInt32, body: [UInt8]?) {
    let key = BookKey(deviceId: session.board.deviceId, epoch: epoch)
    var book = pending[key] ?? books[key] ?? Book()
    if first != book.cursor { violations.append("\(first) follows \(book.cursor)") }
    if let body {
      var expected = first
      var isRight = true
      do throws(Malformed) {
        try SamplesDecoder.forEach(in: body.span, from: first) { sample in
          let value = PlayedBoard.value(epoch: epoch, seq: expected)
          isRight =
            isRight && sample.seq == expected && sample.value == .integer(value)
            && UInt32(sample.channel) == expected % PlayedBoard.channels
            && sample.ticks >= lastTicks[key] ?? 0
          lastTicks[key] = sample.ticks
          expected += 1
        }
      } catch {
        isRight = false
      }
      if !isRight || expected != first + count { violations.append("wrong samples at \(first)") }
      book.stored += UInt64(count)
    } else {
      book.gaps += UInt64(count)
    }
    book.cursor = first + count
    pending[key] = book
  }
}
