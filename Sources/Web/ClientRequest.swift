/// Where a client's requests go.
public enum Origin: Hashable, Sendable, CustomStringConvertible {
  /// A unix socket of this machine.
  case unixSocket(path: String)
  /// A scheme and a host, `http://127.0.0.1:8420`, without a path.
  case url(String)

  /// The path or the address.
  public var description: String {
    switch self {
    case .unixSocket(let path): path
    case .url(let url): url
    }
  }

  var base: String {
    switch self {
    case .unixSocket: "http://localhost"
    case .url(let url): url.hasSuffix("/") ? String(url.dropLast()) : url
    }
  }
}

/// One request of our client.
public struct ClientRequest: Sendable {
  /// The method.
  public var method: Method
  /// The path, absolute and percent-encoded.
  public var path: String
  /// The query.
  public var query = Query()
  /// Header fields beyond those that libcurl sends.
  public var headers = Headers()
  /// The body; `nil` for none.
  public var body: [UInt8]?
  /// How long to wait for a connection, in ms.
  public var connectTimeoutMs = 5_000
  /// How long the whole exchange may take, in ms; 0 for as long as it goes on.
  public var timeoutMs = 30_000
  /// How long the other side may say nothing, in ms; 0 for ever. A live feed of this project
  /// says something every 15 s.
  public var silenceMs = 0
  /// The longest answer that is collected, in bytes.
  public var responseBytesMax = WebLimits.responseBytesMax

  /// A request without a body.
  public init(_ method: Method, _ path: String, query: Query = Query()) {
    self.method = method
    self.path = path
    self.query = query
  }

  /// A request with a JSON body.
  public init(_ method: Method, _ path: String, json value: some Encodable) throws(JSONFailure) {
    self.init(method, path)
    body = try JSON.encode(value)
    headers["Content-Type"] = "application/json"
  }

  func url(at origin: Origin) -> String {
    query.items.isEmpty ? origin.base + path : origin.base + path + "?" + query.encoded
  }
}

/// An answer, as our client gives it.
public struct ClientResponse: Sendable {
  /// The status code.
  public var status: Int
  /// The header fields.
  public var headers: Headers
  /// The body, empty where it was handed over in chunks.
  public var body: [UInt8]

  /// Whether the status says success (2xx).
  public var isSuccess: Bool { (200..<300).contains(status) }

  /// The problem it describes, where it is one.
  public var problem: Problem? {
    guard headers["Content-Type"]?.hasPrefix("application/problem+json") == true else { return nil }
    do {
      return try JSON.decode(Problem.self, from: body)
    } catch {
      return nil
    }
  }

  /// Decodes a JSON body.
  public func decode<T: Decodable>(_ type: T.Type) throws(JSONFailure) -> T {
    try JSON.decode(type, from: body)
  }
}
