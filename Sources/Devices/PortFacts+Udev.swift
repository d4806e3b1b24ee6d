extension PortFacts {
  /// The udev properties that `init(record:)` reads.
  public static let propertyKeys = [
    "DEVNAME", "MAJOR", "MINOR", "USEC_INITIALIZED", "ID_BUS", "ID_VENDOR_ID", "ID_MODEL_ID",
    "ID_SERIAL_SHORT", "ID_PATH", "ID_USB_INTERFACE_NUM", "ID_USB_DRIVER",
    "ID_VENDOR_FROM_DATABASE", "ID_MODEL_FROM_DATABASE", "ID_VENDOR", "ID_MODEL",
  ]
  /// The attributes of the parent `usb_device` that `init(record:)` reads.
  public static let deviceAttributeKeys = [
    "idVendor", "idProduct", "serial", "manufacturer", "product", "devnum",
  ]
  /// The attribute of the parent USB interface that `init(record:)` reads.
  public static let interfaceAttributeKey = "bInterfaceNumber"
  /// The attribute of the parent `usb-serial` port that `init(record:)` reads.
  public static let portAttributeKey = "port_number"
  /// The name under which the shell hands over the driver of the parent interface.
  public static let driverKey = "driver"

  /// Reads the facts of a serial port; nil for what this node leaves alone.
  ///
  /// A port without a USB parent (ttyS, ttyAMA), a gadget's own end (ttyGS) and whatever has no
  /// node are left alone. Whether udev has initialised the device is not asked: right after
  /// the boot it has not, and the parents' attributes say enough.
  public init?(record: UdevRecord) {
    guard record.subsystem == "tty", !record.syspath.isEmpty else { return nil }
    let devnode = record.devnode.isEmpty ? record.text("DEVNAME") ?? "" : record.devnode
    let name = devnode.split(separator: "/").last ?? ""
    guard !name.isEmpty, !name.hasPrefix("ttyS"), !name.hasPrefix("ttyGS") else { return nil }
    let chain = record.syspath.split(separator: "/")
    guard record.properties["ID_BUS"] == "usb" || chain.contains(where: Self.isUsbRoot) else {
      return nil
    }
    self.init(syspath: record.syspath, bus: .usb, devnode: devnode)
    vendorId = Self.hex(record.text("ID_VENDOR_ID", or: "idVendor"))
    modelId = Self.hex(record.text("ID_MODEL_ID", or: "idProduct"))
    serial = record.text("ID_SERIAL_SHORT", or: "serial") ?? ""
    // The interface stands in the last such component: "1-1.4:1.0".
    let interface = chain.last { $0.contains(":") && $0.contains("-") && !$0.contains("pci") }
    socket = record.text("ID_PATH") ?? interface.map { "usb-" + $0 } ?? ""
    interfaceNumber = UInt8(
      truncatingIfNeeded: Self.hex(
        record.text("ID_USB_INTERFACE_NUM", or: Self.interfaceAttributeKey)
          ?? interface?.split(separator: ".").last.map(String.init)))
    portNumber = record.attributes[Self.portAttributeKey].flatMap { UInt8($0) } ?? 0
    manufacturer =
      record.attributes["manufacturer"] ?? record.text("ID_VENDOR_FROM_DATABASE")
      ?? record.text("ID_VENDOR") ?? ""
    product =
      record.attributes["product"] ?? record.text("ID_MODEL_FROM_DATABASE")
      ?? record.text("ID_MODEL") ?? ""
    driver = record.text("ID_USB_DRIVER", or: Self.driverKey) ?? ""
    major = record.text("MAJOR").flatMap { UInt32($0) } ?? 0
    minor = record.text("MINOR").flatMap { UInt32($0) } ?? 0
    usbDeviceNumber = record.attributes["devnum"].flatMap { UInt32($0) }
    initializedUs = record.text("USEC_INITIALIZED").flatMap { UInt64($0) }
  }

  private static func isUsbRoot(_ component: Substring) -> Bool {
    component.hasPrefix("usb") && component.dropFirst(3).allSatisfy(\.isNumber)
      && component.count > 3
  }

  private static func hex(_ text: String?) -> UInt16 {
    text.flatMap { UInt16($0, radix: 16) } ?? 0
  }
}
