/// Keeps pages of other sites away from a server on loopback: a browser would carry their requests
/// here, and a name of theirs may be made to mean this machine (DNS rebinding).
///
/// So the `Host` must be an address of this machine with our port, or a name that was configured;
/// and an `Origin`, where there is one, must be one of these too.
public struct NetworkGuard: Sendable {
  /// This machine, as seen from itself.
  private static let hosts = ["127.0.0.1", "localhost", "[::1]"]

  private let port: UInt16
  private let names: Set<String>
  /// Whether others than this machine may reach the server.
  private let isOutside: Bool
  /// The hosts as nearly every client writes them.
  private let usualHosts: [String]

  /// A guard of a server on `port`; `names` are further hosts, such as a reverse proxy's, with any
  /// port.
  public init(port: UInt16, names: [String] = []) {
    self.port = port
    self.names = Set(names.map { $0.lowercased() })
    isOutside = false
    usualHosts = Self.hosts.map { "\($0):\(port)" }
  }

  /// A guard of a server that other machines reach: an address in numbers means itself and nothing
  /// else, so that it may stand for any of this machine's, with any port; so may `names`. A page
  /// may then only ask where it came from. What other nodes ask under `/sync` is no page's.
  public init(outsidePort port: UInt16, names: [String]) {
    self.port = port
    self.names = Set(names.map { $0.lowercased() })
    isOutside = true
    usualHosts = Self.hosts.map { "\($0):\(port)" }
  }

  /// Why a request is refused; nil when it may go on.
  func refusal(of request: Request) -> Problem? {
    if isOutside, Self.isOfNodes(request) { return nil }
    let hosts = request.headers.values(of: "Host")
    guard hosts.count == 1, usualHosts.contains(hosts[0]) || isOurs(hosts[0], defaultPort: 80)
    else {
      return Self.problem("foreign-host", "Host", hosts.first ?? "")
    }
    let origins = request.headers.values(of: "Origin")
    if !origins.isEmpty {
      guard origins.count == 1, isOurs(origin: origins[0], at: hosts[0]) else {
        return Self.problem("foreign-origin", "Origin", origins.first ?? "")
      }
    }
    if request.headers["Sec-Fetch-Site"] == "cross-site", request.method != .get,
      request.method != .head
    {
      return Self.problem("foreign-origin", "Sec-Fetch-Site", "cross-site")
    }
    return nil
  }

  /// Whether it is a question of another node. A page's script could send its media type elsewhere
  /// only after it was let, which it never is.
  private static func isOfNodes(_ request: Request) -> Bool {
    request.mediaType == "application/octet-stream" && request.method == .post
      && request.path.contains("/sync/1/")
  }

  private func isOurs(origin: String, at host: String) -> Bool {
    if isOutside { return origin.lowercased() == "https://" + host.lowercased() }
    for (scheme, defaultPort) in [("http://", 80), ("https://", 443)] as [(String, UInt16)]
    where origin.lowercased().hasPrefix(scheme) {
      return isOurs(String(origin.dropFirst(scheme.count)), defaultPort: defaultPort)
    }
    return false
  }

  private func isOurs(_ authority: String, defaultPort: UInt16) -> Bool {
    let text = authority.lowercased()
    var host = text[...]
    var port = defaultPort
    if let colon = text.lastIndex(of: ":"), text.last != "]" {
      let digits = text[text.index(after: colon)...]
      guard let number = UInt16(digits), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
      else { return false }
      port = number
      host = text[..<colon]
    }
    if names.contains(String(host)) { return true }
    if isOutside, InternetAddress("\(host):\(port)") != nil { return true }
    return Self.hosts.contains { $0 == host } && port == self.port
  }

  private static func problem(_ slug: String, _ header: String, _ value: String) -> Problem {
    Problem(
      slug, title: "Not from here", status: 403,
      detail: "\(header) is \"\(value)\", which is not this daemon's",
      remedy: "use http://localhost with the daemon's port; for another name, as behind a proxy,"
        + " add it to names under [http] of the configuration",
      parameters: ["header": header, "value": value])
  }
}
