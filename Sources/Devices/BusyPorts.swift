internal import Reactor

/// Reads busy lines by the clock instead of by readiness, as network drivers do: one read then
/// brings several frames, and no time goes into waiting. A reading waits for its commit anyhow.
@Loop final class BusyPorts {
  private struct Entry { weak var port: SerialPort? }

  static let shared = BusyPorts()

  private var entries: [Entry] = []
  private var timer: LoopTimer?

  private init() {
    timer = LoopTimer { [weak self] in self?.readAll() }
  }

  func add(_ port: SerialPort) {
    if entries.isEmpty { timer?.arm(afterUs: DeviceLimits.busyPeriodUs) }
    entries.append(Entry(port: port))
  }

  private func readAll() {
    let due = entries
    entries = []
    for entry in due {
      guard let port = entry.port, port.readBusy() else { continue }
      entries.append(entry)
    }
    if !entries.isEmpty { timer?.arm(afterUs: DeviceLimits.busyPeriodUs) }
  }
}
