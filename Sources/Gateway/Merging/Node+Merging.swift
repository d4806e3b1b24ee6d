internal import Devices
internal import Model
internal import Protocol
internal import Reactor
internal import Storage
internal import Sync

/// What records of other nodes mean here, from when they are on the disk.
extension Node {
  /// Registers that say something of a device.
  private static let deviceSpaces: Set<UInt8> = Set(
    [
      RegisterSpace.deviceName, .deviceKind, .openAtStart, .speed, .assignment, .lastSeen,
    ].map(\.rawValue))

  /// Takes in what was received; where something no longer counts, everything is folded anew.
  func absorb(_ report: ReceiveReport) async {
    if report.foldsAnew {
      await foldAnew()
    } else {
      for applied in report.applied { absorb(applied) }
    }
    for applied in report.applied where settings.isOwn(applied.record.origin) { settle(applied) }
    let spaces = Set(report.applied.compactMap { Self.space(of: $0.entry.content) })
    let isMoved = report.foldsAnew || !spaces.isDisjoint(with: Self.deviceSpaces)
    if isMoved { learnDevices() }
    // A device that another node has now is judged there.
    let isRuled = report.foldsAnew || spaces.contains(RegisterSpace.alarmRule.rawValue)
    if isRuled || (isMoved && alarms.desk.isJudging) { takeRules() }
    if report.foldsAnew || spaces.contains(RegisterSpace.recipient.rawValue) { takeRecipients() }
    if spaces.contains(RegisterSpace.clock.rawValue) { dateByOverride() }
    let hides = report.applied.contains { Self.hides($0.entry.content) }
    if report.isDating || hides || report.foldsAnew { dateBlocks() }
  }

  private func absorb(_ applied: ReceiveReport.Applied) {
    let entry = applied.entry
    switch entry.content {
    case .registerWrite(let write):
      recorder.absorb(write, applied.record, entry.stamp)
    case .descriptor(let seen): absorb(seen)
    case .commandIssued, .commandClaimed, .commandOutcome:
      take(entry, applied.record, applied.clockEpoch)
      // An order of an earlier run of this node may have been carried out then.
      if case .commandIssued(let issued) = entry.content, !settings.isOwn(applied.record.origin) {
        obey(issued, entry.stamp, applied.record.origin, applied.clockEpoch)
      }
    case .alarmRaised, .alarmCleared, .alarmAcknowledged, .alarmDelivered:
      alarms.fold.apply(entry, record: applied.record, clockEpoch: applied.clockEpoch)
      publishAlarm(entry.content)
      if let id = entry.content.alarmTold { deliver(id) }
      takeOutputs()
    case .snapshotTaken:
      snapshots.fold.apply(entry, record: applied.record, clockEpoch: applied.clockEpoch)
    default: break  // of members, dates and facts whoever called and the readers' side see to
    }
    people.take(entry)
  }

  private func foldAnew() async {
    do throws(DatabaseError) {
      let opening = try await store.foldJournals()
      recorder.replace(opening.registers)
      people.replace(opening.access)
      siteCommands = opening.siteCommands
      alarms.fold = opening.alarms
      snapshots.fold = opening.snapshots
      for (_, seen) in opening.descriptors { absorb(seen) }
    } catch {
      // What was folded so far stays until the next start, which folds from the disk.
      log.write(.warning, "merging.not-folded", ["cause": error.cause])
    }
  }

  private func absorb(_ seen: DescriptorSeen) {
    guard !attachments.values.contains(where: { $0.identity == seen.identity }) else { return }
    guard descriptors[seen.hash] != nil || descriptors.count < Self.descriptorsMax else { return }
    descriptorOf[seen.identity] = seen.hash
    if descriptors[seen.hash] == nil {
      descriptors[seen.hash] = BoardDescriptor(parsing: seen.bytes)
    }
    publish(seen.identity)
  }

  /// Devices as the registers have them now.
  func learnDevices() {
    let remembered = DeviceRegisters.restore(recorder.registers)
    let changed = registry.learn(
      remembered,
      forgotten: DeviceRegisters.forgotten(recorder.registers, beside: remembered))
    for identity in changed { publish(identity) }
  }

  private static func space(of content: JournalContent) -> UInt8? {
    guard case .registerWrite(let write) = content else { return nil }
    return write.key.space
  }

  private static func hides(_ content: JournalContent) -> Bool {
    switch content {
    case .deletion, .deletionUndone, .lateValues, .lateValuesWithdrawn: true
    default: false
    }
  }

  /// An entry of this node's own is on the disk.
  func noteOwn(_ entry: JournalEntry, _ record: RecordId) {
    let clockEpoch = entry.clockEpoch ?? settings.clockEpoch
    take(entry, record, clockEpoch)
    snapshots.fold.apply(entry, record: record, clockEpoch: clockEpoch)
    sites?.noteEntry(entry.content)
  }

  // MARK: Whose a device is

  /// The other node that had a device last; nil where this one has it, or nobody says.
  func gateway(of identity: DeviceIdentity) -> NodeId? {
    guard registry.port(of: identity) == nil else { return nil }
    let last = recorder.registers.siblings(RegisterKey(.lastSeen, identity)).first
    // Ownership goes with a node to its next key.
    guard let origin = (last?.record.origin).map({ sites?.successor(of: $0) ?? $0 }),
      !settings.isOwn(origin)
    else { return nil }
    return origin
  }

  // MARK: Commands

  /// Folds what becomes of commands of the whole site, and tells who watches.
  func take(_ entry: JournalEntry, _ record: RecordId, _ clockEpoch: ClockEpoch) {
    siteCommands.apply(entry, record: record, clockEpoch: clockEpoch)
    let id: CommandId
    switch entry.content {
    case .commandIssued(let issued): id = issued.id
    case .commandClaimed(let claim): id = claim.id
    case .commandOutcome(let outcome): id = outcome.id
    default: return
    }
    guard feed.isWatched, desk.order(id) == nil, let life = siteCommands.life(id) else { return }
    var event = LiveEvent()
    event.command = CommandOrder(life).view
    feed.publish(event)
  }

  /// An order of another node for a device of this one: it is carried out if its life is not over
  /// for certain, and refused where nobody can say.
  func obey(
    _ issued: CommandIssued, _ stamp: Stamp, _ issuer: NodeId, _ clockEpoch: ClockEpoch
  ) {
    let now = ClockObservation.now()
    let admission = CommandAdmission.judge(
      issued, stamp: stamp, node: settings.node,
      ageUs: stamp.ageUs(
        in: clockEpoch, now: now, here: settings.clockEpoch, measured: sites?.clocks[issuer]),
      nowUs: now.bootUs, isElsewhere: gateway(of: issued.identity) != nil,
      isOpen: siteCommands.life(issued.id)?.isOpen == true, desk: desk)
    switch admission {
    case .none: return
    case .refused(let reason): refuse(issued, reason)
    case .taken(let order): tell(.issued(order))
    }
  }

  /// What an earlier run of this node wrote of a command has come back, all that came with it too:
  /// an order that is still open may have been written to the device, and is never tried again.
  private func settle(_ applied: ReceiveReport.Applied) {
    let id: CommandId
    switch applied.entry.content {
    case .commandIssued(let issued): id = issued.id
    case .commandClaimed(let claim): id = claim.id
    case .commandOutcome(let outcome): id = outcome.id
    default: return
    }
    guard let life = siteCommands.life(id), life.issued.node == settings.node else { return }
    guard desk.order(id) == nil else { return tell(.regained(life)) }
    guard life.isOpen else { return }
    recorder.note(
      .commandOutcome(
        CommandOutcome(id: id, state: .unknown, reason: "daemon-restarted", value: 0)))
  }

  private func refuse(_ issued: CommandIssued, _ reason: String) {
    log.write(
      .notice, "command.refused", ["id": issued.id.description, "reason": reason])
    recorder.note(
      .commandOutcome(CommandOutcome(id: issued.id, state: .refused, reason: reason, value: 0)))
  }
}

extension CommandOrder {
  /// A command as the journals of the site tell its life.
  init(_ life: CommandLife) {
    self.init(
      issued: life.issued, arguments: [], issuer: life.issuedStamp.author,
      issuedUs: life.issuedStamp.bootUs)
    claim = life.claimed
    if life.claimed != nil { state = .claimed }
    if let outcome = life.outcome { close(outcome) }
  }
}
