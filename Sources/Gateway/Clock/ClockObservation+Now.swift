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
