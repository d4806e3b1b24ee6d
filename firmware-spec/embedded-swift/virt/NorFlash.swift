/// The second flash of the virt machine, by the command set of Intel and CFI: two 16-bit chips side
/// by side, so that every command stands in both halves of a word.
struct NorFlash {
  private static let base: UInt = 0x2200_0000
  /// What is erased at one time.
  private static let sectorBytes: UInt = 0x4_0000
  /// More looks at the status than the slowest erase takes; then what is read back tells.
  private static let looksMax = 50_000_000

  private enum Command {
    static let erase: UInt32 = 0x0020_0020
    static let confirm: UInt32 = 0x00D0_00D0
    static let program: UInt32 = 0x0040_0040
    static let clearStatus: UInt32 = 0x0050_0050
    static let readArray: UInt32 = 0x00FF_00FF
  }

  private static let ready: UInt32 = 0x0080_0080

  /// Reads the record at the start of a sector.
  func load(sector: Int) -> InlineArray<20, UInt8> {
    let start = Self.base + UInt(sector) * Self.sectorBytes
    var record = InlineArray<20, UInt8>(repeating: 0)
    for index in record.indices { record[index] = mmio_r8(start + UInt(index)) }
    return record
  }

  /// Erases a sector and writes the record at its start; waits for both.
  func store(_ record: InlineArray<20, UInt8>, sector: Int) {
    let start = Self.base + UInt(sector) * Self.sectorBytes
    mmio_w32(start, Command.erase)
    mmio_w32(start, Command.confirm)
    waitUntilReady(at: start)
    for index in stride(from: 0, to: record.count, by: 4) {
      var word: UInt32 = 0
      for byte in 0..<4 { word |= UInt32(record[index + byte]) &<< UInt32(8 * byte) }
      mmio_w32(start + UInt(index), Command.program)
      mmio_w32(start + UInt(index), word)
      waitUntilReady(at: start)
    }
    mmio_w32(start, Command.clearStatus)
    mmio_w32(start, Command.readArray)
  }

  private func waitUntilReady(at start: UInt) {
    for _ in 0..<Self.looksMax where mmio_r32(start) & Self.ready == Self.ready { return }
  }
}
