/// The `virt` machine of qemu-system-riscv32: a 16550 UART, the CLINT's timer, a NOR flash.
struct VirtHardware: BoardHardware, ~Copyable {
  /// The 16550; its registers are bytes, one after the other.
  private enum Uart {
    static let data: UInt = 0x1000_0000
    static let fifoControl: UInt = 0x1000_0002
    static let lineControl: UInt = 0x1000_0003
    static let lineStatus: UInt = 0x1000_0005
    static let isReceived: UInt8 = 0x01
    static let isSendEmpty: UInt8 = 0x20
    static let fifoBytes = 16
  }

  /// The CLINT of hart 0, whose timer counts at 10 MHz, and the clock of the day.
  private enum Timer {
    static let compareLow: UInt = 0x0200_4000
    static let compareHigh: UInt = 0x0200_4004
    static let low: UInt = 0x0200_BFF8
    static let high: UInt = 0x0200_BFFC
    static let perMs: UInt32 = 10_000
    static let dayLow: UInt = 0x0010_1000
    static let dayHigh: UInt = 0x0010_1004
  }

  private static let resetRegister: UInt = 0x0010_0000
  private static let resetWord: UInt32 = 0x7777

  private let flash = NorFlash()
  private var page: BenchPage
  /// The ticks so far, and the timer's low word when they were counted.
  private var counted: UInt32
  private var countedTimer: UInt32
  private var sleeps: UInt32

  /// Takes the line and the timer over.
  init(page: BenchPage) {
    self.page = page
    counted = page.firstTicks
    countedTimer = mmio_r32(Timer.low)
    sleeps = page.sleepsOrdered
    mmio_w8(Uart.lineControl, 0x03)  // 8N1; the emulated line has no speed to set
    mmio_w8(Uart.fifoControl, 0x07)  // both FIFOs on and empty
    let_timer_wake()
  }

  // The FIFO is 16 bytes, and qemu holds back what does not fit.
  var receiveBytesMax: UInt16 { 512 }

  var hardwareHint: UInt64 { 0 }

  mutating func read() -> UInt8? {
    mmio_r8(Uart.lineStatus) & Uart.isReceived == 0 ? nil : mmio_r8(Uart.data)
  }

  /// An empty FIFO takes 16 bytes at once.
  mutating func write(_ bytes: Span<UInt8>) -> Int {
    var taken = 0
    while taken < bytes.count, mmio_r8(Uart.lineStatus) & Uart.isSendEmpty != 0 {
      let end = min(taken + Uart.fifoBytes, bytes.count)
      while taken < end {
        mmio_w8(Uart.data, bytes[taken])
        taken += 1
      }
    }
    return taken
  }

  /// Counted from differences, since a division of 64 bits is not among the machine's own.
  mutating func ticks() -> UInt32 {
    let elapsed = (mmio_r32(Timer.low) &- countedTimer) / Timer.perMs
    counted &+= elapsed
    countedTimer &+= elapsed &* Timer.perMs
    return counted
  }

  /// The machine has no generator: the nanoseconds of the day, stirred.
  mutating func random() -> UInt32 {
    let low = mmio_r32(Timer.dayLow)
    let high = mmio_r32(Timer.dayHigh)
    var stirred = (UInt64(high) &<< 32 | UInt64(low)) &* 0x9E37_79B9_7F4A_7C15
    stirred ^= stirred &>> 29
    return UInt32(truncatingIfNeeded: (stirred &* 0xBF58_476D_1CE4_E5B9) &>> 32)
  }

  mutating func loadRecord(slot: Int) -> InlineArray<20, UInt8>? { flash.load(sector: slot) }

  mutating func storeRecord(_ record: InlineArray<20, UInt8>, slot: Int) {
    flash.store(record, sector: slot)
  }

  /// Sleeps for a millisecond. That the tests order a deep sleep is seen here.
  mutating func idle() -> Bool {
    let wake = timer() &+ UInt64(Timer.perMs)
    // No value between the old one and the new one may lie in the past.
    mmio_w32(Timer.compareHigh, 0xFFFF_FFFF)
    mmio_w32(Timer.compareLow, UInt32(truncatingIfNeeded: wake))
    mmio_w32(Timer.compareHigh, UInt32(truncatingIfNeeded: wake &>> 32))
    wait_for_interrupt()
    guard page.sleepsOrdered != sleeps else { return false }
    sleeps &+= 1
    counted &+= BenchPage.sleepMs
    return true
  }

  mutating func restart() { mmio_w32(Self.resetRegister, Self.resetWord) }

  /// The high word is read twice: the low one may wrap in between.
  private func timer() -> UInt64 {
    while true {
      let high = mmio_r32(Timer.high)
      let low = mmio_r32(Timer.low)
      if mmio_r32(Timer.high) == high { return UInt64(high) &<< 32 | UInt64(low) }
    }
  }
}
