/// What a device is known by, for ever: the rung of the identity ladder it was found on, and the
/// bytes found there (DESIGN, finding and keeping devices).
///
/// Readings are filed under an identity, never under a port: two identities are two devices even
/// when one cable served both. `text` is the stable form shown to people and used in the API.
public struct DeviceIdentity: Hashable, Sendable {
  /// The rung of the ladder. Raw values are stored in commits: never renumber.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// The 8-byte id that a host gave the board, kept in its own memory.
    case companion = 1
    /// A USB serial number of a vendor known to make them unique: `vid:pid:serial`.
    case usbSerial = 2
    /// A USB serial number that may repeat, with its port: `vid:pid:serial@path`.
    case usbSerialAtPath = 3
    /// Nothing but the socket it is plugged into: `vid:pid@path`.
    case portPath = 4
    /// Given by this node while a question about the device is open: 8 random bytes.
    case provisional = 5
    /// A board that only a program plays: 8-byte id. Simulated for ever, by its identity.
    case simulated = 6
  }

  /// The longest identity, in bytes.
  public static let bytesMax = 128

  /// The rung of the ladder.
  public let kind: Kind
  /// The identity itself: 8 bytes for companion, provisional and simulated, else ASCII text.
  public let bytes: [UInt8]

  /// Makes an identity; nil when the bytes do not fit the kind.
  public init?(kind: Kind, bytes: [UInt8]) {
    switch kind {
    case .companion, .provisional, .simulated:
      guard bytes.count == 8 else { return nil }
    case .usbSerial, .usbSerialAtPath, .portPath:
      guard (1...Self.bytesMax).contains(bytes.count),
        bytes.allSatisfy({ (0x21...0x7E).contains($0) })
      else { return nil }
    }
    self.kind = kind
    self.bytes = bytes
  }

  /// Whether only a program plays this device.
  public var isSimulated: Bool { kind == .simulated }

  /// All bytes at once, and the kind after them: see `NodeId`.
  public func hash(into hasher: inout Hasher) {
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    hasher.combine(kind)
  }
}

extension DeviceIdentity: Comparable {
  /// By kind, then bytes: the canonical order of sources in a commit.
  public static func < (left: Self, right: Self) -> Bool {
    if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
    return left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension DeviceIdentity: CustomStringConvertible {
  private static func prefix(of kind: Kind) -> String {
    switch kind {
    case .companion: return "board-"
    case .usbSerial: return "usb-"
    case .usbSerialAtPath: return "usbp-"
    case .portPath: return "port-"
    case .provisional: return "new-"
    case .simulated: return "sim-"
    }
  }

  /// The stable text form: a prefix for the kind, then hexadecimal or the ASCII itself.
  public var text: String { String(decoding: utf8, as: UTF8.self) }

  /// `text` in UTF-8.
  public var utf8: [UInt8] {
    let prefix = Self.prefix(of: kind).utf8Bytes
    switch kind {
    case .companion, .provisional, .simulated: return prefix + Hex.utf8(bytes)
    case .usbSerial, .usbSerialAtPath, .portPath: return prefix + bytes
    }
  }

  /// The same as `text`.
  public var description: String { text }

  /// Reads the form that `text` writes; nil when it is not one.
  public init?(text: String) {
    for kind in Kind.allCases where text.hasPrefix(Self.prefix(of: kind)) {
      let rest = text.dropFirst(Self.prefix(of: kind).count)
      switch kind {
      case .companion, .provisional, .simulated:
        guard let bytes = Hex.bytes(rest) else { return nil }
        self.init(kind: kind, bytes: bytes)
      case .usbSerial, .usbSerialAtPath, .portPath:
        self.init(kind: kind, bytes: Array(rest.utf8))
      }
      return
    }
    return nil
  }
}
