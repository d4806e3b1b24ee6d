internal import Glibc

/// An address of this machine that only this machine reaches, with a port: `127.0.0.1:8420` or
/// `[::1]:8420`. One of any other network cannot be made.
public struct LoopbackAddress: Hashable, Sendable, CustomStringConvertible {
  /// Why a text is no such address.
  public enum Failure: Error, Hashable, Sendable {
    /// It is not an address with a port, written as above.
    case malformed
    /// It is one that other machines may reach.
    case notLoopback
  }

  /// The address as numbers, without brackets.
  public let host: String
  /// 0 lets the kernel choose.
  public let port: UInt16

  /// Whether it is an IPv6 address.
  public var isVersion6: Bool { host.contains(":") }

  /// The address and its port, as in a URL.
  public var description: String { isVersion6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads an address; a name is none: what it means may change.
  public init(_ text: String) throws(Failure) {
    guard let colon = text.lastIndex(of: ":") else { throw .malformed }
    let digits = text[text.index(after: colon)...]
    guard let port = UInt16(digits), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw .malformed
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
      var bytes = in6_addr()
      guard unsafe inet_pton(AF_INET6, host, &bytes) == 1 else { throw .malformed }
      let isOne = unsafe withUnsafeBytes(of: bytes) { address in
        unsafe address.dropLast().allSatisfy { $0 == 0 } && address.last == 1
      }
      guard isOne else { throw .notLoopback }
      host = "::1"
    } else {
      var bytes = in_addr()
      guard unsafe inet_pton(AF_INET, host, &bytes) == 1 else { throw .malformed }
      // 127.0.0.0/8, RFC 1122 section 3.2.1.3.
      guard UInt32(bigEndian: bytes.s_addr) >> 24 == 127 else { throw .notLoopback }
    }
    self.init(host: host, port: port)
  }
}
