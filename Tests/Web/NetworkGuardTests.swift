import Testing

@testable import Web

@Suite("Guard of the network") struct NetworkGuardTests {
  private let ours = NetworkGuard(port: 8420, names: ["Gateway.example"])

  private func refusal(_ fields: [(String, String)], method: Method = .get) -> String? {
    var headers = Headers()
    for field in fields { headers.add(field.0, field.1) }
    return ours.refusal(of: Request(method, "/", headers: headers))?.slug
  }

  @Test(
    "an address of this machine with our port, and a configured name, may ask",
    arguments: [
      "localhost:8420", "LOCALHOST:8420", "127.0.0.1:8420", "[::1]:8420", "gateway.example",
      "GATEWAY.example:443",
    ])
  func host(value: String) { #expect(refusal([("Host", value)]) == nil) }

  @Test(
    "another host, or another port of ours, may not",
    arguments: [
      "", "localhost", "localhost:80", "localhost:", "localhost:84200", "localhost.:8420",
      "127.0.0.1", "127.0.0.2:8420", "[::1]", "::1:8420", "evil.example:8420",
      "localhost:8420.evil.example", "evil.example:8420@localhost:8420", "xgateway.example",
      "gateway.example.evil", "localhost:8420 ", "localhost:+8420",
    ])
  func foreignHost(value: String) { #expect(refusal([("Host", value)]) == "foreign-host") }

  @Test("no host, and two of them, are refused") func hosts() {
    #expect(refusal([]) == "foreign-host")
    #expect(refusal([("Host", "localhost:8420"), ("host", "evil.example")]) == "foreign-host")
  }

  @Test(
    "an origin of ours may ask",
    arguments: [
      "http://localhost:8420", "http://127.0.0.1:8420", "http://[::1]:8420",
      "https://gateway.example", "HTTP://LocalHost:8420",
    ])
  func origin(value: String) {
    #expect(refusal([("Host", "localhost:8420"), ("Origin", value)], method: .post) == nil)
  }

  @Test(
    "another origin may not, whatever the method",
    arguments: [
      "null", "", "http://localhost", "http://localhost:3000", "http://evil.example",
      "https://localhost", "file://", "http://localhost:8420.evil.example",
      "http://evil.example/http://localhost:8420",
    ], [Method.get, .post])
  func foreignOrigin(value: String, method: Method) {
    #expect(
      refusal([("Host", "localhost:8420"), ("Origin", value)], method: method) == "foreign-origin")
  }

  private func outside(
    _ fields: [(String, String)], _ path: String = "/", method: Method = .post
  ) -> String? {
    var headers = Headers()
    for field in fields { headers.add(field.0, field.1) }
    return NetworkGuard(outsidePort: 8443, names: ["hub.example"])
      .refusal(of: Request(method, path, headers: headers))?.slug
  }

  @Test("beyond this machine an address in numbers and a configured name may be asked, no other")
  func outsideHosts() {
    for host in [
      "192.168.1.7:8443", "192.168.1.7", "[fe80::1]:8443", "hub.example", "localhost:8443",
    ] {
      #expect(outside([("Host", host)]) == nil, "\(host)")
      #expect(outside([("Host", host), ("Origin", "https://" + host)]) == nil, "\(host)")
    }
    for host in ["evil.example", "localhost:1", "1.2.3.4.evil.example", "999.1.1.1", ""] {
      #expect(outside([("Host", host)]) == "foreign-host", "\(host)")
    }
  }

  @Test("beyond this machine a page may ask only where it came from")
  func outsideOrigins() {
    for origin in [
      "https://192.168.1.8:8443", "https://hub.example", "http://192.168.1.7:8443", "null",
    ] {
      let fields = [("Host", "192.168.1.7:8443"), ("Origin", origin)]
      #expect(outside(fields) == "foreign-origin", "\(origin)")
    }
  }

  @Test("what other nodes ask needs no name that was configured, and nothing else goes that way")
  func nodes() {
    let type = ("Content-Type", "application/octet-stream")
    let host = ("Host", "dynamic.example:8443")
    #expect(outside([host, type], "/sync/1/hello") == nil)
    #expect(outside([host, type], "/site/north/sync/1/hello") == nil)
    #expect(outside([host], "/sync/1/hello") == "foreign-host")
    #expect(outside([host, ("Content-Type", "text/plain")], "/sync/1/hello") == "foreign-host")
    #expect(outside([host, type], "/api/v1/session") == "foreign-host")
    #expect(outside([host, type], "/sync/1/hello", method: .get) == "foreign-host")
  }

  @Test("what a browser sends across sites may read nothing else, and change nothing") func site() {
    let fields = [("Host", "localhost:8420"), ("Sec-Fetch-Site", "cross-site")]
    #expect(refusal(fields) == nil, "a link on another page may lead here")
    #expect(refusal(fields, method: .post) == "foreign-origin")
    #expect(
      refusal([("Host", "localhost:8420"), ("Sec-Fetch-Site", "same-origin")], method: .post) == nil
    )
  }
}
