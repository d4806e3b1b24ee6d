internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// The links to peers, and what is told of them.
extension SiteDesk: SitesService {
  /// Calls an address from now on, in memory. One that is called already gets the pin that was said
  /// last.
  func call(_ url: SyncUrl, expecting node: NodeId?) {
    var peer = node
    if let index = links.firstIndex(where: { $0.url.description == url.description }) {
      guard links[index].url.pin != url.pin else { return }
      let old = links.remove(at: index)
      peer = peer ?? old.peer
      Task { @Loop in await old.stop() }
    }
    let link = PeerLink(
      url: url, trust: settings.trust(for: url), peer: peer, node: self, carriage: carriage,
      origins: originsAsked, log: log)
    links.append(link)
    link.start()
  }

  /// Whose readings are asked of the nodes that this one calls; nil for everybody's.
  private var originsAsked: Set<NodeId>? {
    settings.sync.readings == .own ? Set(key.former.map(\.id) + [key.id]) : nil
  }

  /// Calls an address from now on, at every start.
  func addLink(_ url: SyncUrl, expecting node: NodeId?) async throws(ServiceError) {
    let isCalled = links.contains { $0.url.description == url.description }
    guard links.count < PeerFile.peersMax || isCalled else {
      throw ServiceError(
        status: 409, code: "too-many", parameters: ["limit": "\(PeerFile.peersMax)"],
        detail: "\(PeerFile.peersMax) peers are called already", remedy: "remove one of them")
    }
    call(url, expecting: node)
    try await writePeers()
  }

  private func writePeers() async throws(ServiceError) {
    let peers = links.map { PeerFile.Peer(url: $0.url, node: $0.peer) }
    do throws(Errno) {
      try await PeerFile.write(peers, settings.stateFolder)
    } catch {
      throw Problems.service(
        DatabaseError(.inputOutput, path: settings.stateFolder + "/peers", message: "\(error)"))
    }
  }

  func addPeer(_ wanted: PeerRequest) async throws(ServiceError) -> SyncView {
    _ = try requireSite()
    guard let url = SyncUrl(wanted.url) else { throw Self.badUrl(wanted.url) }
    try await addLink(try Self.pinned(url, wanted.pin), expecting: nil)
    return await sync()
  }

  func removePeer(_ peer: String) async throws(ServiceError) -> SyncView {
    let membership = try requireSite()
    var index = SyncUrl(peer).flatMap { url in
      links.firstIndex { $0.url.description == url.description }
    }
    if index == nil {
      let node = try find(peer, in: membership)
      index = links.firstIndex { $0.peer == node }
    }
    guard let index else {
      throw ServiceError(
        status: 404, code: "peer.unknown", parameters: ["peer": peer],
        detail: "\(peer) is not called by this node", remedy: "bivouac sync status shows who is")
    }
    let link = links.remove(at: index)
    await link.stop()
    try await writePeers()
    return await sync()
  }

  func syncNow() async throws(ServiceError) -> SyncView {
    _ = try requireSite()
    for link in links { link.hurry() }
    return await sync()
  }

  func sync() async -> SyncView {
    var view = SyncView(
      site: membership.map { "\($0.site)" }, listening: listening, peers: [],
      waiting: waitingCount, conflicts: strangeCount)
    view.pin = listener?.pin?.description
    let mine: HaveVector?
    do throws(DatabaseError) { mine = try await store.vector() } catch { mine = nil }
    var shown: Set<NodeId> = []
    for link in links {
      var peer = self.view(of: link, mine)
      peer.backlogBytes = await bytes(lacking: mine) { link.known($0) }
      view.peers.append(peer)
      if let peer = link.peer { shown.insert(peer) }
    }
    // A key that another took the place of is no peer of its own.
    for member in membership?.members ?? []
    where key.signer(of: member) == nil && !shown.contains(member)
      && membership?.isSucceeded(member) != true
    {
      var peer = self.view(ofMember: member, mine)
      if let session = door.session(of: member) {
        peer.backlogBytes = await bytes(lacking: mine) { session.known($0) }
      }
      view.peers.append(peer)
    }
    await countKept(&view)
    return view
  }

  /// What the status tells.
  var tally: SyncTallyView {
    let others = (membership?.members ?? []).filter { $0 != key.id && admits($0) }
    let reached = others.filter { peer in
      door.session(of: peer) != nil || links.contains { $0.peer == peer && $0.isReached }
    }
    var tally = SyncTallyView(
      role: settings.isHub ? "hub" : "gateway", site: membership?.name, peers: others.count,
      reached: reached.count, conflicts: conflictsStanding, strange: strangeCount)
    (tally.proofs, tally.proofsFailed) = keepers.proofs
    tally.proofsRefused = keepers.refusedCount
    tally.hellosLimited = door.limitedCount
    return tally
  }

  /// What people call a node: its label, else its id.
  func name(of node: NodeId) -> String {
    let label = label(of: node)
    return label.isEmpty ? "\(node)" : label
  }

  private func label(of node: NodeId?) -> String {
    node.flatMap { membership?.standing(of: $0)?.label } ?? ""
  }

  private func view(of link: PeerLink, _ mine: HaveVector?) -> PeerSyncView {
    let (state, code) = Self.words(link.state)
    var view = PeerSyncView(
      node: link.peer.map { "\($0)" }, label: label(of: link.peer), url: "\(link.url)",
      state: state)
    view.code = code
    view.pin = link.url.pin?.description
    view.lastContactSeconds = link.heardUs.map { (Clock.bootUs() - $0) / 1_000_000 }
    view.sentBytes = link.sentBytes
    view.receivedBytes = link.receivedBytes
    view.bytesPerSecond = link.bytesPerSecond
    view.backlogSeconds = link.behindUs.map { (Clock.bootUs() - $0) / 1_000_000 }
    count(&view, mine, readingsOf: originsAsked) { link.known($0) }
    return view
  }

  private func view(ofMember node: NodeId, _ mine: HaveVector?) -> PeerSyncView {
    let session = door.session(of: node)
    var view = PeerSyncView(
      node: "\(node)", label: label(of: node), url: nil,
      state: session == nil ? "absent" : "called")
    guard let session else { return view }
    view.lastContactSeconds = (Clock.bootUs() - session.usedUs) / 1_000_000
    view.sentBytes = session.sentBytes
    view.receivedBytes = session.receivedBytes
    count(&view, mine) { session.known($0) }
    return view
  }

  /// What the records have, as stored, that a peer is known to lack.
  private func bytes(
    lacking mine: HaveVector?, _ known: (ExchangeChannel) -> HaveVector?
  ) async -> UInt64? {
    guard let mine, let node else { return nil }
    var lacking: [LogId: Intervals] = [:]
    for channel in ExchangeChannel.allCases {
      guard let theirs = known(channel) else { return nil }
      lacking.merge(theirs.wanted(from: mine.part(of: channel))) { $1 }
    }
    do throws(DatabaseError) {
      return try await node.history.storedBytes(of: lacking)
    } catch {
      return nil
    }
  }

  /// Counts what waits in both directions; of readings that are to come those of `origins` alone,
  /// where there are any.
  private func count(
    _ view: inout PeerSyncView, _ mine: HaveVector?, readingsOf origins: Set<NodeId>? = nil,
    _ known: (ExchangeChannel) -> HaveVector?
  ) {
    guard let mine, let backlog = Backlog(mine, readingsOf: origins, known: known) else { return }
    view.backlogRecords = backlog.toSend
    view.missingRecords = backlog.toCome
  }

  private static func words(_ state: PeerLink.State) -> (String, code: String?) {
    switch state {
    case .connecting: ("connecting", nil)
    case .exchanging: ("exchanging", nil)
    case .even: ("even", nil)
    case .unreachable(let code): ("unreachable", code)
    }
  }
}
