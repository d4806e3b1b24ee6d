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

  @Test("what a browser sends across sites may read nothing else, and change nothing") func site() {
    let fields = [("Host", "localhost:8420"), ("Sec-Fetch-Site", "cross-site")]
    #expect(refusal(fields) == nil, "a link on another page may lead here")
    #expect(refusal(fields, method: .post) == "foreign-origin")
    #expect(
      refusal([("Host", "localhost:8420"), ("Sec-Fetch-Site", "same-origin")], method: .post) == nil
    )
  }
}
