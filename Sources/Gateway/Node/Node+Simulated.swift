internal import Api
internal import Devices
internal import Reactor

/// Boards that a program plays: ptys handed over on the unix socket.
extension Node {
  func adoptSimulated(
    _ terminal: consuming Descriptor, label: String
  ) throws(ServiceError) -> String {
    guard settings.simulationAllowed else {
      throw ServiceError(
        status: 403, code: "simulation.disabled",
        detail: "this node takes no simulated boards",
        remedy: "set allow = true under [simulation] in the configuration")
    }
    guard attachments.values.count(where: \.isSimulated) < Self.simulatedMax else {
      throw ServiceError(
        status: 429, code: "busy", detail: "\(Self.simulatedMax) simulated boards are here already",
        remedy: "end some of them")
    }
    guard System.isPseudoTerminalSlave(terminal.raw) else {
      throw ServiceError(
        status: 422, code: "simulation.not-a-pty",
        detail: "what was handed over is not the slave side of a pseudo-terminal",
        remedy: "real devices are opened by the daemon itself, when they are plugged in")
    }
    simulatedCount += 1
    let facts = PortFacts.simulated(number: simulatedCount, devnode: label)
    do throws(Errno) {
      try System.makeRaw(terminal.raw)
      try System.setNonBlocking(terminal.raw)
    } catch {
      throw ServiceError(
        status: 422, code: "simulation.not-a-pty",
        detail: "the pseudo-terminal cannot be used: \(error)", remedy: "open a new one")
    }
    let port = SerialPort(adopting: terminal, devnode: label)
    decide(.portAppeared(facts, atStart: false))
    do throws(PortError) {
      try attach(port, at: facts.syspath, isSimulated: true)
    } catch {
      decide(.portVanished(syspath: facts.syspath))
      throw ServiceError(
        status: 409, code: "port.failed", parameters: ["node": label],
        detail: "the pseudo-terminal cannot be listened to", remedy: "try again")
    }
    log.write(.info, "simulated.adopted", ["port": facts.syspath, "label": label])
    publish(portAt: facts.syspath)
    return facts.syspath
  }
}
