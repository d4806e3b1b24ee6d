/// The answer to one request.
public struct Response: Sendable {
  /// What follows the head.
  public enum Body: Sendable {
    /// All of it, known now.
    case bytes([UInt8])
    /// Bytes that come later, through a `StreamWriter`.
    case stream(StreamPlan)
    /// No body: the connection leaves HTTP and is handed over.
    case upgrade(UpgradePlan)
  }

  /// The status code, 200 to 599 (101 for an upgrade).
  public var status: Int
  /// The header fields; length, date and connection are the server's own.
  public var headers: Headers
  /// The body.
  public var body: Body

  /// Makes an answer of known bytes.
  public init(status: Int = 200, headers: Headers = Headers(), body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = .bytes(body)
  }

  /// An answer in plain text.
  public static func text(
    _ text: String, status: Int = 200, mediaType: String = "text/plain; charset=utf-8"
  ) -> Response {
    Response(status: status, headers: ["Content-Type": mediaType], body: Array(text.utf8))
  }

  /// Success without a body (204).
  public static var noContent: Response { Response(status: 204) }

  /// The body's bytes where they are known, else nothing.
  public var bytes: [UInt8] {
    if case .bytes(let bytes) = body { bytes } else { [] }
  }
}
