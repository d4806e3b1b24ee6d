public import Model

/// What a port's USB facts say about who is behind it.
public struct IdentityCandidate: Hashable, Sendable {
  /// How far the identity can be trusted to follow the device.
  public enum Trust: UInt8, Hashable, Sendable, Comparable {
    /// It names the socket only.
    case path
    /// It names a serial number that may repeat, in a socket.
    case serialAtPath
    /// It names a serial number that no other device has.
    case serial

    /// By how much is trusted.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// The identity these facts give.
  public let identity: DeviceIdentity
  /// How far it can be trusted.
  public let trust: Trust
  /// Whether there is a serial number, but one that many devices share.
  public let hasSharedSerial: Bool
}

/// The rungs on which a device is recognised, best first: the id a host gave the board, a unique
/// USB serial, a serial with its socket, the socket (DESIGN, finding and keeping devices).
public enum IdentityLadder {
  /// The identity of a board that said its 8-byte id; nil when the id is 0 or not 8 bytes.
  public static func companion(id: [UInt8], simulated: Bool) -> DeviceIdentity? {
    guard id.contains(where: { $0 != 0 }) else { return nil }
    return DeviceIdentity(kind: simulated ? .simulated : .companion, bytes: id)
  }

  /// What the USB facts say; nil for a simulated port, which only its board can name.
  ///
  /// `serialRepeats` says that this serial was once seen on two devices at the same time: from
  /// then on it counts only together with the socket, whoever made it.
  public static func candidate(
    for facts: PortFacts, serialRepeats: Bool = false
  ) -> IdentityCandidate? {
    guard facts.bus == .usb else { return nil }
    let serial = UsbCatalogue.serialTrust(facts)
    let socket = escaped(facts.socket) + (facts.portNumber > 0 ? "#\(facts.portNumber)" : "")
    switch serial {
    case .unique where !serialRepeats:
      return make(.usbSerial, serialKey(facts), .serial)
    case .unique, .mayRepeat:
      return make(.usbSerialAtPath, serialKey(facts) + "@" + socket, .serialAtPath)
    case .knownBad, .missing:
      return make(
        .portPath, facts.usbId + "@" + socket, .path, sharedSerial: serial == .knownBad)
    }
  }

  /// `vid:pid:serial`, with the interface and port where the device has several.
  static func serialKey(_ facts: PortFacts) -> String {
    let function =
      facts.interfaceNumber == 0 && facts.portNumber == 0
      ? "" : "#\(facts.interfaceNumber).\(facts.portNumber)"
    return facts.usbId + ":" + escaped(facts.serial) + function
  }

  private static func make(
    _ kind: DeviceIdentity.Kind, _ text: String, _ trust: IdentityCandidate.Trust,
    sharedSerial: Bool = false
  ) -> IdentityCandidate? {
    var bytes = Array(text.utf8)
    if bytes.count > DeviceIdentity.bytesMax {
      // Cut, a long one could be taken for another: the sum of the whole keeps them apart.
      let sum = Fnv.sum64(bytes)
      bytes = bytes.prefix(DeviceIdentity.bytesMax - 17) + [0x7E] + Array(Fnv.hex(sum).utf8)
    }
    guard let identity = DeviceIdentity(kind: kind, bytes: bytes) else { return nil }
    return IdentityCandidate(identity: identity, trust: trust, hasSharedSerial: sharedSerial)
  }

  /// Percent-encodes what an identity may not hold and what separates its parts.
  private static func escaped(_ text: String) -> String {
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x23, 0x25, 0x40: out += [0x25] + Array(Hex.text([byte]).utf8)  // '#', '%', '@'
      case 0x21...0x7E: out.append(byte)
      default: out += [0x25] + Array(Hex.text([byte]).utf8)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
