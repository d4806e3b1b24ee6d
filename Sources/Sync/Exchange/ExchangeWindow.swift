/// How much to ask for at once: half a second of what the link was seen to carry, so that something
/// urgent never waits for long behind it, and at least `Limits.windowBytesMin`.
public struct ExchangeWindow: Hashable, Sendable {
  /// Bytes in µs, smoothed; nil before anything was carried.
  private var bytesPerUs: Double?

  /// Begins without having seen anything.
  public init() {}

  /// Notes what a request carried, and how long it took.
  public mutating func note(bytes: Int, us: Int64) {
    // What is over at once says nothing of the link.
    guard bytes >= 4_096, us > 0 else { return }
    let rate = Double(bytes) / Double(us)
    // A quarter of the newest: one slow request does not stop a fast link, nor the other way round.
    bytesPerUs = bytesPerUs.map { $0 + (rate - $0) / 4 } ?? rate
  }

  /// How many bytes to ask for.
  public var bytes: Int {
    let half = (bytesPerUs ?? 0) * 500_000
    return min(Limits.pullBytesMax, max(Limits.windowBytesMin, Int(min(half, 1e9))))
  }
}
