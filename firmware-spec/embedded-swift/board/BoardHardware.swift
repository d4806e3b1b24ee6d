/// What differs from one microcontroller to the next: all that a port has to write.
///
/// Nothing here may block for longer than the line's receive buffer lasts, `storeRecord` apart,
/// which is called once a boot and once in a board's life.
protocol BoardHardware: ~Copyable {
  /// Wire bytes that the receive buffer surely holds while the loop is away; at least 48.
  var receiveBytesMax: UInt16 { get }
  /// An eFuse MAC or the like, 0 when there is none.
  var hardwareHint: UInt64 { get }

  /// The next received byte; nil when there is none.
  mutating func read() -> UInt8?
  /// Takes bytes for the line, as many as there is room for, and says how many.
  mutating func write(_ bytes: Span<UInt8>) -> Int
  /// A millisecond counter that may wrap, but never goes back.
  mutating func ticks() -> UInt32
  /// Random bits, others at every boot: a hardware generator, or noise from an input.
  mutating func random() -> UInt32
  /// Reads the record in slot 0 or 1, in memory that survives a power cut; nil when it cannot.
  mutating func loadRecord(slot: Int) -> InlineArray<20, UInt8>?
  /// Writes the record in a slot. The slots must not share what is erased at one time.
  mutating func storeRecord(_ record: InlineArray<20, UInt8>, slot: Int)
  /// Waits for at most a few milliseconds, or not at all. True when the ticks were not counted
  /// exactly meanwhile, as in a deep sleep.
  mutating func idle() -> Bool
  /// Enters the boot loader, or resets where there is none.
  mutating func restart()
}
