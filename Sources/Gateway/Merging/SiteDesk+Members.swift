internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Founding a site, coming back to it, and taking rights.
extension SiteDesk {
  private static var keyFile: String { "/site.key" }

  func site() -> SiteView {
    let members = (membership?.members ?? []).map { node in
      let standing = membership?.standing(of: node)
      return MemberView(
        node: "\(node)", label: standing?.label ?? "", scopes: Self.words(standing?.scopes ?? []),
        depth: standing?.depth ?? 0, isSelf: node == key.id, successor: successor(after: node))
    }
    var view = SiteView(
      site: membership.map { "\($0.site)" }, name: membership?.name ?? "", node: "\(key.id)",
      members: members.sorted { ($0.label, $0.node) < ($1.label, $1.node) },
      keepsKey: System.exists(settings.stateFolder + Self.keyFile))
    view.nextNode = nextKey.map { "\($0)" }
    return view
  }

  func createSite(
    _ wanted: SiteRequest, author: String
  ) async throws(ServiceError) -> NewSiteView {
    try requireNoSite()
    let name = try Self.checked(wanted.name, "name")
    let label = try self.label(wanted.label)
    let seed = SyncDoor.random(NodeKey.seedByteCount)
    let siteKey = try Self.siteKey(seed)
    if wanted.keep == true { try await keep(seed) }
    let founded = SiteFounded(name: name, siteKey: siteKey)
    let grant = Grant(site: founded.site, node: key.id, label: label, scopes: Self.named)
    try await recorder.write(.siteFounded(founded), author: author)
    try await recorder.write(.grant(grant.signed(by: siteKey)), author: author)
    await reload()
    return NewSiteView(site: site(), siteKey: SiteKeyText.text(seed: seed))
  }

  func recoverSite(
    _ wanted: RecoveryRequest, author: String
  ) async throws(ServiceError) -> SiteView {
    guard let seed = SiteKeyText.seed(wanted.siteKey) else { throw Self.wrongKey }
    let siteKey = try Self.siteKey(seed)
    let id = SiteId(siteKey)
    // A node that was thrown out, or whose grant is lost, has the entries of its site all the same.
    var known = Membership(site: id)
    let facts = SiteChoice.facts(of: rows, in: id)
    guard !facts.isEmpty, membership == nil || membership?.site == id else { throw Self.wrongKey }
    _ = known.insert(facts)
    let generation = known.generation(of: key.id).map { $0 + 1 } ?? 0
    let grant = Grant(
      site: id, node: key.id, label: try label(wanted.label), scopes: Self.named,
      generation: generation)
    try await recorder.write(.grant(grant.signed(by: siteKey)), author: author)
    await reload()
    return site()
  }

  func revoke(
    _ peer: String, _ wanted: RevocationRequest, author: String
  ) async throws(ServiceError) -> SiteView {
    let membership = try requireSite()
    let node = try find(peer, in: membership)
    guard node != key.id else {
      throw ServiceError(
        status: 409, code: "site.no-right", detail: "a node does not take its own rights",
        remedy: "do it on another node of the site that may grant")
    }
    let siteKey = keptKey(of: membership.site)
    let mine = membership.standing(of: key.id)
    let theirs = membership.standing(of: node)
    let mayCut = mine?.scopes.contains(.grant) == true && mine?.depth ?? 0 < theirs?.depth ?? 0
    guard siteKey != nil || mayCut else { throw Self.noRight }
    let vector: HaveVector
    do throws(DatabaseError) { vector = try await store.vector() } catch {
      throw Problems.service(error)
    }
    var revocation = Revocation(
      site: membership.site, node: node, scopesLeft: [],
      generation: membership.generation(of: node) ?? 0,
      past: SeenPast(runs: SeenPast.runs(of: node, in: vector), kept: membership.spoken(by: node)),
      reason: try Self.checked(wanted.reason ?? "", "reason", mayBeEmpty: true))
    if let siteKey { revocation = revocation.signed(by: siteKey) }
    try await recorder.write(.revocation(revocation), author: author)
    await reload()
    return site()
  }

  // MARK: Helpers

  /// Every right that has a name.
  static let named: Scopes = [.record, .state, .command, .people, .grant, .keeper, .serve]

  static func words(_ scopes: Scopes) -> [String] {
    let known = scopes.intersection(named)
    return known.isEmpty ? [] : known.description.split(separator: "+").map(String.init)
  }

  func requireSite() throws(ServiceError) -> Membership {
    guard let membership else {
      throw ServiceError(
        status: 409, code: "site.none", detail: "this node belongs to no site",
        remedy: "bivouac site create NAME, or bivouac peers pair with an invitation of another node"
      )
    }
    return membership
  }

  private func requireNoSite() throws(ServiceError) {
    guard let membership else { return }
    throw ServiceError(
      status: 409, code: "site.exists", parameters: ["site": membership.name],
      detail: "this node belongs to the site \(membership.name) already",
      remedy: "a node belongs to one site: on a hub, make another one with bivouac site create NAME"
        + " --site SHORT; elsewhere, with a state folder of its own")
  }

  /// What this node is called.
  func label(_ wanted: String?) throws(ServiceError) -> String {
    let configured = settings.sync.label
    let text = wanted ?? (configured.isEmpty ? System.machineName() : configured)
    return try Self.checked(text, "label")
  }

  static func checked(
    _ text: String, _ what: String, mayBeEmpty: Bool = false
  ) throws(ServiceError) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    guard mayBeEmpty || !text.isEmpty, text.utf8.count <= 255, isPlain else {
      throw ServiceError(
        status: 422, code: "bad-argument", parameters: ["argument": what],
        detail: "\(what) has 1 to 255 bytes of text on one line",
        remedy: "give another \(what)")
    }
    return text
  }

  /// The member that a text names: its id, the beginning of it, or its label.
  func find(_ text: String, in membership: Membership) throws(ServiceError) -> NodeId {
    let members = membership.members
    // Keys that others took the place of keep their name: the name means the present one.
    let named = members.filter {
      membership.standing(of: $0)?.label == text && !membership.isSucceeded($0)
    }
    let found =
      named.isEmpty && text.count >= 4
      ? members.filter { "\($0)".hasPrefix(text.lowercased()) } : named
    guard found.count == 1, let node = found.first else {
      throw ServiceError(
        status: found.isEmpty ? 404 : 409, code: found.isEmpty ? "peer.unknown" : "ambiguous",
        parameters: ["peer": text],
        detail: found.isEmpty
          ? "no node of the site is called \(text)" : "\(text) names more than one node",
        remedy: "bivouac peers list shows them")
    }
    return node
  }

  private static func siteKey(_ seed: [UInt8]) throws(ServiceError) -> NodeKey {
    guard let key = NodeKey(seed: seed) else { throw wrongKey }
    return key
  }

  private func keep(_ seed: [UInt8]) async throws(ServiceError) {
    let path = settings.stateFolder + Self.keyFile
    let result = await Task.detached {
      Result { () throws(Errno) in try System.writeFile(path, seed, mode: 0o600) }
    }.value
    do throws(Errno) { try result.get() } catch {
      throw Problems.service(DatabaseError(.inputOutput, path: path, message: "\(error)"))
    }
  }

  /// The site's key where this node keeps it, and it is this site's.
  private func keptKey(of site: SiteId) -> NodeKey? {
    do throws(Errno) {
      let seed = try System.readFile(
        settings.stateFolder + Self.keyFile, bytesMax: NodeKey.seedByteCount)
      return NodeKey(seed: seed).flatMap { SiteId($0) == site ? $0 : nil }
    } catch {
      return nil
    }
  }

  static let wrongKey = ServiceError(
    status: 422, code: "site.wrong-key", detail: "this is not the key of this node's site",
    remedy: "type the 56 characters that `bivouac site create` showed")

  static let noRight = ServiceError(
    status: 403, code: "site.no-right", detail: "this node has no right to do that in its site",
    remedy: "do it on a node that may grant, above the one it is about")
}
