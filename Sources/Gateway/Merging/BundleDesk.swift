internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Records that travel as a file (docs/sync-format.md, section 8): the bundles that are being
/// written and read.
///
/// Their work is done on one thread of its own, which is there as long as a bundle is.
@Loop final class BundleDesk {
  /// Bundles that are written at one time; one more is refused.
  static let exportsMax = 4
  /// Bundles that are read at one time; one more is refused.
  static let importsMax = 2
  /// A bundle that was not asked for during this time, in µs, is ended.
  static let unusedUs: Int64 = 600_000_000
  private static let sweepUs: Int64 = 60_000_000

  /// What it has to know of the node's site, and whom it tells.
  struct Surroundings {
    /// The site; nil while the node belongs to none.
    var site: @Loop () -> SiteId?
    /// The entries that say who belongs: what every bundle begins with.
    var membership: @Loop () -> [LogId: Intervals]
    /// What a node is known to have; nil where that is not known.
    var known: @Loop (NodeId) -> HaveVector?
    /// What the store has to know of members and their rights now.
    var rules: @Loop () -> ReceiveRules
    /// Records came and are on the disk: what they say holds from now on.
    var absorb: @Loop (ReceiveReport, NodeId) async -> Void
    /// A member said, in a receipt, what it has: how many records of this node's own. Nil for one
    /// that is no member.
    var acknowledge: @Loop (NodeId, HaveVector) async -> UInt64?
  }

  private struct UnderWay<Work> {
    let work: Work
    var usedUs: Int64
    var isBusy = false
  }

  private let store: Store
  private let key: NodeKey
  private let surroundings: Surroundings
  private var exports: [String: UnderWay<BundleExport>] = [:]
  private var imports: [String: UnderWay<BundleImport>] = [:]
  private var executor: ThreadExecutor?
  private var sweep: LoopTimer?
  private var beginning = 0

  /// A desk without a bundle.
  init(store: Store, key: NodeKey, surroundings: Surroundings) {
    self.store = store
    self.key = key
    self.surroundings = surroundings
    sweep = LoopTimer { [weak self] in self?.forgetUnused(nowUs: Clock.bootUs()) }
  }

  /// Ends all of them: what was stored counts. Nothing may be asked afterwards.
  func stop() {
    sweep?.cancel()
    sweep = nil
    exports = [:]
    imports = [:]
    executor?.shutDown()
    executor = nil
  }

  // MARK: Writing

  /// Begins a bundle for a node, without what that is known to have; nil: for anybody, with all.
  func beginExport(for recipient: NodeId?) async throws(ServiceError) -> String {
    let site = try site()
    // What is asked of the store meanwhile counts too.
    guard exports.count + beginning < Self.exportsMax else { throw Self.tooMany(Self.exportsMax) }
    beginning += 1
    defer { beginning -= 1 }
    let mine: HaveVector
    do throws(DatabaseError) { mine = try await store.vector() } catch {
      throw Problems.service(error)
    }
    let theirs = recipient.flatMap { surroundings.known($0) } ?? HaveVector()
    let plan = BundlePlan(
      theirs.wanted(from: mine), membership: surroundings.membership())
    let id = try Self.name()
    exports[id] = UnderWay(
      work: BundleExport(
        plan, site: site, key: key, recipient: recipient, store: store, on: thread()),
      usedUs: Clock.bootUs())
    sweep?.arm(afterUs: Self.sweepUs)
    return id
  }

  /// The next piece of a bundle, at most 1 MiB; empty behind its last, and then it is forgotten.
  func exportPiece(_ id: String) async throws(ServiceError) -> [UInt8] {
    guard let export = exports[id] else { throw Self.unknown(id) }
    guard !export.isBusy else { throw Self.busy(id) }
    exports[id]?.isBusy = true
    let piece: [UInt8]
    do throws(DatabaseError) {
      piece = try await export.work.piece()
    } catch {
      exports[id]?.isBusy = false
      throw Problems.service(error)
    }
    exports[id]?.isBusy = false
    exports[id]?.usedUs = Clock.bootUs()
    if piece.isEmpty { exports[id] = nil }
    endThreadIfIdle()
    return piece
  }

  // MARK: Reading

  /// Begins to take a bundle of this node's site in.
  func beginImport() async throws(ServiceError) -> String {
    let site = try site()
    guard imports.count < Self.importsMax else { throw Self.tooMany(Self.importsMax) }
    let id = try Self.name()
    imports[id] = UnderWay(
      work: BundleImport(
        site: site, key: key, store: store, surroundings: surroundings, on: thread()),
      usedUs: Clock.bootUs())
    sweep?.arm(afterUs: Self.sweepUs)
    return id
  }

  /// Takes the next piece; a failure ends the bundle, and what was stored counts.
  func importPiece(_ id: String, _ bytes: [UInt8]) async throws(ServiceError) {
    let work = try use(id)
    do throws(ServiceError) {
      try await work.take(bytes)
    } catch {
      forget(id)
      throw error
    }
    imports[id]?.isBusy = false
    imports[id]?.usedUs = Clock.bootUs()
  }

  /// Says that it is over: what it brought, all of it on the disk.
  func endImport(_ id: String) async throws(ServiceError) -> BundleImportView {
    let work = try use(id)
    defer { forget(id) }
    return try await work.end()
  }

  private func use(_ id: String) throws(ServiceError) -> BundleImport {
    guard let found = imports[id] else { throw Self.unknown(id) }
    guard !found.isBusy else { throw Self.busy(id) }
    imports[id]?.isBusy = true
    return found.work
  }

  private func forget(_ id: String) {
    imports[id] = nil
    endThreadIfIdle()
  }

  // MARK: Ending

  /// Ends what nobody has asked for in a long time.
  func forgetUnused(nowUs: Int64) {
    exports = exports.filter { $0.value.isBusy || nowUs - $0.value.usedUs < Self.unusedUs }
    imports = imports.filter { $0.value.isBusy || nowUs - $0.value.usedUs < Self.unusedUs }
    endThreadIfIdle()
    if executor != nil { sweep?.arm(afterUs: Self.sweepUs) }
  }

  private func thread() -> ThreadExecutor {
    if let executor { return executor }
    let made = ThreadExecutor(name: "bundles")
    executor = made
    return made
  }

  private func endThreadIfIdle() {
    guard exports.isEmpty, imports.isEmpty else { return }
    executor?.shutDown()
    executor = nil
  }

  // MARK: Refusals

  private func site() throws(ServiceError) -> SiteId {
    guard let site = surroundings.site() else {
      throw ServiceError(
        status: 409, code: "site.none", detail: "this node belongs to no site",
        remedy: "bivouac site create NAME, or bivouac peers pair with an invitation")
    }
    return site
  }

  private static func name() throws(ServiceError) -> String {
    do throws(Errno) {
      return Hex.text(try System.randomBytes(count: 8))
    } catch {
      throw ServiceError(
        status: 500, code: "internal", detail: "\(error)", remedy: "see the daemon's log")
    }
  }

  private static func unknown(_ id: String) -> ServiceError {
    ServiceError(
      status: 404, code: "not-found", parameters: ["device": id],
      detail: "no bundle \(id) is under way: it is over, or was not asked for in 10 minutes",
      remedy: "begin it anew")
  }

  private static func busy(_ id: String) -> ServiceError {
    ServiceError(
      status: 409, code: "busy", parameters: ["device": id],
      detail: "the piece before of the bundle \(id) is under way", remedy: "wait for its answer")
  }

  private static func tooMany(_ limit: Int) -> ServiceError {
    ServiceError(
      status: 409, code: "too-many", parameters: ["limit": "\(limit)"],
      detail: "\(limit) bundles are under way already", remedy: "wait until one is over")
  }
}
