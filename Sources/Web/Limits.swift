/// Every bound of this module, in one place.
///
/// What happens beyond a bound is part of its description: nothing here grows without one.
public enum WebLimits {
  /// Largest request body accepted unless a route asks for less or more; beyond it: 413.
  public static let bodyBytesMax = 1 << 20

  /// A body over its limit is still read and thrown away up to this many bytes, so that the
  /// client hears the 413; a longer one is answered at once and the connection closed.
  public static let bodyDiscardBytesMax = 4 << 20

  /// Room reserved at once for a body that announces its length; more is found as it arrives.
  static let bodyReserveBytes = 64 << 10

  /// Connections served at once; more wait in the listen queue of the kernel.
  public static let connectionsMax = 128

  /// Connections the kernel queues before they are accepted; beyond it a connect fails.
  static let listenBacklog: Int32 = 64

  /// Connections served at once over the network, where a page keeps one open; more wait as above.
  public static let networkConnectionsMax = 1_100

  /// Connections served at once over the network with TLS, whose records take some 40 KB each; more
  /// wait as above.
  public static let tlsConnectionsMax = 256

  /// How long the kernel keeps a connection to a server with TLS on which nothing has come, in s;
  /// then it is the server's to bound.
  static let deferAcceptS: Int32 = 5

  /// The versions of TLS that are spoken, 1.2 and 1.3, with GnuTLS's usual ciphers.
  static let tlsPriorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

  /// Static files of one server, their bytes together, and how deep folders are looked into; what
  /// is over is not served.
  static let staticFilesMax = 256
  static let staticBytesMax = 4 << 20
  static let staticDepthMax = 3

  /// Memory of one connection for its request line, headers and input; a longer head gets 431.
  static let connectionPoolBytes = 8 << 10

  /// Headers of one request; beyond it: 431.
  static let headersMax = 64

  /// Query items of one request; beyond it: 400.
  static let queryItemsMax = 64

  /// Seconds without progress after which a connection is closed; does not run while a
  /// handler works or a stream has nothing to say.
  static let idleTimeoutS: UInt32 = 30

  /// How long a client may take for one request, head and body, and between two, in µs; beyond it
  /// the connection is closed.
  static let requestUs: Int64 = 30_000_000

  /// How often connections are looked at for that, in µs.
  static let sweepUs: Int64 = 5_000_000

  /// The longest a waiting stream or request goes without being looked at: libmicrohttpd does
  /// not notice a client that leaves while its connection is suspended.
  static let heartbeatUs: Int64 = 10_000_000

  /// Bytes that wait for one slow viewer; beyond it the stream's overflow policy acts.
  public static let streamBufferBytesMax = 256 << 10

  /// Room reserved at once for a JSON document that is written; more is found as it grows.
  static let jsonReserveBytes = 1 << 10

  /// A JSON document that is read may be as long, and its objects and arrays stand in each other as
  /// deep; beyond it: not JSON.
  static let jsonDocumentBytesMax = 64 << 20
  static let jsonDepthMax = 128

  /// Bytes of events that wait for a viewer that keeps up; beyond, a value replaces the waiting one
  /// of its kind. A board that catches up sends bursts of tens of kilobytes in one turn.
  static let eventsKeptUpBytes = 64 << 10

  /// The pieces in which a producer's chunk goes into a stream's buffer.
  static let streamPartBytes = 32 << 10

  /// The piece in which libmicrohttpd asks for the bytes of a stream.
  static let streamBlockBytes = 1 << 10

  /// Upgraded connections alive at once; beyond it: 503.
  static let upgradesMax = 32

  /// Bytes a client may send ahead of the answer to its upgrade request.
  static let upgradeExtraBytesMax = 16 << 10

  /// How long `stop` waits for handlers and for viewers to take the last bytes.
  static let stopGraceUs: Int64 = 1_000_000

  /// Runs of libmicrohttpd in one turn of the loop; what is left goes on in the next turn.
  static let runsPerTurnMax = 4

  /// Runs of libmicrohttpd in which the last answers may go out at `stop`.
  static let runsAtStopMax = 16

  /// How long sent bytes may stay unacknowledged on an internet connection before it is given up.
  static let silenceMs: UInt32 = 12_000

  /// Longest line and longest event an event stream may carry to our client; a longer event
  /// is dropped whole and counted.
  public static let eventBytesMax = 1 << 20

  /// Largest response body our client collects unless the request says otherwise; beyond it
  /// the transfer ends with an error.
  public static let responseBytesMax = 16 << 20

  /// How long one letter may take to be told, in ms.
  public static let letterTimeoutMs = 30_000

  /// Total of response headers our client keeps; beyond it the transfer ends with an error.
  static let responseHeaderBytesMax = 64 << 10

  /// Longest answer head an upgrade may have; beyond it the upgrade fails.
  static let upgradeHeadBytesMax = 8 << 10

  /// Transfers one client runs at once; more wait their turn, in order.
  static let transfersMax = 32

  /// Cookies of one name that are looked at.
  static let cookiesMax = 4
}
