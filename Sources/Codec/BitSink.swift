/// Puts bits, the lowest first, into bytes that are there already, with eight more behind them.
struct BitSink {
  /// Bytes that must be there behind the last bit, since eight are stored at once.
  static let margin = 8

  private var waiting: UInt64 = 0
  private var waitingCount = 0
  private var offset: Int

  /// Begins at a byte.
  init(at offset: Int) { self.offset = offset }

  /// Takes the lowest bits of a word: 0 to 64 of them; those above do not matter.
  @inline(__always)
  mutating func append(_ word: UInt64, count: Int, into bytes: inout MutableRawSpan) {
    let low = count == 64 ? word : word & ((1 &<< UInt64(count)) &- 1)
    waiting |= low &<< UInt64(waitingCount)
    waitingCount &+= count
    guard waitingCount >= 64 else { return }
    bytes.storeBytes(of: waiting.littleEndian, toByteOffset: offset, as: UInt64.self)
    offset &+= 8
    waitingCount &-= 64
    waiting = waitingCount == 0 ? 0 : low &>> UInt64(count &- waitingCount)
  }

  /// Stores what still waits, with zeros up to a whole byte, and gives the byte behind it.
  func finish(into bytes: inout MutableRawSpan) -> Int {
    bytes.storeBytes(of: waiting.littleEndian, toByteOffset: offset, as: UInt64.self)
    return offset + (waitingCount + 7) / 8
  }
}

extension [UInt8] {
  /// Appends zeros for bits that take so many bytes; takes back the margin in `endBits`.
  mutating func beginBits(bytes: Int) {
    append(contentsOf: repeatElement(0, count: bytes + BitSink.margin))
  }

  mutating func endBits() { removeLast(BitSink.margin) }
}
