internal import Model

/// What is known of USB vendors and serial numbers, as tables.
public enum UsbCatalogue {
  /// What a serial number is worth as a name.
  public enum SerialTrust: Hashable, Sendable {
    /// The vendor is known to make each one unique.
    case unique
    /// There is one; others may carry it too.
    case mayRepeat
    /// One that whole production runs share.
    case knownBad
    /// There is none.
    case missing
  }

  /// Vendors that give every piece a serial number of its own.
  private static let uniqueSerialVendors: Set<UInt16> = [
    0x0403,  // FTDI
    0x2341, 0x2A03,  // Arduino
    0x303A,  // Espressif, native USB: the serial is the MAC
    0x2C99,  // Prusa
  ]

  /// Teensy's products: its vendor id is shared by many makers who number nothing.
  private static let teensyVendor: UInt16 = 0x16C0
  private static let teensyModels: Set<UInt16> = [0x0483, 0x0487]

  /// Serial numbers that many pieces share, in upper case.
  private static let badSerials: Set<String> = [
    "0001", "1", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789",
    "0123456789", "1234567890", "0123456789ABCDEF", "123456789ABCDEF", "ABCDEF", "ABCD1234",
    "200901010001", "00000001", "A50285BI", "SN", "SERIAL", "SERIALNUMBER", "NONE", "N/A", "NULL",
    "DEFAULT", "UNKNOWN", "TEST", "USB", "?",
  ]

  /// USB ids that are only a serial bridge: what is behind it cannot be told, so it is never asked.
  private static let bridgeVendors: Set<UInt16> = [
    0x1A86,  // WCH CH340 and relatives
    0x10C4,  // Silicon Labs CP210x
    0x0403,  // FTDI
    0x067B,  // Prolific PL2303
    0x2341, 0x2A03,  // Arduino: a 16U2 in front of the board
  ]

  /// What the serial number of a port is worth.
  public static func serialTrust(_ facts: PortFacts) -> SerialTrust {
    let serial = facts.serial.uppercased().filter { $0 != "_" && $0 != " " }
    guard let first = serial.first else { return .missing }
    if badSerials.contains(serial) || serial.allSatisfy({ $0 == first }) { return .knownBad }
    let isTeensy = facts.vendorId == teensyVendor && teensyModels.contains(facts.modelId)
    return isTeensy || uniqueSerialVendors.contains(facts.vendorId) ? .unique : .mayRepeat
  }

  /// Whether an identity is the unique serial of a board itself, and not of a cable that may be
  /// put on another board.
  static func isSerialOfBoard(_ identity: DeviceIdentity) -> Bool {
    guard identity.kind == .usbSerial else { return false }
    return !identity.bytes.starts(with: "0403:".utf8)
  }

  /// Whether the USB ids tell nothing of what is behind: such a port is never probed, because
  /// what is behind may be a machine that obeys.
  public static func isBareBridge(_ facts: PortFacts) -> Bool {
    bridgeVendors.contains(facts.vendorId)
      || (facts.vendorId == 0x303A && facts.modelId == 0x1001)
  }

  /// Whether the USB ids belong to printers and nothing else.
  public static func isPrinterOnly(_ facts: PortFacts) -> Bool { facts.vendorId == 0x2C99 }
}
