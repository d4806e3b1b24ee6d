public import Reactor

/// Tells which serial ports come and go: a thin shell around libudev and `PortInventory`.
///
/// It subscribes when it is made and looks around in `start`, so that nothing falls in between.
@Loop public final class UdevMonitor {
  /// What happened, and when it was heard, in µs of CLOCK_BOOTTIME.
  public enum Event: Hashable, Sendable {
    /// A port is there; `atStart` when it was there before us.
    case appeared(PortFacts, atStart: Bool, heardUs: Int64)
    /// A port is gone.
    case vanished(syspath: String, heardUs: Int64)
    /// More is known of a port.
    case changed(PortFacts, heardUs: Int64)
    /// Nothing is heard any more; `start` on a new monitor looks again.
    case failed(Errno)
  }

  /// How often events were lost and everything was looked at again.
  public private(set) var overflows: UInt64 = 0
  /// uevents heard, of whatever port.
  public private(set) var uevents: UInt64 = 0
  /// What is there, with its counts.
  public private(set) var inventory = PortInventory()
  private let source: UdevSource
  private let handler: @Loop (Event) -> Void
  private var registration: Registration?

  /// Subscribes to the ports of these subsystems; ports themselves are told of after `start`.
  public init(
    subsystems: [String] = ["tty"], handler: @escaping @Loop (Event) -> Void
  ) throws(Errno) {
    source = try UdevSource(subsystems: subsystems)
    self.handler = handler
  }

  /// Tells of every port that is there, as `atStart`, then of what changes.
  public func start() throws(Errno) {
    guard registration == nil else { return }
    registration = try Registration(raw: source.raw, interest: .read) { [weak self] _ in
      self?.drain()
    }
    try look(atStart: true)
  }

  /// Ends the telling.
  public func stop() {
    registration?.cancel()
    registration = nil
  }

  /// Looks at everything that is there and tells of each difference.
  public func lookAgain() throws(Errno) { try look(atStart: false) }

  private func look(atStart: Bool) throws(Errno) {
    let facts = try source.enumerate().compactMap(PortFacts.init(record:))
    tell(inventory.handle(.enumerated(facts, atStart: atStart)))
  }

  private func drain() {
    for _ in 0..<DeviceLimits.ueventsPerTurn {
      switch source.receive() {
      case .nothing: return
      case .event(let action, let record): take(action, record)
      case .failed(let error): return fail(error)
      case .overflow:
        overflows &+= 1
        do { try look(atStart: false) } catch { return fail(error) }
      }
      guard registration != nil else { return }
    }
  }

  private func take(_ action: String, _ record: UdevRecord) {
    uevents &+= 1
    if action == "remove" {
      // Nothing but the path is right here: the parents are gone or not its own.
      tell(inventory.handle(.removed(syspath: record.syspath)))
    } else if let facts = PortFacts(record: record) {
      tell(inventory.handle(.announced(facts)))
    }
  }

  private func tell(_ changes: [PortInventory.Change]) {
    let nowUs = Clock.bootUs()
    for change in changes {
      switch change {
      case .appeared(let facts, let atStart):
        handler(.appeared(facts, atStart: atStart, heardUs: nowUs))
      case .vanished(let syspath): handler(.vanished(syspath: syspath, heardUs: nowUs))
      case .changed(let facts): handler(.changed(facts, heardUs: nowUs))
      }
    }
  }

  private func fail(_ error: Errno) {
    stop()
    handler(.failed(error))
  }
}
