/// What a board measures and carries out: the part that is the firmware's own.
protocol BoardApplication: ~Copyable {
  /// How it batches, and what it says of itself; the hardware's part is filled in by `Board`.
  var settings: DeviceSettings { get }

  /// The byte of the descriptor at an offset below `settings.descriptorBytes`.
  borrowing func descriptorByte(at offset: Int) -> UInt8
  /// Pushes what is due; called once each turn of the loop, before the line is served. Must not
  /// block.
  mutating func turn<let capacity: Int>(ticks: UInt32, session: inout DeviceSession<capacity>)
  /// Carries a command out, or begins it and answers `running`, or refuses it. Must not block.
  mutating func command(op: UInt8, arguments: Span<UInt8>) -> DeviceOutcome
  /// The lease of an operation lapsed: its actuator returns to the safe state, at once.
  mutating func leaseLapsed(op: UInt8)
}
