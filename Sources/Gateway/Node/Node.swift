internal import Api
internal import Devices
internal import Model
internal import Protocol
internal import Reactor
internal import Storage
internal import Sync

/// The running node: joins ports, links, the registry, the desk of commands and the recorder.
///
/// It decides nothing by itself: every decision is in a pure machine (`DeviceRegistry`,
/// `HostSession`, `CommandDesk`, `CommitScheduler`, `CursorJudge`), whose actions it performs.
@Loop final class Node {
  /// Descriptors kept at hand, by hash; the oldest are read from the board again.
  static let descriptorsMax = 512
  /// How long fits and anchors gather before stored blocks are dated by them, in µs.
  static let datingDelayUs: Int64 = 2_000_000
  /// Simulated boards at once.
  static let simulatedMax = 256

  let settings: NodeSettings
  let log: Log
  let store: Store
  let history: History
  /// The time zones that queries named.
  let zones = ZoneFiles()
  let recorder: Recorder
  /// Who may do what.
  let people: AccessDesk
  let compactor: Compactor
  let feed = ChangeFeed()
  var registry: DeviceRegistry
  var desk = CommandDesk()
  /// Commands of the whole site.
  var siteCommands: CommandFold
  /// What is shown of devices that other nodes have.
  var elsewhere = ElsewhereBook()
  /// This node among others; nil before it is started.
  weak var sites: SiteDesk?
  var anchors = AnchorKeeper()
  /// Rules of alarms, and what came of them.
  var alarms: AlarmBook
  var alarmTimer: LoopTimer?
  var snapshots: SnapshotBook
  /// What deletions hide, for the last values that are shown.
  var hidden = HiddenSpans()
  var datingTimer: LoopTimer?
  /// What an administrator says of this boot; nil while nothing holds.
  var present: PresentOverride?
  /// Whether the boots before this one were looked at since it has an anchor.
  var hasPlacedBoots = false
  var attachments: [String: Attachment] = [:]
  /// Parsed descriptors by their hash.
  var descriptors: [UInt64: BoardDescriptor] = [:]
  /// The newest descriptor of a device that is not attached.
  var descriptorOf: [DeviceIdentity: UInt64] = [:]
  /// Why a live port cannot be used.
  var problems: [String: ProblemView] = [:]
  var notices: [ProblemView]
  /// What the HTTP servers hold; nil while there are none.
  var http: (@Loop () -> HttpView?)?
  /// Live ports that a person asked to open: no policy of the configuration stands against that.
  var openRequests: Set<String> = []
  /// Set by the registry while one of its events is handled: why a request was refused.
  var refusal: DeviceRegistry.Refusal?
  /// Who caused the registry event that is being handled.
  var author = "node"
  var deskTimer: LoopTimer?, anchorTimer: LoopTimer?
  var inspection = Inspection()
  var isInspecting = false
  var inspectionTimer: LoopTimer?
  var compaction = CompactionTally()
  var compactionTask: Task<Void, Never>?
  var compactionTimer: LoopTimer?
  let retainer: Retainer
  let ballast: Ballast
  var retention: RetentionState
  var roomTask: Task<Void, Never>?
  var roomTimer: LoopTimer?
  /// Whether another look is to follow the one under way.
  var isRoomWanted = false
  var isEnding = false
  var silenceTimers: [String: LoopTimer] = [:]
  var retryTimers: [String: LoopTimer] = [:]
  var monitor: UdevMonitor?
  let diagnosis = PortDiagnosis()
  var simulatedCount: UInt64 = 0
  let startedUs = Clock.bootUs()
  var disk: DiskFigures
  var writeMeter: WriteMeter
  var discipline = RecentDiscipline()
  /// How many series there are.
  var ledger: SeriesLedger
  /// Boards that brought more than there is room for, and readings that were refused for it.
  var refusedBoards = 0
  var seriesRefused: UInt64 = 0

  init(
    settings: NodeSettings, store: Store, history: History, opening: StoreOpening, log: Log
  ) {
    self.settings = settings
    self.store = store
    self.history = history
    self.log = log
    notices = settings.notices
    writeMeter = WriteMeter(folder: settings.stateFolder, nowUs: Clock.bootUs())
    disk = DiskFigures(databasePath: settings.databasePath, folder: settings.stateFolder)
    compactor = Compactor(store: store, path: settings.databasePath)
    retainer = Retainer(store: store, path: settings.databasePath)
    ballast = Ballast(
      folder: settings.stateFolder, wantedBytes: settings.retention.ballastBytes,
      retainer: retainer, log: log)
    retention = RetentionState(settings.retention, settings.node, opening)
    siteCommands = opening.siteCommands
    alarms = AlarmBook(opening, settings)
    snapshots = SnapshotBook(opening, settings)
    ledger = SeriesLedger(limit: settings.seriesMax, known: opening.seriesCount)
    recorder = Recorder(store: store, opening: opening, intervalUs: settings.commitIntervalUs)
    people = AccessDesk(
      node: settings.node, recorder: recorder, store: store, history: history, opening: opening,
      log: log)
    registry = DeviceRegistry(
      openAtStart: settings.openAtStart, remembered: DeviceRegisters.restore(opening.registers))
    for (identity, seen) in opening.descriptors where descriptors.count < Self.descriptorsMax {
      descriptorOf[identity] = seen.hash
      descriptors[seen.hash] = BoardDescriptor(parsing: seen.bytes)
    }
    if opening.unappliedCount > 0 {
      notices.append(
        ProblemView(
          code: "storage.unapplied", parameters: ["count": "\(opening.unappliedCount)"],
          detail: "\(opening.unappliedCount) journal entries cannot be read and are left where they"
            + " are: they may be damaged, or of a newer version"))
    }
    recorder.onDurable = { [weak self] cursors in
      self?.noteDurable(cursors)
      self?.sites?.noteNews(.telemetry)
    }
    recorder.onEntry = { [weak self] entry, record in
      self?.retention.take(entry)
      self?.people.take(entry)
      self?.noteAlarms(entry, record)
      self?.noteOwn(entry, record)
    }
    recorder.onDated = { [weak self] in self?.datingTimer?.arm(afterUs: Self.datingDelayUs) }
    recorder.onHealth = { [weak self] error in self?.noteHealth(error) }
    deskTimer = LoopTimer { [weak self] in self?.tell(.tick) }
    alarmTimer = LoopTimer { [weak self] in self?.tickAlarms() }
    datingTimer = LoopTimer { [weak self] in self?.dateBlocks() }
    anchorTimer = LoopTimer { [weak self] in self?.observeClock() }
    inspectionTimer = LoopTimer { [weak self] in self?.inspect() }
    compactionTimer = LoopTimer { [weak self] in self?.compact() }
    roomTimer = LoopTimer { [weak self] in self?.keepRoom() }
    noteDamages(of: opening)
    if retention.countedUs == nil, let us = opening.earlierAnchorUs { noteCounted(us) }
    restoreCommands(opening.siteCommands)
    takeRules()
    takeRecipients()
    dateByOverride()
  }

  /// Begins to look at ports and clocks.
  func start() throws(Errno) {
    observeClock()
    monitor = settings.isHub ? nil : try UdevMonitor { [weak self] event in self?.take(event) }
    try monitor?.start()
    inspect()
    compactionTimer?.arm(afterUs: Self.compactionDelayUs)
    dateBlocks()
    keepRoom()
  }

  /// Stops reading, commits, and calls `stopped` with whether something could not be saved.
  func stop(_ stopped: @escaping @Loop (Bool) -> Void) {
    monitor?.stop()
    deskTimer?.cancel()
    stopAlarms()
    anchorTimer?.cancel()
    datingTimer?.cancel()
    inspectionTimer?.cancel()
    compactionTimer?.cancel()
    for attachment in attachments.values { attachment.link.close() }
    recorder.stop(stopped)
  }

  // MARK: Ports

  private func take(_ event: UdevMonitor.Event) {
    switch event {
    case .appeared(let facts, let atStart, let heardUs):
      log.write(
        .info, "port.appeared",
        [
          "node": facts.devnode, "usb": facts.usbId, "path": facts.socket,
          "at_start": "\(atStart)", "age_us": "\(Clock.bootUs() - heardUs)",
        ])
      decide(.portAppeared(facts, atStart: atStart))
      openAsConfigured(facts.syspath)
    case .changed(let facts, _):
      decide(.portChanged(facts))
      openAsConfigured(facts.syspath)
    case .vanished(let syspath, _):
      log.write(.info, "port.vanished", ["syspath": syspath])
      let identity = registry.port(at: syspath)?.binding
      detach(syspath)
      problems[syspath] = nil
      openRequests.remove(syspath)
      decide(.portVanished(syspath: syspath))
      publish(identity)
    case .failed(let error):
      log.write(.error, "udev.failed", ["errno": "\(error)"])
      let notice = ProblemView(
        code: "udev.failed", parameters: ["errno": "\(error)"],
        detail: "devices that are plugged in are no longer noticed: restart the daemon")
      notices.removeAll { $0.code == notice.code }
      notices.append(notice)
    }
  }

  /// Hands an event to the registry and does what it says.
  func decide(_ event: DeviceRegistry.Event) {
    let actions = registry.handle(event, random: random())
    for action in actions { perform(action) }
    for action in actions { obeyRules(action) }
  }

  private func perform(_ action: DeviceRegistry.Action) {
    switch action {
    case .open(let syspath, let devnode, let speedBaud): open(syspath, devnode, speedBaud)
    case .close(let syspath): detach(syspath)
    case .retryOpen(let syspath, let afterMs):
      retryTimers[syspath] = after(afterMs) { [weak self] in
        self?.decide(.retryDue(syspath: syspath))
      }
    case .watchSilence(let syspath, let afterMs):
      silenceTimers[syspath] = after(afterMs) { [weak self] in
        self?.decide(.silentFor(syspath: syspath))
      }
    case .provision(let syspath, let id, _):
      let number = id.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      attachments[syspath]?.link.provision(deviceId: number)
    case .bind(let syspath, let identity): rebind(syspath, to: identity)
    case .unbind: break
    case .raise(let question):
      log.write(.notice, "question.raised", ["id": question.id.text, "port": question.port])
      publish(question, answered: false)
    case .withdraw(let id): log.write(.info, "question.closed", ["id": id.text])
    case .remember(let device): recorder.remember(device, author: author)
    case .forget(let identity):
      descriptorOf[identity] = nil
      recorder.forget(identity, author: author)
    case .assign: break  // kept by `remember` of the part
    case .note(let note): log.write(.notice, "registry.note", ["what": "\(note)"])
    case .refuse(let refused): refusal = refused
    }
  }

  private func open(_ syspath: String, _ devnode: String, _ remembered: UInt32) {
    guard !isDeclined(syspath, devnode) else { return }
    let speedBaud = rule(at: syspath).speedBaud ?? remembered
    do throws(PortError) {
      let port = try SerialPort.open(devnode: devnode, speedBaud: speedBaud)
      try attach(port, at: syspath, isSimulated: false)
      problems[syspath] = speedProblem(port)
      log.write(.info, "port.opened", ["node": devnode, "speed": "\(speedBaud)"])
      decide(.openResult(syspath: syspath, error: nil))
    } catch {
      let problem = Problems.view(error)
      // A port that is held is tried every few seconds: said once is enough.
      let level = problems[syspath]?.code == problem.code ? Log.Level.debug : .warning
      log.write(level, "port.failed", ["node": devnode, "cause": error.cause.rawValue])
      problems[syspath] = problem
      decide(.openResult(syspath: syspath, error: error))
      explain(error, at: syspath)
    }
    publish(portAt: syspath)
  }

  /// Says which group to join, or who holds the port, once that is found out.
  private func explain(_ error: PortError, at syspath: String) {
    Task { @Loop in
      let explained = await diagnosis.explain(error)
      guard explained != error, problems[syspath] == Problems.view(error) else { return }
      problems[syspath] = Problems.view(explained)
      publish(portAt: syspath)
    }
  }

  /// Starts the conversation on an open port.
  func attach(_ port: SerialPort, at syspath: String, isSimulated: Bool) throws(PortError) {
    let link = CompanionLink(port: port)
    let attachment = Attachment(syspath: syspath, link: link, isSimulated: isSimulated)
    attachments[syspath] = attachment
    do throws(PortError) {
      // A link that was closed says nothing more: what speaks is attached.
      try link.start { [weak self, weak attachment] event in
        if let self, let attachment { take(event, attachment) }
      }
    } catch {
      attachments[syspath] = nil
      throw error
    }
  }

  /// Ends the conversation on a port; it is closed.
  func detach(_ syspath: String) {
    silenceTimers[syspath] = nil
    retryTimers[syspath] = nil
    guard let attachment = attachments.removeValue(forKey: syspath) else { return }
    attachment.link.close()
    guard let identity = attachment.identity else { return }
    noteDetached(identity)
    notePresence(of: identity)
  }

  /// The port is gone while it was open.
  func lose(_ attachment: Attachment, _ error: PortError) {
    let syspath = attachment.syspath
    log.write(.info, "port.lost", ["node": error.devnode, "cause": error.cause.rawValue])
    detach(syspath)
    if attachment.isSimulated {
      decide(.portVanished(syspath: syspath))
    } else {
      problems[syspath] = Problems.view(error)
      decide(.lineLost(syspath: syspath, error: error))
    }
    publish(attachment.identity)
  }

  /// The registry files a port under another identity: the session starts anew under that one.
  private func rebind(_ syspath: String, to identity: DeviceIdentity) {
    guard let attachment = attachments[syspath], let before = attachment.identity,
      before != identity
    else { return }
    noteDetached(before)
    attachment.identity = nil
    notePresence(of: before)
    attachment.link.restart()
  }

  // MARK: Small things

  /// Logs what a device caused; a device that causes much is held back and counted.
  func say(
    _ attachment: Attachment, _ level: Log.Level, _ event: String,
    _ fields: KeyValuePairs<String, String>
  ) {
    let gate = attachment.logGate.pass(nowUs: Clock.bootUs())
    guard gate.isOpen else { return }
    if gate.held > 0 {
      log.write(.notice, "log.held.back", ["port": attachment.syspath, "lines": "\(gate.held)"])
    }
    log.write(level, event, fields)
  }

  /// A random number from the system; without one nothing here can be trusted to be unique.
  func random() -> UInt64 {
    do throws(Errno) {
      return try System.randomNumber()
    } catch {
      preconditionFailure("the system gives no random numbers: \(error)")
    }
  }

  /// Sixteen random bytes: the name of a command or a fact.
  func randomBytes16() -> [UInt8] {
    let (high, low) = (random(), random())
    return (0..<16).map { index in
      UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> (8 * UInt64(index % 8)))
    }
  }

  private func after(_ milliseconds: Int64, _ action: @escaping @Loop () -> Void) -> LoopTimer {
    let timer = LoopTimer(action)
    timer.arm(afterUs: milliseconds * 1000)
    return timer
  }

  /// Writes an anchor when the wall clock is worth one, and looks again later.
  private func observeClock() {
    let now = ClockObservation.now()
    observeAges(now)
    if anchors.observe(now) {
      recorder.note(
        .anchor(
          Anchor(bootUs: now.bootUs, utcUs: now.wallUs, errorUs: now.errorUs, origin: .kernel)))
      placeEarlierBoots()
    }
    anchorTimer?.arm(afterUs: settings.clockCheckUs)
  }

  private func noteHealth(_ error: DatabaseError?) {
    if let error {
      log.write(.error, "storage.waiting", ["cause": error.cause, "remedy": error.remedy])
      if error.kind == .full { keepRoom() }
    } else {
      log.write(.notice, "storage.recording")
    }
  }
}
