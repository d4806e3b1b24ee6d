import Model
import Sync
import TestSupport

/// Random content within the rules.
enum Samples {
  static func identity(_ prng: inout Prng) -> DeviceIdentity {
    let kind = DeviceIdentity.Kind.allCases[prng.below(DeviceIdentity.Kind.allCases.count)]
    let bytes: [UInt8]
    switch kind {
    case .companion, .provisional, .simulated:
      bytes = (0..<8).map { _ in UInt8(prng.below(3)) }
    case .usbSerial, .usbSerialAtPath, .portPath:
      bytes = (0...prng.below(12)).map { _ in UInt8(0x41 + prng.below(3)) }
    }
    return DeviceIdentity(kind: kind, bytes: bytes) ?? board(0)
  }

  static func board(_ number: UInt8) -> DeviceIdentity {
    guard
      let identity = DeviceIdentity(
        kind: .companion, bytes: [UInt8](repeating: number, count: 8))
    else { preconditionFailure("8 bytes") }
    return identity
  }

  static func channels(_ prng: inout Prng) -> [Channel] {
    (0...prng.below(5)).map { index in
      Channel(
        key: "c\(index)", unit: prng.chance(50) ? "Cel" : "",
        kind: Channel.Kind.allCases[prng.below(5)], exponent: Int8(prng.below(5) - 2))
    }
  }

  static func value(_ channel: Channel, _ prng: inout Prng) -> Value {
    switch prng.below(20) {
    case 0: return .float(Double(bitPattern: prng.next()))
    case 1: return .text(String(repeating: "é", count: prng.below(100)))
    case 2: return .decimal(Int64(bitPattern: prng.next()), exponent: channel.exponent)
    default: return .decimal(Int64(200 + prng.below(30)), exponent: channel.exponent)
    }
  }

  /// A batch of scans, jitter, gaps, tails and readings on the node's clock.
  static func batch(_ prng: inout Prng) -> ReadingBatch {
    var batch = ReadingBatch(cursors: CursorFold())
    for _ in 0...prng.below(5) {
      let identity = identity(&prng)
      let epoch = UInt32(prng.below(3))
      _ = batch.open(
        Cursor(
          identity: identity, epoch: epoch, nonce: 1, next: UInt32(prng.below(1_000)),
          ringCapacity: 64))
      let channels = channels(&prng)
      var ticksMs = Int64(prng.below(1_000))
      for _ in 0..<prng.below(30) {
        ticksMs += prng.chance(80) ? 100 : Int64(prng.below(500))
        scan(&batch, identity, epoch, ticksMs, channels, &prng)
      }
      if prng.chance(20) {
        _ = batch.close(device: identity, epoch: epoch, unknownTail: UInt32(prng.below(64)))
      }
    }
    return batch
  }

  private static func scan(
    _ batch: inout ReadingBatch, _ identity: DeviceIdentity, _ epoch: UInt32, _ ticksMs: Int64,
    _ channels: [Channel], _ prng: inout Prng
  ) {
    for channel in channels where prng.chance(95) {
      let value = value(channel, &prng)
      if prng.chance(5) {
        _ = batch.append(
          device: identity, bootUs: Int64(prng.below(1_000_000)), channel: channel, value: value)
        continue
      }
      guard let next = batch.cursor(of: identity, epoch: epoch)?.next else { continue }
      if prng.chance(3) {
        _ = batch.gap(
          device: identity, epoch: epoch, first: next, count: UInt32(1 + prng.below(9)))
      } else {
        _ = batch.append(
          device: identity, epoch: epoch, seq: next, ticksMs: ticksMs, channel: channel,
          value: value)
      }
    }
  }
}
