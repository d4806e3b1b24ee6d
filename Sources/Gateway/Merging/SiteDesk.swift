internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// This node among others: which site it belongs to, who may speak, and the links to them.
///
/// It decides nothing by itself: who belongs is `Membership`, what is exchanged `ExchangeMachine`
/// and `ExchangeResponder`, what is kept `Store.receive`, and what it means the folds of `Node`.
@Loop final class SiteDesk {
  /// What it is started with.
  struct Settings: Sendable {
    var sync: Configuration.Sync
    var stateFolder: String
    var clockEpoch: ClockEpoch
    var isHub = false
    /// What stands before `/sync` at every address of this daemon; empty for its first site.
    var path = ""
    /// The file of authorities that are trusted instead of the system's; nil for these.
    var authorities: String?

    /// Whom a client takes for the node behind an address.
    func trust(for url: SyncUrl) -> ServerTrust {
      url.pin.map { .pin($0) } ?? .authorities(file: authorities)
    }
  }

  let settings: Settings
  let key: NodeKey
  let store: Store
  let recorder: Recorder
  let log: Log
  let databasePath: String
  private(set) weak var node: Node?
  private(set) var membership: Membership?
  /// The entries behind it, to be shown to who joins.
  private(set) var rows: [MembershipRow] = []
  var invitations: InvitationBook?
  /// What those who join with an invitation may do, by its name.
  var invited: [[UInt8]: Invited] = [:]
  /// A pairing of this node is under way.
  var isPairing = false
  var links: [PeerLink] = []
  /// Where other nodes come in; the daemon's own, which it may share with further sites.
  weak var listener: SyncListener?
  /// What came and is of nobody known.
  private(set) var waitingCount = 0
  /// Identities with two contents, forks, and runs of this node that went on elsewhere.
  private(set) var strangeCount = 0
  private var ownElsewhere: Set<Incarnation> = []
  /// Running clocks of other nodes, as sessions measured them: of members, so bounded as these are.
  private(set) var clocks: [NodeId: PeerClock] = [:]
  let news = Signal()
  private var newsCounts: [ExchangeChannel: UInt64] = [:]
  let carriage = Carriage()
  lazy var door = SyncDoor(node: self, carriage: carriage)
  lazy var bundles = makeBundles()
  lazy var keepers = makeKeepers()
  /// How many conflicts of settings stood at some count of news.
  var conflictsKnown: (atUs: Int64, news: UInt64, count: Int)?
  /// The key that the next start takes.
  var nextKey: NodeId?
  /// Keys that this node has retired in this run, since their successors did: of members.
  var confirmed: Set<NodeId> = []
  /// What is left of a change of keys, while the disk does not take it.
  var rotation: Task<Void, Never>?
  /// What wakes the next look at who is heard; there is none on a gateway.
  var silenceTimer: LoopTimer?
  private var isReloading = false
  private var reloadsWanted: UInt64 = 0
  private let reloaded = Signal()

  init(node: Node, key: NodeKey, settings: Settings) {
    self.node = node
    self.key = key
    self.settings = settings
    store = node.store
    recorder = node.recorder
    databasePath = node.settings.databasePath
    log = node.log
  }

  /// Finds out which site it is, and calls the peers that it knows.
  func start() async {
    await completeRotation()
    await reload()
    for peer in PeerFile.read(settings.stateFolder) { call(peer.url, expecting: peer.node) }
    watchSilence()
  }

  /// Ends every session where it is: what was stored counts.
  func stop() async {
    silenceTimer = nil
    rotation?.cancel()
    for link in links { await link.stop() }
    links = []
    bundles.stop()
    keepers.stop()
    carriage.end()
  }

  // MARK: Who belongs

  /// Reads who belongs anew, and takes what waited for somebody who is known now; returns when
  /// what was on the disk at the call counts.
  func reload() async {
    reloadsWanted &+= 1
    let wanted = reloadsWanted
    while reloaded.count < wanted {
      let seen = reloaded.count
      guard !isReloading else {
        _ = await reloaded.wait(beyond: seen, forUs: PeerLink.restUs)
        continue
      }
      isReloading = true
      let covered = reloadsWanted
      await readMembers()
      isReloading = false
      while reloaded.count < covered { reloaded.raise() }
    }
  }

  private func readMembers() async {
    do throws(DatabaseError) {
      let rows = try await store.membershipRows()
      let me = key.id
      // Signatures take their time: not on the loop.
      let found = await Task.detached { SiteChoice.membership(of: rows, for: me) }.value
      let isChanged = found?.count != membership?.count
      self.rows = rows
      take(found)
      guard found != nil else { return }
      await apply(try await store.receiveSpool(rules: receiveRules()))
      // Also at the start: what an earlier version did not know may be known now.
      if isChanged { try await rejudge() }
    } catch {
      log.write(.warning, "site.unread", ["cause": error.cause])
    }
  }

  /// Judges what is here by the rights as they are now, slice by slice: commits go between.
  private func rejudge() async throws(DatabaseError) {
    var progress = Rejudging()
    while !progress.isComplete {
      let (report, next) = try await store.rejudge(progress, rules: receiveRules())
      progress = next
      await apply(report)
    }
  }

  private func take(_ found: Membership?) {
    let before = membership
    membership = found
    guard let found else { return }
    if before?.site != found.site {
      invitations = InvitationBook(site: found.site, node: key.id)
      log.write(.notice, "site.joined", ["site": "\(found.site)", "name": found.name])
    }
    for member in found.members where !admits(member) { door.end(member) }
    for link in links { link.hurry() }
    confirmSuccessions()
  }

  // MARK: What is new

  /// An entry of this node's own is on the disk.
  func noteEntry(_ content: JournalContent) {
    noteNews(.state)
    if Self.isMembership(content) { Task { @Loop in await self.reload() } }
  }

  /// There is more of a channel than before.
  func noteNews(_ channel: ExchangeChannel) {
    newsCounts[channel, default: 0] &+= 1
    news.raise()
    for link in links { link.noteNews(channel) }
  }

  private static func isMembership(_ content: JournalContent) -> Bool {
    switch content {
    case .siteFounded, .grant, .revocation, .succession: true
    default: false
    }
  }

  private func apply(_ report: ReceiveReport) async {
    waitingCount += report.waitingCount
    noteStrange(report)
    await node?.absorb(report)
    if report.entriesKept > 0 { noteNews(.state) }
    if report.commitsKept > 0 { noteNews(.telemetry) }
  }

  /// What only a copied or restored card, or a key in other hands, can bring about.
  private func noteStrange(_ report: ReceiveReport) {
    let two = report.conflicts.count + report.forks.count
    // Runs of this node that this disk knows nothing of: each is told once.
    let own = report.applied.map(\.record).filter { key.signer(of: $0.origin) != nil }
    let runs = Set(own.map(\.incarnation))
      .union(report.ownBeyond.map(\.incarnation))
    let fresh = runs.subtracting(ownElsewhere)
    guard two > 0 || !fresh.isEmpty else { return }
    ownElsewhere.formUnion(fresh)
    strangeCount += two + fresh.count
    log.write(
      .error, "merging.strange",
      [
        "conflicts": "\(report.conflicts.count)", "forks": "\(report.forks.count)",
        "own_elsewhere": "\(fresh.count)",
      ])
    if !fresh.isEmpty {
      node?.note(
        ProblemView(
          code: "site.own-elsewhere", parameters: ["count": "\(ownElsewhere.count)"],
          detail: "\(ownElsewhere.count) runs of this very node were recorded elsewhere: its card"
            + " was copied, or it was restored from a backup; where a copy still runs, switch it"
            + " off, and pair it anew with an empty state folder"))
    }
    if two > 0 {
      node?.note(
        ProblemView(
          code: "site.two-contents", parameters: ["count": "\(two)"],
          detail: "\(two) records have two contents under one signature: two copies of one node ran"
            + " at once, or its key is in other hands; both are kept, and the same one counts"
            + " everywhere"))
    }
  }

  // MARK: Listening

  /// Where other nodes reach this one, without the scheme where it is plain HTTP.
  var listening: [String] { (listener?.listening ?? []).map { $0 + settings.path } }

  /// The routes of `/sync`, which the loopback server has too, for a proxy in front of it.
  func addRoutes(to router: inout Router) {
    door.addRoutes(to: &router)
    addPairing(to: &router)
    addSuccession(to: &router)
  }
}

extension SiteDesk: MergingNode {
  var siteId: SiteId? { membership?.site }

  func newsCount(_ channel: ExchangeChannel) -> UInt64 { newsCounts[channel] ?? 0 }

  func admits(_ peer: NodeId) -> Bool {
    guard let standing = membership?.standing(of: peer) else { return false }
    return !standing.scopes.isEmpty
  }

  func receiveRules() -> ReceiveRules { Self.rules(of: membership) }

  /// What a membership says of what comes.
  static func rules(of membership: Membership?) -> ReceiveRules {
    ReceiveRules { node in
      membership?.isKnown(node) ?? false
    } introduces: { record, content in
      membership?.introduces(record, content) ?? false
    } unapplied: { record, entry in
      guard let membership else { return .right }
      switch Rights.need(of: entry.content, by: record.origin) {
      case nil: return .kind
      // Whether it counts is the membership's own fold, which has every such entry.
      case .membership?, Rights.Need.none?: return nil
      case .scopes(let needed)?:
        return membership.scopes(of: record).isSuperset(of: needed) ? nil : .right
      }
    }
  }

  func absorb(_ outcome: Carriage.Outcome, from peer: NodeId) async {
    await absorb(outcome.reports)
    node?.noteElsewhere(outcome.devices)
  }

  /// The same, of records whose readings nobody has to be shown at once.
  func absorb(_ reports: [ReceiveReport]) async {
    for report in reports {
      await apply(report)
      if report.applied.contains(where: { Self.isMembership($0.entry.content) }) {
        await reload()
      }
    }
  }

  func clockReading() -> ClockReading {
    ClockReading(settings.clockEpoch, bootUs: Clock.bootUs())
  }

  func note(_ clock: PeerClock, of peer: NodeId) { clocks[peer] = clock }

  func vector(_ channel: ExchangeChannel) async throws(DatabaseError) -> HaveVector {
    try await store.vector().part(of: channel)
  }
}
