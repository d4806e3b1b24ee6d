internal import Glibc

/// An address with a port that other machines may reach: `0.0.0.0:8421`, `[::]:8421`,
/// `192.168.1.7:8421`. Only the listener for other nodes takes one.
public struct InternetAddress: Hashable, Sendable, CustomStringConvertible {
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

  /// Reads an address; nil where the text is none. A name is none: what it means may change.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard let port = UInt16(digits), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
      var bytes = in6_addr()
      guard unsafe inet_pton(AF_INET6, host, &bytes) == 1 else { return nil }
    } else {
      var bytes = in_addr()
      guard unsafe inet_pton(AF_INET, host, &bytes) == 1 else { return nil }
    }
    self.init(host: host, port: port)
  }
}
