/// The bounds of the loop and of the calls around it.
///
/// The queue of executor jobs has no bound of its own: an executor may not refuse a job. Its peak
/// is `LoopMetrics.jobsQueuedMax`, and what feeds it (actors' callers) is bounded where it is made.
public enum Limits {
  /// Events taken from the kernel in one turn; the rest stay ready and come in the next turn.
  public static let eventsPerTurnMax = 128
  /// Timers fired in one turn; the rest fire in the next turn, after descriptors had theirs.
  public static let timersPerTurnMax = 256
  /// Executor jobs run in one turn; the rest run in the next turn, after descriptors and timers.
  public static let jobsPerTurnMax = 256
  /// Time given to executor jobs in one turn, in µs, looked at between two jobs.
  public static let jobTimePerTurnUs: Int64 = 2_000
  /// Jobs whose memory an executor keeps between two turns.
  public static let jobsKeptMax = 4_096
  /// Registrations at one time; one more is refused with `EMFILE`.
  public static let registrationsMax = 4_096
  /// Timers at one time; one more is our own mistake and stops the process.
  public static let timersMax = 65_536
  /// A turn shorter than this, in µs of wall time, is not corrected for its run-queue delay.
  public static let turnExaminedUs: Int64 = 5_000
  /// How old, in µs, the run-queue reading at the start of a turn may be.
  public static let baselineAgeMaxUs: Int64 = 1_000
  /// The lag, in µs, that no turn may pass.
  public static let lagUs: Int64 = 50_000
  /// The span, in µs, of one window of `LoopMetrics.lagRecentMaxUs`.
  public static let lagWindowUs: Int64 = 10_000_000
  /// Signals taken in one turn; the rest come in the next turn.
  public static let signalsPerTurnMax = 16
  /// Bytes read from a small file at once.
  public static let fileChunkBytes = 16_384
  /// Descriptors in one message; the receiver closes what goes beyond.
  public static let descriptorsPassedMax = 16
  /// Bytes that a child is given: what an empty pipe takes at once (64 KB, unless its user has very
  /// many: then it is an error).
  public static let childInputBytesMax = 16_384
  /// Random bytes in one call.
  public static let randomBytesMax = 4_096
  /// Connections waiting on a unix listener.
  public static let unixBacklog: Int32 = 64
  /// From so many bytes on a block of memory is mapped alone: where glibc begins.
  public static let mappedBlockBytes: Int32 = 128 << 10
  /// Bytes in a thread's name that the kernel keeps.
  public static let threadNameBytesMax = 15
}
