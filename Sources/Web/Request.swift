/// One HTTP request, complete with its body.
public struct Request: Sendable {
  /// The method, as sent.
  public let method: Method
  /// The path as sent, still percent-encoded, without the query.
  public internal(set) var path: String
  /// What the route's `{name}` parts matched, decoded.
  public internal(set) var parameters: [String: String]
  /// The query, decoded.
  public let query: Query
  /// The header fields.
  public let headers: Headers
  /// The body, at most the route's limit.
  public internal(set) var body: [UInt8]
  /// Who is at the other end of the connection.
  public let peer: Peer
  /// Whether it came over TLS of our own; what a proxy in front of us spoke is not known.
  public let isEncrypted: Bool
  /// Who asks, as the router found out; nil for nobody that is known.
  public internal(set) var caller: Caller?

  /// Makes a request, as the server does and as tests of routes do.
  public init(
    _ method: Method, _ path: String, query: Query = Query(), headers: Headers = Headers(),
    body: [UInt8] = [], peer: Peer = .unknown, isEncrypted: Bool = false
  ) {
    self.method = method
    self.path = path
    self.parameters = [:]
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
    self.isEncrypted = isEncrypted
  }

  /// The media type of the body in lower case, without its parameters.
  public var mediaType: String? {
    guard let field = headers["Content-Type"] else { return nil }
    let type = field.prefix { $0 != ";" }
    return String(type.filter { $0 != " " && $0 != "\t" }).lowercased()
  }

  /// Whether the client accepts a media type; one that states nothing accepts everything.
  ///
  /// Weights are not compared: the routes that offer a choice have two forms at most.
  public func accepts(_ mediaType: String) -> Bool {
    guard let accept = headers["Accept"]?.lowercased() else { return true }
    let family = mediaType.prefix { $0 != "/" } + "/*"
    return accept.split(separator: ",").contains { item in
      let range = item.prefix { $0 != ";" }.filter { $0 != " " }
      return range == mediaType || range == family || range == "*/*"
    }
  }
}
