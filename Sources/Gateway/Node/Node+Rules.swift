internal import Devices
internal import Model

/// What the configuration says of ports, applied where they appear, open and are recognised.
extension Node {
  /// What holds for a port; nothing does for one that a program plays.
  func rule(at syspath: String) -> PortRules.Rule {
    guard let port = registry.port(at: syspath), port.facts.bus == .usb else {
      return PortRules.Rule()
    }
    return settings.portRules.rule(for: port)
  }

  /// A port that the configuration wants open is opened wherever it is found.
  func openAsConfigured(_ syspath: String) {
    guard registry.port(at: syspath)?.state == .present, rule(at: syspath).isAlwaysOpened else {
      return
    }
    decide(.openRequested(syspath: syspath))
  }

  /// Whether the configuration forbids this opening, which then does not happen.
  func isDeclined(_ syspath: String, _ devnode: String) -> Bool {
    let rule = rule(at: syspath)
    let isAsked = openRequests.contains(syspath) && !rule.isLeftAlone
    guard rule.isNotOpenedByItself, !isAsked else { return false }
    leaveAlone(syspath, devnode)
    return true
  }

  /// Closes a port, or does not open it, and says why.
  private func leaveAlone(_ syspath: String, _ devnode: String) {
    detach(syspath)
    // Where a person may open it all the same, `device` says by which name.
    let device = rule(at: syspath).isLeftAlone ? "" : devnode
    problems[syspath] = ProblemView(
      code: "port.left-alone", parameters: ["node": devnode, "device": device],
      detail: "the configuration says to leave \(devnode) alone: "
        + (device.isEmpty
          ? "take kind = \"ignored\" out of its table under [ports]"
          : "bivouac devices open \(device) opens it until it is unplugged"))
    log.write(.info, "port.left.alone", ["node": devnode])
    decide(.openDeclined(syspath: syspath))
    publish(portAt: syspath)
  }

  /// What to say of a port that its driver did not give the speed it should have; nil when it did.
  func speedProblem(_ port: SerialPort) -> ProblemView? {
    guard !port.speedIsExact else { return nil }
    log.write(.warning, "port.speed", ["node": port.devnode, "speed": "\(port.speedBaud)"])
    return ProblemView(
      code: "port.speed", parameters: ["node": port.devnode, "speed": "\(port.speedBaud)"],
      detail: "\(port.devnode) is open, but its driver refused \(port.speedBaud) baud: give another"
        + " speed in its table under [ports]")
  }

  /// After the registry has decided: what the configuration knows need not be asked.
  func obeyRules(_ action: DeviceRegistry.Action) {
    switch action {
    case .bind(let syspath, let identity):
      let rule = rule(at: syspath)
      guard let kind = rule.kind, let port = registry.port(at: syspath) else { return }
      if rule.isLeftAlone { return leaveAlone(syspath, port.facts.devnode) }
      // Who has said HELLO is a companion, whatever is written of it.
      guard attachments[syspath]?.hello == nil, let device = registry.device(identity),
        device.kind != kind, device.kind != .companion
      else { return }
      decide(.setKind(identity, kind))
    case .raise(let question) where question.subject == .whatIsThis:
      guard let kind = rule(at: question.syspath).kind, kind != .unknown else { return }
      decide(.answered(question.id, .kind(kind)))
    default: break
    }
  }
}
