internal import CCurl
public import Reactor

/// An HTTP client on the event loop: libcurl's multi interface, driven by our descriptors and
/// timers; connections are kept and used again.
///
/// libcurl is loaded by the first request. Requests beyond `WebLimits.transfersMax` wait
/// for a connection in libcurl's queue.
@safe @Loop public final class HTTPClient {
  /// Where requests go.
  public nonisolated let origin: Origin
  /// Whom it takes for that origin, where they speak TLS.
  public nonisolated let trust: ServerTrust

  private var multi: UnsafeMutableRawPointer?
  private var timer: LoopTimer?
  private var watches: [Int32: Registration] = [:]
  private var transfers: [Int: ClientTransfer] = [:]

  /// A client of one origin.
  public init(_ origin: Origin, trust: ServerTrust = .authorities(file: nil)) {
    self.origin = origin
    self.trust = trust
  }

  isolated deinit {
    watches = [:]
    for transfer in transfers.values {
      if let multi = unsafe multi { unsafe ccurl_multi_remove(multi, transfer.easy) }
      transfer.continuation?.resume(returning: .failure(.cancelled))
    }
    if let multi = unsafe multi { unsafe ccurl_multi_end(multi) }
  }

  /// Sends a request and collects the answer, whatever its status.
  public func send(_ request: ClientRequest) async throws(HTTPClientError) -> ClientResponse {
    try await perform(request, onBytes: nil)
  }

  /// Sends a request and hands over the body of a success in chunks as they come; returns when
  /// the other side ends it. The body of any other status is collected.
  public func stream(
    _ request: ClientRequest, onBytes: @escaping @Loop ([UInt8]) -> Void
  ) async throws(HTTPClientError) -> ClientResponse {
    try await perform(request, onBytes: onBytes)
  }

  /// Follows a stream of server-sent events until the other side ends it.
  public func events(
    _ request: ClientRequest, onEvent: @escaping @Loop (ServerSentEvent) -> Void
  ) async throws(HTTPClientError) -> ClientResponse {
    var request = request
    request.headers["Accept"] = ServerSentEvent.mediaType
    request.timeoutMs = 0
    var parser = ServerSentEventParser()
    return try await perform(request) { bytes in
      parser.push(bytes.span) { onEvent($0) }
    }
  }

  private func perform(
    _ request: ClientRequest, onBytes: (@Loop ([UInt8]) -> Void)?
  ) async throws(HTTPClientError) -> ClientResponse {
    let multi = unsafe try begin()
    guard let transfer = ClientTransfer(request, at: origin, trust: trust, onBytes: onBytes) else {
      throw .failed(reason: "this is not a request: \(request.url(at: origin))")
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation {
        (continuation: CheckedContinuation<Result<ClientResponse, HTTPClientError>, Never>) in
        guard !Task.isCancelled else { return continuation.resume(returning: .failure(.cancelled)) }
        transfer.continuation = continuation
        transfers[transfer.id] = transfer
        unsafe ccurl_multi_add(multi, transfer.easy)
        transfer.watchSilence { [weak self, weak transfer] in
          guard let self, let transfer else { return }
          end(transfer, .timedOut(address: origin.description))
        }
      }
    } onCancel: {
      Task { @Loop in self.end(transfer, .cancelled) }
    }
    return try result.get()
  }

  private func begin() throws(HTTPClientError) -> UnsafeMutableRawPointer {
    if let multi = unsafe multi { return unsafe multi }
    let closure = unsafe Unmanaged.passUnretained(self).toOpaque()
    if let reason = unsafe ccurl_load() {
      throw .failed(reason: "libcurl cannot be loaded: \(unsafe String(cString: reason))")
    }
    guard
      let multi = unsafe ccurl_multi_begin(
        WebLimits.transfersMax, ClientCallbacks.socket, ClientCallbacks.timer, closure)
    else { throw .failed(reason: "libcurl cannot be started") }
    unsafe self.multi = multi
    timer = LoopTimer { [weak self] in self?.act(on: -1, 0) }
    return unsafe multi
  }

  /// Ends a transfer from outside libcurl.
  private func end(_ transfer: ClientTransfer, _ failure: HTTPClientError) {
    guard let multi = unsafe multi, transfers[transfer.id] === transfer else { return }
    transfer.fail(failure)
    unsafe ccurl_multi_remove(multi, transfer.easy)
    finish(transfer, CURLE_OK)
  }

  private func finish(_ transfer: ClientTransfer, _ code: CURLcode) {
    transfers[transfer.id] = nil
    transfer.continuation?.resume(returning: transfer.result(code, at: origin))
    transfer.continuation = nil
  }

  private func act(on socket: Int32, _ readiness: Int32) {
    guard let multi = unsafe multi else { return }
    unsafe ccurl_multi_act(multi, socket, readiness)
    var code = CURLE_OK
    while let easy = unsafe ccurl_next_finished(multi, &code) {
      unsafe ccurl_multi_remove(multi, easy)
      if let transfer = transfers[Int(bitPattern: easy)] { finish(transfer, code) }
    }
  }

  // MARK: From libcurl

  func watch(_ socket: Int32, _ what: Int32) {
    var interest: Interest = []
    if what & CURL_POLL_IN != 0 { interest.insert(.read) }
    if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
    guard !interest.isEmpty else {
      watches.removeValue(forKey: socket)?.cancel()
      return
    }
    if let watch = watches[socket] { return watch.update(interest) }
    do {
      watches[socket] = try Registration(raw: socket, interest: interest) { [weak self] readiness in
        var mask: Int32 = 0
        if !readiness.isDisjoint(with: [.readable, .hangup]) { mask |= CURL_CSELECT_IN }
        if readiness.contains(.writable) { mask |= CURL_CSELECT_OUT }
        if readiness.contains(.error) { mask |= CURL_CSELECT_ERR }
        self?.act(on: socket, mask)
      }
    } catch {
      // The table of registrations is full: libcurl's timeouts end the transfer.
    }
  }

  func wake(afterMs: Int) {
    if afterMs < 0 { timer?.cancel() } else { timer?.arm(afterUs: Int64(afterMs) * 1_000) }
  }
}
