import Protocol
import TestSupport
import Testing

@testable import ProtocolSearch

@Suite("The C board and the Swift board live the same lives") struct DifferentialLivesTests {
  @Test(
    "for integers, overflowing rings and torn lines", arguments: 0..<16 as Range<UInt64>)
  func integers(seed: UInt64) { run(seed: seed, isWide: false) }

  @Test(
    "for floats, large integers and pauses of weeks", arguments: 0..<16 as Range<UInt64>)
  func wide(seed: UInt64) { run(seed: seed, isWide: true) }

  private func run(seed: UInt64, isWide: Bool) {
    var script = DifferentialScript(seed: seed, isWide: isWide)
    for step in 0..<1_200 {
      script.step()
      let difference = script.difference()
      #expect(difference == nil, "seed \(seed), step \(step)")
      if difference != nil { return }
    }
    #expect(script.saidInAll > 0, "seed \(seed): nothing was said, so nothing was compared")
  }
}

/// One random life of two boards.
struct DifferentialScript: ~Copyable {
  private static let slots = 96

  private var prng: Prng
  private let isWide: Bool
  private var host: DifferentialHost
  private var ticks: UInt32
  private let one: DifferentialBoard
  private let other: DifferentialWorld
  private var session: DeviceSession<96>
  /// How often each board said that it took what it was given.
  private var taken = (0, 0)
  private var done = ""
  private(set) var saidInAll = 0

  init(seed: UInt64, isWide: Bool) {
    var prng = Prng(seed: seed)
    var settings = DeviceSettings()
    settings.bodyBytesToHostMax = UInt8(58 + (seed % 3 == 0 ? 4 : prng.below(193)))
    settings.bodyBytesToBoardMax = UInt8(40 + prng.below(211))
    settings.batchMs = UInt32(prng.below(300))
    settings.hardwareHint = prng.next()
    settings.samplesPer1000s = 27_000
    let descriptor = (0..<300).map { _ in UInt8(prng.below(256)) }
    settings.descriptorBytes = 300
    let records = [Self.record(&prng), Self.record(&prng)]
    let writable = prng.below(12) == 0 ? prng.below(60) : nil
    let nonce = UInt32(truncatingIfNeeded: prng.next())
    // A start near the wrap costs the C ring a slot, so it is only for rings that do not overflow.
    ticks = isWide && prng.below(3) == 0 ? UInt32.max - UInt32(prng.below(10_000)) : 0
    let world = DifferentialWorld(records: records, writable: writable, descriptor: descriptor)
    other = DifferentialWorld(records: records, writable: writable, descriptor: descriptor)
    one = DifferentialBoard(
      world: world, settings: settings, slots: Self.slots, ticks: ticks, nonce: nonce)
    session = DeviceSession(settings: settings, ticks: ticks, nonce: nonce)
    host = DifferentialHost(prng: Prng(seed: seed &+ 1_000_000), nonce: nonce)
    self.prng = prng
    self.isWide = isWide
  }

  /// A good record, an erased one, or a spoiled one.
  private static func record(_ prng: inout Prng) -> [UInt8] {
    var record = IdentityRecord(deviceId: 0x0123_4567_89AB_CDEF, epoch: 7)
    record.epoch = prng.below(8) == 0 ? 0xFFFF_FFFB + UInt32(prng.below(5)) : UInt32(prng.below(3))
    let bytes = record.bytes
    var array = bytes.indices.map { bytes[$0] }
    switch prng.below(5) {
    case 0: return [UInt8](repeating: 0xFF, count: 20)
    case 1: array[prng.below(20)] ^= 1
    default: break
    }
    return array
  }

  mutating func step() {
    switch prng.below(16) {
    case 0...5: poll()
    case 6...9: hear()
    case 10...12: scan()
    case 13: talk()
    case 14:
      let outcome = DeviceOutcome(.failed, value: Int32(prng.below(9)))
      done = "finish \(outcome)"
      one.finish(outcome)
      session.finish(outcome)
    default: settle()
    }
    host.deviceId = session.deviceId
    host.epoch = session.epoch
    host.made = session.samplesMade
  }

  private mutating func pause() -> UInt32 {
    switch prng.below(20) {
    case 0: return UInt32(prng.below(4_000))
    case 1: return UInt32(prng.below(30_000))
    case 2 where isWide: return UInt32(truncatingIfNeeded: prng.next())
    case 3...4: return [1, 499, 500, 999, 1_000, 1_500, 2_999, 3_000, 10_000][prng.below(9)]
    case 5...9: return UInt32(prng.below(400))
    default: return UInt32(prng.below(20))
    }
  }

  private mutating func poll() {
    ticks &+= pause()
    let room = prng.below(4) == 0 ? prng.below(80) : Int.max
    done = "poll \(ticks) room \(room)"
    one.world.room = room
    other.room = room
    one.poll(ticks: ticks)
    var port = DifferentialPort(world: other)
    session.poll(ticks: ticks, port: &port)
  }

  private mutating func hear() {
    let bytes = host.bytes()
    done = "hear \(bytes)"
    one.world.heard += bytes
    other.heard += bytes
  }

  private mutating func scan() {
    if prng.below(3) == 0 { ticks &+= pause() }
    // What a C slot holds is not what a Swift slot holds, so in the wide test no ring overflows.
    if isWide && session.samplesHeld > 20 { return }
    let first = prng.below(250)
    let width = 1 + prng.below(prng.below(3) == 0 ? 40 : 4)
    let rows = isWide ? 1 : 1 + prng.below(width < 3 ? 40 : 4)
    let period = UInt32(prng.below(200))
    let size = prng.below(40)
    done = "scan \(first) x \(width) x \(rows) at \(ticks)"
    for row in 0..<rows {
      if row > 0 { ticks &+= period }
      for column in 0..<min(width, isWide ? 10 : 40) {
        push(channel: UInt8(min(first + column, 255)), size: size)
      }
    }
  }

  private mutating func push(channel: UInt8, size: Int) {
    if isWide && prng.below(3) == 0 {
      let value = Double(bitPattern: prng.next())
      if one.push(channel: channel, float: value, ticks: ticks) { taken.0 += 1 }
      if session.push(channel: channel, float: value, ticks: ticks) { taken.1 += 1 }
    } else {
      let bits = Int64(bitPattern: prng.next())
      let value =
        isWide
        ? bits >> Int64(size)
        : Int64(Int32(truncatingIfNeeded: bits >> 24))
          >> Int64(size % 32)
      if one.push(channel: channel, integer: value, ticks: ticks) { taken.0 += 1 }
      if session.push(channel: channel, integer: value, ticks: ticks) { taken.1 += 1 }
    }
  }

  private mutating func talk() {
    let letters = Array("température 21,5 °C — ok 🌱 ".utf8)
    let count = prng.below(300)
    let text = (0..<count).map { letters[$0 % letters.count] }
    let level = UInt8(prng.below(9))
    var port = DifferentialPort(world: other)
    one.world.room = 0
    other.room = 0
    done = "talk \(level) \(count)"
    if prng.below(2) == 0 {
      if one.log(level: level, text: text) { taken.0 += 1 }
      if session.log(level: level, text: text.span, port: &port) { taken.1 += 1 }
    } else {
      if one.print(text) { taken.0 += 1 }
      if session.print(text.span, port: &port) { taken.1 += 1 }
    }
  }

  /// What makes long lives likely: an orderly RESUME or ACK, or the end of a sleep.
  private mutating func settle() {
    if prng.below(6) == 0 {
      ticks &+= pause()
      done = "sleep until \(ticks)"
      one.sleepEnded(ticks: ticks)
      session.sleepEnded(ticks: ticks)
      return
    }
    var body: Body
    if session.isAttached {
      host.durable = session.samplesMade
      body = Body {
        Ack(
          epoch: session.epoch, durable: session.samplesMade, received: session.samplesMade,
          limit: UInt32.max, again: false
        ).write(into: &$0)
      }
    } else {
      host.session &+= 1
      host.commandId = 0
      var resume = Resume(session: max(1, host.session), limit: UInt32.max)
      resume.append(Resume.Entry(epoch: session.epoch, durable: 0))
      body = Body { resume.write(into: &$0) }
    }
    let bytes = [0] + frameBytes(body.array)
    done = "settle \(bytes)"
    one.world.heard += bytes
    other.heard += bytes
  }

  /// What is not the same in both; nil when all is.
  mutating func difference() -> String? {
    let said = (one.world.takeSaid(), other.takeSaid())
    saidInAll += said.0.count
    if said.0 != said.1 { return "\(done): C said \(said.0), Swift \(said.1)" }
    if taken.0 != taken.1 { return "\(done): C took \(taken.0), Swift \(taken.1)" }
    if one.world.events != other.events {
      return "\(done): C \(one.world.events.suffix(3)), Swift \(other.events.suffix(3))"
    }
    if one.world.records != other.records { return "\(done): the records differ" }
    if one.made != session.samplesMade || one.lost != session.samplesDropped {
      return "\(done): C made \(one.made), Swift \(session.samplesMade)"
    }
    return one.isAttached == session.isAttached ? nil : "\(done): attached in one only"
  }
}
