internal import Model
internal import Storage
internal import Sync

/// A node: a key and a disk that stay, and what one run of its daemon knows.
final class SimulatedNode {
  /// What one run knows; gone with it.
  struct Running {
    let store: PlainStore
    var batch: ReadingBatch
    var vector: HaveVector
    var registers: RegisterFold
    var commands: CommandFold
    var membership: Membership
    var greetings: [SessionId: HelloResponder] = [:]
    var sessions: [SessionId: AnsweringSession] = [:]
    /// What could not be written yet.
    var pending: PendingCommit?
  }

  /// A session that another node began.
  struct AnsweringSession {
    let peer: NodeId
    var channels: [ExchangeChannel: AnsweringChannel]
  }

  let index: Int
  let key: NodeKey
  let isHub: Bool
  let disk: FaultDisk
  private(set) var running: Running?
  /// What it has said to others that it has: it must have it for ever.
  var told = HaveVector()
  /// Whether its site's founding came to it.
  var hasJoined = false
  var clockEpoch: ClockEpoch
  var bootedAtUs: Int64 = 0
  var wallOffsetUs: Int64 = 0
  var isTrusted = true
  /// Whether the fault that is armed cuts the power.
  var isCutArmed = false
  private(set) var runs = 0
  /// Whether its disk was ever put back to a copy of before: others may know more of it than it.
  var wasRestored = false
  /// Whether that was since its last start.
  var hasForgotten = false
  /// Whether it alters what it serves.
  var isLiar = false

  init(index: Int, isHub: Bool, key: NodeKey, clockEpoch: ClockEpoch, disk: FaultDisk) {
    self.index = index
    self.isHub = isHub
    self.key = key
    self.clockEpoch = clockEpoch
    self.disk = disk
  }

  var isUp: Bool { running != nil }
  var name: String { (isHub ? "hub" : "node") + "\(index)" }

  /// Opens the store; false where the disk would not.
  func start(site: SiteId, incarnation: Incarnation) throws(DatabaseError) {
    runs += 1
    let store = try PlainStore(
      StoreOptions(
        path: "node.db", node: key.id, clockEpoch: clockEpoch, incarnation: incarnation,
        vfs: disk.name))
    var membership = Membership(site: site)
    _ = membership.insert(Self.facts(try store.membership(), site))
    running = Running(
      store: store, batch: ReadingBatch(cursors: store.opening.cursors),
      vector: try store.vector(), registers: store.opening.registers,
      commands: store.opening.siteCommands, membership: membership)
  }

  func stop() { running = nil }

  /// Works with what this run knows; nil where there is none.
  func run<Result>(
    _ body: (inout Running) throws(DatabaseError) -> Result
  ) throws(DatabaseError) -> Result? {
    guard var now = running else { return nil }
    // Out of the property meanwhile: else every change would copy its tables.
    running = nil
    defer { running = now }
    return try body(&now)
  }

  // MARK: Clocks

  func bootUs(_ nowUs: Int64) -> Int64 { max(1, nowUs - bootedAtUs + 1_000_000) }

  func wallUs(_ nowUs: Int64) -> Int64 { 1_700_000_000_000_000 + nowUs + wallOffsetUs }

  func stamp(_ nowUs: Int64) -> Stamp {
    Stamp(trusted: isTrusted, bootUs: bootUs(nowUs), wallUs: wallUs(nowUs), author: name)
  }

  func clock(_ nowUs: Int64) -> ClockObservation {
    ClockObservation(
      bootUs: bootUs(nowUs), wallUs: wallUs(nowUs), trusted: isTrusted, errorUs: 500)
  }

  // MARK: Records

  /// The entries that are facts of a site.
  static func facts(_ entries: [ReceiveReport.Applied], _ site: SiteId) -> [MembershipFact] {
    entries.compactMap { applied in
      guard (19...22).contains(applied.entry.content.kind) else { return nil }
      let record = applied.record
      let hash = EntryChain.contentHash(
        of: RunId(origin: record.origin, incarnation: record.incarnation), lane: record.lane,
        seq: record.seq, clockEpoch: applied.clockEpoch, kind: applied.entry.content.kind,
        body: JournalEncoder.encode(applied.entry))
      do throws(MembershipFact.Refusal) {
        return try MembershipFact(
          applied.entry.content, record: record, hash: hash, site: site)
      } catch { return nil }
    }
  }
}

extension SimulatedNode.Running {
  /// What the store has to know of members and their rights.
  var rules: ReceiveRules {
    let membership = membership
    return ReceiveRules(
      isMember: { membership.isKnown($0) },
      unapplied: { record, entry in
        guard let need = Rights.need(of: entry.content, by: record.origin) else { return .kind }
        // What membership entries come to is the fold's affair: they are always in it.
        guard need != .membership else { return nil }
        return membership.lacks(need, record: record, hash: []).isEmpty ? nil : .right
      })
  }

  /// Whether another node may have a session.
  func admits(_ peer: NodeId) -> Bool {
    membership.standing(of: peer).map { !$0.scopes.isEmpty } ?? false
  }

  /// Takes a batch as far as it came, and what waited for somebody whom it names.
  mutating func receive(
    _ bytes: [UInt8], from peer: NodeId, _ site: SiteId
  ) throws(DatabaseError) -> (dropped: UInt64, refused: UInt64, kept: Int, reports: [ReceiveReport])
  {
    var carried = CarriedBatch()
    var reports: [ReceiveReport] = []
    var items = BatchItems(bytes)
    while let item = items.next() {
      carried.take(item)
      guard carried.isFull else { continue }
      reports.append(try store.receive(carried, from: peer, rules: rules))
      try absorb(reports[reports.count - 1], site)
      carried.removeAll()
    }
    if !carried.isEmpty {
      reports.append(try store.receive(carried, from: peer, rules: rules))
      try absorb(reports[reports.count - 1], site)
    }
    vector = try store.vector()
    return (
      UInt64(carried.malformedCount + carried.forgedCount),
      reports.reduce(0) { $0 + UInt64($1.refused.count) },
      reports.reduce(0) { $0 + $1.entriesKept + $1.commitsKept }, reports
    )
  }

  /// The folds follow the journal.
  mutating func absorb(_ report: ReceiveReport, _ site: SiteId) throws(DatabaseError) {
    for applied in report.applied { apply(applied) }
    let change = membership.insert(SimulatedNode.facts(report.applied, site))
    if report.foldsAnew {
      let folded = try store.folded()
      (registers, commands) = (folded.registers, folded.siteCommands)
    }
    guard !change.named.isEmpty else { return }
    while true {
      let more = try store.receiveSpool(rules: rules)
      guard more.entriesKept + more.commitsKept + more.knownCount > 0 else { break }
      try absorb(more, site)
    }
  }

  mutating func apply(_ applied: ReceiveReport.Applied) {
    switch applied.entry.content {
    case .registerWrite(let write):
      registers.apply(write, record: applied.record, stamp: applied.entry.stamp)
    default:
      commands.apply(applied.entry, record: applied.record, clockEpoch: applied.clockEpoch)
    }
  }

  /// Writes what waits; what was written.
  mutating func commit(
    _ commit: PendingCommit, _ node: SimulatedNode, _ site: SiteId
  ) throws(DatabaseError) -> CommitReceipt {
    let receipt = try store.commit(commit)
    let entries = zip(receipt.journal, commit.journal).map { record, entry in
      ReceiveReport.Applied(record: record, entry: entry, clockEpoch: node.clockEpoch)
    }
    for entry in entries { apply(entry) }
    let change = membership.insert(SimulatedNode.facts(entries, site))
    // It is written: a disk that cannot be read afterwards does not have it written again.
    do throws(DatabaseError) {
      if !change.named.isEmpty { try absorb(try store.receiveSpool(rules: rules), site) }
      vector = try store.vector()
    } catch {
      // The next commit or receipt reads both again.
    }
    return receipt
  }
}
