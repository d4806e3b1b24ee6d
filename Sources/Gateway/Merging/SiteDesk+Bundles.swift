internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Records that travel as a file.
extension SiteDesk {
  func beginExport(for peer: String?) async throws(ServiceError) -> String {
    let membership = try requireSite()
    let recipient = try peer.map { (name) throws(ServiceError) in try find(name, in: membership) }
    return try await bundles.beginExport(for: recipient)
  }

  func exportPiece(_ id: String) async throws(ServiceError) -> [UInt8] {
    try await bundles.exportPiece(id)
  }

  func beginImport() async throws(ServiceError) -> String { try await bundles.beginImport() }

  func importPiece(_ id: String, _ bytes: [UInt8]) async throws(ServiceError) {
    try await bundles.importPiece(id, bytes)
  }

  func endImport(_ id: String) async throws(ServiceError) -> BundleImportView {
    let view = try await bundles.endImport(id)
    node?.recallElsewhere()
    return view
  }

  /// The desk that writes and reads them, with this node's site around it.
  func makeBundles() -> BundleDesk {
    let nobody = ReceiveRules(isMember: { _ in false }, unapplied: { _, _ in .right })
    let surroundings = BundleDesk.Surroundings(
      site: { [weak self] in self?.membership?.site },
      membership: { [weak self] in self?.membershipSeqs ?? [:] },
      known: { [weak self] node in self?.known(of: node) },
      rules: { [weak self] in self?.receiveRules() ?? nobody },
      absorb: { [weak self] (report, _) async -> Void in
        guard let self else { return }
        await self.absorb([report])
      },
      acknowledge: { [weak self] node, vector in
        guard let self, self.admits(node) else { return nil }
        return await self.keepers.acknowledge(node, vector)
      })
    return BundleDesk(store: store, key: key, surroundings: surroundings)
  }

  /// The entries that say who belongs.
  private var membershipSeqs: [LogId: Intervals] {
    rows.reduce(into: [:]) { found, row in
      let run = RunId(origin: row.record.origin, incarnation: row.record.incarnation)
      found[LogId(run, row.record.lane), default: Intervals()].insert(
        row.record.seq...row.record.seq)
    }
  }

  /// What a node said last that it has, in a session of either side; nil where it said nothing.
  private func known(of node: NodeId) -> HaveVector? {
    let link = links.first { $0.peer == node }
    let session = door.session(of: node)
    var known: HaveVector?
    for channel in ExchangeChannel.allCases {
      guard let part = link?.known(channel) ?? session?.known(channel) else { continue }
      var all = known ?? HaveVector()
      for (log, state) in part.logs { all[log] = state }
      known = all
    }
    return known ?? keepers.receipts[node]
  }
}
