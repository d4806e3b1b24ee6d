/// How much to ask for at once: half a second of what the link was seen to carry, so that something
/// urgent never waits for long behind it, and at least `Limits.windowBytesMin`, so that heads of
/// requests and of ranges are a small part of it.
///
/// What is asked for at once is also what is lost where a proxy keeps a body back until it is
/// whole: a link of 20 kbit/s carries the least of it in 10 s.
public struct ExchangeWindow: Hashable, Sendable {
  /// Bytes in µs, smoothed; nil before anything was carried.
  private var bytesPerUs: Double?
  /// The shortest time that a request without a batch took, in µs; nil before there was one.
  private var roundTripUs: Int64?

  /// Begins without having seen anything.
  public init() {}

  /// Notes what a request carried, and how long it took.
  public mutating func note(bytes: Int, us: Int64) {
    guard us > 0 else { return }
    // What is over at once says nothing of how much the link carries, but of how long its way is:
    // that time is the same for a longer one, and must not be taken for slowness.
    guard bytes >= Limits.windowNotedBytesMin else {
      roundTripUs = min(us, roundTripUs ?? us)
      return
    }
    let rate = Double(bytes) / Double(max(us - (roundTripUs ?? 0), us / 16))
    // A quarter of the newest: one slow request does not stop a fast link, nor the other way round.
    bytesPerUs = bytesPerUs.map { $0 + (rate - $0) / 4 } ?? rate
  }

  /// Another session may have another way.
  public mutating func beginSession() { roundTripUs = nil }

  /// Notes that a request was cut: it may have been too long for the link as it is now.
  public mutating func cut() { bytesPerUs = bytesPerUs.map { $0 / 2 } }

  /// How many bytes to ask for.
  public var bytes: Int {
    let half = (bytesPerUs ?? 0) * 500_000
    return min(Limits.pullBytesMax, max(Limits.windowBytesMin, Int(min(half, 1e9))))
  }
}
