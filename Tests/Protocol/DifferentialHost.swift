import Protocol
import TestSupport

@testable import ProtocolSearch

/// What a host may say to a board, mostly sensible, sometimes not, from one seed.
struct DifferentialHost {
  var prng: Prng
  /// What the host knows; the script keeps it up to date.
  var nonce: UInt32 = 0
  var deviceId: UInt64 = 0
  var epoch: UInt32 = 0
  var made: UInt32 = 0
  var session: UInt32 = 1
  var commandId: UInt16 = 0
  var durable: UInt32 = 0

  /// The bytes of one message, damaged now and then, with what may stand around it.
  mutating func bytes() -> [UInt8] {
    var wire = frameBytes(body())
    switch prng.below(24) {
    case 0: wire.remove(at: prng.below(wire.count))
    case 1: wire[prng.below(wire.count)] ^= 1 << UInt8(prng.below(8))
    case 2: wire.insert(UInt8(prng.below(256)), at: prng.below(wire.count))
    case 3: wire = Array(wire.prefix(prng.below(wire.count)))
    case 4: wire += (0..<prng.below(300)).map { _ in UInt8(prng.below(256)) }
    case 5: wire = Array("boot: ok\r\n".utf8) + wire
    default: break
    }
    return wire
  }

  private mutating func body() -> [UInt8] {
    switch prng.below(20) {
    case 0: return [0x02] + u32(near(nonce)) + u64(deviceId == 0 ? oddId() : deviceId) + tail()
    case 1: return [0x03] + u16(prng.below(340)) + [UInt8(prng.below(256))] + tail()
    case 2, 3: return resume() + tail()
    case 4...9: return ack() + tail()
    case 10...13: return command()
    case 14...16: return [0x12] + u32(UInt32(truncatingIfNeeded: prng.next())) + tail()
    case 17: return [0x15] + u64(prng.below(2) == 0 ? deviceId : oddId()) + Array("BOOT".utf8)
    case 18: return [UInt8([0x01, 0x04, 0x06, 0x11, 0x16, 0x1F][prng.below(6)])] + tail()
    default: return [[0x02, 0x03, 0x05, 0x0E, 0x10, 0x12, 0x15][prng.below(7)]] + noise(30)
    }
  }

  private mutating func resume() -> [UInt8] {
    if prng.below(3) == 0 {
      session = UInt32(prng.below(5))
      commandId = 0
    }
    let count = prng.below(8) == 0 ? prng.below(6) : 1
    var body = [0x05] + u32(session) + u32(limit()) + [UInt8(count)]
    for index in 0..<count {
      body += u32(index == 0 ? near(epoch) : UInt32(index)) + u32(near(durable))
    }
    return body
  }

  private mutating func ack() -> [UInt8] {
    let received = made == 0 ? 0 : made - min(made, UInt32(prng.below(prng.below(40) + 1)))
    if received > durable && prng.below(3) == 0 {
      durable += UInt32(prng.below(Int(received - durable) + 1))
    }
    return [0x0E] + u32(near(epoch)) + u32(near(durable)) + u32(near(received)) + u32(limit())
      + [prng.below(4) == 0 ? 1 : UInt8(prng.below(2)) << 1]
  }

  private mutating func command() -> [UInt8] {
    if prng.below(3) != 0 { commandId &+= prng.below(10) == 0 ? 3 : 1 }
    let life = [0, 1, 100, 1_000, 5_000, UInt32.max][prng.below(6)]
    let lease = [0, 0, 1, 500, 4_000, UInt32.max - 1][prng.below(6)]
    return [0x10] + u32(near(epoch)) + u32(prng.below(10) == 0 ? session &+ 1 : session)
      + u16(Int(commandId)) + u32(life) + u32(lease) + [UInt8(prng.below(24))] + noise(12)
  }

  private mutating func limit() -> UInt32 {
    [0, made, made &+ 20, durable &+ 8_192, UInt32.max, UInt32.max][prng.below(6)]
  }

  /// Mostly the number itself.
  private mutating func near(_ number: UInt32) -> UInt32 {
    prng.below(12) == 0 ? number &+ UInt32(prng.below(5)) &- 2 : number
  }

  /// TLVs of later versions, or half of one.
  private mutating func tail() -> [UInt8] {
    switch prng.below(10) {
    case 0: return [0x80, 3, 1, 2, 3]
    case 1: return [0x80, 9, 1]
    case 2: return [0x80]
    default: return []
    }
  }

  private mutating func oddId() -> UInt64 { prng.below(6) == 0 ? 0 : prng.next() }

  private mutating func noise(_ most: Int) -> [UInt8] {
    (0..<prng.below(most)).map { _ in UInt8(prng.below(256)) }
  }

  private func u16(_ value: Int) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)] }

  private func u32(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }

  private func u64(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }
}
