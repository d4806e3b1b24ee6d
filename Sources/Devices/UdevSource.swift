internal import CUdev
internal import Glibc
internal import Reactor

/// libudev: a subscription to what udev says, and a look at what is there. Owns both handles.
@safe struct UdevSource: ~Copyable {
  /// One thing read from the subscription.
  enum Heard {
    /// "add", "remove" and others, of a device.
    case event(action: String, UdevRecord)
    /// Nothing is waiting.
    case nothing
    /// Events were lost: only a look at everything tells what happened.
    case overflow
    /// The subscription failed.
    case failed(Errno)
  }

  private let udev: OpaquePointer
  private let monitor: OpaquePointer
  private let subsystems: [String]

  /// Subscribes at once: whatever comes later is heard.
  init(subsystems: [String]) throws(Errno) {
    guard let udev = unsafe udev_new() else { throw Errno(code: ENOMEM) }
    guard let monitor = unsafe udev_monitor_new_from_netlink(udev, "udev") else {
      unsafe udev_unref(udev)
      throw Errno(code: ENOTCONN)
    }
    do throws(Errno) {
      try unsafe Self.subscribe(monitor, to: subsystems)
    } catch {
      unsafe udev_monitor_unref(monitor)
      unsafe udev_unref(udev)
      throw error
    }
    unsafe self.udev = udev
    unsafe self.monitor = monitor
    self.subsystems = subsystems
  }

  private static func subscribe(
    _ monitor: OpaquePointer, to subsystems: [String]
  ) throws(Errno) {
    for subsystem in subsystems {
      let code = unsafe udev_monitor_filter_add_match_subsystem_devtype(monitor, subsystem, nil)
      if code < 0 { throw Errno(code: -code) }
    }
    // A refusal leaves the system's own size; an overflow is handled all the same.
    _ = unsafe udev_monitor_set_receive_buffer_size(monitor, DeviceLimits.monitorBufferBytes)
    let code = unsafe udev_monitor_enable_receiving(monitor)
    if code < 0 { throw Errno(code: -code) }
  }

  deinit {
    unsafe udev_monitor_unref(monitor)
    unsafe udev_unref(udev)
  }

  /// What to wait on; it stays ours.
  var raw: Int32 { unsafe udev_monitor_get_fd(monitor) }

  /// Takes one event off the subscription, without waiting.
  func receive() -> Heard {
    var code: Int32 = 0
    guard let device = unsafe cudev_receive(monitor, &code) else {
      switch code {
      case 0, EAGAIN, EINTR: return .nothing
      case ENOBUFS: return .overflow
      default: return .failed(Errno(code: code))
      }
    }
    defer { unsafe udev_device_unref(device) }
    let action = unsafe Self.text(udev_device_get_action(device)) ?? ""
    return .event(action: action, unsafe Self.record(of: device))
  }

  /// What has no hardware behind it: consoles and the like, dozens on every machine.
  private static let virtualFolder = "/sys/devices/virtual/"

  /// Every device that is there now, initialised by udev or not.
  ///
  /// Virtual ones are left out by their path: to look at one takes dozens of system calls, since
  /// libudev searches its database anew for each property that is not there.
  func enumerate() throws(Errno) -> [UdevRecord] {
    guard let list = unsafe udev_enumerate_new(udev) else { throw Errno(code: ENOMEM) }
    defer { unsafe udev_enumerate_unref(list) }
    for subsystem in subsystems {
      let code = unsafe udev_enumerate_add_match_subsystem(list, subsystem)
      if code < 0 { throw Errno(code: -code) }
    }
    let code = unsafe udev_enumerate_scan_devices(list)
    if code < 0 { throw Errno(code: -code) }
    var records: [UdevRecord] = []
    var entry = unsafe udev_enumerate_get_list_entry(list)
    while let current = unsafe entry {
      if let path = unsafe udev_list_entry_get_name(current),
        unsafe strncmp(path, Self.virtualFolder, Self.virtualFolder.utf8.count) != 0,
        let device = unsafe udev_device_new_from_syspath(udev, path)
      {
        records.append(unsafe Self.record(of: device))
        unsafe udev_device_unref(device)
      }
      unsafe entry = udev_list_entry_get_next(current)
    }
    return records
  }

  private static func record(of device: OpaquePointer) -> UdevRecord {
    var properties: [String: String] = [:]
    for key in PortFacts.propertyKeys {
      properties[key] = unsafe text(udev_device_get_property_value(device, key))
    }
    return UdevRecord(
      syspath: unsafe text(udev_device_get_syspath(device)) ?? "",
      subsystem: unsafe text(udev_device_get_subsystem(device)) ?? "",
      devnode: unsafe text(udev_device_get_devnode(device)) ?? "",
      properties: properties, attributes: unsafe attributes(of: device))
  }

  /// The parents belong to the device and are not released.
  private static func attributes(of device: OpaquePointer) -> [String: String] {
    var attributes: [String: String] = [:]
    if let parent = unsafe udev_device_get_parent_with_subsystem_devtype(
      device, "usb", "usb_device")
    {
      for key in PortFacts.deviceAttributeKeys {
        attributes[key] = unsafe text(udev_device_get_sysattr_value(parent, key))
      }
    }
    if let parent = unsafe udev_device_get_parent_with_subsystem_devtype(
      device, "usb", "usb_interface")
    {
      let key = PortFacts.interfaceAttributeKey
      attributes[key] = unsafe text(udev_device_get_sysattr_value(parent, key))
      attributes[PortFacts.driverKey] = unsafe text(udev_device_get_driver(parent))
    }
    if let parent = unsafe udev_device_get_parent_with_subsystem_devtype(
      device, "usb-serial", nil)
    {
      let key = PortFacts.portAttributeKey
      attributes[key] = unsafe text(udev_device_get_sysattr_value(parent, key))
    }
    return attributes
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }
}
