internal import CGnutls

/// What a server that speaks TLS shows and proves: its certificate, those of who signed it, and the
/// private key.
public struct ServerCertificate: Sendable {
  /// What the certificate's key is known by.
  public let pin: PublicKeyPin
  let certificatesPem: String
  let keyPem: String

  /// Takes both in PEM, the server's own certificate first; throws where either cannot be read, or
  /// where they do not belong together.
  public init(certificates: [UInt8], key: [UInt8]) throws(CertificateFailure) {
    guard !certificates.contains(0), !key.contains(0) else {
      throw CertificateFailure(.certificate, "it holds a zero byte")
    }
    let certificatesPem = String(decoding: certificates, as: UTF8.self)
    let keyPem = String(decoding: key, as: UTF8.self)
    let shown = try unsafe Self.pin(.certificate) {
      unsafe ctls_pin_of_certificate(certificatesPem, $0)
    }
    let held = try unsafe Self.pin(.key) { unsafe ctls_pin_of_key(keyPem, $0) }
    guard shown == held else {
      throw CertificateFailure(.pair, "the key is not that of the certificate")
    }
    pin = shown
    self.certificatesPem = certificatesPem
    self.keyPem = keyPem
  }

  /// Makes a key on P-256 and a certificate that it signs itself.
  ///
  /// - Parameters:
  ///   - name: what the machine is called, at most 64 bytes of ASCII.
  ///   - serial: 8 random bytes, the certificate's number.
  public init(selfSignedFor name: String, serial: [UInt8]) throws(CertificateFailure) {
    let key = try unsafe Self.text(.key) { unsafe ctls_make_key($0) }
    // Positive, as it has to be.
    let number = serial.enumerated().map { $0.offset == 0 ? $0.element & 0x7F | 1 : $0.element }
    let certificate = try unsafe Self.text(.certificate) { out in
      unsafe ctls_make_certificate(key, name, Self.validFromS, number, number.count, out)
    }
    try self.init(certificates: Array(certificate.utf8), key: Array(key.utf8))
  }

  /// Both in one text, as `init(pem:)` reads it: a secret.
  public var pem: [UInt8] { Array((keyPem + certificatesPem).utf8) }

  /// Takes both from one text.
  public init(pem: [UInt8]) throws(CertificateFailure) {
    try self.init(certificates: pem, key: pem)
  }

  /// 2020: before any clock that is right, since that of a gateway may be slow.
  private static let validFromS: Int64 = 1_577_836_800

  private static func pin(
    _ part: CertificateFailure.Part, _ read: (UnsafeMutablePointer<UInt8>) -> Int32
  ) throws(CertificateFailure) -> PublicKeyPin {
    var bytes = [UInt8](repeating: 0, count: PublicKeyPin.byteCount)
    let code = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe read($0) } ?? 0
    }
    guard code == 0, let pin = PublicKeyPin(bytes) else {
      throw CertificateFailure(part, unsafe String(cString: ctls_words(code)))
    }
    return pin
  }

  private static func text(
    _ part: CertificateFailure.Part,
    _ make: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) throws(CertificateFailure) -> String {
    var out: UnsafeMutablePointer<CChar>?
    let code = unsafe make(&out)
    defer { unsafe ctls_free(out) }
    guard code == 0, let text = unsafe out else {
      throw CertificateFailure(part, unsafe String(cString: ctls_words(code)))
    }
    return unsafe String(cString: text)
  }
}

/// Why a certificate and its key cannot be used.
public struct CertificateFailure: Error, Hashable, Sendable {
  /// What of it.
  public enum Part: String, Hashable, Sendable {
    /// The certificate.
    case certificate
    /// The private key.
    case key
    /// The two do not belong together.
    case pair
  }

  /// What of it.
  public let part: Part
  /// Why, in English.
  public let reason: String

  init(_ part: Part, _ reason: String) {
    self.part = part
    self.reason = reason
  }
}
