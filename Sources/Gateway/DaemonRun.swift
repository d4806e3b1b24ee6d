internal import Api
internal import CSystemd
internal import Devices
internal import Glibc
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Synchronization
internal import Web

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
  /// The node of the first site: the only one but on a hub of several.
  private let first: SiteNode
  private var sites: HubSites?
  /// The further sites that have a folder, found before the loop turns.
  private let places: [String]
  /// Opened before the loop turns: at the first start its key is written and synced, and nothing
  /// on the loop waits for a disk. Its lock is held until the end.
  private var folder: Result<StateFolderBox, StartFailure>?
  /// What is shown where TLS is spoken, found before the loop turns; nil where that is nowhere.
  private let tls: Result<TlsServer, TlsFailure>?
  var server: HTTPServer?
  private var pages: PageServer?
  private var listener: SyncListener?
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
    first = SiteNode(place: SitePlace.main, log: log)
    files = .pages(web: setup.http.web, libraries: setup.http.libraries)
    folder = Result { () throws(StartFailure) in try StateFolderBox(setup.stateFolder) }
    places = SiteFolders.places(in: setup.stateFolder)
    tls = setup.isTlsWanted ? Result { () throws(TlsFailure) in try setup.tlsServer() } : nil
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
    let sites = makeSites()
    self.sites = sites
    do throws(StartFailure) {
      try await beginFirst(sites)
    } catch {
      // The folder is ours, and others in it can be served: its own database stops nobody else.
      guard sites.isSeveral, !isStopping, case .success? = folder else { throw error }
      await first.close()
      sites.fail(SitePlace.main, error.problem)
    }
    try serve(sites)
    await first.desk?.start()
    sites.begin()
    _ = unsafe sd_notify(0, "READY=1\nSTATUS=")
    watchdog = Watchdog { [weak sites] in sites?.stores ?? [] }
    startOver = LoopTimer { System.unmapCode() }
    startOver?.arm(afterUs: Self.startUs)
    log.write(
      .notice, "started",
      [
        "version": BivouacVersion.text,
        "node": first.node.map { "\($0.settings.node)" } ?? "none",
        "state": setup.stateFolder, "socket": setup.socketPath,
      ])
    if let node = first.node, let code = node.people.claimCode, !setup.http.listen.isEmpty {
      tellClaim(code, node.http?()?.addresses ?? [])
    }
  }

  private func beginFirst(_ sites: HubSites) async throws(StartFailure) {
    let (box, settings, opening) = try await whenThereIsRoom { () async throws(StartFailure) in
      let box = try await stateFolder()
      let settings = try setup.settings(box)
      return (box, settings, try await first.open(settings))
    }
    try first.begin(settings, opening, box.folder.key, setup)
    for notice in placeNotices() { first.node?.note(notice) }
    sites.serve(first)
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

  private func makeSites() -> HubSites {
    let further = setup.isHub ? Array(places.prefix(HubSites.sitesMax - 1)) : []
    let (files, web) = (files, setup.http.web)
    return HubSites(setup, first: first, further: further, log: log) { router in
      files.addRoutes(to: &router)
      guard !files.contains("/") else { return }
      StaticFiles.addRoute(to: &router, insteadOf: "/", saying: Self.noPages(web).detail)
    } http: { [weak self] in
      guard let self, let server = self.server else { return nil }
      guard var view = self.pages?.view(with: server.metrics) else { return nil }
      self.listener?.count(into: &view)
      return view
    }
  }

  /// Folders of sites that are there and not served.
  private func placeNotices() -> [ProblemView] {
    let count = setup.isHub ? places.count - (HubSites.sitesMax - 1) : places.count
    guard count > 0 else { return [] }
    return [
      ProblemView(
        code: "hub.left-out", parameters: ["count": "\(count)", "max": "\(HubSites.sitesMax)"],
        detail: setup.isHub
          ? "\(count) sites of this state folder are not served: a hub keeps at most"
            + " \(HubSites.sitesMax)"
          : "\(count) sites of this state folder are not served: only a hub does (bivouac run"
            + " --role hub)")
    ]
  }

  /// Descriptors of further sites, which connections must not take away.
  private var filesReserved: Int {
    (setup.isHub ? HubSites.filesPerSite * HubSites.sitesMax : 0)
      + setup.http.https.count * WebLimits.tlsConnectionsMax
  }

  private func serve(_ sites: HubSites) throws(StartFailure) {
    let listener = SyncListener(doors: doors(sites), log: log)
    self.listener = listener
    sites.listener = listener
    first.desk?.listener = listener
    let server = HTTPServer(sites.front(.local))
    do {
      try server.start(try Listener(unix: setup.socketPath, mode: 0o660))
    } catch {
      throw StartFailure(
        code: "socket.failed", parameters: ["path": setup.socketPath],
        detail: "\(error): stop what listens there, or choose another with --socket")
    }
    self.server = server
    servePages(sites)
    listener.listen()
  }

  /// Where other machines come in. Where TLS was asked for and there is no certificate nobody is
  /// listened to: plain HTTP is no substitute.
  private func doors(_ sites: HubSites) -> [SyncListener.Door] {
    var server: TlsServer?
    do throws(TlsFailure) { server = try tls?.get() } catch {
      first.node?.note(error.problem)
      log.write(.error, "tls.unusable", ["path": error.file, "reason": error.reason])
    }
    var doors: [SyncListener.Door] = []
    let connections = SyncDoor.connections(filesReserved: filesReserved)
    if !setup.sync.tls || server != nil {
      let router = sites.front(.sync)
      doors += setup.sync.listen.map { address in
        SyncListener.Door(
          address: address, router: router, tls: setup.sync.tls ? server : nil,
          networkGuard: nil, connectionsMax: connections)
      }
    }
    if let server, !setup.http.https.isEmpty {
      let router = sites.front(.page)
      doors += setup.http.https.map { address in
        SyncListener.Door(
          address: address, router: router, tls: server,
          networkGuard: NetworkGuard(
            outsidePort: address.port, names: setup.http.names + [System.machineName()]),
          connectionsMax: min(connections, WebLimits.tlsConnectionsMax))
      }
    }
    return doors
  }

  /// The same routes, and the pages, on this machine's own addresses.
  private func servePages(_ sites: HubSites) {
    if !files.contains("/"), !setup.http.listen.isEmpty {
      first.node?.notices.append(Self.noPages(setup.http.web))
    }
    let pages = PageServer(
      addresses: setup.http.listen, names: setup.http.names, router: sites.front(.page), log: log,
      filesReserved: filesReserved
    ) { [weak node = first.node] notice in node?.note(notice) }
    self.pages = pages
    pages.listen()
  }

  private static func noPages(_ folder: String) -> ProblemView {
    ProblemView(
      code: "http.no-pages", parameters: ["folder": folder],
      detail: "the pages are not in \(folder), so that only the API is served: install them, or say"
        + " with --web or web under [http] where they are")
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
    await listener?.stop()
    if await sites?.stop() == true {
      let problem = ProblemView(
        code: "storage.unsaved",
        detail: "what came last could not be written; boards keep what they were not told is"
          + " safe")
      outcome.problem.withLock { $0 = problem }
    }
    await close()
    log.write(.notice, "stopped")
  }

  private func close() async {
    await pages?.stop()
    pages = nil
    await server?.stop()
    server = nil
    await sites?.close()
    folder = nil
  }
}
