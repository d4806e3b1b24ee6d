/// Everything known about a port without opening it: a value, compared and kept as it is.
public struct PortFacts: Hashable, Sendable {
  /// How the port reached this node.
  public enum Bus: Hashable, Sendable {
    /// A USB device, seen by udev.
    case usb
    /// A pseudo-terminal that a program handed over; never a real device.
    case simulated
  }

  /// The path under /sys: the key of a live port.
  public let syspath: String
  /// How it is connected.
  public let bus: Bus
  /// The node to open; it may be renumbered at every plug.
  public var devnode: String
  /// "tty" or "video4linux".
  public var subsystem: String
  /// The USB vendor id; 0 where udev does not say.
  public var vendorId: UInt16
  /// The USB product id; 0 where udev does not say.
  public var modelId: UInt16
  /// The USB serial number; empty when there is none.
  public var serial: String
  /// The socket, with the interface: udev's `ID_PATH`, else what /sys shows; empty when unknown.
  public var socket: String
  /// The USB interface within the device.
  public var interfaceNumber: UInt8
  /// The port within the interface, on adapters that put several on one.
  public var portNumber: UInt8
  /// The manufacturer's name, as the device states it; empty when it does not.
  public var manufacturer: String
  /// The product's name, as the device states it; empty when it does not.
  public var product: String
  /// The kernel driver, such as "ch341" or "cdc_acm"; empty when unknown.
  public var driver: String
  /// The major number of the node.
  public var major: UInt32
  /// The minor number of the node.
  public var minor: UInt32
  /// The number the kernel gave the USB device at this plug; another plug has another.
  public var usbDeviceNumber: UInt32?
  /// When udev first saw it, in µs of CLOCK_MONOTONIC; nil before udev has.
  public var initializedUs: UInt64?

  /// The vendor and product in the usual form, `1a86:7523`.
  public var usbId: String { Self.hex4(vendorId) + ":" + Self.hex4(modelId) }

  /// Describes a port on a pseudo-terminal that a program handed over; `number` names it.
  public static func simulated(number: UInt64, devnode: String) -> PortFacts {
    PortFacts(syspath: "simulated/\(number)", bus: .simulated, devnode: devnode)
  }

  init(syspath: String, bus: Bus, devnode: String) {
    self.syspath = syspath
    self.bus = bus
    self.devnode = devnode
    subsystem = "tty"
    vendorId = 0
    modelId = 0
    serial = ""
    socket = ""
    interfaceNumber = 0
    portNumber = 0
    manufacturer = ""
    product = ""
    driver = ""
    major = 0
    minor = 0
  }

  private static func hex4(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// Whether `other`, under the same syspath, is another plug and not the same one again.
  ///
  /// Facts grow while udev runs its rules, so something missing on one side says nothing.
  public func isAnotherPlug(than other: PortFacts) -> Bool {
    if let mine = usbDeviceNumber, let its = other.usbDeviceNumber, mine != its { return true }
    if let mine = initializedUs, let its = other.initializedUs, mine != its { return true }
    return false
  }
}
