internal import CCurl
internal import Reactor

/// The doors through which libcurl calls us: always on the loop.
enum ClientCallbacks {
  /// One line of the head of an answer.
  static let head:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?)
      -> Int = { bytes, size, count, closure in
        guard let closure = unsafe closure, let bytes = unsafe bytes else { return 0 }
        let transfer = unsafe Unmanaged<ClientTransfer>.fromOpaque(closure).takeUnretainedValue()
        let line = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: size * count))
        // Any other number than what came ends the transfer.
        return Loop.assumeIsolated { transfer.takeHead(line) } ? size * count : -1
      }

  /// A part of the body of an answer.
  static let body:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?)
      -> Int = { bytes, size, count, closure in
        guard let closure = unsafe closure, let bytes = unsafe bytes else { return 0 }
        let transfer = unsafe Unmanaged<ClientTransfer>.fromOpaque(closure).takeUnretainedValue()
        nonisolated(unsafe) let buffer = unsafe UnsafeRawBufferPointer(
          start: bytes, count: size * count)
        return Loop.assumeIsolated { unsafe transfer.takeBody(buffer) } ? size * count : -1
      }

  /// What libcurl waits for on a socket has changed.
  static let socket: curl_socket_callback = { _, socket, what, closure, _ in
    guard let closure = unsafe closure else { return 0 }
    let client = unsafe Unmanaged<HTTPClient>.fromOpaque(closure).takeUnretainedValue()
    Loop.assumeIsolated { client.watch(socket, what) }
    return 0
  }

  /// When libcurl wants to be called, whatever happens.
  static let timer: curl_multi_timer_callback = { _, timeoutMs, closure in
    guard let closure = unsafe closure else { return 0 }
    let client = unsafe Unmanaged<HTTPClient>.fromOpaque(closure).takeUnretainedValue()
    Loop.assumeIsolated { client.wake(afterMs: timeoutMs) }
    return 0
  }
}
