internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// One node with everything that is its own: key, database, core, desks and people.
///
/// A daemon has one, a hub of several sites one for each, and nothing of one is within the reach of
/// another: that no record crosses from site to site needs no rule.
@Loop final class SiteNode {
  /// Its site's short name here.
  let place: String
  let log: Log
  private(set) var node: Node?
  private(set) var desk: SiteDesk?
  private(set) var store: Store?
  private var history: History?

  nonisolated init(place: String, log: Log) {
    self.place = place
    self.log = log
  }

  /// Opens its database. Where it fails nothing is left open.
  func open(_ settings: NodeSettings) async throws(StartFailure) -> StoreOpening {
    do throws(DatabaseError) {
      let (store, opening) = try await Store.open(
        StoreOptions(
          path: settings.databasePath, node: settings.node, former: settings.former,
          clockEpoch: settings.clockEpoch, incarnation: settings.incarnation))
      self.store = store
      history = try await History.open(path: settings.databasePath)
      return opening
    } catch {
      await close()
      throw StartFailure(Problems.view(error))
    }
  }

  /// Begins to record; other nodes and people are told nothing yet.
  func begin(
    _ settings: NodeSettings, _ opening: StoreOpening, _ key: NodeKey, _ setup: Setup
  ) throws(StartFailure) {
    guard let store, let history else { preconditionFailure("a node begins with a database") }
    let node = Node(settings: settings, store: store, history: history, opening: opening, log: log)
    self.node = node
    do throws(Errno) {
      try node.start()
    } catch {
      throw StartFailure(
        code: "udev.failed", detail: "devices cannot be listened for (libudev: \(error))")
    }
    let desk = SiteDesk(
      node: node, key: key,
      settings: SiteDesk.Settings(
        sync: setup.sync, stateFolder: settings.stateFolder, clockEpoch: settings.clockEpoch,
        isHub: settings.isHub, path: SitePlace.path(of: place), authorities: setup.authorities))
    self.desk = desk
    node.sites = desk
    node.recallElsewhere()
    node.lookAtSnapshots()
  }

  /// Talks with nobody any more, commits, and says whether something could not be saved.
  func stop() async -> Bool {
    await desk?.stop()
    var isUnsaved = false
    if let node {
      isUnsaved = await withCheckedContinuation { continuation in
        node.stop { continuation.resume(returning: $0) }
      }
      if isUnsaved { log.write(.error, "stop.unsaved") }
    }
    await node?.people.stop()
    return isUnsaved
  }

  /// Closes what was opened.
  func close() async {
    await node?.endCompaction()
    await history?.close()
    history = nil
    do throws(DatabaseError) {
      try await store?.close()
    } catch {
      // Everything acknowledged is in the write-ahead log: the next opening reads it.
      log.write(.warning, "store.close.failed", ["cause": error.cause])
    }
    store = nil
  }
}
