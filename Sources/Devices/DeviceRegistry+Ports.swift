internal import Model

/// Ports that come, go, open and fail.
extension DeviceRegistry {
  /// How long an open port may go without a HELLO before its silence counts, in ms: a board
  /// waits 2 s after its reset, then says HELLO every 500 ms for 10 s, then every 2 s.
  public static let silenceMs: Int64 = 10_000
  /// The wait before the second try to open, in ms; doubled at each further one, up to
  /// `DeviceLimits.openAttemptsMax`. A port that another program holds is tried again for as long
  /// as it is held: to fail costs nothing and touches no line.
  public static let retryMs: Int64 = 500

  mutating func appear(_ facts: PortFacts, atStart: Bool) {
    guard live[facts.syspath] == nil else { return change(facts) }
    guard live.count < DeviceLimits.portsMax else {
      portsRefused &+= 1
      return actions.append(.note(.portsFull(syspath: facts.syspath)))
    }
    var port = LivePort(facts: facts, atStart: atStart)
    port.expected = expectation(of: facts)
    if facts.bus == .simulated { port.state = .listening }
    live[facts.syspath] = port
    if facts.bus == .usb { decideOpening(facts.syspath) }
  }

  mutating func change(_ facts: PortFacts) {
    guard var port = live[facts.syspath] else { return }
    port.facts = facts
    if port.binding == nil { port.expected = expectation(of: facts) }
    live[facts.syspath] = port
    // Right after a boot udev's word comes late: only now may it be known who this is.
    if port.state == .present { decideOpening(facts.syspath) }
  }

  /// Opening is already a risk: it pulls DTR. A port plugged in while we run has just been reset
  /// by its power; one found at start may be in the middle of something.
  private mutating func decideOpening(_ syspath: String) {
    guard var port = live[syspath] else { return }
    let device = port.expected.flatMap { devices[$0] }
    if device?.kind == .ignored {
      port.state = .ignored
      live[syspath] = port
      return
    }
    let mayOpen =
      switch openAtStart {
      case _ where !port.atStart: true
      case .none: false
      case .known: device?.opensAtStart ?? false
      case .all: device?.openPolicy ?? true
      }
    if mayOpen { startOpening(syspath) }
  }

  mutating func openOnRequest(_ syspath: String) {
    guard var port = live[syspath] else {
      return actions.append(.refuse(.unknownPort(syspath: syspath)))
    }
    switch port.state {
    case .opening, .listening: return
    case .present, .failed, .ignored:
      port.openAttempts = 0
      live[syspath] = port
      startOpening(syspath)
    }
  }

  mutating func retry(_ syspath: String) {
    guard case .failed(let error)? = live[syspath]?.state, error.mayPass else { return }
    startOpening(syspath)
  }

  private mutating func startOpening(_ syspath: String) {
    guard var port = live[syspath] else { return }
    if let device = port.expected.flatMap({ devices[$0] }) { port.speedBaud = device.speedBaud }
    port.state = .opening
    port.openAttempts += 1
    live[syspath] = port
    actions.append(
      .open(syspath: syspath, devnode: port.facts.devnode, speedBaud: port.speedBaud))
  }

  mutating func noteOpened(_ syspath: String, _ error: PortError?) {
    guard var port = live[syspath], port.state == .opening else { return }
    defer { live[syspath] = port }
    guard let error else {
      port.state = .listening
      port.evidence = .none
      port.isSettled = false
      return actions.append(.watchSilence(syspath: syspath, afterMs: Self.silenceMs))
    }
    port.state = .failed(error)
    let isHeld = error.cause == .held
    guard isHeld || (error.mayPass && port.openAttempts < DeviceLimits.openAttemptsMax) else {
      return
    }
    let wait = Self.retryMs << Int64(min(port.openAttempts, DeviceLimits.openAttemptsMax) - 1)
    actions.append(.retryOpen(syspath: syspath, afterMs: wait))
  }

  mutating func loseLine(_ syspath: String, _ error: PortError) {
    guard var port = live[syspath], port.state == .listening else { return }
    withdrawQuestions(of: syspath)
    port.state = .failed(error)
    port.evidence = .none
    port.isSettled = false
    port.offer = nil
    // Whatever is behind a dead line is not plugged in: it must not look like a twin.
    live[syspath] = port
    release(syspath)
  }

  /// Leaves a port listed and closed, with nothing filed under it.
  mutating func decline(_ syspath: String) {
    guard live[syspath] != nil else { return }
    withdrawQuestions(of: syspath)
    live[syspath]?.state = .present
    live[syspath]?.evidence = .none
    live[syspath]?.isSettled = false
    live[syspath]?.offer = nil
    release(syspath)
  }

  mutating func vanish(_ syspath: String) {
    guard live[syspath] != nil else { return }
    withdrawQuestions(of: syspath)
    live[syspath] = nil
  }

  mutating func withdrawQuestions(of syspath: String) {
    for id in openQuestions.values.filter({ $0.syspath == syspath }).map(\.id).sorted() {
      openQuestions[id] = nil
      actions.append(.withdraw(id))
    }
  }

  /// Who is expected behind these facts; nil when nobody is.
  func expectation(of facts: PortFacts) -> DeviceIdentity? {
    candidate(for: facts).flatMap { deviceByUsb[$0.identity] }
  }

  /// The rung of the ladder these facts stand on, with what was learnt about their serial.
  func candidate(for facts: PortFacts) -> IdentityCandidate? {
    guard let first = IdentityLadder.candidate(for: facts) else { return nil }
    guard first.trust == .serial, devices[first.identity]?.repeats == true else { return first }
    return IdentityLadder.candidate(for: facts, serialRepeats: true)
  }

  /// The live port bound to an identity; the first by syspath, though there is never a second.
  func holder(of identity: DeviceIdentity) -> LivePort? {
    live.values.filter { $0.binding == identity }.min { $0.facts.syspath < $1.facts.syspath }
  }
}
