/// What a `DeviceSession` needs of the board it runs in.
public protocol DevicePort: ~Copyable {
  /// The next received byte; nil when there is none.
  mutating func receive() -> UInt8?
  /// Takes bytes for the line, as many as there is room for, and says how many.
  mutating func transmit(_ bytes: Span<UInt8>) -> Int
  /// The byte of the descriptor at an offset below its length.
  borrowing func descriptorByte(at offset: Int) -> UInt8
  /// Reads the identity record in slot 0 or 1; nil when it cannot be read.
  mutating func loadRecord(slot: Int) -> InlineArray<20, UInt8>?
  /// Writes the identity record in a slot, durably; it is read back to see whether that worked.
  mutating func storeRecord(_ record: InlineArray<20, UInt8>, slot: Int)
  /// Carries a command out, or begins it and answers `running`, or refuses it. Must not block.
  mutating func command(op: UInt8, arguments: Span<UInt8>) -> DeviceOutcome
  /// The lease of an operation lapsed: its actuator returns to the safe state.
  mutating func leaseLapsed(op: UInt8)
  /// Enters the boot loader.
  mutating func resetToBoot()
}

/// What a device made of a command.
public struct DeviceOutcome: Equatable, Sendable {
  /// `done`, `running`, `failed`, `unknownOp`, `badArgument` or `refused`.
  public var status: CommandStatus
  /// What it gave back, or the device's own code.
  public var value: Int32

  /// States an outcome.
  public init(_ status: CommandStatus, value: Int32 = 0) {
    self.status = status
    self.value = value
  }
}
