public import Reactor

/// How an answer whose bytes come later is sent.
public struct StreamPlan: Sendable {
  /// What happens when the viewer is slow.
  public var overflow: StreamOverflow
  /// How many bytes may wait for the viewer.
  public var bufferBytesMax: Int
  /// How many bytes wait for a viewer that still gets every chunk; beyond, one of the same key
  /// replaces the other.
  public var replaceAboveBytes = 0
  /// Sent when nothing else was for a while, so that a viewer that left is noticed; empty for a
  /// format that has nothing to skip.
  public var heartbeat: [UInt8]
  /// Called once when the head is on its way; keeps the writer and writes through it.
  public var open: @Loop @Sendable (StreamWriter) -> Void
}

/// A connection that has left HTTP: the receiver owns it and closes it by letting it go.
public struct UpgradedConnection: ~Copyable, Sendable {
  /// The connected socket, non-blocking; descriptors may come over it when it is a unix socket.
  public var socket: Descriptor
  /// Bytes the client sent before it had our answer: to be read before the socket.
  public let extra: [UInt8]
  /// Who is at the other end.
  public let peer: Peer

  /// Puts a connection together.
  public init(socket: consuming Descriptor, extra: [UInt8], peer: Peer) {
    self.socket = socket
    self.extra = extra
    self.peer = peer
  }

  /// Gives the socket away; the rest is dropped.
  public consuming func intoSocket() -> Descriptor { socket }
}

/// What becomes of a connection that leaves HTTP.
public struct UpgradePlan: Sendable {
  /// The name in the `Upgrade` header, on both sides.
  public var protocolName: String
  /// Serves the connection; it counts as open until this returns, and is cancelled at stop.
  public var handler: @Loop @Sendable (consuming UpgradedConnection) async -> Void
}

extension Response {
  /// An answer whose bytes are written later; it stays open until the writer ends it or the
  /// client leaves.
  public static func stream(
    mediaType: String, overflow: StreamOverflow = .endStream, heartbeat: [UInt8] = [],
    replaceAboveBytes: Int = 0, open: @escaping @Loop @Sendable (StreamWriter) -> Void
  ) -> Response {
    var response = Response(headers: ["Content-Type": mediaType])
    response.body = .stream(
      StreamPlan(
        overflow: overflow, bufferBytesMax: WebLimits.streamBufferBytesMax,
        replaceAboveBytes: replaceAboveBytes, heartbeat: heartbeat, open: open))
    return response
  }

  /// A stream of server-sent events, with a comment whenever it has been silent for a while.
  public static func events(
    overflow: StreamOverflow = .endStream,
    open: @escaping @Loop @Sendable (StreamWriter) -> Void
  ) -> Response {
    var response = stream(
      mediaType: ServerSentEvent.mediaType, overflow: overflow,
      heartbeat: ServerSentEvent.comment, replaceAboveBytes: WebLimits.eventsKeptUpBytes,
      open: open)
    response.headers["Cache-Control"] = "no-store"
    // nginx in front would hold events back until it has a buffer full of them.
    response.headers["X-Accel-Buffering"] = "no"
    return response
  }

  /// An answer produced piece by piece at the speed of the client, as for a large export: the
  /// producer waits in `writer.send`; the stream ends when it returns.
  public static func produce(
    mediaType: String, heartbeat: [UInt8] = [],
    producer: @escaping @Loop @Sendable (StreamWriter) async -> Void
  ) -> Response {
    stream(mediaType: mediaType, overflow: .refuse, heartbeat: heartbeat) { writer in
      let task = Task { @Loop in
        await producer(writer)
        writer.end()
      }
      writer.onClose { task.cancel() }
    }
  }

  /// The connection leaves HTTP for another protocol (RFC 9110 section 7.8); a request that did
  /// not ask for it gets 426.
  public static func upgrade(
    _ protocolName: String,
    handler: @escaping @Loop @Sendable (consuming UpgradedConnection) async -> Void
  ) -> Response {
    var response = Response(status: 101)
    response.body = .upgrade(UpgradePlan(protocolName: protocolName, handler: handler))
    return response
  }
}
