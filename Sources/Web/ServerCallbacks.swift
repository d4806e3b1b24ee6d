internal import CMicrohttpd
internal import Reactor

/// The doors through which libmicrohttpd calls us: always on the loop, always inside `MHD_run`.
enum ServerCallbacks {
  /// The head of a request, a part of its body, its end, or again to ask for the answer.
  static let access: MHD_AccessHandlerCallback = {
    closure, connection, path, method, _, bytes, count, state in
    guard let closure = unsafe closure, let connection = unsafe connection,
      let path = unsafe path, let method = unsafe method, let count = unsafe count,
      let state = unsafe state
    else { return .NO }
    let server = unsafe Unmanaged<HTTPServer>.fromOpaque(closure).takeUnretainedValue()
    nonisolated(unsafe) let arguments = unsafe (connection, path, method, bytes, count, state)
    return Loop.assumeIsolated {
      let (connection, path, method, bytes, count, state) = unsafe arguments
      guard let known = unsafe state.pointee else {
        guard
          let exchange = unsafe server.begin(
            connection, method: String(cString: method), path: String(cString: path))
        else { return .NO }
        unsafe state.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return exchange.begin()
      }
      let exchange = unsafe Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
      guard let bytes = unsafe bytes, unsafe count.pointee > 0 else { return exchange.proceed() }
      let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: count.pointee)
      unsafe count.pointee = 0
      return unsafe exchange.receive(buffer)
    }
  }

  /// A connection came, or is gone.
  static let connected: MHD_NotifyConnectionCallback = { closure, connection, _, what in
    guard let closure = unsafe closure, let connection = unsafe connection else { return }
    let server = unsafe Unmanaged<HTTPServer>.fromOpaque(closure).takeUnretainedValue()
    let socket = unsafe cmhd_connection_fd(connection)
    Loop.assumeIsolated {
      switch what {
      case .CONNECTION_NOTIFY_STARTED: server.opened(socket)
      case .CONNECTION_NOTIFY_CLOSED: server.closed(socket)
      @unknown default: break
      }
    }
  }

  /// A request is over, whatever the reason: the last call about it.
  static let completed: MHD_RequestCompletedCallback = { closure, _, state, _ in
    guard let closure = unsafe closure, let known = unsafe state?.pointee else { return }
    let server = unsafe Unmanaged<HTTPServer>.fromOpaque(closure).takeUnretainedValue()
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
    unsafe state?.pointee = nil
    Loop.assumeIsolated { server.end(exchange) }
  }

  /// More of a stream is wanted.
  static let read: MHD_ContentReaderCallback = { closure, _, target, count in
    guard let closure = unsafe closure, let target = unsafe target else { return -2 }
    let hold = unsafe Unmanaged<StreamHold>.fromOpaque(closure).takeUnretainedValue()
    nonisolated(unsafe) let buffer = unsafe UnsafeMutableRawBufferPointer(
      start: target, count: count)
    return Loop.assumeIsolated { unsafe hold.exchange.read(hold.writer, into: buffer) }
  }

  /// A stream's answer is freed.
  static let free: MHD_ContentReaderFreeCallback = { closure in
    guard let closure = unsafe closure else { return }
    unsafe Unmanaged<StreamHold>.fromOpaque(closure).release()
  }

  /// The 101 is sent: the socket is ours.
  static let upgraded: MHD_UpgradeHandler = { closure, _, _, extra, count, socket, handle in
    guard let closure = unsafe closure, let handle = unsafe handle else { return }
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(closure).takeUnretainedValue()
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: extra, count: count))
    nonisolated(unsafe) let upgrade = unsafe handle
    Loop.assumeIsolated { unsafe exchange.upgraded(socket, extra: bytes, handle: upgrade) }
  }

  /// One header field, appended to the `Headers` that the closure points at; one more than the
  /// bound, so that too many are seen.
  static let header: MHD_KeyValueIterator = { closure, _, name, value in
    guard let headers = unsafe closure?.assumingMemoryBound(to: Headers.self),
      let name = unsafe name, unsafe headers.pointee.fields.count <= WebLimits.headersMax
    else { return .NO }
    unsafe headers.pointee.add(
      String(cString: name), value.map { unsafe String(cString: $0) } ?? "")
    return .YES
  }

  /// One query item as sent, appended to the `[String]` that the closure points at.
  static let queryItem: MHD_KeyValueIterator = { closure, _, name, value in
    guard let items = unsafe closure?.assumingMemoryBound(to: [String].self),
      let name = unsafe name
    else { return .NO }
    let text = unsafe String(cString: name)
    unsafe items.pointee.append(value.map { unsafe text + "=" + String(cString: $0) } ?? text)
    return .YES
  }
}
