internal import CMicrohttpd
internal import Reactor

/// One request and its answer on a connection of libmicrohttpd, from the head to the last byte.
@safe @Loop final class Exchange {
  enum State {
    /// The body is coming in.
    case receiving
    /// The handler works; the connection is put aside.
    case running
    /// The answer is known and waits for libmicrohttpd to ask for it.
    case answered(Response)
    /// The answer belongs to libmicrohttpd.
    case queued
    /// The connection is done with this request.
    case closed
  }

  private unowned let server: HTTPServer
  private let connection: OpaquePointer
  private var request: Request
  private let verdict: Router.Verdict
  private let bodyBytesMax: Int
  private var bodyBytes = 0
  private var isSuspended = false
  private var task: Task<Void, Never>?
  private var watch: Registration?
  private var stream: StreamWriter?
  private var upgrade: UpgradePlan?
  private(set) var state = State.receiving

  init(
    _ server: HTTPServer, _ connection: OpaquePointer, _ request: Request, _ verdict: Router.Verdict
  ) {
    self.server = server
    unsafe self.connection = connection
    self.request = request
    self.verdict = verdict
    bodyBytesMax = if case .serve(let route, _, _) = verdict { route.bodyBytesMax } else { 0 }
  }

  // MARK: Receiving

  /// The head is there. Answers at once what is so long that reading it to its end is not worth it.
  func begin() -> MHD_Result {
    let announced = request.headers["Content-Length"].flatMap { Int($0) } ?? 0
    let isExpectant = request.headers["Expect"] != nil
    if announced > bodyBytesMax, isExpectant || announced > WebLimits.bodyDiscardBytesMax {
      return queue(refusal)
    }
    if case .answer(let response) = verdict, isExpectant { return queue(response) }
    request.body.reserveCapacity(min(announced, bodyBytesMax, WebLimits.bodyReserveBytes))
    return .YES
  }

  /// A part of the body. What is over the limit is thrown away, so that the client hears the 413.
  func receive(_ bytes: UnsafeRawBufferPointer) -> MHD_Result {
    bodyBytes += bytes.count
    if bodyBytes > max(bodyBytesMax, WebLimits.bodyDiscardBytesMax) { return .NO }
    if bodyBytes <= bodyBytesMax {
      unsafe request.body.append(contentsOf: bytes)
    } else {
      request.body = []
    }
    return .YES
  }

  /// The request is complete, or libmicrohttpd asks again for the answer.
  func proceed() -> MHD_Result {
    switch state {
    case .receiving:
      server.received(unsafe cmhd_connection_fd(connection))
      dispatch()
      if case .answered(let response) = state { return queue(response) }
      suspend()
      return .YES
    case .running:
      suspend()
      return .YES
    case .answered(let response):
      return queue(response)
    case .queued, .closed:
      return .NO
    }
  }

  private var refusal: Response {
    if case .answer(let response) = verdict { return response }
    return .problem(.bodyTooLarge(bytesMax: bodyBytesMax))
  }

  private func dispatch() {
    guard case .serve(let route, let parameters, let caller) = verdict, bodyBytes <= bodyBytesMax,
      !server.isStopping
    else {
      let stopping = Response.problem(.unavailable("the daemon is stopping"))
      return state = .answered(server.isStopping ? stopping : refusal)
    }
    request.parameters = parameters
    request.caller = caller
    state = .running
    // Runs here and now up to its first wait: most answers need no detour.
    task = Task.immediate { @Loop [request] in
      self.answer(await route.answer(request))
    }
  }

  private func answer(_ response: Response) {
    guard case .running = state else { return }  // the client left, or the server stopped
    state = .answered(response)
    watch = nil
    resume()
  }

  /// Ends the wait for the handler with an answer of our own.
  func interrupt() {
    task?.cancel()
    answer(.problem(.unavailable("the daemon is stopping")))
  }

  func cancelHandler() { task?.cancel() }

  /// What came of a body whose connection is gone, for a route that can use it.
  private func handOverCut() {
    guard case .serve(let route, let parameters, let caller) = verdict, let cut = route.cut,
      !request.body.isEmpty, !server.isStopping
    else { return }
    request.parameters = parameters
    request.caller = caller
    Task { @Loop [request] in await cut(request) }
  }

  // MARK: Waiting

  private func suspend() {
    unsafe MHD_suspend_connection(connection)
    isSuspended = true
    if watch == nil { watch = watchPeer { [weak self] in self?.task?.cancel() } }
  }

  private func resume() {
    guard isSuspended else { return }
    isSuspended = false
    unsafe MHD_resume_connection(connection)
    server.needsRun()
  }

  /// libmicrohttpd does not look at a connection that it has put aside, so we do.
  private func watchPeer(_ left: @escaping @Loop () -> Void) -> Registration? {
    do {
      return try Registration(raw: unsafe cmhd_connection_fd(connection), interest: .peerClosed) {
        [weak self] readiness in
        guard !readiness.isDisjoint(with: [.hangup, .error]) else { return }
        self?.watch?.cancel()
        left()
      }
    } catch {
      return nil  // the table of registrations is full: the heartbeat notices, later
    }
  }

  // MARK: Answering

  private func queue(_ response: Response) -> MHD_Result {
    state = .queued
    task = nil
    server.count(response.status)
    switch response.body {
    case .bytes(let bytes): return queue(bytes, of: response)
    case .stream(let plan): return queue(plan, of: response)
    case .upgrade(let plan): return queue(plan)
    }
  }

  private func queue(_ bytes: [UInt8], of response: Response) -> MHD_Result {
    let handle = unsafe bytes.withUnsafeBytes { buffer in
      unsafe MHD_create_response_from_buffer(
        buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress), .RESPMEM_MUST_COPY)
    }
    return unsafe send(handle, response)
  }

  private func queue(_ plan: StreamPlan, of response: Response) -> MHD_Result {
    guard !server.isStopping else {
      return queue(.problem(.unavailable("the daemon is stopping")))
    }
    let writer = StreamWriter(plan)
    let hold = unsafe Unmanaged.passRetained(StreamHold(exchange: self, writer: writer))
    let handle = unsafe MHD_create_response_from_callback(
      UInt64.max, WebLimits.streamBlockBytes, ServerCallbacks.read, hold.toOpaque(),
      ServerCallbacks.free)
    guard let handle = unsafe handle else {
      unsafe hold.release()
      return .NO
    }
    let result = unsafe send(handle, response)
    guard result == .YES else { return result }
    guard request.method != .head else { return result }
    stream = writer
    if case .serve(let route, _, _) = verdict {
      writer.mayGoOn = { [weak server, request] in
        server?.stillAdmits(request, to: route.access) ?? false
      }
    }
    server.opened(writer)
    watch = watchPeer { [weak writer] in writer?.abort() }
    if case .network = request.peer {
      // A machine that vanished says nothing at all: only its missing acknowledgements tell.
      unsafe cmhd_set_silence_limit(cmhd_connection_fd(connection), WebLimits.silenceMs)
    }
    plan.open(writer)
    return result
  }

  private func queue(_ plan: UpgradePlan) -> MHD_Result {
    guard asksToUpgrade(to: plan.protocolName) else {
      var refusal = Response.problem(
        Problem(
          "upgrade-required", title: "Upgrade required", status: 426,
          detail: "this route leaves HTTP",
          remedy: "send Connection: Upgrade and Upgrade: \(plan.protocolName)"))
      refusal.headers["Upgrade"] = plan.protocolName
      return queue(refusal)
    }
    guard server.mayUpgrade else {
      return queue(.problem(.unavailable("too many upgraded connections are open")))
    }
    upgrade = plan
    let closure = unsafe Unmanaged.passUnretained(self).toOpaque()
    let handle = unsafe MHD_create_response_for_upgrade(ServerCallbacks.upgraded, closure)
    return unsafe send(handle, Response(status: 101, headers: ["Upgrade": plan.protocolName]))
  }

  private func asksToUpgrade(to name: String) -> Bool {
    let connection = request.headers["Connection"]?.lowercased() ?? ""
    return connection.split(separator: ",").contains { $0.filter { $0 != " " } == "upgrade" }
      && request.headers["Upgrade"]?.lowercased() == name.lowercased()
  }

  private func send(_ handle: OpaquePointer?, _ response: Response) -> MHD_Result {
    guard let handle = unsafe handle else { return .NO }
    for field in response.headers.fields
    where Headers.isSendable(name: field.name, value: field.value) {
      _ = unsafe MHD_add_response_header(handle, field.name, field.value)
    }
    if server.isStopping { _ = unsafe MHD_add_response_header(handle, "Connection", "close") }
    let result = unsafe MHD_queue_response(connection, UInt32(response.status), handle)
    unsafe MHD_destroy_response(handle)
    return result
  }

  // MARK: After the answer

  /// libmicrohttpd wants bytes of the stream.
  func read(_ writer: StreamWriter, into target: UnsafeMutableRawBufferPointer) -> Int {
    switch unsafe writer.read(into: target) {
    case .bytes(let count):
      return count
    case .end:
      return -1  // MHD_CONTENT_READER_END_OF_STREAM, a macro that is not imported
    case .abort:
      return -2  // MHD_CONTENT_READER_END_WITH_ERROR
    case .wait:
      unsafe MHD_suspend_connection(connection)
      isSuspended = true
      writer.waits { [unowned self] in resume() }
      return 0
    }
  }

  /// The 101 is sent and the socket is ours: a copy of its descriptor, so that libmicrohttpd can
  /// close its own at once and no connection of it is left when it stops.
  func upgraded(_ socket: Int32, extra: [UInt8], handle: OpaquePointer) {
    defer {
      unsafe cmhd_upgrade_close(handle)
      server.needsRun()
    }
    guard let plan = upgrade else { return }
    do {
      let copy = try System.duplicate(socket)
      server.serve(plan, UpgradedConnection(socket: copy, extra: extra, peer: request.peer))
    } catch {
      server.countFailure()  // no descriptor is left: the client sees the connection close
    }
  }

  /// Whether the answer is not completely given yet.
  var isOpen: Bool {
    switch state {
    case .running, .answered: true
    case .queued: stream != nil
    case .receiving, .closed: false
    }
  }

  /// The connection is done with this request, or gone.
  func close() {
    if case .receiving = state { handOverCut() }
    state = .closed
    server.answered(unsafe cmhd_connection_fd(connection))
    task?.cancel()
    task = nil
    watch = nil
    if let stream { server.closed(stream) }
    stream = nil
  }
}

/// What libmicrohttpd holds for a stream, from its making until it frees it.
@Loop final class StreamHold {
  let exchange: Exchange
  let writer: StreamWriter

  init(exchange: Exchange, writer: StreamWriter) {
    self.exchange = exchange
    self.writer = writer
  }
}
