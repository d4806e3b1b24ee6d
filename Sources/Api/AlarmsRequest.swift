/// Which alarms are asked for.
public struct AlarmsRequest: Sendable, Equatable {
  /// Which of them.
  public enum State: String, Sendable, CaseIterable {
    /// Those that go on.
    case open
    /// Those that nobody has seen, over or not.
    case unacknowledged
    /// All that are in memory.
    case all
  }

  /// Which.
  public var state: State
  /// At most so many.
  public var limit: Int
  /// Where the page before ended; nil for the first.
  public var cursor: String?
}
