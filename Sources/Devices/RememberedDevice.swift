public import Model

/// What this node keeps about a device between its plugs.
public struct RememberedDevice: Hashable, Sendable {
  /// The line speed used when nothing else is known, in baud.
  public static let speedBaudDefault: UInt32 = 115_200

  /// Its name for ever; readings are filed under it.
  public let identity: DeviceIdentity
  /// What people call it; empty when nobody gave it a name. Unique among devices.
  public var name = ""
  /// What it is.
  public var kind: DeviceKind
  /// Whether a port found at start is opened for it; nil follows the kind.
  public var openPolicy: Bool?
  /// Its line speed, in baud.
  public var speedBaud: UInt32 = RememberedDevice.speedBaudDefault
  /// What the USB facts of its port said when it was last seen: how it is expected to come back.
  public var usb: DeviceIdentity?
  /// The socket it was last seen in; empty for one that has none.
  public var lastSocket = ""
  /// The descriptor's model; empty until one was read.
  public var model = ""
  /// The hash of its descriptor; 0 until one was read.
  public var descriptorHash: UInt64 = 0
  /// The hardware's own number, as HELLO gives it; 0 when it has none.
  public var hardwareHint: UInt64 = 0
  /// Whether two devices with this identity were live at once: it then counts only in its socket.
  public var repeats = false
  /// Whether "what is this?" was answered: until then it is open whenever the device is plugged in
  /// and silent, and then never again.
  public var answered = false
  /// The device that a person said this one is; its readings are shown there.
  public var partOf: DeviceIdentity?

  /// Starts to remember a device.
  public init(identity: DeviceIdentity, kind: DeviceKind = .unknown) {
    self.identity = identity
    self.kind = kind
  }

  /// Whether a port found at start is opened for it when only known devices are.
  public var opensAtStart: Bool { kind != .ignored && (openPolicy ?? kind.opensAtStart) }
}
