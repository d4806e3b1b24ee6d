internal import Gateway
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
    /// Who counts no more.
    var access: AccessFold
    /// What is to be written with the next commit.
    var notes: [JournalContent] = []
    /// Whether nothing waits to be written.
    var isWritten: Bool { pending == nil && notes.isEmpty }
    /// Entries that are applied since anybody looked.
    var news: [ReceiveReport.Applied] = []
    var desk = CommandDesk()
    /// Running clocks of other nodes, as sessions measured them.
    var clocks: [NodeId: PeerClock] = [:]
    var meters: [Int: PeerClockMeter] = [:]
    /// What keepers are asked to prove.
    var watches: [NodeId: KeeperWatch] = [:]
    /// Whether it is the version before.
    var isOld = false
    /// Keys of others that this run retired too.
    var confirmed: Set<NodeId> = []
    /// Whether this boot has an anchor.
    var isAnchored = false
    /// Whether the disk failed once: what it did then nobody knows before it is read again.
    var hasFailed = false
  }

  /// A session that another node began.
  struct AnsweringSession {
    let session: NodeSession
    var channels: [ExchangeChannel: AnsweringChannel]
    /// What the other is to prove, and what that is here.
    var open = OpenQuestion()
    var asked: [KeptRange] = []

    var peer: NodeId { session.peer }
  }

  let index: Int
  /// Its key, with those before; and one that its next start takes.
  private(set) var key: NodeKey
  var nextKey: NodeKey?
  /// Whether the site was told of every key that it had.
  var hasSaidKeyChange = false
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
  /// The runs that this disk wrote: of those of a twin it is not the keeper.
  var incarnations: Set<Incarnation> = []
  /// Whether its disk was ever put back to a copy of before: others may know more of it than it.
  var wasRestored = false
  /// Whether that was since its last start.
  var hasForgotten = false
  /// Whether it alters what it serves, and whether that is always the same.
  var isLiar = false
  var isStubborn = false
  /// Whether some of what it proves is made up.
  var isFalseKeeper = false
  /// Whether it runs the version before.
  var isOld = false
  /// Whether somebody else runs with a copy of its card.
  var isTwinned = false
  /// Whether its disk says "synced" and does nothing.
  var isDiskLying = false
  /// Whether its disk may have lost what it said to have.
  var isUnsound = false
  /// Whether it was ever told a wrong time by a clock that said to be right.
  var hasFalseTime = false
  /// Whether it has signed two contents under one identity: its own journal keeps the one.
  var isForger = false
  /// Whether it writes what became of orders as no daemon would.
  var isMeddler = false
  /// Whether others have filled its disk, and since when it has recorded nothing for want of room.
  var isCrowded = false
  var fullSinceUs: Int64?
  /// Whether it is to look for room.
  var isRoomDue = false
  /// Whether it is shut out of the site, and whether some of its rights were ever taken.
  var isOut = false
  var hasLostRights = false
  /// How much faster its running clock goes, in parts per million.
  var driftPpm: Int64 = 0
  /// When its desk is to be told of the time next.
  var tickAtUs: Int64 = .max

  init(index: Int, isHub: Bool, key: NodeKey, clockEpoch: ClockEpoch, disk: FaultDisk) {
    self.index = index
    self.isHub = isHub
    self.key = key
    self.clockEpoch = clockEpoch
    self.disk = disk
  }

  /// What the run before knew at its end, where its disk has to have that.
  var foldsBefore: (registers: RegisterFold, commands: CommandFold)?

  var isUp: Bool { running != nil }
  var name: String { (isHub ? "hub" : "node") + "\(index)" }

  /// Opens the store; false where the disk would not.
  func start(site: SiteId, incarnation: Incarnation) throws(DatabaseError) {
    runs += 1
    if var next = nextKey {
      next.former = key.former
      var old = key
      old.former = []
      next.former.append(old)
      (key, nextKey) = (next, nil)
    }
    incarnations.insert(incarnation)
    let store = try PlainStore(
      StoreOptions(
        path: "node.db", node: key.id, former: key.former.map(\.id), clockEpoch: clockEpoch,
        incarnation: incarnation, vfs: disk.name))
    var membership = Membership(site: site)
    _ = membership.insert(Self.facts(try store.membership(), site))
    running = Running(
      store: store, batch: ReadingBatch(cursors: store.opening.cursors),
      vector: try store.vector(), registers: store.opening.registers,
      commands: store.opening.siteCommands, membership: membership,
      access: store.opening.access, isOld: isOld)
    tickAtUs = .max
    _ = try run { (now) throws(DatabaseError) in try now.rejudge(site) }
  }

  /// Whether this disk wrote a run.
  func isOwn(_ run: RunId) -> Bool {
    owns(run.origin) && incarnations.contains(run.incarnation)
  }

  /// Whether a name is its own, under its present key or one before.
  func owns(_ node: NodeId) -> Bool { key.signer(of: node) != nil }

  /// The names that it has and had, the oldest first.
  var ids: [NodeId] { key.former.map(\.id) + [key.id] }

  /// Whether its proof lets readings of others go.
  var isKeeper: Bool { isHub && !isOut }

  /// Whether others may know more of it than it, or something else.
  var mayBeBeyond: Bool { wasRestored || isTwinned }

  /// Whether its folds may be others than everybody's: what it wrote without the right to counts on
  /// it alone, and of two contents that it signed the one in its journal.
  var isApart: Bool { hasLostRights || isForger }

  func stop() {
    foldsBefore = running.flatMap { $0.hasFailed ? nil : ($0.registers, $0.commands) }
    running = nil
  }

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

  func bootUs(_ nowUs: Int64) -> Int64 {
    let us = nowUs - bootedAtUs
    return max(1, us + us * driftPpm / 1_000_000 + 1_000_000)
  }

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
  var rules: ReceiveRules { Self.rules(membership, isOld: isOld) }

  /// The same of another membership.
  static func rules(_ membership: Membership, isOld: Bool) -> ReceiveRules {
    ReceiveRules(
      isMember: { membership.isKnown($0) },
      introduces: { membership.introduces($0, $1) },
      unapplied: { record, entry in
        if isOld, (10...11).contains(entry.content.kind) { return .kind }
        guard let need = Rights.need(of: entry.content, by: record.origin) else { return .kind }
        // What membership entries come to is the fold's affair: they are always in it.
        guard need != .membership else { return nil }
        return membership.lacks(need, record: record, hash: []).isEmpty ? nil : .right
      })
  }

  /// Whether another node is somebody here, under whichever of its names.
  func admits(_ node: SimulatedNode) -> Bool { node.ids.contains { admits($0) } }

  /// Whether another node may have a session.
  func admits(_ peer: NodeId) -> Bool {
    membership.standing(of: peer).map { !$0.scopes.isEmpty } ?? false
  }

  /// Takes a batch as far as it came, and what waited for somebody whom it names.
  mutating func receive(
    _ bytes: [UInt8], from peer: NodeId, _ site: SiteId
  ) throws(DatabaseError) -> (dropped: UInt64, refused: UInt64, kept: Int, reports: [ReceiveReport])
  {
    var items = BatchItems(bytes)
    var found: [BatchItem] = []
    while let item = items.next() { found.append(item) }
    return try receive(found, from: peer, site)
  }

  /// The same of items that were read.
  mutating func receive(
    _ items: [BatchItem], from peer: NodeId, _ site: SiteId
  ) throws(DatabaseError) -> (dropped: UInt64, refused: UInt64, kept: Int, reports: [ReceiveReport])
  {
    let items = isOld ? items.filter(\.isOfVersion1) : items
    var carried = CarriedBatch()
    var reports: [ReceiveReport] = []
    for item in items {
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
    news += report.applied
    let change = membership.insert(SimulatedNode.facts(report.applied, site))
    if report.foldsAnew {
      let folded = try store.folded()
      (registers, commands) = (folded.registers, folded.siteCommands)
      access = folded.access
    }
    try follow(change, site)
  }

  /// Who belongs, and who may what, is another: what is here is judged by that.
  private mutating func follow(
    _ change: Membership.Change, _ site: SiteId
  ) throws(DatabaseError) {
    if !change.changed.isEmpty { try rejudge(site) }
    guard !change.named.isEmpty else { return }
    while true {
      let more = try store.receiveSpool(rules: rules)
      guard more.entriesKept + more.commitsKept + more.knownCount > 0 else { break }
      try absorb(more, site)
    }
  }

  /// Judges everything again.
  mutating func rejudge(_ site: SiteId) throws(DatabaseError) {
    var progress = Rejudging()
    while !progress.isComplete { try absorb(store.rejudge(&progress, rules: rules), site) }
  }

  mutating func apply(_ applied: ReceiveReport.Applied) {
    switch applied.entry.content {
    case .accessRevoked(let revocation): access.apply(revocation)
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
      if !change.changed.isEmpty { try rejudge(site) }
      if !change.named.isEmpty { try absorb(try store.receiveSpool(rules: rules), site) }
      vector = try store.vector()
    } catch {
      // The next commit or receipt reads both again.
      hasFailed = true
    }
    return receipt
  }
}
