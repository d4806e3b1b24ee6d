import Glibc
import Model
import Reactor
import Testing

@testable import Devices

/// Whether a mocked udev is there: `Tests/Hotplug` starts this suite as its child.
private let isUnderMockedUdev =
  System.environment("UMOCKDEV_DIR") != nil
  && System.environment("LD_PRELOAD")?.contains("umockdev") == true

/// Monitor, registry and ports, joined as the daemon joins them, saying aloud what happens.
@Loop private final class Detection {
  private var registry = DeviceRegistry()
  private var ports: [String: SerialPort] = [:]
  private var monitor: UdevMonitor?
  private var heardUs: [String: Int64] = [:]
  private var random: UInt64 = 0
  private let opens = System.environment("BIVOUAC_HOTPLUG_OPENS") != "no"
  private(set) var isOver = false
  private(set) var failures: [Errno] = []

  func start() throws {
    let monitor = try UdevMonitor { [weak self] event in self?.take(event) }
    self.monitor = monitor
    try monitor.start()
    say("ready")
  }

  func stop() {
    monitor?.stop()
    for port in ports.values { port.close() }
  }

  private func take(_ event: UdevMonitor.Event) {
    switch event {
    case .appeared(let facts, let atStart, let nowUs):
      heardUs[facts.syspath] = nowUs
      say("appeared \(facts.devnode)")
      if opens { perform(.portAppeared(facts, atStart: atStart)) }
      if registry.port(at: facts.syspath)?.state == .present { say("present \(facts.devnode)") }
      if facts.serial == "END" { isOver = true }
    case .vanished(let syspath, _):
      say("vanished \(syspath)")
      ports.removeValue(forKey: syspath)?.close()
      perform(.portVanished(syspath: syspath))
    case .changed(let facts, _): perform(.portChanged(facts))
    case .failed(let error): failures.append(error)
    }
  }

  private func perform(_ event: DeviceRegistry.Event) {
    random &+= 1
    for action in registry.handle(event, random: random) {
      guard case .open(let syspath, let devnode, let speedBaud) = action else { continue }
      do {
        let port = try SerialPort.open(devnode: devnode, speedBaud: speedBaud)
        try listen(to: port, syspath)
        ports[syspath] = port
        say("opened \(devnode) \(port.openedUs - (heardUs[syspath] ?? 0))")
        perform(.openResult(syspath: syspath, error: nil))
      } catch {
        say("failed \(devnode) \(error)")
      }
    }
  }

  private func listen(to port: SerialPort, _ syspath: String) throws(PortError) {
    try port.listen(
      onBytes: { [weak self] bytes in self?.say("read \(bytes.count)") },
      onLost: { [weak self] error in
        self?.say("lost \(error.cause.rawValue)")
        self?.perform(.lineLost(syspath: syspath, error: error))
      })
  }

  private func say(_ line: String) {
    let bytes = Array("hotplug: \(line)\n".utf8)
    do {
      try System.writeAll(STDOUT_FILENO, bytes)
    } catch {
      failures.append(error)
    }
  }
}

@Suite("Hot-plug", .enabled(if: isUnderMockedUdev), .serialized) struct HotplugTests {
  init() { EventLoop.shared.start() }

  @Test("what is plugged and unplugged is told until the end") @Loop func watch() async throws {
    let detection = Detection()
    try detection.start()
    try await until("the end is plugged in", withinMs: 120_000) { detection.isOver }
    detection.stop()
    #expect(detection.failures == [])
  }
}
