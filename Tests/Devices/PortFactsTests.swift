import Devices
import Testing

@Suite("Port facts") struct PortFactsTests {
  private func record(
    _ syspath: String, devnode: String = "/dev/ttyUSB0", subsystem: String = "tty",
    properties: [String: String] = [:], attributes: [String: String] = [:]
  ) -> UdevRecord {
    UdevRecord(
      syspath: syspath, subsystem: subsystem, devnode: devnode, properties: properties,
      attributes: attributes)
  }

  private let usb =
    "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.4/1-1.4:1.0/ttyUSB0/tty/ttyUSB0"

  @Test("udev's properties become facts") func properties() throws {
    let facts = try #require(
      PortFacts(
        record: record(
          usb,
          properties: [
            "ID_BUS": "usb", "ID_VENDOR_ID": "1a86", "ID_MODEL_ID": "7523",
            "ID_PATH": "pci-0000:00:14.0-usb-0:1.4:1.0", "ID_USB_INTERFACE_NUM": "00",
            "MAJOR": "188", "MINOR": "3", "USEC_INITIALIZED": "12345",
          ],
          attributes: ["manufacturer": "QinHeng", "devnum": "7", "driver": "ch341"])))
    #expect(facts.usbId == "1a86:7523")
    #expect(facts.socket == "pci-0000:00:14.0-usb-0:1.4:1.0")
    #expect(facts.serial.isEmpty)
    #expect(facts.minor == 3)
    #expect(facts.manufacturer == "QinHeng")
    #expect(facts.driver == "ch341")
    #expect(facts.usbDeviceNumber == 7)
    #expect(facts.initializedUs == 12345)
  }

  @Test("a device that udev has not initialised is known by its parents") func early() throws {
    let facts = try #require(
      PortFacts(
        record: record(
          usb, attributes: ["idVendor": "0403", "idProduct": "6001", "serial": "A1"])))
    #expect(facts.usbId == "0403:6001")
    #expect(facts.serial == "A1")
    #expect(facts.socket == "usb-1-1.4:1.0")
  }

  @Test(
    "ports without a USB parent and gadget ends are left alone",
    arguments: [
      ("/sys/devices/pnp0/00:04/tty/ttyS0", "/dev/ttyS0"),
      ("/sys/devices/platform/soc/fe201000.serial/tty/ttyAMA0", "/dev/ttyAMA0"),
      ("/sys/devices/platform/usbip/gadget/tty/ttyGS0", "/dev/ttyGS0"),
      ("/sys/devices/virtual/tty/tty1", "/dev/tty1"),
      ("/sys/devices/pci0000:00/usb1/1-1/1-1:1.0/ttyS9/tty/ttyS9", "/dev/ttyS9"),
    ])
  func ignored(syspath: String, devnode: String) {
    #expect(PortFacts(record: record(syspath, devnode: devnode)) == nil)
  }

  @Test("other subsystems and records without a node are left alone") func otherSubsystems() {
    #expect(PortFacts(record: record(usb, subsystem: "video4linux")) == nil)
    #expect(PortFacts(record: record(usb, devnode: "")) == nil)
    #expect(PortFacts(record: record("", properties: ["ID_BUS": "usb"])) == nil)
  }

  @Test("numbers that are none count as absent") func nonsense() throws {
    let facts = try #require(
      PortFacts(
        record: record(
          usb,
          properties: ["ID_VENDOR_ID": "zzzz", "MAJOR": "-1", "MINOR": "99999999999999999999"])))
    #expect(facts.vendorId == 0)
    #expect(facts.major == 0)
    #expect(facts.minor == 0)
  }

  @Test("a property longer than the limit is cut") func cut() throws {
    let long = String(repeating: "x", count: 100_000)
    let facts = try #require(PortFacts(record: record(usb, properties: ["ID_SERIAL_SHORT": long])))
    #expect(facts.serial.utf8.count == DeviceLimits.propertyBytesMax)
  }
}
