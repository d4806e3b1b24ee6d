/// How long to wait after each failure in a row: 1 s, doubled up to 15 s, half of it by chance, so
/// that many nodes behind one cut do not come back at once. A hello costs nothing, and a link that
/// comes back for 20 s is used.
struct Backoff: Hashable, Sendable {
  static let firstMs: Int64 = 1_000
  /// Short enough that no window of 20 s goes by unnoticed.
  static let longestMs: Int64 = 15_000

  private var nextMs = Self.firstMs

  /// It went well.
  mutating func succeeded() { nextMs = Self.firstMs }

  /// How long to wait now, in ms, at least as long as was asked for; `random` is any number.
  mutating func next(atLeastMs: Int64, random: UInt64) -> Int64 {
    let half = nextMs / 2
    let chosen = half + Int64(random % UInt64(half + 1))
    nextMs = min(Self.longestMs, nextMs * 2)
    return max(chosen, atLeastMs)
  }
}
