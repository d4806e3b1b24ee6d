import Devices
import Model
import TestSupport

/// The facts of a USB serial port, as udev would give them.
func usbFacts(
  _ vendor: String = "1a86", _ model: String = "7523", serial: String = "", socket: String = "1",
  tty: Int = 0
) -> PortFacts {
  let path =
    "/sys/devices/pci0000:00/usb1/1-\(socket)/1-\(socket):1.0/ttyUSB\(tty)/tty/ttyUSB\(tty)"
  let record = UdevRecord(
    syspath: path, subsystem: "tty", devnode: "/dev/ttyUSB\(tty)",
    properties: [
      "ID_BUS": "usb", "ID_VENDOR_ID": vendor, "ID_MODEL_ID": model, "ID_SERIAL_SHORT": serial,
      "ID_PATH": "pci-0000:00:14.0-usb-0:\(socket):1.0", "ID_USB_INTERFACE_NUM": "00",
      "MAJOR": "188", "MINOR": "\(tty)",
    ])
  guard let facts = PortFacts(record: record) else { preconditionFailure("not a port: \(path)") }
  return facts
}

/// A registry driven by hand: it opens what it is told to, and keeps what it is told.
struct Bench {
  typealias Action = DeviceRegistry.Action
  var registry: DeviceRegistry
  var kept: [DeviceIdentity: RememberedDevice] = [:]
  var last: [Action] = []
  private var prng = Prng(seed: 7)

  init(_ openAtStart: DeviceRegistry.OpenAtStart = .known, remembered: [RememberedDevice] = []) {
    registry = DeviceRegistry(openAtStart: openAtStart, remembered: remembered)
    for device in remembered { kept[device.identity] = device }
  }

  @discardableResult mutating func tell(_ event: DeviceRegistry.Event) -> [Action] {
    last = registry.handle(event, random: prng.next())
    for action in last {
      switch action {
      case .remember(let device): kept[device.identity] = device
      case .forget(let identity): kept[identity] = nil
      default: break
      }
    }
    return last
  }

  /// Plugs in and answers the opening with success.
  @discardableResult mutating func plug(_ facts: PortFacts, atStart: Bool = false) -> [Action] {
    let actions = tell(.portAppeared(facts, atStart: atStart))
    for case .open(let syspath, _, _) in actions { tell(.openResult(syspath: syspath, error: nil)) }
    return actions
  }

  mutating func unplug(_ facts: PortFacts) { tell(.portVanished(syspath: facts.syspath)) }

  @discardableResult mutating func hello(
    _ facts: PortFacts, id: UInt64, nonce: UInt32 = 1, hint: UInt64 = 0, model: String = "m",
    hash: UInt64 = 1
  ) -> [Action] {
    tell(
      .helloHeard(
        syspath: facts.syspath,
        hello: HelloFacts(
          companionId: bytes(id), bootNonce: nonce, hardwareHint: hint, descriptorHash: hash,
          model: model)))
  }

  @discardableResult mutating func silent(_ facts: PortFacts) -> [Action] {
    tell(.silentFor(syspath: facts.syspath))
  }

  /// The daemon ends and starts again, with what was kept.
  mutating func restart() {
    registry = DeviceRegistry(
      openAtStart: registry.openAtStart,
      remembered: kept.values.sorted { $0.identity < $1.identity })
  }

  func binding(_ facts: PortFacts) -> DeviceIdentity? {
    registry.port(at: facts.syspath)?.binding
  }
}

func bytes(_ id: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: id >> (8 * UInt64($0))) }
}

func board(_ id: UInt64) -> DeviceIdentity? { DeviceIdentity(kind: .companion, bytes: bytes(id)) }
