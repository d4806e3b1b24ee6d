/// Lets only some hours of some weekdays pass, as the clocks of a zone show them.
///
/// A time passes when the clocks show a time of day in the range, on one of the weekdays. A range
/// across midnight (`22:00-06:00`) belongs to the day it begins on: on Fridays, it passes until
/// Saturday at six. Hours that clocks show twice pass twice, hours they skip never do.
public struct CalendarFilter: Hashable, Sendable {
  /// ISO weekdays that pass: Monday is 1, Sunday 7.
  public let weekdays: Set<Int>
  /// Seconds after midnight that pass, the end not included.
  public let daytime: Daytime
  /// Whose clocks count.
  public let zone: TimeZoneRules

  /// A part of a day, on the clocks.
  public struct Daytime: Hashable, Sendable {
    /// Where it begins, in seconds after midnight: 0 to 86 399.
    public let start: Int64
    /// Where it ends, 1 to 86 400; not after its start when it lies on the next day.
    public let end: Int64

    /// The whole day.
    public static let whole = Daytime(uncheckedStart: 0, end: CivilDate.secondsPerDay)

    private init(uncheckedStart start: Int64, end: Int64) {
      self.start = start
      self.end = end
    }

    /// A part of a day; nil when it is empty or beyond the day. An end of 0 means 24 h.
    public init?(start: Int64, end: Int64) {
      let end = end == 0 ? CivilDate.secondsPerDay : end
      guard (0..<CivilDate.secondsPerDay).contains(start), start != end,
        (1...CivilDate.secondsPerDay).contains(end)
      else { return nil }
      self.init(uncheckedStart: start, end: end)
    }

    /// Whether it goes on after midnight.
    public var crossesMidnight: Bool { end < start }
  }

  /// Makes a filter; nil when a weekday is none, or there is none.
  public init?(weekdays: Set<Int> = Set(1...7), daytime: Daytime = .whole, zone: TimeZoneRules) {
    guard !weekdays.isEmpty, weekdays.allSatisfy({ (1...7).contains($0) }) else { return nil }
    self.weekdays = weekdays
    self.daytime = daytime
    self.zone = zone
  }

  /// Whether everything passes.
  public var isOpen: Bool { weekdays.count == 7 && daytime == .whole }

  /// Whether a time passes, in µs since 1970 UTC.
  public func passes(_ utcUs: Int64) -> Bool {
    let local = zone.local(at: Floor.quotient(utcUs, 1_000_000))
    let days = Floor.quotient(local, CivilDate.secondsPerDay)
    let second = local - days * CivilDate.secondsPerDay
    guard daytime.crossesMidnight else {
      return passes(days: days) && second >= daytime.start && second < daytime.end
    }
    return (second >= daytime.start && passes(days: days))
      || (second < daytime.end && passes(days: days - 1))
  }

  func passes(days: Int64) -> Bool { weekdays.contains(CivilDate.weekday(ofDays: days)) }

  /// The parts of a span that pass, in order, none touching the next. Times are µs since 1970 UTC.
  public func spans(in span: Range<Int64>) -> PassingSpans {
    PassingSpans(filter: self, span: span)
  }
}
