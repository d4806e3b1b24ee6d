/// What udev said about one device, copied out of libudev: strings only, each cut to a limit.
public struct UdevRecord: Hashable, Sendable {
  /// The path under /sys, the only key that is right at "remove" too.
  public var syspath: String
  /// "tty" or "video4linux".
  public var subsystem: String
  /// The device node, such as "/dev/ttyUSB0"; empty when there is none.
  public var devnode: String
  /// The udev properties of the device itself, those of `PortFacts.propertyKeys`.
  public var properties: [String: String]
  /// Attributes of its parents, those of `PortFacts.attributeKeys`. They are there before udev
  /// has run its rules, and are wrong or absent once the device is gone.
  public var attributes: [String: String]

  /// Puts a record together; strings are cut to `DeviceLimits.propertyBytesMax`.
  public init(
    syspath: String, subsystem: String, devnode: String, properties: [String: String],
    attributes: [String: String] = [:]
  ) {
    self.syspath = syspath
    self.subsystem = subsystem
    self.devnode = devnode
    self.properties = properties.mapValues(Self.cut)
    self.attributes = attributes.mapValues(Self.cut)
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > DeviceLimits.propertyBytesMax else { return text }
    return String(decoding: text.utf8.prefix(DeviceLimits.propertyBytesMax), as: UTF8.self)
  }

  /// The property, else the attribute, else nil; empty counts as absent.
  func text(_ property: String, or attribute: String? = nil) -> String? {
    if let value = properties[property], !value.isEmpty { return value }
    if let attribute, let value = attributes[attribute], !value.isEmpty { return value }
    return nil
  }
}
