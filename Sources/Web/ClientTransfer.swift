internal import CCurl
internal import Reactor

/// One request of our client under way.
@safe @Loop final class ClientTransfer {
  let easy: UnsafeMutableRawPointer
  /// The handle's address, to find the transfer by.
  var id: Int { unsafe Int(bitPattern: easy) }
  private let fields: UnsafeMutablePointer<curl_slist>?
  private let responseBytesMax: Int
  private let silenceUs: Int64
  private let onBytes: (@Loop ([UInt8]) -> Void)?
  private var silence: LoopTimer?
  private var response = ClientResponse(status: 0, headers: Headers(), body: [])
  private var headerBytes = 0
  /// Who waits for the result.
  var continuation: CheckedContinuation<Result<ClientResponse, HTTPClientError>, Never>?
  /// Why we ended it ourselves.
  private(set) var failure: HTTPClientError?

  /// Makes the transfer; nil when libcurl refuses the request.
  init?(
    _ request: ClientRequest, at origin: Origin, trust: ServerTrust,
    onBytes: (@Loop ([UInt8]) -> Void)?
  ) {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in Self.lines(of: request) { unsafe list = ccurl_list_append(list, line) }
    guard let handle = unsafe Self.make(request, origin, trust, headers: list) else {
      unsafe ccurl_list_free(list)
      return nil
    }
    unsafe easy = handle
    unsafe fields = list
    responseBytesMax = request.responseBytesMax
    silenceUs = Int64(request.silenceMs) * 1_000
    self.onBytes = onBytes
    unsafe ccurl_set_closure(easy, Unmanaged.passUnretained(self).toOpaque())
  }

  isolated deinit {
    unsafe ccurl_end(easy)
    unsafe ccurl_list_free(fields)
  }

  /// Starts the clock of silence; `onSilence` ends the transfer.
  func watchSilence(_ onSilence: @escaping @Loop () -> Void) {
    guard silenceUs > 0 else { return }
    silence = LoopTimer(onSilence)
    silence?.arm(afterUs: silenceUs)
  }

  /// What the exchange came to, once libcurl is done with it.
  func result(_ code: CURLcode, at origin: Origin) -> Result<ClientResponse, HTTPClientError> {
    if let failure { return .failure(failure) }
    guard code != CURLE_OK else { return .success(response) }
    let osError = unsafe ccurl_os_error(easy)
    return .failure(Self.error(code, Errno(code: osError), at: origin))
  }

  private static func make(
    _ request: ClientRequest, _ origin: Origin, _ trust: ServerTrust,
    headers: UnsafeMutablePointer<curl_slist>?
  ) -> UnsafeMutableRawPointer? {
    let socket: String? = if case .unixSocket(let path) = origin { path } else { nil }
    // An empty body is still a body: a POST has its Content-Length.
    let body = request.body ?? (request.method.carriesBody ? [] : nil)
    return unsafe request.method.rawValue.withCString { method in
      unsafe request.url(at: origin).withCString { url in
        unsafe withOptionalCString(socket) { socket in
          unsafe (body ?? []).withUnsafeBytes { bytes in
            var settings = unsafe ccurl_request(
              method: method, url: url, unix_socket: socket,
              body: body == nil ? nil : bytes.baseAddress ?? UnsafeRawPointer(method),
              body_bytes: bytes.count, headers: headers,
              connect_timeout_ms: request.connectTimeoutMs, timeout_ms: request.timeoutMs,
              pinned_key: nil, authorities: nil)
            return unsafe begin(&settings, trust)
          }
        }
      }
    }
  }

  private static func begin(
    _ settings: inout ccurl_request, _ trust: ServerTrust
  ) -> UnsafeMutableRawPointer? {
    unsafe withOptionalCString(trust.pinnedKey) { pin in
      unsafe withOptionalCString(trust.authoritiesFile) { file in
        unsafe settings.pinned_key = pin
        unsafe settings.authorities = file
        return unsafe ccurl_begin(&settings, ClientCallbacks.head, ClientCallbacks.body)
      }
    }
  }

  private static func withOptionalCString<R>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> R
  ) -> R {
    guard let text else { return body(nil) }
    return unsafe text.withCString { unsafe body($0) }
  }

  /// Without a `Content-Type` of ours libcurl would call a body a form.
  private static func lines(of request: ClientRequest) -> [String] {
    var lines = request.headers.fields
      .filter { Headers.isSendable(name: $0.name, value: $0.value) }
      .map { "\($0.name): \($0.value)" }
    if request.headers["Content-Type"] == nil {
      lines.append(
        request.method.carriesBody ? "Content-Type: application/json" : "Content-Type:")
    }
    return lines
  }

  private static func error(
    _ code: CURLcode, _ errno: Errno, at origin: Origin
  ) -> HTTPClientError {
    let address = origin.description
    switch code {
    case CURLE_COULDNT_CONNECT:
      switch errno {
      case .noEntry: return .noSocket(path: address)
      case .accessDenied, .notPermitted: return .notPermitted(path: address)
      default: return .refused(address: address)
      }
    case CURLE_OPERATION_TIMEDOUT:
      return .timedOut(address: address)
    case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE:
      return .connectionLost(address: address)
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return .wrongPin(address: address)
    case CURLE_PEER_FAILED_VERIFICATION:
      return .untrusted(address: address)
    case CURLE_SSL_CONNECT_ERROR:
      return .noTls(address: address)
    default:
      let text = unsafe String(cString: ccurl_words(code))
      return .failed(reason: "\(address): \(text)")
    }
  }

  // MARK: From libcurl

  /// One line of the head; a status line starts it anew, as after a 100.
  func takeHead(_ bytes: [UInt8]) -> Bool {
    let line = String(decoding: bytes.prefix { $0 != 13 && $0 != 10 }, as: UTF8.self)
    headerBytes += bytes.count
    guard headerBytes <= WebLimits.responseHeaderBytesMax else {
      failure = .failed(reason: "the head of the answer is too long")
      return false
    }
    if line.hasPrefix("HTTP/") {
      let parts = line.split(separator: " ")
      response = ClientResponse(
        status: parts.count > 1 ? Int(parts[1]) ?? 0 : 0, headers: Headers(), body: [])
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      response.headers.add(String(line[..<colon]), String(value))
    }
    return true
  }

  /// A part of the body. Only a success is handed over in chunks: a problem is collected.
  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    silence?.arm(afterUs: silenceUs)
    if let onBytes, response.isSuccess {
      onBytes(unsafe [UInt8](bytes))
      return failure == nil
    }
    guard response.body.count + bytes.count <= responseBytesMax else {
      failure = .bodyTooLarge(bytesMax: responseBytesMax)
      return false
    }
    unsafe response.body.append(contentsOf: bytes)
    return true
  }

  func fail(_ failure: HTTPClientError) {
    if self.failure == nil { self.failure = failure }
  }
}
