// A board in Embedded Swift, as small as can be: what the gate compiles beside Sources/Protocol, so
// that the generic parts are compiled for a real ring and a real port.

/// A port over the registers of a 16550 UART, without memory: after every reset the host gives it a
/// new id.
@safe struct GatePort: DevicePort {
  private let uart: UnsafeMutablePointer<UInt8>
  private var records = InlineArray<2, InlineArray<20, UInt8>>(
    repeating: InlineArray(repeating: 0xFF))

  init(uart: UnsafeMutablePointer<UInt8>) {
    unsafe self.uart = uart
  }

  private var lineStatus: UInt8 { unsafe uart[5] }

  mutating func receive() -> UInt8? { lineStatus & 0x01 == 0 ? nil : unsafe uart[0] }

  mutating func transmit(_ bytes: Span<UInt8>) -> Int {
    var taken = 0
    while taken < bytes.count, lineStatus & 0x20 != 0 {
      unsafe uart[0] = bytes[taken]
      taken += 1
    }
    return taken
  }

  func descriptorByte(at offset: Int) -> UInt8 { 0 }

  mutating func loadRecord(slot: Int) -> InlineArray<20, UInt8>? { records[slot] }

  mutating func storeRecord(_ record: InlineArray<20, UInt8>, slot: Int) {
    records[slot] = record
  }

  mutating func command(op: UInt8, arguments: Span<UInt8>) -> DeviceOutcome {
    DeviceOutcome(.unknownOp)
  }

  mutating func leaseLapsed(op: UInt8) {}

  mutating func resetToBoot() {}
}

/// Runs the board for ever; `ticks` is a millisecond counter that an interrupt moves.
@_cdecl("board_run")
public func run(uart: UnsafeMutablePointer<UInt8>, ticks: UnsafePointer<UInt32>, nonce: UInt32) {
  var port = unsafe GatePort(uart: uart)
  var session = DeviceSession<64>(
    settings: DeviceSettings(), ticks: unsafe ticks.pointee, nonce: nonce)
  var sampledTicks = unsafe ticks.pointee
  while true {
    let now = unsafe ticks.pointee
    if now &- sampledTicks >= 1000 {
      sampledTicks = now
      _ = session.push(channel: 0, integer: Int64(now), ticks: now)
      _ = session.push(channel: 1, float: 21.5, ticks: now)
    }
    session.poll(ticks: now, port: &port)
  }
}
