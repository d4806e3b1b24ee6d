internal import Api
internal import Devices
internal import Model
internal import Protocol
internal import Reactor
internal import Storage
internal import Sync

/// What the node knows of alarms: what is on disk, what is judged, and what lies between.
struct AlarmBook {
  /// What is on disk.
  var fold: AlarmFold
  /// What is judged.
  var desk: AlarmDesk
  /// Which nodes are heard; a hub alone ticks it.
  var silence: SilenceDesk
  /// Episodes that began and are not on disk yet, or were dropped since it takes nothing.
  var unwritten: [FactId: AlarmRaised] = [:]
  /// Devices that were here since the start.
  var known: Set<DeviceIdentity> = []
  /// What is to be told to whom.
  var deliveries = DeliveryDesk()
  /// What tells it.
  let courier = Courier()
  /// What wakes the next attempt to tell somebody; there is none while nobody is to be told.
  var deliveryTimer: LoopTimer?
  /// Whether a person waits for a test: one at a time.
  var isTesting = false
  /// Which signals are switched.
  var outputs = OutputDesk()
  /// What wakes it; there is none while no recipient is a signal.
  var outputTimer: LoopTimer?
  /// Who waits for what a board says to a test.
  var outputTest: OutputTest?

  init(_ opening: StoreOpening, _ settings: NodeSettings) {
    fold = opening.alarms
    let seed = settings.node.bytes + Array(settings.incarnation.description.utf8)
    let own = fold.open.filter { settings.isOwn($0.raised.record.origin) }
    desk = AlarmDesk(seed: seed, open: own.filter { $0.silence == nil })
    silence = SilenceDesk(
      seed: seed + Array("silence".utf8), open: own.filter { $0.silence != nil },
      startUs: Clock.bootUs())
  }
}

/// Alarms: between the devices, the desk and the journal.
extension Node {
  /// Takes the rules as they are on disk now.
  func takeRules() {
    let remembered = Set(registry.remembered.map(\.identity))
    perform(
      alarms.desk.take(
        recorder.registers.all(.alarmRule), nowUs: Clock.bootUs(),
        isOwn: { isPresent($0) || (remembered.contains($0) && gateway(of: $0) == nil) },
        isPresent: { isPresent($0) }))
    if alarms.desk.overLimitCount > 0 || alarms.desk.unreadableCount > 0 {
      log.write(
        .warning, "alarm.rules.left",
        [
          "over": "\(alarms.desk.overLimitCount)", "unreadable": "\(alarms.desk.unreadableCount)",
        ])
    }
  }

  /// Takes an entry of the journal that is on disk.
  func noteAlarms(_ entry: JournalEntry, _ record: RecordId) {
    switch entry.content {
    case .alarmRaised(let raised): alarms.unwritten[raised.episode] = nil
    case .alarmCleared, .alarmAcknowledged, .alarmDelivered: break
    case .registerWrite(let write):
      if write.key.space == RegisterSpace.alarmRule.rawValue { takeRules() }
      if write.key.space == RegisterSpace.recipient.rawValue { takeRecipients() }
      return
    default: return
    }
    alarms.fold.apply(entry, record: record, clockEpoch: entry.clockEpoch ?? settings.clockEpoch)
    publishAlarm(entry.content)
    if let id = entry.content.alarmTold { deliver(id) }
    takeOutputs()
  }

  func perform(_ actions: [AlarmDesk.Action]) {
    for action in actions {
      switch action {
      case .raise(let raised):
        alarms.unwritten[raised.episode] = raised
        recorder.note(.alarmRaised(raised))
        log.write(
          .notice, "alarm.raised",
          ["episode": "\(raised.episode)", "rule": "\(raised.rule)"])
      case .clear(let cleared):
        // One that never came to the disk is over there, too: the entry follows its beginning.
        recorder.note(.alarmCleared(cleared))
        log.write(
          .notice, "alarm.cleared",
          ["episode": "\(cleared.episode)", "reason": "\(cleared.reason)"])
      case .wake(let atUs): alarmTimer?.arm(atUs: atUs)
      }
    }
  }

  /// Judges and tells nothing more.
  func stopAlarms() {
    alarmTimer?.cancel()
    alarms.deliveryTimer?.cancel()
    // Signals stay as they are: an alarm goes on while the daemon is away.
    alarms.outputTimer?.cancel()
    alarms.outputTest?.done("closed")
    alarms.outputTest = nil
  }

  /// What is due is judged.
  func tickAlarms() { perform(alarms.desk.tick(nowUs: Clock.bootUs())) }

  // MARK: Devices

  private func isPresent(_ device: DeviceIdentity) -> Bool {
    attachments.values.contains { $0.identity.map(owner(of:)) == device }
  }

  /// A device may have come or gone.
  func notePresence(of identity: DeviceIdentity) {
    let device = owner(of: identity)
    let isThere = isPresent(device)
    if isThere, !alarms.known.contains(device), alarms.known.count < Sync.Limits.devicesMax {
      // A rule may have waited for its device.
      alarms.known.insert(device)
      takeRules()
    }
    guard alarms.desk.isJudging else { return }
    perform(alarms.desk.note(device, isPresent: isThere, nowUs: Clock.bootUs()))
  }

  // MARK: Readings

  /// Where the readings of a board go; nil for nowhere, which costs next to nothing.
  func taps(of attachment: Attachment) -> AlarmDesk.Taps? {
    guard alarms.desk.isJudging, let identity = attachment.identity else { return nil }
    let channels = attachment.shown.channels
    if let taps = attachment.alarmTaps, taps.version == alarms.desk.version,
      taps.channels.count == channels.count
    {
      return taps.isEmpty ? nil : taps
    }
    let taps = alarms.desk.taps(of: owner(of: identity), channels: channels)
    attachment.alarmTaps = taps
    return taps.isEmpty ? nil : taps
  }

  /// Judges the samples of a run that were stored.
  func judge(
    _ run: SampleRun, _ stored: [Range<Int>], epoch: UInt32, nowUs: Int64, _ taps: AlarmDesk.Taps,
    _ attachment: Attachment
  ) {
    guard let last = stored.last?.last else { return }
    let dating = SampleDating(attachment, epoch: epoch, nowUs: nowUs, last: run.samples[last])
    let channels = attachment.shown.channels
    for range in stored {
      for index in range {
        let sample = run.samples[index]
        let places = taps.channels[Int(sample.channel)]
        guard !places.isEmpty else { continue }
        let channel = channels[Int(sample.channel)]
        let value = AlarmValue(
          run.value(sample).value(exponent: channel.exponent), unit: channel.unit)
        let atUs = dating.bootUs(sample)
        for place in places { perform(alarms.desk.read(place, value, atUs: atUs)) }
      }
    }
    let atUs = dating.bootUs(run.samples[last])
    for place in taps.device { perform(alarms.desk.read(place, nil, atUs: atUs)) }
  }
}

/// When samples of one run were taken on the node's boot clock, as well as it is known.
private struct SampleDating {
  private let nowUs: Int64
  private let line: ClockLine?
  private let lastTicksMs: UInt64
  private let isRunning: Bool

  @Loop init(_ attachment: Attachment, epoch: UInt32, nowUs: Int64, last: NumberedSample) {
    self.nowUs = nowUs
    isRunning = attachment.hello?.epochs[0].epoch == epoch
    line = isRunning ? attachment.fit.line : nil
    lastTicksMs = last.ticksMs
  }

  /// By the fit; without one the newest of the run counts as of now, and in an earlier run of the
  /// board, which nothing dates, all do. Nothing is of the future.
  func bootUs(_ sample: NumberedSample) -> Int64 {
    if let line, sample.ticksMs >= line.segment {
      return min(nowUs, line.bootUs(atTicks: sample.ticksMs))
    }
    guard isRunning, line == nil, sample.ticksMs <= lastTicksMs else { return nowUs }
    let agoUs = Int64(clamping: lastTicksMs - sample.ticksMs).multipliedReportingOverflow(by: 1000)
    return agoUs.overflow ? 0 : max(0, nowUs - agoUs.partialValue)
  }
}
