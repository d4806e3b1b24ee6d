/// Collects bits, the lowest first, and appends them as bytes.
struct BitSink {
  private var waiting: UInt64 = 0
  private var waitingCount = 0

  /// Takes the lowest bits of a word: 0 to 64 of them; those above do not matter.
  mutating func append(_ word: UInt64, count: Int, to bytes: inout [UInt8]) {
    let low = count == 64 ? word : word & ((1 &<< UInt64(count)) &- 1)
    waiting |= low &<< UInt64(waitingCount)
    waitingCount += count
    guard waitingCount >= 64 else { return }
    Self.append(waiting, count: 64, to: &bytes)
    waitingCount -= 64
    waiting = waitingCount == 0 ? 0 : low &>> UInt64(count - waitingCount)
  }

  /// Appends what still waits, with zeros up to a whole byte.
  mutating func flush(to bytes: inout [UInt8]) {
    Self.append(waiting, count: waitingCount, to: &bytes)
    (waiting, waitingCount) = (0, 0)
  }

  private static func append(_ word: UInt64, count: Int, to bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: count, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word &>> UInt64(shift)))
    }
  }
}
