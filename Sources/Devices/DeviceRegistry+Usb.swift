internal import Model

/// Devices that do not speak the link protocol: known by their USB facts only.
extension DeviceRegistry {
  /// What the USB facts of a port amount to.
  enum Resolution {
    case known(RememberedDevice)
    case fresh(DeviceIdentity)
    case doubtful(Question.Subject)
    case nothing
  }

  mutating func hearText(_ line: String, on syspath: String) {
    guard var port = live[syspath], port.state == .listening else { return }
    switch port.evidence {
    case .hello, .text: return
    case .none, .silence: break
    }
    let words = line.utf8.prefix(DeviceLimits.bannerBytesMax)
    port.evidence = .text(String(decoding: words, as: UTF8.self))
    live[syspath] = port
    // A board may print while it boots: only where text is expected does text decide at once.
    if port.isSettled || port.expected.flatMap({ devices[$0] })?.kind == .text { decide(syspath) }
  }

  /// The time in which a board would have said HELLO is over.
  mutating func settle(_ syspath: String) {
    guard var port = live[syspath], port.state == .listening, port.hello == nil else { return }
    port.isSettled = true
    if port.evidence == .none { port.evidence = .silence }
    live[syspath] = port
    decide(syspath)
  }

  /// Finds out whose port this is, from its USB facts and what was heard.
  mutating func decide(_ syspath: String) {
    guard let port = live[syspath], port.hello == nil else { return }
    if let bound = port.binding { return heardLater(bound, on: port) }
    switch resolve(port) {
    case .nothing: return
    case .doubtful(let subject): doubt(subject, on: syspath)
    case .fresh(let found):
      // A device that has moved away keeps its identity: whoever sits there now gets another.
      let identity = isTaken(found) ? freshProvisional(simulated: false) : found
      settleBinding(RememberedDevice(identity: identity), on: syspath)
    case .known(let device) where device.kind == .companion:
      guard case .text(let line) = port.evidence else {
        return actions.append(.note(.expectedButSilent(device.identity)))
      }
      let was = device.model.isEmpty ? DeviceKind.companion.rawValue : device.model
      doubt(.changedBehaviour(of: device.identity, was: was, now: line), on: syspath)
    case .known(let device): settleBinding(device, on: syspath)
    }
  }

  /// Text came from a port that had been silent.
  private mutating func heardLater(_ identity: DeviceIdentity, on port: LivePort) {
    guard case .text = port.evidence, devices[identity]?.kind == .unknown else { return }
    update(identity) { $0.kind = .text }
    for question in questions
    where question.syspath == port.facts.syspath && question.subject == .whatIsThis {
      withdraw(question.id)
    }
  }

  private mutating func settleBinding(_ found: RememberedDevice, on syspath: String) {
    guard let port = live[syspath] else { return }
    if let other = holder(of: found.identity), !replaceStale(other, by: port) {
      return doubtTwins(found.identity, newcomer: syspath, other: other.facts.syspath)
    }
    var device = found
    if device.kind == .unknown, case .text = port.evidence { device.kind = .text }
    // Open until somebody answers, over replug and restart: it is the same question, by its id.
    let asks = device.kind == .unknown && !device.answered
    bind(syspath, to: device.identity)
    place(&device, at: port.facts)
    remember(device)
    if asks { raise(.whatIsThis, on: syspath) }
  }

  func resolve(_ port: LivePort) -> Resolution {
    guard let candidate = candidate(for: port.facts) else { return .nothing }
    if let known = deviceByUsb[candidate.identity].flatMap({ devices[$0] }) { return .known(known) }
    if candidate.trust < .serial, let sibling = absentSibling(of: candidate) {
      return .doubtful(.moved(from: sibling))
    }
    if candidate.hasSharedSerial { return .doubtful(.sharedSerial) }
    return .fresh(candidate.identity)
  }

  /// A remembered device that differs from the candidate by its socket only and is not plugged in.
  private func absentSibling(of candidate: IdentityCandidate) -> DeviceIdentity? {
    let kin = Self.kin(candidate.identity)
    return devices.values.filter { device in
      guard let usb = device.usb, usb.kind == candidate.identity.kind, device.kind != .companion,
        Self.kin(usb) == kin
      else { return false }
      return !isPluggedIn(device)
    }.map(\.identity).min()
  }

  private func isPluggedIn(_ device: RememberedDevice) -> Bool {
    live.values.contains { $0.binding == device.identity || $0.expected == device.identity }
  }

  /// What stands before the socket.
  private static func kin(_ identity: DeviceIdentity) -> ArraySlice<UInt8> {
    identity.bytes.prefix { $0 != 0x40 }
  }

  /// Whether `old` must be a port whose end was not reported: one socket holds one device.
  mutating func replaceStale(_ old: LivePort, by new: LivePort) -> Bool {
    guard !new.facts.socket.isEmpty, old.facts.socket == new.facts.socket,
      old.facts.portNumber == new.facts.portNumber, old.facts.syspath != new.facts.syspath
    else { return false }
    withdrawQuestions(of: old.facts.syspath)
    release(old.facts.syspath)
    actions.append(.note(.staleReplaced(syspath: old.facts.syspath)))
    return true
  }

  /// Two live devices with one identity: the newcomer is provisional until a person decides, and
  /// so is the other unless it is where it had always been.
  mutating func doubtTwins(_ identity: DeviceIdentity, newcomer: String, other: String) {
    if var device = devices[identity] {
      device.repeats = true
      let before = live[other]?.socketBefore
      let otherMoved = before.map { $0 != live[other]?.facts.socket } ?? false
      if otherMoved, let before {
        device.lastSocket = before
        device.usb = nil
      }
      // From now on it is expected in its own socket only.
      if identity.kind == .usbSerial, var facts = live[other]?.facts {
        facts.socket = device.lastSocket
        device.usb = IdentityLadder.candidate(for: facts, serialRepeats: true)?.identity
      }
      remember(device)
      if otherMoved { doubt(.sameIdentityTwice(identity), on: other) }
    }
    doubt(.sameIdentityTwice(identity), on: newcomer)
  }
}
