import Devices
import Model
import Testing

@Suite("Registry: which ports are opened") struct RegistryOpeningTests {
  private func known(_ kind: DeviceKind, policy: Bool? = nil) throws -> RememberedDevice {
    let usb = try #require(IdentityLadder.candidate(for: usbFacts())?.identity)
    let identity = kind == .companion ? try #require(board(1)) : usb
    var device = RememberedDevice(identity: identity, kind: kind)
    device.usb = usb
    device.openPolicy = policy
    device.speedBaud = 9600
    return device
  }

  private func opens(
    _ openAtStart: DeviceRegistry.OpenAtStart, _ remembered: [RememberedDevice], atStart: Bool
  ) -> Bool {
    var bench = Bench(openAtStart, remembered: remembered)
    return bench.plug(usbFacts(), atStart: atStart).contains {
      if case .open = $0 { true } else { false }
    }
  }

  @Test("a port plugged in while we run is opened, known or not") func hotplug() throws {
    #expect(opens(.none, [], atStart: false))
    #expect(opens(.known, [], atStart: false))
  }

  @Test("an unknown port found at start is listed and not opened") func present() {
    var bench = Bench()
    #expect(bench.plug(usbFacts(), atStart: true).isEmpty)
    #expect(bench.registry.ports.map(\.state) == [.present])
    #expect(opens(.all, [], atStart: true))
  }

  @Test("at start only what is made to be opened is, unless its policy says otherwise")
  func policies() throws {
    #expect(opens(.known, [try known(.companion)], atStart: true))
    #expect(!opens(.known, [try known(.companion, policy: false)], atStart: true))
    #expect(!opens(.known, [try known(.text)], atStart: true))
    #expect(opens(.known, [try known(.text, policy: true)], atStart: true))
    #expect(!opens(.known, [try known(.printer)], atStart: true))
    #expect(!opens(.none, [try known(.companion)], atStart: true))
    #expect(!opens(.all, [try known(.text, policy: false)], atStart: true))
  }

  @Test("a remembered device is found at the port that was not opened, until another is there")
  func expecting() throws {
    let device = try known(.companion)
    var bench = Bench(.none, remembered: [device])
    let facts = usbFacts()
    #expect(bench.registry.port(expecting: device.identity) == nil)
    bench.plug(facts, atStart: true)
    #expect(bench.registry.port(of: device.identity) == nil)
    #expect(bench.registry.port(expecting: device.identity)?.facts == facts)
    bench.tell(.openRequested(syspath: facts.syspath))
    bench.tell(.openResult(syspath: facts.syspath, error: nil))
    bench.hello(facts, id: 2)
    #expect(bench.registry.port(expecting: device.identity) == nil)
  }

  @Test("an ignored device is opened neither at start nor at a plug") func ignored() throws {
    let device = try known(.ignored)
    #expect(!opens(.all, [device], atStart: true))
    #expect(!opens(.all, [device], atStart: false))
  }

  @Test("a remembered speed is used from the opening on") func speed() throws {
    var bench = Bench(remembered: [try known(.companion)])
    let facts = usbFacts()
    #expect(
      bench.plug(facts, atStart: true)
        == [.open(syspath: facts.syspath, devnode: "/dev/ttyUSB0", speedBaud: 9600)])
  }

  @Test("one command opens a port that is only present; a second changes nothing") func request() {
    var bench = Bench()
    let facts = usbFacts()
    bench.plug(facts, atStart: true)
    #expect(bench.tell(.openRequested(syspath: facts.syspath)).count == 1)
    #expect(bench.tell(.openRequested(syspath: facts.syspath)).isEmpty)
    #expect(
      bench.tell(.openRequested(syspath: "/sys/no")) == [.refuse(.unknownPort(syspath: "/sys/no"))])
  }

  @Test("late facts that make a port known open it") func lateFacts() throws {
    var bench = Bench(remembered: [try known(.companion)])
    var early = usbFacts()
    early.socket = "usb-1-1:1.0"
    #expect(bench.plug(early, atStart: true).isEmpty)
    #expect(bench.tell(.portChanged(usbFacts())).count == 1)
  }

  private func waits(after cause: PortError.Cause) -> [Int64] {
    var bench = Bench()
    let facts = usbFacts()
    let error = PortError(cause: cause, devnode: facts.devnode, code: 16)
    bench.tell(.portAppeared(facts, atStart: false))
    var waits: [Int64] = []
    for _ in 0..<10 {
      let actions = bench.tell(.openResult(syspath: facts.syspath, error: error))
      for case .retryOpen(_, let afterMs) in actions { waits.append(afterMs) }
      bench.tell(.retryDue(syspath: facts.syspath))
    }
    return waits
  }

  @Test("a held port is tried again until it is free: people are told that it opens by itself")
  func retriesHeld() {
    let longest = [Int64](repeating: 16_000, count: 5)
    #expect(waits(after: .held) == [500, 1000, 2000, 4000, 8000] + longest)
  }

  @Test("a node that never comes is not waited for for ever") func retriesMissing() {
    #expect(waits(after: .noSuchPort) == [500, 1000, 2000, 4000, 8000])
  }

  @Test("a missing right is not tried again by itself") func noRetry() {
    var bench = Bench()
    let facts = usbFacts()
    let error = PortError(cause: .permissionDenied, devnode: facts.devnode, code: 13)
    bench.tell(.portAppeared(facts, atStart: false))
    #expect(bench.tell(.openResult(syspath: facts.syspath, error: error)).isEmpty)
    #expect(bench.tell(.retryDue(syspath: facts.syspath)).isEmpty)
  }

  @Test("ports beyond the limit are ignored and counted") func limit() {
    var bench = Bench()
    for tty in 0...DeviceLimits.portsMax { bench.plug(usbFacts(socket: "\(tty)", tty: tty)) }
    #expect(bench.registry.ports.count == DeviceLimits.portsMax)
    #expect(bench.registry.portsRefused == 1)
  }
}
