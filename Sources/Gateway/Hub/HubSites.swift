internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// The sites of a daemon: its first one and, on a hub, further ones below `/site/NAME`.
///
/// Each has a node of its own (`SiteNode`); what they share is the loop and the addresses. One that
/// cannot be served stops no other: its paths say that it is not, and whoever is on this machine is
/// told why.
@Loop final class HubSites {
  /// Sites of one daemon, the first one included: each has threads, memory and descriptors of its
  /// own. One more is refused; folders beyond are not served, and the log says so.
  static let sitesMax = 32
  /// Descriptors for the databases and lines of one further site.
  static let filesPerSite = 24
  /// How long until a site that found no room on the disk is tried again, in microseconds.
  static let retryUs: Int64 = 10_000_000

  private enum State {
    case starting
    case served(SiteDoors)
    case failed(ProblemView)
  }

  /// One of them.
  @Loop private final class Entry {
    let node: SiteNode
    var state = State.starting
    /// Its locked folder.
    var folder: StateFolderBox?
    var retry: LoopTimer?

    init(_ node: SiteNode) { self.node = node }
  }

  private let setup: Setup
  private let log: Log
  private let addPages: (inout Router) -> Void
  private let http: @Loop () -> HttpView?
  private var entries: [String: Entry] = [:]
  private var isStopping = false
  private var beginning: Task<Void, Never>?
  /// Where other nodes come in.
  weak var listener: SyncListener?

  /// Knows `first` as the daemon's own, and `further` by their names, of which nothing is opened
  /// yet. `addPages` adds the pages to the routes of a site, `http` tells of the servers.
  init(
    _ setup: Setup, first: SiteNode, further: [String], log: Log,
    addPages: @escaping (inout Router) -> Void, http: @escaping @Loop () -> HttpView?
  ) {
    self.setup = setup
    self.log = log
    self.addPages = addPages
    self.http = http
    entries[SitePlace.main] = Entry(first)
    for place in further { entries[place] = Entry(makeNode(place)) }
  }

  private func makeNode(_ place: String) -> SiteNode {
    var log = log
    log.site = place
    return SiteNode(place: place, log: log)
  }

  /// The first one, then the others by name.
  private var places: [String] {
    let further = entries.keys.filter { $0 != SitePlace.main }
    return [SitePlace.main] + further.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether there are others beside the first one.
  var isSeveral: Bool { entries.count > 1 }

  /// The databases that are open.
  var stores: [Store] { entries.values.compactMap(\.node.store) }

  // MARK: Serving

  /// A site is ready: it is served from now on.
  func serve(_ site: SiteNode) {
    guard let entry = entries[site.place], let node = site.node, let desk = site.desk else {
      preconditionFailure("what is served has begun")
    }
    let path = SitePlace.path(of: site.place)
    node.http = { [http] in
      guard var view = http() else { return nil }
      view.addresses = view.addresses.map { $0 + path }
      return view
    }
    desk.listener = listener
    let window = HubWindow(self, at: site.place)
    entry.state = .served(SiteDoors(node, desk, window, addPages: addPages))
  }

  /// A site cannot be served.
  func fail(_ place: String, _ problem: ProblemView) {
    entries[place]?.state = .failed(problem)
    log.write(
      .error, "site.not-served",
      ["place": place, "code": problem.code, "detail": problem.detail])
  }

  /// What a way into the daemon leads to: the first site, and below `/site/NAME` the one named.
  func front(_ door: SiteDoors.Door) -> Router {
    var front = doors(of: SitePlace.main).router(door)
    if case .failed? = entries[SitePlace.main]?.state, case .local = door {
      Api.addHub(alone: HubWindow(self, at: SitePlace.main), to: &front)
    }
    front.mount(under: "/site") { [weak self] place in
      self?.doors(of: place).router(door) ?? Router()
    }
    return front
  }

  private func doors(of place: String) -> SiteDoors {
    switch entries[place]?.state {
    case .served(let doors): return doors
    case .failed(let problem):
      return SiteDoors(
        refusing: ProblemView(
          code: "hub.not-served", parameters: ["site": place, "reason": problem.code],
          detail: "the site \(place) is not served: \(problem.detail)"), at: place, status: 503)
    case .starting:
      return SiteDoors(
        refusing: ProblemView(
          code: "hub.starting", parameters: ["site": place],
          detail: "the site \(place) is being opened"), at: place, status: 503)
    case nil:
      return SiteDoors(
        refusing: ProblemView(
          code: "hub.unknown-site", parameters: ["site": place],
          detail: "there is no site \(place) here"), at: place, status: 404)
    }
  }

  // MARK: Beginning and ending

  /// Begins the further sites, one after the other, while the first one is served.
  func begin() {
    beginning = Task { @Loop in
      for place in places where place != SitePlace.main {
        if let entry = entries[place], !isStopping { await begin(entry) }
      }
    }
  }

  private func begin(_ entry: Entry) async {
    let place = entry.node.place
    entry.state = .starting
    do throws(StartFailure) {
      try await open(entry)
      serve(entry.node)
      await entry.node.desk?.start()
    } catch {
      await entry.node.close()
      entry.folder = nil
      guard !isStopping else { return }
      fail(place, error.problem)
      guard error.problem.code == "storage.full" else { return }
      // Whoever frees the disk need not also remember the site.
      entry.retry = LoopTimer { [weak self, weak entry] in
        guard let self, let entry, !self.isStopping else { return }
        self.beginning = Task { @Loop in await self.begin(entry) }
      }
      entry.retry?.arm(afterUs: Self.retryUs)
    }
  }

  /// Opens its folder and its database, and begins it.
  private func open(_ entry: Entry) async throws(StartFailure) {
    let place = entry.node.place
    let path = setup.stateFolder(of: place)
    let folder = try await Task.detached {
      Result { () throws(StartFailure) in try StateFolderBox(path) }
    }.value.get()
    entry.folder = folder
    let twin = entries.values.first {
      $0 !== entry && $0.node.node?.settings.isOwn(folder.folder.key.id) == true
    }
    if let twin {
      throw StartFailure(
        code: "hub.same-node", parameters: ["site": place, "other": twin.node.place],
        detail: "\(path) has the key of the site \(twin.node.place): it is a copy of its folder,"
          + " and one node must not run twice")
    }
    let settings = try setup.settings(folder, of: place)
    let opening = try await entry.node.open(settings)
    guard !isStopping else {
      throw StartFailure(code: "start.failed", detail: "the daemon was ended meanwhile")
    }
    try entry.node.begin(settings, opening, folder.folder.key, setup)
    entry.node.log.write(
      .notice, "site.served", ["node": settings.node.description, "state": settings.stateFolder])
  }

  /// Stops all of them at once; whether something could not be saved.
  func stop() async -> Bool {
    isStopping = true
    await beginning?.value
    let endings = entries.values.map { entry in Task { @Loop in await entry.node.stop() } }
    var isUnsaved = false
    for ending in endings where await ending.value { isUnsaved = true }
    return isUnsaved
  }

  /// Closes all of them.
  func close() async {
    let endings = entries.values.map { entry in
      Task { @Loop in
        await entry.node.close()
        entry.folder = nil
      }
    }
    for ending in endings { await ending.value }
  }

  // MARK: What is told and asked of them

  func views(for request: Request, at here: String) -> HubSitesView {
    let isLocal = request.caller?.isLocal == true
    let shown = places.filter { place in
      isLocal || place == here || entries[place]?.node.node?.people.mayRead(request) == true
    }
    return HubSitesView(
      here: here, sites: shown.map { view(of: $0, isLocal: isLocal) }, sitesMax: Self.sitesMax)
  }

  private func view(of place: String, isLocal: Bool) -> HubSiteView {
    var view = HubSiteView(place: place, state: "starting")
    guard let entry = entries[place] else { return view }
    view.node = entry.node.node.map { "\($0.settings.node)" }
    switch entry.state {
    case .starting: break
    case .served:
      view.state = "served"
      view.name = entry.node.desk?.membership?.name
    case .failed(let problem):
      view.state = "failed"
      if isLocal { view.problem = problem }
    }
    return view
  }

  /// Keeps one more site; it is served when this returns.
  func add(_ place: String) async throws(ServiceError) {
    guard setup.isHub else { throw HubProblem.notHub }
    guard SitePlace.isValid(place) else { throw HubProblem.badPlace(place) }
    guard entries[place] == nil else { throw HubProblem.exists(place) }
    guard entries.count < Self.sitesMax else { throw HubProblem.tooMany(Self.sitesMax) }
    guard !isStopping else { throw HubProblem.ending }
    let entry = Entry(makeNode(place))
    entries[place] = entry
    await begin(entry)
    guard case .failed(let problem) = entry.state else { return }
    // What was not made is not kept: the next attempt begins where this one did.
    entry.retry = nil
    entries[place] = nil
    throw HubProblem.failed(problem)
  }
}
