import Reactor
import Testing

@testable import Web

@Suite("Certificates and pins") struct CertificateTests {
  /// P-256, made by openssl; its pin is that of `openssl pkey -pubin -outform der | sha256sum`.
  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7daIa6BVVRPUwiW5
    Xcu8hkqLNap4gK/TzlZhKE3RS4GhRANCAASh9E/eua3Xx1OhkEUmSoGNuM8WOhKy
    L8xDx2l+LQ9WgmAZJPLz3yw7aQKWXQZZxaYWNQxujLkOdlhcZFr9Nlz0
    -----END PRIVATE KEY-----
    """
  private static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBeTCCAR+gAwIBAgIUb7P6Fk1BpEHE8YIjtKjOaS+1AuEwCgYIKoZIzj0EAwIw
    ETEPMA0GA1UEAwwGdmVjdG9yMCAXDTI2MTEyMjE0MjUwMloYDzIxMjYxMDI5MTQy
    NTAyWjARMQ8wDQYDVQQDDAZ2ZWN0b3IwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
    AASh9E/eua3Xx1OhkEUmSoGNuM8WOhKyL8xDx2l+LQ9WgmAZJPLz3yw7aQKWXQZZ
    xaYWNQxujLkOdlhcZFr9Nlz0o1MwUTAdBgNVHQ4EFgQUgrsQWxhC7Hlm3yL7s56M
    hwhGpcIwHwYDVR0jBBgwFoAUgrsQWxhC7Hlm3yL7s56MhwhGpcIwDwYDVR0TAQH/
    BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA/LoktYccpg11x61CuhISMJXs/3Vp
    /KgK3b6wDWLtgfkCIGzByroRPPx3hbqPw1w0Lj1cy4ywMEImbOqbTOcC9qFs
    -----END CERTIFICATE-----
    """
  private static let pin = "sha256//JYjjf+Sr1ncq3B1pklgYrdsoWY6eZYsY+1ftF57IQuI="

  private func bytes(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

  @Test("a pin is that which openssl computes, and the certificate's is the key's") func pins()
    throws
  {
    let both = try ServerCertificate(
      certificates: bytes(Self.certificate), key: bytes(Self.key))
    #expect("\(both.pin)" == Self.pin)
    #expect(PublicKeyPin(text: Self.pin) == both.pin)
    #expect(try ServerCertificate(pem: bytes(Self.key + "\n" + Self.certificate)).pin == both.pin)
  }

  @Test(
    "what is no pin is refused",
    arguments: [
      "", "sha256//", "sha256/AAAA", "sha1//AAAA", String(pin.dropLast()), pin + "=",
      pin.replacing("sha256//", with: "SHA256//"), String(pin.dropFirst(8)), pin + " ",
      pin.replacing("=", with: "A"),
    ])
  func noPins(text: String) { #expect(PublicKeyPin(text: text) == nil) }

  @Test("base 64 is read as it is written, and nothing else is") func base64() {
    for count in 0..<40 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 73 + count) }
      #expect(Base64.bytes(Base64.text(bytes)) == bytes)
    }
    for text in ["A", "AA", "AAA", "AB==", "AA=A", "====", "A===", "AAAA=", "AA_A", "AA\nAA"] {
      #expect(Base64.bytes(text) == nil, "\(text)")
    }
  }

  @Test("a certificate that is made is its key's own, another each time, and reads back")
  func selfSigned() throws {
    let serial = [UInt8](repeating: 0xFF, count: 8)
    let made = try ServerCertificate(selfSignedFor: "barn", serial: serial)
    let other = try ServerCertificate(selfSignedFor: "barn", serial: serial)
    #expect(made.pin != other.pin)
    #expect(try ServerCertificate(pem: made.pem).pin == made.pin)
  }

  @Test("a key of another certificate, and what is neither, are told apart") func failures() throws
  {
    let other = try ServerCertificate(selfSignedFor: "x", serial: [UInt8](repeating: 1, count: 8))
    func part(_ certificates: [UInt8], _ key: [UInt8]) -> CertificateFailure.Part? {
      do throws(CertificateFailure) {
        _ = try ServerCertificate(certificates: certificates, key: key)
        return nil
      } catch {
        return error.part
      }
    }
    let (certificate, key) = (bytes(Self.certificate), bytes(Self.key))
    #expect(part(certificate, key) == nil)
    #expect(part(certificate, other.pem) == .pair)
    #expect(part(bytes("nonsense"), key) == .certificate)
    #expect(part([], key) == .certificate)
    #expect(part(certificate, certificate) == .key)
    #expect(part(certificate, key + [0]) == .certificate)
  }
}

@Suite("Server with TLS", .timeLimit(.minutes(1))) struct TlsServerTests {
  init() { EventLoop.shared.start() }

  private static func certificate() throws -> ServerCertificate {
    try ServerCertificate(selfSignedFor: "test", serial: [UInt8](repeating: 7, count: 8))
  }

  @Loop private func start(
    _ certificate: ServerCertificate?
  ) throws -> (HTTPServer, LoopbackAddress) {
    var router = Router()
    router.get("/", access: .open) { .text($0.isEncrypted ? "sealed" : "open") }
    let types = ["application/json"]
    router.add(.post, "/echo", access: .open, mediaTypes: types, bodyBytesMax: 1 << 20) {
      Response(body: $0.body)
    }
    var settings = HTTPServer.Settings()
    settings.certificate = certificate
    let listener = try Listener(tcp: try LoopbackAddress("127.0.0.1:0"))
    let found = listener.tcp
    let address = try #require(found)
    let server = HTTPServer(router, settings: settings)
    try server.start(listener)
    return (server, address)
  }

  @Loop private func failure(_ client: HTTPClient) async -> HTTPClientError? {
    do throws(HTTPClientError) {
      _ = try await client.send(ClientRequest(.get, "/"))
      return nil
    } catch {
      return error
    }
  }

  @Test("the pinned key is believed, and large bodies go both ways") @Loop func pinned()
    async throws
  {
    let certificate = try Self.certificate()
    let (server, address) = try start(certificate)
    let client = HTTPClient(.url("https://\(address)"), trust: .pin(certificate.pin))
    #expect(try await client.send(ClientRequest(.get, "/")).text == "sealed")
    var request = ClientRequest(.post, "/echo")
    request.body = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    #expect(try await client.send(request).body == request.body)
    await server.stop()
  }

  @Test("another key, and one that nobody vouches for, are told apart") @Loop func refused()
    async throws
  {
    let (server, address) = try start(try Self.certificate())
    let origin = Origin.url("https://\(address)")
    let other = try Self.certificate().pin
    #expect(
      await failure(HTTPClient(origin, trust: .pin(other)))
        == .wrongPin(address: origin.description))
    #expect(await failure(HTTPClient(origin)) == .untrusted(address: origin.description))
    await server.stop()
  }

  @Test("plain HTTP where TLS is spoken is answered, and TLS where it is not is told")
  @Loop func mixed() async throws {
    let certificate = try Self.certificate()
    let (server, address) = try start(certificate)
    let answer = try await HTTPClient(.url("http://\(address)")).send(ClientRequest(.get, "/"))
    #expect(answer.status == 400 && answer.problem?.code == PlainAnswer.slug)
    await server.stop()
    let (plain, there) = try start(nil)
    let client = HTTPClient(.url("https://\(there)"), trust: .pin(certificate.pin))
    #expect(await failure(client) == .noTls(address: "https://\(there)"))
    #expect(
      try await HTTPClient(.url("http://\(there)")).send(ClientRequest(.get, "/")).text == "open")
    await plain.stop()
  }

  @Test("a handshake that does not go on keeps nobody else waiting, and none outlives the server")
  @Loop func stuck() async throws {
    let certificate = try Self.certificate()
    let (server, address) = try start(certificate)
    var stuck: [RawClient] = []
    for _ in 0..<10 {
      stuck.append(try NetworkServerTests().connect(address))
      try await stuck.last?.write("\u{16}\u{3}\u{1}")
    }
    let client = HTTPClient(.url("https://\(address)"), trust: .pin(certificate.pin))
    #expect(try await client.send(ClientRequest(.get, "/")).text == "sealed")
    try await until("connections that shake hands") { server.metrics.connections >= 11 }
    await server.stop()
  }
}
