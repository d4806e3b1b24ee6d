internal import Api
internal import Devices
internal import Model
internal import Protocol
internal import Reactor
internal import Sync

/// Commands: between the desk, the journal and the links.
extension Node {
  /// Hands an event to the desk and does what it says.
  func tell(_ event: CommandDesk.Event) {
    perform(desk.handle(event, nowUs: Clock.bootUs()))
  }

  private func perform(_ actions: [CommandDesk.Action]) {
    for action in actions {
      switch action {
      case .claim(let claim): self.claim(claim)
      case .transmit(let order, let key): transmit(order, key)
      case .finish(let outcome): recorder.note(.commandOutcome(outcome))
      case .changed(let order):
        log.write(
          .info, "command.changed",
          [
            "id": order.issued.id.description, "device": order.issued.identity.text,
            "state": order.state.rawValue, "reason": order.reason ?? "",
          ])
        var event = LiveEvent()
        event.command = order.view
        feed.publish(event)
        noteOutputs(order)
      case .wake(let atUs): deskTimer?.arm(atUs: atUs)
      }
    }
  }

  /// The claim is on disk before the first byte goes out.
  private func claim(_ claim: CommandClaimed) {
    recorder.write(.commandClaimed(claim), author: "node") { [weak self] error in
      self?.tell(error == nil ? .claimed(claim) : .claimFailed(claim))
      // A claim that could not be written, or came too late, leaves the line free.
      if let order = self?.desk.order(claim.id) { self?.offerLine(of: order.issued.identity) }
    }
  }

  private func transmit(_ order: CommandOrder, _ key: CommandKey) {
    let identity = order.issued.identity
    let leftUs = order.deadlineUs - Clock.bootUs()
    let lifeMs = UInt32(clamping: max(1, leftUs / 1000))
    let attachment = registry.port(of: identity).flatMap { attachments[$0.facts.syspath] }
    let isSent =
      attachment?.link.send(
        key, op: order.issued.op, arguments: order.issued.arguments, lifeMs: lifeMs,
        leaseMs: UInt32(clamping: order.issued.leaseMs)) ?? false
    if !isSent {
      // Not a byte went out under this claim, so the board cannot have it.
      tell(.notReceived(identity, key))
      offerLine(of: identity)
    }
  }

  /// A board can take no command any more.
  func noteDetached(_ identity: DeviceIdentity) {
    tell(.detached(identity))
    noteOutputs(detached: identity)
  }

  /// Tells the desk when this board can take a command.
  func offerLine(_ attachment: Attachment) {
    guard let identity = attachment.identity, let key = attachment.link.nextCommandKey else {
      return
    }
    tell(.ready(identity, key))
  }

  private func offerLine(of identity: DeviceIdentity) {
    guard let port = registry.port(of: identity), let attachment = attachments[port.facts.syspath]
    else { return }
    offerLine(attachment)
  }

  /// Takes over the commands of earlier runs.
  func restoreCommands(_ fold: CommandFold) {
    let restored = RestoredCommands(fold, node: settings.node, clockEpoch: settings.clockEpoch)
    perform(
      desk.restore(
        restored.orders, issuedInThisEpoch: { restored.fresh.contains($0) },
        nowUs: Clock.bootUs()))
    for life in restored.arriving {
      obey(life.issued, life.issuedStamp, life.record.origin, life.clockEpoch)
    }
    restoreOutputs()
  }

  // MARK: What people ask

  func issue(
    _ request: CommandRequest, to identity: DeviceIdentity, author: String
  ) async throws(ServiceError) -> CommandView {
    guard let descriptor = descriptor(of: identity) else {
      throw ServiceError(
        status: 409, code: "absent", parameters: ["device": identity.text],
        detail: "\(identity.text) has never said which commands it takes",
        remedy: "plug it in, and try again")
    }
    guard let command = descriptor.commands.first(where: { $0.name == request.name }) else {
      let known = descriptor.commands.map(\.name).joined(separator: ", ")
      throw ServiceError(
        status: 422, code: "unknown-command",
        parameters: ["command": request.name, "known": known],
        detail: "the device takes no command \(request.name)", remedy: "it takes: \(known)")
    }
    guard !desk.isRetiring || gateway(of: identity) != nil else {
      throw ServiceError(
        status: 409, code: "site.key-next",
        detail: "this node takes no more commands under its present key",
        remedy: "start the daemon again: its new key holds from then on")
    }
    let arguments = try CommandArguments.encode(request.arguments, for: command)
    guard arguments.count <= CommandArguments.bytesMax else {
      throw CommandArguments.refusal("", "the arguments are longer than any board takes")
    }
    guard desk.hasRoom(for: identity) else {
      throw ServiceError(
        status: 429, code: "busy", parameters: ["device": identity.text],
        detail: "\(CommandDesk.openPerDeviceMax) commands already wait for this device",
        remedy: "wait until some have ended")
    }
    let issued = CommandIssued(
      id: newCommandId(), node: gateway(of: identity) ?? settings.node, identity: identity,
      op: command.op,
      name: command.name, arguments: arguments,
      lifeMs: UInt64(min(request.lifeMs ?? 30_000, 86_400_000)),
      leaseMs: UInt64(request.leaseMs ?? 0))
    let issuedUs = Clock.bootUs()
    try await recorder.write(.commandIssued(issued), author: author)
    let order = CommandOrder(
      issued: issued, arguments: request.arguments, issuer: author, issuedUs: issuedUs)
    guard CommandAdmission.isOwn(issued, node: settings.node) else { return order.view }
    tell(.issued(order))
    return desk.order(issued.id)?.view ?? order.view
  }

  /// What a device says of itself, whether it is plugged in or was once.
  func descriptor(of identity: DeviceIdentity) -> BoardDescriptor? {
    if let port = registry.port(of: identity), let attachment = attachments[port.facts.syspath] {
      guard attachment.descriptor == BoardDescriptor() else { return attachment.descriptor }
      // Not read yet, or not readable: what it said under other firmware does not count.
      if let hello = attachment.hello { return descriptors[hello.descriptorHash] }
    }
    return descriptorOf[identity].flatMap { descriptors[$0] }
  }

  private func newCommandId() -> CommandId {
    guard let id = CommandId(randomBytes16()) else {
      preconditionFailure("sixteen bytes make an id")
    }
    return id
  }
}

extension CommandOrder {
  /// Takes the outcome that the journal holds.
  mutating func close(_ outcome: CommandOutcome) {
    switch outcome.state {
    case .acked: state = .acked
    case .failed: state = .failed
    case .refused: state = .refused
    case .unknown: state = .unknown
    case .cancelled: state = .cancelled
    }
    reason = outcome.reason.isEmpty ? nil : outcome.reason
    value = state == .acked || state == .failed ? outcome.value : nil
  }
}
