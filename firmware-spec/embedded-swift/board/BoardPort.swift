/// Hardware and application as the one port that a `DeviceSession` speaks to.
struct BoardPort<Hardware: BoardHardware & ~Copyable, Application: BoardApplication & ~Copyable>:
  DevicePort, ~Copyable
{
  var hardware: Hardware
  var application: Application

  mutating func receive() -> UInt8? { hardware.read() }

  mutating func transmit(_ bytes: Span<UInt8>) -> Int { hardware.write(bytes) }

  func descriptorByte(at offset: Int) -> UInt8 { application.descriptorByte(at: offset) }

  mutating func loadRecord(slot: Int) -> InlineArray<20, UInt8>? {
    hardware.loadRecord(slot: slot)
  }

  mutating func storeRecord(_ record: InlineArray<20, UInt8>, slot: Int) {
    hardware.storeRecord(record, slot: slot)
  }

  mutating func command(op: UInt8, arguments: Span<UInt8>) -> DeviceOutcome {
    application.command(op: op, arguments: arguments)
  }

  mutating func leaseLapsed(op: UInt8) { application.leaseLapsed(op: op) }

  mutating func resetToBoot() { hardware.restart() }
}
