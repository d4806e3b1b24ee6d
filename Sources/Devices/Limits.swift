/// Every bound of this module, each with what happens beyond it.
public enum DeviceLimits {
  /// Live ports followed at once; beyond it a port is ignored and counted.
  public static let portsMax = 256
  /// Devices remembered; beyond it the longest unseen device without a name is forgotten, and
  /// where all have names the newcomer is used but not remembered.
  public static let rememberedMax = 4096
  /// Open questions; beyond it a port keeps its provisional identity, unasked, and is counted.
  public static let questionsMax = 256
  /// Bytes kept of any one udev property or attribute; the rest is cut.
  public static let propertyBytesMax = 256
  /// Bytes of a device's name; a longer one is refused.
  public static let nameBytesMax = 64
  /// Bytes kept of a text line that a question quotes; the rest is cut.
  public static let bannerBytesMax = 80
  /// Times a port whose node is missing is opened before it stays listed as failed until a person
  /// asks again; from then on the waits for one that is held grow no more.
  public static let openAttemptsMax = 6
  /// Bytes waiting to be written to one port; a write that does not fit is refused whole.
  public static let writeQueueBytesMax = 4096
  /// Bytes taken from one port in one turn of the loop; the rest waits for the next turn.
  public static let readBytesPerTurn = 4096
  /// A line is busy that for so long, in µs, brought something every `busyGapUs`, but no more than
  /// `busyBytesMax` in all: one that brings much is read whenever it is ready.
  public static let busyAfterUs: Int64 = 1_000_000
  /// See `busyAfterUs`, in µs.
  public static let busyGapUs: Int64 = 15_000
  /// See `busyAfterUs`.
  public static let busyBytesMax = 16_384
  /// A busy line that brings so much in one read is so no more.
  public static let busyBytesPerReadMax = 1_024
  /// How often a busy line is read, in µs.
  public static let busyPeriodUs: Int64 = 30_000
  /// Times in a row that a busy line has nothing before it is waited for again.
  public static let busyMissesMax = 3
  /// uevents taken in one turn of the loop; the rest waits for the next turn.
  public static let ueventsPerTurn = 64
  /// Bytes of kernel memory for uevents not yet taken; an overflow makes us enumerate again.
  public static let monitorBufferBytes: Int32 = 8 * 1024 * 1024
  /// Processes looked at when asking who holds a port; the rest is not looked at.
  public static let processesScannedMax = 4096
  /// Open files looked at in one process when asking who holds a port.
  public static let filesScannedPerProcessMax = 4096
  /// Holders named in one answer; the rest is not named.
  public static let holdersMax = 8
}
