internal import Api
internal import CSystemd
internal import Devices
internal import Glibc
public import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Synchronization
internal import Web

/// The daemon: opens what it needs, in order, runs the loop, and closes everything in order.
public enum Daemon {
  /// What the command line says.
  public struct Options: Sendable, Equatable {
    /// The configuration file; nil for the usual one.
    public var configuration: String?
    /// The state folder; nil for what the configuration says.
    public var state: String?
    /// The unix socket; nil for what the configuration says.
    public var socket: String?
    /// Where the page and the API are served, `none` for nowhere; nil for what the configuration
    /// says.
    public var listen: String?
    /// The folder of the pages; nil for what the configuration says.
    public var web: String?
    /// Whether it is a hub, which looks for no devices; nil for what the configuration says.
    public var isHub: Bool?

    /// The usual places.
    public init(
      configuration: String? = nil, state: String? = nil, socket: String? = nil,
      listen: String? = nil, web: String? = nil, isHub: Bool? = nil
    ) {
      self.configuration = configuration
      self.state = state
      self.socket = socket
      self.listen = listen
      self.web = web
      self.isHub = isHub
    }
  }

  /// Runs until SIGTERM or SIGINT, on the calling thread, which must be the first and only one.
  ///
  /// Returns nil after an end in order, and otherwise why the daemon could not start, or what it
  /// could not save. `tellClaim` is given the claim code and the page's addresses where there is
  /// no administrator yet; it is for the eyes of whoever is at the terminal, and never logged.
  public static func run(
    _ options: Options,
    tellClaim: @escaping @Sendable (_ code: String, _ addresses: [String]) -> Void
  ) -> ProblemView? {
    System.mapLargeBlocks()
    Signals.blockBeforeThreads()
    umask(0o007)
    let setup = Setup(options)
    let outcome = Outcome()
    let run = DaemonRun(setup: setup, outcome: outcome, tellClaim: tellClaim)
    Task { @Loop in await run.start() }
    EventLoop.shared.run()
    return outcome.problem.withLock { $0 }
  }
}

/// How a run ended, to be read when the loop has stopped.
final class Outcome: Sendable {
  let problem = Mutex<ProblemView?>(nil)
}

/// One run of the daemon, from its start to its end.
@Loop final class DaemonRun {
  /// The longest that the end may take before the process ends anyway, in microseconds.
  static let stopLimitUs: Int64 = 1_800_000
  /// How long after its beginning a start is over, in microseconds.
  static let startUs: Int64 = 2_000_000

  private let outcome: Outcome
  private let tellClaim: @Sendable (String, [String]) -> Void
  let setup: Setup
  let log: Log
  private var node: Node?
  private var store: Store?
  private var history: History?
  /// Opened before the loop turns: at the first start its key is written and synced, and nothing
  /// on the loop waits for a disk. Its lock is held until the end.
  private var folder: Result<StateFolderBox, StartFailure>?
  var server: HTTPServer?
  private var pages: PageServer?
  private var sites: SiteDesk?
  /// Read before the loop turns.
  private let files: StaticFiles
  private var signals: SignalSource?
  private(set) var isStopping = false
  private var limit: LoopTimer?
  private var watchdog: Watchdog?
  /// When the start is over, its code leaves the memory.
  private var startOver: LoopTimer?
  /// Whether there is no room to begin.
  var isWaiting = false
  /// What wakes the next attempt to begin.
  var attempt: (timer: LoopTimer, continuation: CheckedContinuation<Void, Never>)?
  var socketPath: String { setup.socketPath }

  nonisolated init(
    setup: Setup, outcome: Outcome, tellClaim: @escaping @Sendable (String, [String]) -> Void
  ) {
    self.tellClaim = tellClaim
    self.setup = setup
    self.outcome = outcome
    log = Log(threshold: setup.logLevel)
    files = .pages(web: setup.http.web, libraries: setup.http.libraries)
    folder = Result { () throws(StartFailure) in try StateFolderBox(setup.stateFolder) }
  }

  func start() async {
    do throws(StartFailure) {
      try await begin()
    } catch {
      // Ended while it waited for room: that end is in order, and under way.
      if isStopping { return }
      outcome.problem.withLock { $0 = error.problem }
      log.write(
        .error, "start.failed", ["code": error.problem.code, "detail": error.problem.detail])
      await close()
      EventLoop.shared.stop()
    }
  }

  private func begin() async throws(StartFailure) {
    do throws(Errno) {
      signals = try SignalSource([SIGTERM, SIGINT]) { [weak self] number in self?.end(number) }
    } catch {
      throw StartFailure(code: "start.failed", detail: "signals cannot be taken: \(error)")
    }
    for notice in setup.notices {
      log.write(.warning, "configuration", ["code": notice.code, "detail": notice.detail])
    }
    let (settings, (store, opening, history)) = try await whenThereIsRoom {
      () async throws(StartFailure) in
      let settings = try setup.settings(try await stateFolder())
      return (settings, try await openStore(settings))
    }
    let node = Node(settings: settings, store: store, history: history, opening: opening, log: log)
    self.node = node
    do throws(Errno) {
      try node.start()
    } catch {
      throw StartFailure(
        code: "udev.failed", detail: "devices cannot be listened for (libudev: \(error))")
    }
    let sites = SiteDesk(
      node: node, key: try await stateFolder().folder.key,
      settings: SiteDesk.Settings(
        sync: setup.sync, stateFolder: setup.stateFolder, clockEpoch: settings.clockEpoch,
        isHub: settings.isHub))
    self.sites = sites
    node.sites = sites
    try serve(node, sites)
    await sites.start()
    _ = unsafe sd_notify(0, "READY=1\nSTATUS=")
    watchdog = Watchdog(store: store)
    startOver = LoopTimer { System.unmapCode() }
    startOver?.arm(afterUs: Self.startUs)
    log.write(
      .notice, "started",
      [
        "version": BivouacVersion.text, "node": settings.node.description,
        "state": setup.stateFolder, "socket": setup.socketPath,
      ])
    if let code = node.people.claimCode, !setup.http.listen.isEmpty {
      tellClaim(code, node.http?()?.addresses ?? [])
    }
  }

  private func stateFolder() async throws(StartFailure) -> StateFolderBox {
    // The first attempt was made before the loop turned; another one must not hold it up.
    if case .failure = folder, isWaiting {
      let path = setup.stateFolder
      folder = await Task.detached {
        Result { () throws(StartFailure) in try StateFolderBox(path) }
      }.value
    }
    guard let folder = try folder?.get() else {
      preconditionFailure("a run that has ended was begun again")
    }
    return folder
  }

  private func openStore(
    _ settings: NodeSettings
  ) async throws(StartFailure) -> (Store, StoreOpening, History) {
    do throws(DatabaseError) {
      let (store, opening) = try await Store.open(
        StoreOptions(
          path: settings.databasePath, node: settings.node, former: settings.former,
          clockEpoch: settings.clockEpoch, incarnation: settings.incarnation))
      self.store = store
      let history = try await History.open(path: settings.databasePath)
      self.history = history
      return (store, opening, history)
    } catch {
      await closeStore()
      throw StartFailure(Problems.view(error))
    }
  }

  private func serve(_ node: Node, _ sites: SiteDesk) throws(StartFailure) {
    var router = Router(gatekeeper: node.people)
    Api(node: node, sites: sites).addRoutes(to: &router)
    sites.addRoutes(to: &router)
    let server = HTTPServer(router)
    do {
      try server.start(try Listener(unix: setup.socketPath, mode: 0o660))
    } catch {
      throw StartFailure(
        code: "socket.failed", parameters: ["path": setup.socketPath],
        detail: "\(error): stop what listens there, or choose another with --socket")
    }
    self.server = server
    serve(node, router)
  }

  /// The same routes, and the pages, on this machine's own addresses.
  private func serve(_ node: Node, _ api: Router) {
    var router = api
    files.addRoutes(to: &router)
    if !files.contains("/") {
      let problem = ProblemView(
        code: "http.no-pages", parameters: ["folder": setup.http.web],
        detail: "the pages are not in \(setup.http.web), so that only the API is served: install"
          + " them, or say with --web or web under [http] where they are")
      StaticFiles.addRoute(to: &router, insteadOf: "/", saying: problem.detail)
      if !setup.http.listen.isEmpty { node.notices.append(problem) }
    }
    let pages = PageServer(
      addresses: setup.http.listen, names: setup.http.names, router: router, log: log
    ) { [weak node] notice in node?.note(notice) }
    node.http = { [weak self] in
      guard let self, let server = self.server else { return nil }
      return self.pages?.view(with: server.metrics)
    }
    self.pages = pages
    pages.listen()
  }

  /// Ends in order: reads no more, commits, closes. A second signal ends at once.
  private func end(_ number: Int32) {
    guard !isStopping else {
      log.write(.warning, "stopped.at.once")
      return EventLoop.shared.stop()
    }
    isStopping = true
    log.write(.notice, "stopping", ["signal": "\(number)"])
    _ = unsafe sd_notify(0, "STOPPING=1")
    watchdog?.stop()
    attemptAgain()
    limit = LoopTimer { [weak self] in
      self?.log.write(.error, "stop.too.slow")
      EventLoop.shared.stop()
    }
    limit?.arm(afterUs: Self.stopLimitUs)
    Task { @Loop in
      await stop()
      EventLoop.shared.stop()
    }
  }

  private func stop() async {
    await sites?.stop()
    if let node {
      let unsaved: Bool = await withCheckedContinuation { continuation in
        node.stop { continuation.resume(returning: $0) }
      }
      if unsaved {
        let problem = ProblemView(
          code: "storage.unsaved",
          detail: "what came last could not be written; boards keep what they were not told is"
            + " safe")
        outcome.problem.withLock { $0 = problem }
        log.write(.error, "stop.unsaved")
      }
    }
    await node?.people.stop()
    await close()
    log.write(.notice, "stopped")
  }

  private func close() async {
    await pages?.stop()
    pages = nil
    await server?.stop()
    server = nil
    await closeStore()
    folder = nil
  }

  private func closeStore() async {
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
