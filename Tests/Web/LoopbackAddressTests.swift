import Testing

@testable import Web

@Suite("Addresses of this machine alone") struct LoopbackAddressTests {
  @Test(
    "what only this machine reaches is taken",
    arguments: [
      ("127.0.0.1:8420", "127.0.0.1:8420"), ("127.9.8.7:0", "127.9.8.7:0"),
      ("[::1]:65535", "[::1]:65535"), ("[0:0:0:0:0:0:0:1]:1", "[::1]:1"),
    ])
  func taken(text: String, expected: String) throws {
    #expect(try LoopbackAddress(text).description == expected)
  }

  @Test(
    "what others may reach is refused as such",
    arguments: [
      "0.0.0.0:8420", "192.168.1.4:8420", "128.0.0.1:80", "126.255.255.255:80", "[::]:8420",
      "[fe80::1]:8420", "[::ffff:127.0.0.1]:8420", "[::2]:1",
    ])
  func elsewhere(text: String) {
    #expect(throws: LoopbackAddress.Failure.notLoopback) { try LoopbackAddress(text) }
  }

  @Test(
    "what is no address with a port is refused as such",
    arguments: [
      "", ":", "8420", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
      "127.0.0.1:+80", "127.1:80", "localhost:8420", "::1:8420", "[::1]", "[::1:80", "127.0.0.1:8 ",
      "0177.0.0.1:80",
    ])
  func malformed(text: String) {
    #expect(throws: LoopbackAddress.Failure.malformed) { try LoopbackAddress(text) }
  }
}
