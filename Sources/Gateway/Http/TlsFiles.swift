internal import Model
internal import Reactor
internal import Web

/// What the daemon shows where it speaks TLS.
struct TlsServer: Sendable {
  let certificate: ServerCertificate
  /// Whether it made and signed it itself: then its key stays, and invitations carry its pin. One
  /// of somebody else's may get a new key at any renewal, and authorities vouch for it.
  let isSelfSigned: Bool

  /// What an invitation pins; nil where authorities decide.
  var pin: PublicKeyPin? { isSelfSigned ? certificate.pin : nil }
}

/// Finds the certificate and its key: files of the configuration, or `tls.pem` of the state folder,
/// which is made when it is first needed. Waits for the disk: never on the loop.
enum TlsFiles {
  /// The longest file, in bytes: a chain of certificates has a few thousand.
  static let fileBytesMax = 256 << 10

  static func load(
    _ tls: Configuration.Tls, stateFolder: String
  ) throws(TlsFailure) -> TlsServer {
    guard let file = tls.certificate else {
      guard tls.key == nil else {
        throw TlsFailure(file: tls.key ?? "", reason: "a key is named, and no certificate")
      }
      return TlsServer(certificate: try own(stateFolder + "/tls.pem"), isSelfSigned: true)
    }
    let certificates = try read(file)
    let key = try tls.key.map { (path) throws(TlsFailure) in try read(path) } ?? certificates
    do throws(CertificateFailure) {
      return TlsServer(
        certificate: try ServerCertificate(certificates: certificates, key: key),
        isSelfSigned: false)
    } catch {
      throw TlsFailure(file: error.part == .key ? tls.key ?? file : file, reason: error.reason)
    }
  }

  /// The one that this node made, or makes now: for good, since its key is what others pin.
  private static func own(_ path: String) throws(TlsFailure) -> ServerCertificate {
    if System.exists(path) {
      try onDisk(path) { () throws(Errno) in try System.setMode(path, 0o600) }
      let pem = try read(path)
      return try usable(path) { () throws(CertificateFailure) in
        try ServerCertificate(pem: pem)
      }
    }
    let name = System.machineName()
    let serial = try onDisk(path) { () throws(Errno) in try System.randomBytes(count: 8) }
    let made = try usable(path) { () throws(CertificateFailure) in
      try ServerCertificate(
        selfSignedFor: name.utf8.count <= 64 ? name : "bivouac", serial: serial)
    }
    try onDisk(path) { () throws(Errno) in try System.writeFile(path, made.pem, mode: 0o600) }
    return made
  }

  private static func read(_ path: String) throws(TlsFailure) -> [UInt8] {
    try onDisk(path) { () throws(Errno) in try System.readFile(path, bytesMax: fileBytesMax) }
  }

  private static func onDisk<Result>(
    _ path: String, _ step: () throws(Errno) -> Result
  ) throws(TlsFailure) -> Result {
    do throws(Errno) { return try step() } catch {
      throw TlsFailure(file: path, reason: "\(error)")
    }
  }

  private static func usable(
    _ path: String, _ step: () throws(CertificateFailure) -> ServerCertificate
  ) throws(TlsFailure) -> ServerCertificate {
    do throws(CertificateFailure) { return try step() } catch {
      throw TlsFailure(file: path, reason: error.reason)
    }
  }
}

/// Why nothing can be shown, so that nobody is listened to where TLS was asked for.
struct TlsFailure: Error, Equatable {
  let file: String
  let reason: String

  /// What a person is told.
  var problem: ProblemView {
    ProblemView(
      code: "tls.unusable", parameters: ["path": file, "reason": reason],
      detail:
        "\(file) gives no certificate (\(reason)), so nobody is listened to where TLS was asked"
        + " for: mend what [tls] names, or remove a broken tls.pem of the state folder (peers then"
        + " pin the new one), and restart")
  }
}
