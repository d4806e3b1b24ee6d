internal import Model
internal import Storage
internal import Sync

/// The nodes of the site on whose proof this one's readings may go by their age.
extension SiteDesk {
  /// Whether a node is a keeper now: its standing has that scope in force.
  func isKeeper(_ node: NodeId) -> Bool {
    membership?.standing(of: node)?.scopes.contains(.keeper) == true
  }

  /// The other nodes that are, in the order of their keys.
  var keeperNodes: [NodeId] {
    (membership?.members ?? []).filter { $0 != key.id && isKeeper($0) }
  }

  /// What this node owes to others; nil where it is no keeper. A node whose rights were taken rests
  /// on nobody any more.
  var keeperDuty: KeeperDuty? {
    guard let membership, isKeeper(key.id) else { return nil }
    return KeeperDuty(keeper: key.id, in: membership)
  }

  /// Adds what keepers are known to have of this node's own.
  func countKept(_ view: inout SyncView) async {
    for keeper in keeperNodes {
      guard let place = view.peers.firstIndex(where: { $0.node == "\(keeper)" }) else { continue }
      do throws(DatabaseError) {
        let count = try await store.keptCount(by: keeper)
        view.peers[place].acknowledgedRecords = count.acknowledged
        view.peers[place].provenRecords = count.proven
      } catch {
        // The status of the storage says why.
        return
      }
    }
  }

  /// The desk that asks them, with this node around it.
  func makeKeepers() -> KeeperDesk {
    let surroundings = KeeperDesk.Surroundings(
      node: key.id,
      isKeeper: { [weak self] node in self?.isKeeper(node) ?? false },
      name: { [weak self] node in self?.name(of: node) ?? "\(node)" },
      countedUs: { [weak self] in self?.node?.retention.nowUs },
      tell: { [weak self] notice in
        self?.node?.notices.removeAll { $0.code == KeeperDesk.unprovenCode }
        if let notice { self?.node?.note(notice) }
      })
    return KeeperDesk(
      store: store, path: databasePath, log: log,
      surroundings: surroundings)
  }
}
