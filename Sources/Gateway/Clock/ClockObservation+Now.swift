internal import Model
internal import Reactor
internal import Sync

extension ClockObservation {
  /// What the kernel says of the node's clocks now.
  static func now() -> ClockObservation {
    let discipline = Clock.discipline()
    return ClockObservation(
      bootUs: Clock.bootUs(), wallUs: Clock.wallUs(), trusted: discipline.isSynchronised,
      errorUs: discipline.errorMaxUs)
  }

  /// As the API shows it.
  var view: ClockView {
    ClockView(bootUs: bootUs, wallUs: wallUs, trusted: trusted, errorUs: trusted ? errorUs : nil)
  }
}

/// What the kernel says of the wall clock's discipline, asked again when it is a second old: for
/// the status, which is asked for far more often than that changes. What is stored asks itself.
struct RecentDiscipline {
  /// How old it may be, in µs.
  private static let ageMaxUs: Int64 = 1_000_000

  private var askedAtUs = Int64.min
  private var isSynchronised = false
  private var errorMaxUs: Int64 = 0

  /// The clocks now, with the discipline of at most a second ago.
  mutating func observation() -> ClockObservation {
    let nowUs = Clock.bootUs()
    if askedAtUs == .min || nowUs - askedAtUs >= Self.ageMaxUs {
      (isSynchronised, errorMaxUs) = Clock.discipline()
      askedAtUs = nowUs
    }
    return ClockObservation(
      bootUs: nowUs, wallUs: Clock.wallUs(), trusted: isSynchronised, errorUs: errorMaxUs)
  }
}
