internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// Invitations, and joining with one (docs/sync-format.md, section 7).
extension SiteDesk {
  static let usesMax = 1_000
  static let minutesMax = 7 * 24 * 60

  // MARK: Inviting

  func invite(
    _ wanted: InvitationRequest, author: String
  ) async throws(ServiceError) -> InvitationView {
    let membership = try requireSite()
    let mine = membership.standing(of: key.id)?.scopes ?? []
    guard mine.contains(.grant) else { throw Self.noRight }
    let scopes = try wanted.scopes.map { (words) throws(ServiceError) in try Self.scopes(words) }
    let url = try pinned(try ownUrl(wanted.url), wanted.pin)
    let (uses, minutes) = (wanted.uses ?? 1, wanted.minutes ?? 15)
    guard (1...Self.usesMax).contains(uses) else { throw Self.badArgument("uses") }
    guard (1...Self.minutesMax).contains(minutes) else { throw Self.badArgument("minutes") }
    guard let key = InvitationKey(SyncDoor.random(InvitationKey.byteCount)) else {
      preconditionFailure("sixteen bytes make a key")
    }
    let nowMs = Clock.bootUs() / 1_000
    invitations?.expire(nowMs: nowMs)
    let isTaken =
      invitations?.invite(key, uses: uses, endsMs: nowMs + Int64(minutes) * 60_000) ?? false
    guard isTaken else {
      throw ServiceError(
        status: 409, code: "too-many", parameters: ["limit": "\(Sync.Limits.invitationsMax)"],
        detail: "\(Sync.Limits.invitationsMax) invitations hold already",
        remedy: "wait until some are over")
    }
    invited = invited.filter { $0.value.endsMs > nowMs }
    invited[key.name] = Invited(
      scopes: (scopes ?? [.record, .state, .serve]).intersection(mine),
      endsMs: nowMs + Int64(minutes) * 60_000, author: author)
    let link = InvitationLink(site: membership.site, key: key, url: url.text)
    return InvitationView(
      key: key.text, url: url.text, link: link.text, uses: uses, seconds: minutes * 60)
  }

  /// What an invitation promises.
  struct Invited {
    let scopes: Scopes
    let endsMs: Int64
    let author: String
  }

  /// Where a joiner reaches this node.
  private func ownUrl(_ wanted: String?) throws(ServiceError) -> SyncUrl {
    if let wanted {
      guard let url = SyncUrl(wanted) else { throw Self.badUrl(wanted) }
      return url.below(settings.path)
    }
    if let url = SyncUrl(settings.sync.url) { return url.below(settings.path) }
    let addresses = listener?.addresses ?? []
    // An address that stands for all of this machine's is none to be reached at.
    let own = addresses.first { !["0.0.0.0", "::"].contains($0.address.host) } ?? addresses.first
    if let own {
      let address = own.address
      let isAny = ["0.0.0.0", "::"].contains(address.host)
      let host = isAny ? "\(System.machineName()):\(address.port)" : "\(address)"
      let scheme = own.isEncrypted ? "https://" : "http://"
      if let url = SyncUrl(scheme + host + settings.path) { return url }
    }
    throw ServiceError(
      status: 409, code: "sync.no-address", detail: "no other node can reach this one",
      remedy: "set listen under [sync] in the configuration, as [\"0.0.0.0:8421\"], or say with"
        + " --url where a proxy makes it reachable")
  }

  /// With what the joiner pins there: what was asked for, or the certificate that this node made.
  private func pinned(_ url: SyncUrl, _ wanted: String?) throws(ServiceError) -> SyncUrl {
    guard wanted == nil, url.isEncrypted, url.pin == nil, let pin = listener?.pin else {
      return try Self.pinned(url, wanted)
    }
    return url.pinned(to: pin) ?? url
  }

  /// An address with the pin that a person gives beside it, where one is given.
  static func pinned(_ url: SyncUrl, _ wanted: String?) throws(ServiceError) -> SyncUrl {
    guard let wanted else { return url }
    let pin = PublicKeyPin(text: wanted)
    guard pin != nil || wanted == "none", let url = url.pinned(to: pin) else {
      throw badPin(wanted)
    }
    return url
  }

  func addPairing(to router: inout Router) {
    let types = ["application/octet-stream"]
    router.add(
      .post, "/sync/1/invitation", access: .open, mediaTypes: types, bodyBytesMax: 4_096
    ) { [weak self] request in
      if let refusal = self?.door.tooOften(request) { return refusal }
      return await self?.meet(request.body) ?? .gone
    }
    router.add(
      .post, "/sync/1/joining", access: .open, mediaTypes: types, bodyBytesMax: 4_096
    ) { [weak self] request in
      if let refusal = self?.door.tooOften(request) { return refusal }
      return await self?.admit(request.body) ?? .gone
    }
  }

  private func meet(_ message1: [UInt8]) async -> Response {
    guard membership != nil else { return .octets(PairingRefusal.membership.unsigned) }
    let batch: [UInt8]
    do throws(DatabaseError) {
      batch = try await membershipBatch { _ in true }
    } catch {
      return .syncBusy
    }
    let introduction = InvitationBook.Introduction(
      wallUs: Clock.wallUs(), nonce: SyncDoor.random(16), membership: batch)
    do throws(PairingRefusal) {
      guard
        let answer = try invitations?.meet(
          message1, introduction, nowMs: Clock.bootUs() / 1_000)
      else { throw .membership }
      return .octets(answer)
    } catch {
      log.write(.notice, "pairing.refused", ["code": error.rawValue])
      return .octets(error.unsigned)
    }
  }

  private func admit(_ message3: [UInt8]) async -> Response {
    let joiner: InvitationBook.Joiner
    do throws(PairingRefusal) {
      guard let found = try invitations?.prove(message3, nowMs: Clock.bootUs() / 1_000) else {
        throw .membership
      }
      joiner = found
    } catch {
      log.write(.notice, "pairing.refused", ["code": error.rawValue])
      return .octets(error.unsigned)
    }
    do throws(ServiceError) {
      try await grant(joiner)
      let node = joiner.node
      let batch = try await grants(of: node)
      log.write(.notice, "pairing.granted", ["node": "\(node)", "label": joiner.label])
      return .octets(joiner.granted(batch))
    } catch {
      log.write(.warning, "pairing.failed", ["code": error.code])
      return .octets(joiner.refused(.membership))
    }
  }

  /// Makes a joiner a member, once.
  private func grant(_ joiner: InvitationBook.Joiner) async throws(ServiceError) {
    let membership = try requireSite()
    guard !admits(joiner.node) else { return }
    let promised = invited[joiner.invitationName]
    let generation = membership.generation(of: joiner.node).map { $0 + 1 } ?? 0
    let grant = Grant(
      site: membership.site, node: joiner.node, label: joiner.label,
      scopes: promised?.scopes ?? .record, generation: generation)
    try await recorder.write(.grant(grant), author: promised?.author ?? "node")
    await reload()
  }

  private func grants(of node: NodeId) async throws(ServiceError) -> [UInt8] {
    do throws(DatabaseError) {
      return try await membershipBatch { row in
        if case .grant(let grant) = row.content { grant.node == node } else { false }
      }
    } catch {
      throw Problems.service(error)
    }
  }

  func membershipBatch(
    _ isWanted: (MembershipRow) -> Bool
  ) async throws(DatabaseError) -> [UInt8] {
    var asked: [LogId: Intervals] = [:]
    for row in rows where isWanted(row) {
      let run = RunId(origin: row.record.origin, incarnation: row.record.incarnation)
      asked[LogId(run, row.record.lane), default: Intervals()].insert(
        row.record.seq...row.record.seq)
    }
    return try await store.serve(asked, bytesMax: 1 << 20, key: key).bytes
  }

  // MARK: Joining

  func pair(_ wanted: PairingRequest, author: String) async throws(ServiceError) -> PairedView {
    guard !isPairing else { throw Self.refusal("busy") }
    isPairing = true
    defer { isPairing = false }
    let (key, url, site) = try Self.target(wanted)
    guard
      let joiner = PairingJoiner(
        key: key, node: self.key.id, label: try label(wanted.label), site: site,
        wallUs: Clock.wallUs(), nonce: SyncDoor.random(16))
    else { throw Self.badArgument("label") }
    let client = HTTPClient(.url(url.origin), trust: settings.trust(for: url))
    let message2 = try await Self.post(client, url, "invitation", joiner.message1)
    let met = try Self.pairing { () throws(PairingRefusal) in try joiner.met(by: message2) }
    if let own = membership, own.site != met.site { throw Self.refusal("wrong-site") }
    // Nothing is believed but what the site's key, and those it made members, have signed.
    let first = SiteChoice.rows(of: met.membership)
    var found = Membership(site: met.site)
    _ = found.insert(SiteChoice.facts(of: first, in: met.site))
    guard found.standing(of: met.inviter)?.scopes.contains(.grant) == true else {
      throw Self.refusal("membership")
    }
    let message4 = try await Self.post(client, url, "joining", met.message3)
    let batch = try Self.pairing { () throws(PairingRefusal) in try met.joined(by: message4) }
    _ = found.insert(SiteChoice.facts(of: SiteChoice.rows(of: batch), in: met.site))
    guard found.standing(of: self.key.id) != nil else { throw Self.refusal("membership") }
    try await keep([met.membership, batch], of: found, from: met.inviter)
    try await addLink(url, expecting: met.inviter)
    return PairedView(
      site: self.site(), inviter: "\(met.inviter)", isClockApart: met.isClockApart)
  }

  private func keep(
    _ batches: [[UInt8]], of membership: Membership, from inviter: NodeId
  ) async throws(ServiceError) {
    var reports: [ReceiveReport] = []
    var failure: DatabaseError?
    let rules = Self.rules(of: membership)
    for batch in batches where failure == nil {
      let outcome = await carriage.receive(batch, from: inviter, rules: rules, into: store)
      reports += outcome.reports
      failure = outcome.failure
    }
    // Only together do they make this node a member.
    await absorb(reports)
    await reload()
    if let failure { throw Problems.service(failure) }
  }

  private static func target(
    _ wanted: PairingRequest
  ) throws(ServiceError) -> (InvitationKey, SyncUrl, site: [UInt8]?) {
    if let link = InvitationLink(text: wanted.key.bare) {
      guard let url = SyncUrl(wanted.url ?? link.url) else { throw badUrl(link.url) }
      return (link.key, try pinned(url, wanted.pin), link.site)
    }
    guard let text = wanted.url else { throw badUrl("") }
    guard let url = SyncUrl(text) else { throw badUrl(text) }
    guard let key = InvitationKey(text: wanted.key.bare) else { throw refusal("wrong-key") }
    return (key, try pinned(url, wanted.pin), nil)
  }

  /// What is wrong with TLS, of `PeerFailure`.
  private static let tlsCodes: Set<String> = ["wrong-pin", "untrusted", "no-tls", "needs-tls"]

  private static func post(
    _ client: HTTPClient, _ url: SyncUrl, _ step: String, _ body: [UInt8]
  ) async throws(ServiceError) -> [UInt8] {
    do throws(PeerFailure) {
      let (bytes, cut) = try await PeerLine.exchange(client, url.prefix + "/sync/1/" + step, body)
      if let cut { throw cut }
      // A refusal that nobody proved: a hint for people, which nothing rests on.
      if bytes.first == 0, bytes.count >= 2, bytes.count == 2 + Int(bytes[1]) {
        let code = String(decoding: bytes.dropFirst(2), as: UTF8.self)
        if let refusal = PairingRefusal(rawValue: code) { throw .init(code: refusal.rawValue) }
      }
      return bytes
    } catch {
      let isSaid =
        PairingRefusal(rawValue: error.code) != nil || tlsCodes.contains(error.code)
      throw refusal(isSaid ? error.code : "unreachable", url: "\(url)", reason: error.code)
    }
  }

  private static func pairing<Result>(
    _ step: () throws(PairingRefusal) -> Result
  ) throws(ServiceError) -> Result {
    do throws(PairingRefusal) { return try step() } catch { throw refusal(error.rawValue) }
  }

  private static func scopes(_ words: [String]) throws(ServiceError) -> Scopes {
    var scopes: Scopes = []
    for word in words {
      guard let bit = (0..<7).first(where: { Scopes(rawValue: 1 << $0).description == word }) else {
        throw badArgument("scopes")
      }
      scopes.insert(Scopes(rawValue: 1 << bit))
    }
    return scopes
  }
}

extension String {
  /// Without the blanks that copying leaves around.
  fileprivate var bare: String { String(filter { !$0.isWhitespace }) }
}
