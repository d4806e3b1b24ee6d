import TestSupport

/// What goes wrong on a line, in chances out of 100,000 bytes.
struct LineFaults {
  var drop = 0
  var flip = 0
  var duplicate = 0
  /// The line holds everything back for up to 400 ms.
  var hold = 0

  static let none = LineFaults()
}

/// One direction of a serial line in virtual time: bytes in order, each at its time.
struct PlayedLine {
  static let bytesPerMs = 11

  private var bytes: [UInt8] = []
  private var heldUntilMs: Int64 = 0
  private(set) var carried = 0

  mutating func send(_ sent: [UInt8], faults: LineFaults, nowMs: Int64, random: inout Prng) {
    carried += sent.count
    for byte in sent {
      if faults.drop > 0 && random.below(100_000) < faults.drop { continue }
      var byte = byte
      if faults.flip > 0 && random.below(100_000) < faults.flip { byte ^= 1 << random.below(8) }
      bytes.append(byte)
      if faults.duplicate > 0 && random.below(100_000) < faults.duplicate { bytes.append(byte) }
      if faults.hold > 0 && random.below(100_000) < faults.hold {
        heldUntilMs = nowMs + Int64(random.below(400))
      }
    }
  }

  /// What arrives within `spanMs` up to now.
  mutating func arrived(nowMs: Int64, spanMs: Int) -> [UInt8] {
    guard nowMs >= heldUntilMs else { return [] }
    let count = min(bytes.count, spanMs * Self.bytesPerMs)
    let arrived = Array(bytes[..<count])
    bytes.removeFirst(count)
    return arrived
  }

  mutating func cut() { bytes = [] }
}
