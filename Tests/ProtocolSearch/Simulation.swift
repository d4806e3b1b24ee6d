import Protocol
import TestSupport

/// A board and a host on one line in virtual time, from one seed.
final class Simulation {
  var stepMs: Int
  private(set) var nowMs: Int64 = 1_000_000
  private(set) var random: Prng
  let board: PlayedBoard
  let host: PlayedHost
  var faults = LineFaults.none
  /// Milliseconds between scans of 27 samples; 0: none.
  var scanMs = 27
  var commitMs = 200
  /// Milliseconds between polls of the board; 0: at every step.
  var pollMs = 0
  /// The most bytes that ever waited in the board's receiver.
  private(set) var unreadMax = 0
  private(set) var toHost = PlayedLine()
  private(set) var toBoard = PlayedLine()
  private var orders: Int64 = 0
  private(set) var resets = 0
  private(set) var crashes = 0

  init(seed: UInt64, stepMs: Int = 10, settings: DeviceSettings? = nil, ticks: UInt32 = 0) {
    random = Prng(seed: seed)
    self.stepMs = stepMs
    board = PlayedBoard(
      settings: settings, nowMs: nowMs, nonce: UInt32(truncatingIfNeeded: random.next()),
      ticks: ticks)
    host = PlayedHost(seed: random.next())
  }

  private var nowUs: Int64 { nowMs * 1000 }

  func step() {
    nowMs += Int64(stepMs)
    if scanMs > 0 {
      let before = (nowMs - Int64(stepMs)) / Int64(scanMs)
      for _ in before..<nowMs / Int64(scanMs) { board.scan(nowMs: nowMs) }
    }
    board.port.incoming += toBoard.arrived(nowMs: nowMs, spanMs: stepMs)
    unreadMax = max(unreadMax, board.port.unread)
    if pollMs == 0 || nowMs % Int64(pollMs) < Int64(stepMs) {
      board.port.room = max(stepMs, pollMs) * PlayedLine.bytesPerMs
      board.poll(nowMs: nowMs)
    }
    toHost.send(board.takeOutgoing(), faults: faults, nowMs: nowMs, random: &random)
    host.receive(toHost.arrived(nowMs: nowMs, spanMs: stepMs), nowUs: nowUs)
    host.tick(nowUs: nowUs)
    if nowMs % Int64(commitMs) < Int64(stepMs) { host.commit(nowUs: nowUs) }
    toBoard.send(host.takeOutgoing(), faults: faults, nowMs: nowMs, random: &random)
  }

  func run(ms: Int) {
    for _ in 0..<ms / stepMs { step() }
  }

  func resetBoard() {
    resets += 1
    board.reset(
      nowMs: nowMs, nonce: UInt32(truncatingIfNeeded: random.next()),
      ticks: UInt32(truncatingIfNeeded: random.next()))
  }

  func crashHost() {
    crashes += 1
    host.crash()
    toBoard.cut()
  }

  func unplug() {
    host.reopen()
    toBoard.cut()
    toHost.cut()
  }

  func order() {
    orders += 1
    host.order(orders, nowUs: nowUs)
  }

  /// The line is good again and nothing new is made: everything must come to rest within 20 s.
  func drain() {
    faults = .none
    scanMs = 0
    run(ms: 20_000)
    host.commit(nowUs: nowUs)
  }

  /// Samples made in all epochs.
  var samplesMade: UInt64 { board.made.values.reduce(0) { $0 + UInt64($1) } }

  /// What is wrong with the books after `drain`; empty when nothing is.
  func verdict() -> [String] {
    var wrong = host.violations
    let deviceId = board.session.deviceId
    for (epoch, made) in board.made {
      let key = PlayedHost.BookKey(deviceId: deviceId, epoch: epoch)
      let book = host.books[key] ?? PlayedHost.Book()
      if book.stored + book.gaps != UInt64(book.cursor) {
        wrong.append("epoch \(epoch): \(book.stored) stored, \(book.gaps) gaps, not \(book.cursor)")
      }
      let tail = Int64(made) - Int64(book.cursor)
      let lostMax = PlayedBoard.ringCapacity + Int(board.dropped[epoch] ?? 0)
      let tailMax = epoch == board.session.epoch ? 0 : Int64(lostMax)
      if !(0...tailMax).contains(tail) { wrong.append("epoch \(epoch): a tail of \(tail)") }
    }
    for key in host.books.keys where board.made[key.epoch] == nil {
      wrong.append("epoch \(key.epoch) was never made")
    }
    return wrong + ordersVerdict()
  }

  private func ordersVerdict() -> [String] {
    var wrong: [String] = []
    for order in host.orders {
      let executions = board.port.executions[order.argument] ?? 0
      if executions > 1 { wrong.append("order \(order.argument) ran \(executions) times") }
      switch order.status {
      case .done where executions != 1: wrong.append("order \(order.argument) did not run")
      case .expired where executions != 0: wrong.append("order \(order.argument) expired and ran")
      default: break
      }
      if !order.isOver { wrong.append("order \(order.argument) has no outcome") }
    }
    return wrong
  }
}
