extension DeviceSession {
  /// Acts on one good frame.
  mutating func handle<Port: DevicePort & ~Copyable>(_ body: Body, port: inout Port) {
    guard let type = MessageType(rawValue: body[0]) else {
      counts.unknownType &+= 1
      return
    }
    do {
      guard let isTaken = try act(on: type, body: body, port: &port) else {
        counts.unknownType &+= 1
        return
      }
      if !isTaken { counts.ignored &+= 1 }
    } catch {
      counts.malformed &+= 1
    }
  }

  /// Whether the message meant anything here; nil when it is not for a board.
  private mutating func act<Port: DevicePort & ~Copyable>(
    on type: MessageType, body: Body, port: inout Port
  ) throws(Malformed) -> Bool? {
    switch type {
    case .provision: return provision(try Provision(body.span), port: &port)
    case .descriptorRead:
      let read = try DescriptorRead(body.span)
      guard read.offset < settings.descriptorBytes else { return false }
      descriptorDue = read
    case .resume: return resume(try Resume(body.span))
    case .ack: return acknowledge(try Ack(body.span))
    case .command: return command(try Command(body.span), body: body, port: &port)
    case .time: timeDue = try TimeProbe(body.span)
    case .resetToBoot:
      guard try ResetToBoot(body.span).deviceId == deviceId else { return false }
      port.resetToBoot()
    case .hello, .descriptor, .samples, .gap, .result, .timeReply, .log: return nil
    }
    return true
  }

  // MARK: Identity

  /// Reads the identity record and writes the one of this boot.
  mutating func boot<Port: DevicePort & ~Copyable>(_ port: inout Port) {
    let first = port.loadRecord(slot: 0).flatMap { IdentityRecord($0) }
    let second = port.loadRecord(slot: 1).flatMap { IdentityRecord($0) }
    if let first, let second {
      let (newer, slot) = second.epoch > first.epoch ? (second, 0) : (first, 1)
      let isEqual = second.epoch == first.epoch
      write(newer, step: 1, slot: isEqual ? 0 : slot, port: &port)
    } else if let first {
      write(first, step: 2, slot: 1, port: &port)
    } else if let second {
      write(second, step: 2, slot: 0, port: &port)
    }
  }

  /// Writes the record of a later epoch, and believes only what it reads back.
  private mutating func write<Port: DevicePort & ~Copyable>(
    _ before: IdentityRecord, step: UInt32, slot: Int, port: inout Port
  ) {
    let record = IdentityRecord(deviceId: before.deviceId, epoch: before.epoch + step)
    let bytes = record.bytes
    port.storeRecord(bytes, slot: slot)
    var isWritten = false
    if let back = port.loadRecord(slot: slot) {
      isWritten = true
      for index in 0..<20 where back[index] != bytes[index] { isWritten = false }
    }
    guard isWritten else {
      isUnwritable = true
      return
    }
    deviceId = record.deviceId
    epoch = record.epoch
  }

  private mutating func provision<Port: DevicePort & ~Copyable>(
    _ provision: Provision, port: inout Port
  ) -> Bool {
    guard provision.nonce == nonce else { return false }
    guard deviceId == 0 else {
      guard isProvisioned, deviceId == provision.deviceId else { return false }
      isHelloDue = true
      return true
    }
    write(
      IdentityRecord(deviceId: provision.deviceId, epoch: 0), step: 1, slot: 0, port: &port)
    isProvisioned = deviceId != 0
    unattach()
    return true
  }

  // MARK: Samples

  private mutating func resume(_ resume: Resume) -> Bool {
    let entry = resume.entries[0]
    guard deviceId != 0, entry.epoch == epoch, entry.durable <= ring.next else { return false }
    session = resume.session
    limit = resume.limit
    ring.free(below: entry.durable)
    send = entry.durable
    state = .attached
    sinceTicks = now
    isHelloDue = false
    isResultDue = true
    return true
  }

  private mutating func acknowledge(_ ack: Ack) -> Bool {
    guard state == .attached, ack.epoch == epoch, ack.durable <= ack.received,
      ack.received <= ring.next
    else { return false }
    sinceTicks = now
    ring.free(below: ack.durable)
    send = max(send, ack.durable)
    limit = ack.limit
    if ack.received < send && (ack.again || now - sentTicks >= Self.resendMs) {
      send = ack.received
    }
    return true
  }

  // MARK: Commands

  private mutating func command<Port: DevicePort & ~Copyable>(
    _ command: Command, body: Body, port: inout Port
  ) -> Bool {
    guard state == .attached, command.session == session else { return false }
    let lastId = command.session == last.session ? last.id : 0
    guard command.id >= lastId else { return false }
    isResultDue = true
    if command.id == lastId { return true }
    last = LastCommand(session: command.session, id: command.id)
    if command.epoch != epoch {
      last.status = .otherEpoch
    } else if UInt64(command.lifeMs) <= now - emptiedTicks {
      last.status = .expired
    } else if isRunning {
      last.status = .busy
    } else {
      carryOut(command, body: body, port: &port)
    }
    return true
  }

  /// Lets the device decide, and keeps the lease.
  private mutating func carryOut<Port: DevicePort & ~Copyable>(
    _ command: Command, body: Body, port: inout Port
  ) {
    let slot = leases.slot(for: command.op)
    guard slot != nil || command.leaseMs == 0 else {
      last.status = .refused
      return
    }
    let arguments = body.span.extracting(Command.argumentsAt..<body.count)
    let outcome = port.command(op: command.op, arguments: arguments)
    last.status = outcome.status
    last.value = outcome.value
    if outcome.status == .running { isRunning = true }
    guard let slot, outcome.status == .done || outcome.status == .running else { return }
    leases.set(
      slot: slot, op: command.op,
      dueTicks: command.leaseMs == 0 ? nil : now + UInt64(command.leaseMs))
  }
}
