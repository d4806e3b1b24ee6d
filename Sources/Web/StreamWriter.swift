public import Reactor

/// Writes the body of one streamed answer, to one viewer, from the loop.
///
/// Whoever writes holds it; when the viewer leaves, `onClose` is called once and writes are
/// ignored from then on.
@Loop public final class StreamWriter {
  private var buffer: StreamBuffer
  private let heartbeat: [UInt8]
  /// Set while libmicrohttpd waits for us; takes it out of that wait.
  private var resume: (@Loop () -> Void)?
  private var closeHandlers: [@Loop () -> Void] = []
  private var waiter: CheckedContinuation<Void, Never>?
  private(set) var lastActivityUs = Clock.bootUs()
  private var isAborted = false
  /// Whether who views may still do so: asked now and then while the stream lasts.
  var mayGoOn: (@Loop () -> Bool)?

  /// Whether the viewer is gone or the stream has been ended.
  public private(set) var isClosed = false

  /// Chunks this viewer never saw because it was too slow.
  public var chunksDropped: UInt64 { buffer.chunksDropped }

  /// Bytes that wait for the viewer.
  public var bytesWaiting: Int { buffer.bytesWaiting }

  init(_ plan: StreamPlan) {
    buffer = StreamBuffer(
      bytesMax: plan.bufferBytesMax, overflow: plan.overflow,
      replaceAboveBytes: plan.replaceAboveBytes)
    heartbeat = plan.heartbeat
  }

  /// Queues a chunk; with a key it replaces the waiting chunk of that key, so that a slow viewer
  /// gets the last value instead of a queue of old ones. The first `keeping` bytes of the chunk
  /// that it replaces stay, in place of its own.
  @discardableResult
  public func write(
    _ bytes: [UInt8], replacing key: UInt64? = nil, keeping placeCount: Int = 0
  ) -> StreamWriteResult {
    guard !isClosed else { return .ended }
    let result = buffer.append(bytes, key: key, placeCount: placeCount)
    if result == .ended { isClosed = true }
    if result != .refused { wake() }
    return result
  }

  /// Queues an event of an event stream.
  @discardableResult
  public func write(
    _ event: ServerSentEvent, replacing key: UInt64? = nil
  ) -> StreamWriteResult {
    write(event.encoded, replacing: key)
  }

  /// Queues a chunk once there is room for it; false when the viewer is gone.
  ///
  /// One caller at a time. A chunk larger than the whole buffer goes in parts.
  public func send(_ bytes: [UInt8]) async -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty, !isClosed {
      let part = Array(rest.prefix(WebLimits.streamPartBytes))
      switch write(part) {
      case .refused:
        await room()
      case .ended:
        return false
      case .queued, .replaced, .droppedOlder:
        rest = rest.dropFirst(part.count)
      }
    }
    return !isClosed
  }

  /// Ends the stream after what waits has been sent.
  public func end() {
    buffer.end()
    isClosed = true
    wake()
  }

  /// Asks to be told, once, when the viewer has left or the stream has come to its end.
  public func onClose(_ handler: @escaping @Loop () -> Void) {
    closeHandlers.append(handler)
  }

  private func room() async {
    precondition(waiter == nil, "two callers send on one stream")
    await withCheckedContinuation { waiter = $0 }
  }

  private func wake() {
    guard let resume else { return }
    self.resume = nil
    lastActivityUs = Clock.bootUs()
    resume()
  }

  // MARK: For the server

  enum Reading {
    case bytes(Int)
    case wait
    case end
    case abort
  }

  /// Hands bytes to libmicrohttpd; after `wait` it calls `waits`.
  func read(into target: UnsafeMutableRawBufferPointer) -> Reading {
    if isAborted { return .abort }
    let count = unsafe buffer.read(into: target)
    if let waiter, buffer.isEmpty || count > 0 {
      self.waiter = nil
      waiter.resume()
    }
    if count > 0 {
      lastActivityUs = Clock.bootUs()
      return .bytes(count)
    }
    return buffer.isEnded ? .end : .wait
  }

  /// libmicrohttpd has put the connection aside until `resume` is called.
  func waits(_ resume: @escaping @Loop () -> Void) {
    self.resume = resume
  }

  var isWaiting: Bool { resume != nil }

  /// Says something, so that a viewer that left is noticed.
  func beat() {
    guard isWaiting, !heartbeat.isEmpty else { return }
    _ = buffer.append(heartbeat, key: nil)
    wake()
  }

  /// Ends at once; what waits is dropped.
  func abort() {
    isAborted = true
    buffer.end()
    isClosed = true
    wake()
  }

  /// The connection is finished, whatever the reason; called once.
  func closed() {
    isClosed = true
    isAborted = true
    mayGoOn = nil
    resume = nil
    waiter?.resume()
    waiter = nil
    let handlers = closeHandlers
    closeHandlers = []
    for handler in handlers { handler() }
  }
}
