/// Keeps one device from filling the log: so many lines a minute, then a count of the rest.
struct LogGate: Sendable {
  /// Lines that pass in a minute.
  static let linesPerMinute = 20
  private static let minuteUs: Int64 = 60_000_000

  private var beganUs: Int64 = .min
  private var lines = 0
  private var held: UInt64 = 0

  /// Whether a line passes now, and how many were held back since the last that did.
  mutating func pass(nowUs: Int64) -> (isOpen: Bool, held: UInt64) {
    if beganUs == .min || nowUs - beganUs >= Self.minuteUs {
      beganUs = nowUs
      lines = 0
    }
    guard lines < Self.linesPerMinute else {
      held &+= 1
      return (false, held)
    }
    lines += 1
    defer { held = 0 }
    return (true, held)
  }
}
