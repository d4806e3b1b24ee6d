internal import CLinux
internal import Glibc

/// What a registration waits for. Hang-ups and errors are always told, except with nothing asked.
public struct Interest: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt32

  /// An interest of these bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Bytes to read, a connection to accept, the end.
  public static let read = Interest(rawValue: EPOLLIN.rawValue)
  /// Room to write.
  public static let write = Interest(rawValue: EPOLLOUT.rawValue)
  /// The other end of a socket has closed its side, even while nothing is being read.
  public static let peerClosed = Interest(rawValue: EPOLLRDHUP.rawValue)
}

/// What a descriptor is ready for.
public struct Readiness: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt32

  /// A readiness of these bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// A read will not block.
  public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
  /// A write will not block.
  public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
  /// The other end is gone, or has closed its side. It is told again every turn until the
  /// registration is cancelled or asks for nothing.
  public static let hangup = Readiness(rawValue: EPOLLHUP.rawValue)
  /// The descriptor is in error; a read or a write says which.
  public static let error = Readiness(rawValue: EPOLLERR.rawValue)
}

/// The epoll set: who is told when which descriptor is ready.
///
/// An event names a slot and the generation of its use. A handler may cancel a registration, close
/// the descriptor and register a new one under the same number while events of the old one are
/// already in hand: their generation does not fit any more, and they are dropped and counted.
@Loop final class Poller {
  struct Token: Equatable {
    let slot: Int
    let generation: UInt32
  }

  private struct Slot {
    var generation: UInt32 = 1
    var raw: Int32 = -1
    var interest: Interest = []
    var handler: (@Loop (Readiness) -> Void)?
  }

  /// Generation 0 is never a slot's: the bell and the timer wake the loop and are nobody's event.
  nonisolated static let doorbellData: UInt64 = 0
  nonisolated static let timerData: UInt64 = 1

  nonisolated let epoll: Descriptor
  private var slots: [Slot] = []
  private var free: [Int] = []
  private var slotsByRaw: [Int32: Int] = [:]
  private var inHand = [clinux_event](
    repeating: clinux_event(), count: Limits.eventsPerTurnMax)
  private(set) var events: UInt64 = 0
  private(set) var eventsStale: UInt64 = 0

  nonisolated init(doorbell: Int32) throws(Errno) {
    let raw = try System.check { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    epoll = Descriptor(adopting: raw)
    try Poller.addSilent(doorbell, data: Poller.doorbellData, to: raw)
  }

  /// Adds a descriptor whose readiness only wakes: edge-triggered, so that it need not be read.
  nonisolated static func addSilent(
    _ raw: Int32, data: UInt64, to epoll: Int32
  ) throws(Errno) {
    let flags = EPOLLIN.rawValue | EPOLLET.rawValue
    _ = try System.check { clinux_epoll_control(epoll, EPOLL_CTL_ADD, raw, flags, data) }
  }

  func resetCounts() {
    events = 0
    eventsStale = 0
  }

  func add(
    _ raw: Int32, _ interest: Interest, _ handler: @escaping @Loop (Readiness) -> Void
  ) throws(Errno) -> Token {
    let slot: Int
    if let last = free.popLast() {
      slot = last
    } else {
      guard slots.count < Limits.registrationsMax else { throw .tooManyOpen }
      slot = slots.count
      slots.append(Slot())
    }
    let token = Token(slot: slot, generation: slots[slot].generation)
    do {
      try control(EPOLL_CTL_ADD, raw, interest, token)
    } catch {
      free.append(slot)
      throw error
    }
    // The kernel took the number, so whoever held it has closed it without cancelling.
    if let former = slotsByRaw[raw] { vacate(former) }
    slotsByRaw[raw] = slot
    slots[slot].raw = raw
    slots[slot].interest = interest
    slots[slot].handler = handler
    return token
  }

  func update(_ token: Token, _ interest: Interest) {
    guard slots[token.slot].generation == token.generation else { return }
    guard slots[token.slot].interest != interest else { return }
    let raw = slots[token.slot].raw
    do {
      try control(EPOLL_CTL_MOD, raw, interest, token)
    } catch {
      preconditionFailure("descriptor \(raw) was closed before its registration: \(error)")
    }
    slots[token.slot].interest = interest
  }

  func remove(_ token: Token) {
    guard slots[token.slot].generation == token.generation else { return }
    let raw = slots[token.slot].raw
    slotsByRaw[raw] = nil
    vacate(token.slot)
    // A descriptor already closed has left the set by itself.
    _ = clinux_epoll_control(epoll.raw, EPOLL_CTL_DEL, raw, 0, 0)
  }

  func isLive(_ token: Token) -> Bool { slots[token.slot].generation == token.generation }

  private func vacate(_ slot: Int) {
    slots[slot].generation = slots[slot].generation == .max ? 1 : slots[slot].generation + 1
    slots[slot].raw = -1
    slots[slot].interest = []
    slots[slot].handler = nil
    free.append(slot)
  }

  private func control(
    _ operation: Int32, _ raw: Int32, _ interest: Interest, _ token: Token
  ) throws(Errno) {
    // With nothing asked, the kernel would still tell a hang-up, every turn for ever: one-shot
    // makes it tell once, and `dispatch` keeps that to itself.
    let flags = interest.isEmpty ? EPOLLONESHOT.rawValue : interest.rawValue
    let data = UInt64(token.generation) << 32 | UInt64(token.slot)
    let epoll = epoll.raw
    _ = try System.check { clinux_epoll_control(epoll, operation, raw, flags, data) }
  }

  /// Waits for events, or only takes those that are there; returns how many are in hand.
  func wait(mayBlock: Bool) -> Int {
    let room = Int32(Limits.eventsPerTurnMax)
    let count = unsafe clinux_epoll_wait(epoll.raw, &inHand, room, mayBlock ? 1 : 0)
    if count >= 0 { return Int(count) }
    precondition(errno == EINTR, "epoll_wait: \(Errno(code: errno))")
    return 0
  }

  /// Tells the handlers of the events in hand.
  func dispatch(count: Int) {
    for index in 0..<count {
      let (flags, data) = (inHand[index].flags, inHand[index].data)
      let generation = UInt32(data >> 32)
      if generation == 0 { continue }
      let slot = Int(data & 0xFFFF_FFFF)
      guard slots[slot].generation == generation, let handler = slots[slot].handler else {
        eventsStale += 1
        continue
      }
      let readiness = readiness(of: flags, asked: slots[slot].interest)
      if readiness.isEmpty { continue }
      events += 1
      handler(readiness)
    }
  }

  /// An earlier handler of the same turn may have changed what is asked.
  private func readiness(of flags: UInt32, asked: Interest) -> Readiness {
    if asked.isEmpty { return [] }
    var told = Readiness(rawValue: flags & asked.rawValue).intersection([.readable, .writable])
    if flags & EPOLLERR.rawValue != 0 { told.insert(.error) }
    if flags & (EPOLLHUP.rawValue | EPOLLRDHUP.rawValue & asked.rawValue) != 0 {
      told.insert(.hangup)
    }
    return told
  }
}
