internal import Devices
internal import Model
internal import Sync

/// Keeps what the registry remembers as registers of the journal (docs/storage-format.md section
/// 5).
///
/// Only registers that differ are written, so that a replug in the same socket costs nothing.
enum DeviceRegisters {
  /// Every remembered device, as the journal's fold has it; a damaged register counts as not set.
  static func restore(_ fold: RegisterFold) -> [RememberedDevice] {
    var devices: [DeviceIdentity: RememberedDevice] = [:]
    for (key, value) in fold.all(.lastSeen) {
      guard let identity = identity(key) else { continue }
      var device = RememberedDevice(identity: identity)
      if let seen = lastSeen(value) { apply(seen, to: &device) }
      devices[identity] = device
    }
    for space in [RegisterSpace.deviceName, .deviceKind, .openAtStart, .speed, .assignment] {
      for (key, value) in fold.all(space) {
        guard let identity = identity(key) else { continue }
        var device = devices[identity] ?? RememberedDevice(identity: identity)
        apply(space, value, to: &device)
        devices[identity] = device
      }
    }
    // The identities alone are moved about, not what is remembered with them.
    return devices.keys.sorted().compactMap { devices[$0] }
  }

  /// Devices that were remembered once, and of which nothing is left.
  static func forgotten(
    _ fold: RegisterFold, beside remembered: [RememberedDevice]
  ) -> [DeviceIdentity] {
    let kept = Set(remembered.map(\.identity))
    return fold.keys(.lastSeen).compactMap(identity).filter { !kept.contains($0) }
  }

  /// The writes that bring the journal from what `fold` holds to `device`.
  static func writes(for device: RememberedDevice, fold: RegisterFold) -> [RegisterWrite] {
    let identity = device.identity
    let seen = LastSeen(
      portPath: device.lastSocket, model: device.model, usb: device.usb?.text ?? "",
      descriptorHash: device.descriptorHash, hardwareHint: device.hardwareHint,
      repeats: device.repeats, answered: device.answered)
    let speed = device.speedBaud
    let wanted: [(RegisterSpace, [UInt8]?)] = [
      (.deviceName, device.name.isEmpty ? nil : Array(device.name.utf8)),
      (.deviceKind, device.kind == .unknown ? nil : Array(device.kind.rawValue.utf8)),
      (.openAtStart, device.openPolicy.map { Array(($0 ? "yes" : "no").utf8) }),
      (.speed, speed == RememberedDevice.speedBaudDefault ? nil : Array("\(speed)".utf8)),
      (.assignment, device.partOf.map(IdentityBytes.encode)),
      (.lastSeen, seen.encoded()),
    ]
    return wanted.compactMap { space, value in
      write(RegisterKey(space, identity), value, fold: fold)
    }
  }

  /// The writes that remove everything remembered of a device.
  static func removals(of identity: DeviceIdentity, fold: RegisterFold) -> [RegisterWrite] {
    let spaces = [
      RegisterSpace.deviceName, .deviceKind, .openAtStart, .speed, .assignment, .lastSeen,
    ]
    return spaces.compactMap { write(RegisterKey($0, identity), nil, fold: fold) }
  }

  private static func write(
    _ key: RegisterKey, _ value: [UInt8]?, fold: RegisterFold
  ) -> RegisterWrite? {
    guard fold.value(key) != value else { return nil }
    return RegisterWrite(key: key, value: value, replaces: fold.replaces(key))
  }

  private static func apply(
    _ space: RegisterSpace, _ value: [UInt8], to device: inout RememberedDevice
  ) {
    let text = String(decoding: value, as: UTF8.self)
    switch space {
    case .deviceName: device.name = text
    case .deviceKind: device.kind = DeviceKind(rawValue: text) ?? .unknown
    case .openAtStart: device.openPolicy = text == "yes"
    case .speed: device.speedBaud = UInt32(text) ?? RememberedDevice.speedBaudDefault
    case .assignment: device.partOf = identity(value)
    default: break
    }
  }

  private static func apply(_ seen: LastSeen, to device: inout RememberedDevice) {
    device.lastSocket = seen.portPath
    device.model = seen.model
    device.usb = DeviceIdentity(text: seen.usb)
    device.descriptorHash = seen.descriptorHash
    device.hardwareHint = seen.hardwareHint
    device.repeats = seen.repeats
    device.answered = seen.answered
  }

  private static func identity(_ bytes: [UInt8]) -> DeviceIdentity? {
    do { return try IdentityBytes.decode(bytes) } catch { return nil }
  }

  private static func lastSeen(_ bytes: [UInt8]) -> LastSeen? {
    do { return try LastSeen(decoding: bytes) } catch { return nil }
  }
}
