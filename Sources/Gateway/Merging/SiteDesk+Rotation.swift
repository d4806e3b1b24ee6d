internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// Another key for this node (docs/adr/0023): made while it runs, taken by its next start, and said
/// to the site by a succession that both keys sign.
extension SiteDesk {
  private static var authorFile: String { "/node.key.author" }
  /// How long a start waits before it tries again to record whose place it took, in s.
  private static let retrySeconds = 10

  func rotateKey(author: String) async throws(ServiceError) -> SiteView {
    let membership = try requireSite()
    guard membership.standing(of: key.id)?.scopes.isEmpty == false else { throw Self.noRight }
    if nextKey != nil { return site() }
    let folder = settings.stateFolder
    guard key.former.count < Storage.Limits.formerKeysMax else {
      throw ServiceError(
        status: 409, code: "too-many", parameters: ["limit": "\(Storage.Limits.formerKeysMax)"],
        detail: "this node has changed its key \(Storage.Limits.formerKeysMax) times",
        remedy: "pair a node with a fresh state folder, and revoke this one")
    }
    // Under the present key, before there is another: nobody else may speak of its commands.
    node?.tell(.retiring(true))
    do throws(ServiceError) {
      try await recorder.flush()
      nextKey = try await Self.makeKey(folder, author)
    } catch {
      node?.tell(.retiring(false))
      throw error
    }
    log.write(.notice, "key.made", ["node": nextKey.map { "\($0)" } ?? "", "author": author])
    node?.note(
      ProblemView(
        code: "site.key-next",
        detail: "a new key waits: it holds from the next start of the daemon, and until then this"
          + " node takes no commands"))
    return site()
  }

  private static func makeKey(
    _ folder: String, _ author: String
  ) async throws(ServiceError) -> NodeId {
    let path = folder + authorFile
    let made = await Task.detached { () -> Result<NodeId, DatabaseError> in
      do throws(Errno) {
        try System.writeFile(path, Array(author.utf8), mode: 0o600)
      } catch {
        return .failure(DatabaseError(.inputOutput, path: path, message: "\(error)"))
      }
      return Result { () throws(DatabaseError) in try KeyFiles.makeNext(in: folder).id }
    }.value
    do throws(DatabaseError) { return try made.get() } catch { throw Problems.service(error) }
  }

  // MARK: After the change

  /// Has the journal say whose place this node took, where it does not yet.
  func completeRotation() async {
    guard let old = key.former.last else { return }
    do throws(ServiceError) {
      try await record(oldKey: old)
    } catch {
      log.write(.warning, "key.unrecorded", ["code": error.code])
      rotation = Task { @Loop [weak self] in
        try? await Task.sleep(for: .seconds(Self.retrySeconds))
        guard !Task.isCancelled, let self else { return }
        await self.completeRotation()
        await self.reload()
      }
    }
  }

  private func record(oldKey old: NodeKey) async throws(ServiceError) {
    let author = Self.author(settings.stateFolder)
    // The succession, and then the retirement, for which the succession has to count.
    for _ in 0..<2 {
      guard let membership = try await membership(of: old.id) else { return }
      let said = try await storedRows().map { (record: $0.record, content: $0.content) }
      let vector: HaveVector
      do throws(DatabaseError) { vector = try await store.vector() } catch {
        throw Problems.service(error)
      }
      guard let next = KeyChange.next(from: old, to: key.id, said: said, in: membership, vector)
      else { return }
      try await recorder.write(next, author: author)
      guard case .revocation = next else { continue }
      log.write(.notice, "key.changed", ["old": "\(old.id)", "node": "\(key.id)"])
    }
  }

  private static func author(_ folder: String) -> String {
    do throws(Errno) {
      let text = String(
        decoding: try System.readFile(folder + authorFile, bytesMax: 256), as: UTF8.self)
      return text.isEmpty ? "node" : text
    } catch {
      return "node"
    }
  }

  private func storedRows() async throws(ServiceError) -> [MembershipRow] {
    do throws(DatabaseError) { return try await store.membershipRows() } catch {
      throw Problems.service(error)
    }
  }

  private func membership(of node: NodeId) async throws(ServiceError) -> Membership? {
    let rows = try await storedRows()
    return await Task.detached { SiteChoice.membership(of: rows, for: node) }.value
  }

  // MARK: Of other nodes

  func successor(of node: NodeId) -> NodeId { membership?.successor(of: node) ?? node }

  /// The id that a node has now; nil where it is the same.
  func successor(after node: NodeId) -> String? {
    let now = successor(of: node)
    return now == node ? nil : "\(now)"
  }

  /// Says too what a successor said of the key that it had, where this node stands above both: then
  /// another succession, by whoever has that key, counts no more. A place that two took is told.
  func confirmSuccessions() {
    guard let membership else { return }
    let disputed = membership.disputedPlaces
    if !disputed.isEmpty {
      node?.note(
        ProblemView(
          code: "site.two-successors", parameters: ["node": name(of: disputed[0])],
          detail: "two nodes say that they are \(name(of: disputed[0])) under a new key: its card"
            + " was copied, or its key is in other hands; revoke the wrong one, and that key"))
    }
    for revocation in membership.unconfirmed(by: key.id)
    where confirmed.insert(revocation.node).inserted {
      recorder.note(.revocation(revocation))
    }
  }

  /// The entries by which this node took the places that it had before.
  func ownSuccessions() async -> [UInt8] {
    guard let site = siteId, !key.former.isEmpty else { return [] }
    do throws(DatabaseError) {
      return try await membershipBatch { row in
        guard case .succession(let said) = row.content else { return false }
        return said.site == site && key.signer(of: row.record.origin) != nil
      }
    } catch {
      return []
    }
  }

  func take(successions batch: [UInt8]) async -> Bool {
    guard let membership, !batch.isEmpty else { return false }
    let rows = SiteChoice.rows(of: batch).filter { row in
      if case .succession = row.content { true } else { false }
    }
    var found = membership
    _ = found.insert(SiteChoice.facts(of: rows, in: membership.site))
    // Only what counts is kept: it bears the signature of a member, and nothing else comes along.
    let fresh = Set(rows.map(\.hash).filter { found.counts($0) && !membership.counts($0) })
    guard !fresh.isEmpty, fresh.count <= Storage.Limits.formerKeysMax else { return false }
    var writer = BatchWriter()
    var items = BatchItems(batch)
    var run: RunId?
    var carrier: NodeId?
    while let item = items.next() {
      if case .run(let named) = item { run = named }
      guard case .entry(let entry) = item, let run, fresh.contains(entry.contentHash(of: run))
      else { continue }
      writer.add(entry, of: run)
      carrier = run.origin
    }
    writer.end()
    guard let carrier else { return false }
    let outcome = await carriage.receive(
      writer.take(), from: carrier, rules: Self.rules(of: found), into: store)
    await absorb(outcome.reports)
    log.write(.notice, "key.successor", ["node": "\(carrier)"])
    return outcome.failure == nil
  }

  func addSuccession(to router: inout Router) {
    router.add(
      .post, "/sync/1/succession", access: .open, mediaTypes: ["application/octet-stream"],
      bodyBytesMax: 32_768
    ) { [weak self] request in
      guard let self, self.siteId != nil else { return .syncRefused("no-site", 404) }
      if let refusal = self.door.tooOften(request) { return refusal }
      _ = await self.take(successions: request.body)
      return .octets(await self.ownSuccessions())
    }
  }
}
