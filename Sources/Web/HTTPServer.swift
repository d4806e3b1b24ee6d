internal import CMicrohttpd
public import Reactor

/// An HTTP/1.1 server on the event loop: libmicrohttpd, driven by its epoll descriptor.
///
/// Start it once, stop it once: in between it keeps itself alive. A request waits for its handler
/// without costing a thread; a stream costs its buffer.
@safe @Loop public final class HTTPServer {
  /// What the server has done and holds, for `status` and the metrics.
  public struct Metrics: Hashable, Sendable {
    /// Answers given, by the hundreds digit of their status.
    public var responses: [Int: UInt64] = [:]
    /// Connections open now.
    public var connections = 0
    /// Streams open now.
    public var streams = 0
    /// Upgraded connections open now.
    public var upgrades = 0
    /// Chunks that slow viewers of finished streams never saw.
    public var chunksDropped: UInt64 = 0
    /// Connections given up because a descriptor or memory was missing.
    public var failures: UInt64 = 0
  }

  private let router: Router
  private let settings: Settings
  private var daemon: OpaquePointer?
  private var listener: Listener?
  private var registration: Registration?
  private var timer: LoopTimer?
  private var timerAtUs = Int64.max
  private var heartbeat: LoopTimer?
  private var watch = ConnectionWatch(limitUs: WebLimits.requestUs)
  /// Who is at the other end of each connection: asked of the kernel once, not at each request.
  private var peers: [Int32: Peer] = [:]
  private var sweep: LoopTimer?
  private var exchanges: [ObjectIdentifier: Exchange] = [:]
  private var streams: [ObjectIdentifier: StreamWriter] = [:]
  private var upgrades: [Int: Task<Void, Never>] = [:]
  private var upgradesBegun = 0
  private var counts = Metrics()
  private var isRunning = false
  private var isRunAgainNeeded = false
  private var idleWaiter: CheckedContinuation<Void, Never>?
  private(set) var isStopping = false
  /// libmicrohttpd calls back into a server that runs: it lives until it is stopped.
  private var whileStarted: HTTPServer?

  /// The bounds of one server.
  public struct Settings: Sendable {
    /// Connections at once; more wait in the kernel's queue.
    public var connectionsMax = WebLimits.connectionsMax
    /// Seconds without progress before a connection is closed.
    public var idleTimeoutS = WebLimits.idleTimeoutS
    /// How long a stream may be silent before its heartbeat, in µs; under 15 s.
    public var heartbeatUs = WebLimits.heartbeatUs
    /// How long `stop` waits for answers in progress, in µs.
    public var stopGraceUs = WebLimits.stopGraceUs

    /// What requests over the network must satisfy; those of a unix socket need not.
    public var networkGuard: NetworkGuard?

    /// With it the server speaks TLS, and hands no connection over; nil for plain HTTP.
    public var certificate: ServerCertificate?

    /// The usual bounds.
    public init() {}
  }

  /// A server of these routes; it listens from `start` on.
  public init(_ router: Router, settings: Settings = Settings()) {
    self.router = router
    self.settings = settings
  }

  /// Serves connections of a listening socket; throws `EINVAL` when libmicrohttpd refuses it.
  public func start(_ listener: consuming Listener) throws(Errno) {
    precondition(registration == nil && !isStopping, "a server is started once")
    guard let daemon = unsafe makeDaemon(listener.socket.raw) else { throw .invalid }
    unsafe self.daemon = daemon
    if settings.certificate != nil {
      cmhd_defer_accept(listener.socket.raw, WebLimits.deferAcceptS)
    }
    whileStarted = self
    self.listener = consume listener
    timer = LoopTimer { [weak self] in
      self?.timerAtUs = .max
      self?.run()
    }
    heartbeat = LoopTimer { [weak self] in self?.beat() }
    sweep = LoopTimer { [weak self] in self?.endOverdue() }
    registration = try Registration(raw: unsafe cmhd_epoll_fd(daemon), interest: .read) {
      [weak self] _ in self?.run()
    }
    run()
  }

  private func makeDaemon(_ socket: Int32) -> OpaquePointer? {
    let closure = unsafe Unmanaged.passUnretained(self).toOpaque()
    func make(
      key: UnsafePointer<CChar>?, certificates: UnsafePointer<CChar>?,
      priorities: UnsafePointer<CChar>?
    ) -> OpaquePointer? {
      var options = unsafe cmhd_settings(
        listen_socket: socket, connection_pool_bytes: WebLimits.connectionPoolBytes,
        connections_max: UInt32(settings.connectionsMax), idle_timeout_s: settings.idleTimeoutS,
        tls_key: key, tls_certificates: certificates, tls_priorities: priorities)
      return unsafe cmhd_start(
        &options, ServerCallbacks.access, ServerCallbacks.completed, ServerCallbacks.connected,
        closure)
    }
    guard let certificate = settings.certificate else {
      return unsafe make(key: nil, certificates: nil, priorities: nil)
    }
    // Read while the daemon starts, and not after.
    return unsafe certificate.keyPem.withCString { key in
      unsafe certificate.certificatesPem.withCString { certificates in
        unsafe WebLimits.tlsPriorities.withCString { priorities in
          unsafe make(key: key, certificates: certificates, priorities: priorities)
        }
      }
    }
  }

  /// Ends in order: takes no more connections, lets answers in progress finish for a moment, ends
  /// the streams, and closes what is left. The socket file is gone when it returns.
  public func stop() async {
    guard let daemon = unsafe daemon, !isStopping else { return }
    isStopping = true
    _ = unsafe MHD_quiesce_daemon(daemon)
    listener = nil
    for stream in streams.values { stream.end() }
    for task in upgrades.values { task.cancel() }
    for exchange in exchanges.values { exchange.cancelHandler() }
    run()
    await untilIdle(withinUs: settings.stopGraceUs)
    for exchange in exchanges.values { exchange.interrupt() }
    for stream in streams.values { stream.abort() }
    // A connection that was put aside is taken back in one run, answered in the next and written
    // to in one after; what a viewer does not take by then is cut off.
    for _ in 0..<WebLimits.runsAtStopMax where !exchanges.isEmpty { run() }
    registration = nil
    timer = nil
    heartbeat = nil
    sweep = nil
    unsafe self.daemon = nil
    unsafe MHD_stop_daemon(daemon)
    whileStarted = nil
  }

  /// What the server has done and holds.
  public var metrics: Metrics {
    var metrics = counts
    if let daemon = unsafe daemon { metrics.connections = Int(unsafe cmhd_connections(daemon)) }
    metrics.streams = streams.count
    metrics.upgrades = upgrades.count
    return metrics
  }

  /// Requests whose answer is not completely given yet, streams among them.
  var requestsOpen: Int { exchanges.values.count(where: \.isOpen) }

  // MARK: Driving libmicrohttpd

  /// Something was taken back from its wait: libmicrohttpd has to run, in this turn or the next.
  func needsRun() {
    isRunAgainNeeded = true
    if !isRunning { arm(atUs: 0) }
  }

  private func run() {
    guard let daemon = unsafe daemon, !isRunning else { return }
    isRunning = true
    var runs = 0
    repeat {
      isRunAgainNeeded = false
      let connections = unsafe cmhd_connections(daemon)
      _ = unsafe MHD_run(daemon)
      // A run that frees a connection listens again, after its limit, only in the next one.
      if unsafe cmhd_connections(daemon) < connections { isRunAgainNeeded = true }
      runs += 1
    } while isRunAgainNeeded && runs < WebLimits.runsPerTurnMax
    isRunning = false
    let timeoutMs = unsafe cmhd_timeout_ms(daemon)
    if isRunAgainNeeded {
      arm(atUs: 0)
    } else if timeoutMs >= 0 {
      arm(atUs: Clock.bootUs() + timeoutMs * 1_000)
    }
    if isStopping, requestsOpen == 0, upgrades.isEmpty { becomeIdle() }
  }

  /// Never later than asked; an earlier time it was armed for stays, and costs one idle run.
  private func arm(atUs: Int64) {
    guard atUs < timerAtUs else { return }
    timerAtUs = atUs
    timer?.arm(atUs: atUs)
  }

  private func untilIdle(withinUs: Int64) async {
    guard requestsOpen > 0 || !upgrades.isEmpty else { return }
    let deadline = LoopTimer { [weak self] in self?.becomeIdle() }
    deadline.arm(afterUs: withinUs)
    await withCheckedContinuation { idleWaiter = $0 }
    deadline.cancel()
  }

  private func becomeIdle() {
    idleWaiter?.resume()
    idleWaiter = nil
  }

  /// Lets every stream that has been silent say something, ends those whose viewers may no longer
  /// look, then sleeps until the next is due.
  private func beat() {
    let nowUs = Clock.bootUs()
    var nextUs = nowUs + settings.heartbeatUs
    for stream in streams.values {
      if stream.mayGoOn?() == false {
        stream.end()
        continue
      }
      let dueUs = stream.lastActivityUs + settings.heartbeatUs
      if dueUs <= nowUs { stream.beat() } else { nextUs = min(nextUs, dueUs) }
    }
    if !streams.isEmpty { heartbeat?.arm(atUs: nextUs) }
  }

  /// Gives up connections whose clients take too long, and looks again later if there are others.
  private func endOverdue() {
    for socket in watch.overdue(atUs: Clock.bootUs()) {
      watch.closed(socket)
      cmhd_shut_down(Int32(socket))
    }
    if !watch.isEmpty { sweep?.arm(afterUs: WebLimits.sweepUs) }
  }

  // MARK: For exchanges

  /// A connection came; `socket` stays libmicrohttpd's.
  func opened(_ socket: Int32) {
    if settings.certificate != nil { PlainAnswer.answer(socket) }
    watch.opened(Int(socket), atUs: Clock.bootUs())
    peers[socket] = Peer(ofSocket: socket)
    if sweep?.isArmed == false { sweep?.arm(afterUs: WebLimits.sweepUs) }
  }

  /// A connection is gone.
  func closed(_ socket: Int32) {
    watch.closed(Int(socket))
    peers[socket] = nil
  }

  /// The request on a connection is there to its end.
  func received(_ socket: Int32) { watch.received(Int(socket)) }

  /// The request on a connection is done with.
  func answered(_ socket: Int32) { watch.answered(Int(socket), atUs: Clock.bootUs()) }

  func begin(_ connection: OpaquePointer, method: String, path: String) -> Exchange? {
    var headers = Headers()
    unsafe withUnsafeMutablePointer(to: &headers) { target in
      _ = unsafe MHD_get_connection_values(
        connection, .HEADER_KIND, ServerCallbacks.header, target)
    }
    var items: [String] = []
    unsafe withUnsafeMutablePointer(to: &items) { target in
      _ = unsafe MHD_get_connection_values(
        connection, .GET_ARGUMENT_KIND, ServerCallbacks.queryItem, target)
    }
    let query =
      items.isEmpty ? Query() : Query(parsing: Substring(items.joined(separator: "&")))
    let request = Request(
      Method(rawValue: method), path, query: query ?? Query(), headers: headers,
      peer: peers[unsafe cmhd_connection_fd(connection)] ?? .unknown,
      isEncrypted: settings.certificate != nil)
    let verdict: Router.Verdict =
      if headers.fields.count > WebLimits.headersMax {
        .answer(.problem(.tooManyHeaders(countMax: WebLimits.headersMax)))
      } else if let refusal = refusal(of: request) {
        .answer(.problem(refusal))
      } else if query == nil {
        .answer(.problem(.badRequest("the query is not valid")))
      } else {
        router.judge(request)
      }
    let exchange = unsafe Exchange(self, connection, request, verdict)
    exchanges[ObjectIdentifier(exchange)] = exchange
    return exchange
  }

  /// Whether a request that was let in would be let in now.
  func stillAdmits(_ request: Request, to access: RouteAccess) -> Bool {
    if case .admitted = router.judge(request, for: access) { true } else { false }
  }

  private func refusal(of request: Request) -> Problem? {
    if case .local = request.peer { return nil }
    return settings.networkGuard?.refusal(of: request)
  }

  func end(_ exchange: Exchange) {
    exchange.close()
    exchanges[ObjectIdentifier(exchange)] = nil
  }

  func opened(_ stream: StreamWriter) {
    streams[ObjectIdentifier(stream)] = stream
    if heartbeat?.isArmed == false { heartbeat?.arm(afterUs: settings.heartbeatUs) }
  }

  func closed(_ stream: StreamWriter) {
    streams[ObjectIdentifier(stream)] = nil
    counts.chunksDropped += stream.chunksDropped
    stream.closed()
  }

  var mayUpgrade: Bool {
    upgrades.count < WebLimits.upgradesMax && !isStopping && settings.certificate == nil
  }

  func serve(_ plan: UpgradePlan, _ connection: consuming UpgradedConnection) {
    let (extra, peer) = (connection.extra, connection.peer)
    // A task cannot capture what has one owner: the number crosses over, and is owned again.
    let raw = connection.intoSocket().release()
    upgradesBegun += 1
    let number = upgradesBegun
    upgrades[number] = Task { @Loop [weak self] in
      let socket = Descriptor(adopting: raw)
      await plan.handler(UpgradedConnection(socket: socket, extra: extra, peer: peer))
      self?.finishedUpgrade(number)
    }
  }

  private func finishedUpgrade(_ number: Int) {
    upgrades[number] = nil
    if isStopping { run() }
  }

  func count(_ status: Int) { counts.responses[status / 100, default: 0] += 1 }

  func countFailure() { counts.failures += 1 }
}

extension Peer {
  /// Who is at the other end of a connected socket.
  init(ofSocket socket: Int32) {
    do {
      let peer = try System.peer(of: socket)
      if peer.processId != 0 {
        self = .local(
          processId: peer.processId, userId: peer.userId, groupId: peer.groupId)
        return
      }
    } catch {
      // Not a unix socket: the address says who it is.
    }
    var text = [CChar](repeating: 0, count: 64)
    guard unsafe cmhd_peer_address(socket, &text, text.count) != 0 else {
      self = .unknown
      return
    }
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    self = .network(address: String(decoding: bytes, as: UTF8.self))
  }
}
