internal import Model

/// The value of a `lastSeen` register: what a node learnt of a device without being told.
public struct LastSeen: Hashable, Sendable {
  /// The socket it was plugged into; empty for one that has none. At most 255 bytes.
  public var portPath: String
  /// The descriptor's model; empty until one was read. At most 255 bytes.
  public var model: String
  /// The identity that its USB facts give, as text; empty when there is none. At most 255 bytes.
  public var usb: String
  /// The hash of its descriptor; 0 until one was read.
  public var descriptorHash: UInt64
  /// The hardware's own number; 0 when it has none.
  public var hardwareHint: UInt64
  /// Whether two devices with this identity were live at once.
  public var repeats: Bool
  /// Whether "what is this?" was answered: it is not asked again.
  public var answered: Bool

  /// Puts a value together.
  public init(
    portPath: String, model: String, usb: String = "", descriptorHash: UInt64 = 0,
    hardwareHint: UInt64 = 0, repeats: Bool = false, answered: Bool = false
  ) {
    self.portPath = portPath
    self.model = model
    self.usb = usb
    self.descriptorHash = descriptorHash
    self.hardwareHint = hardwareHint
    self.repeats = repeats
    self.answered = answered
  }

  /// The register's value.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    writer.bytes8(portPath.utf8.prefix(255))
    writer.bytes8(model.utf8.prefix(255))
    writer.bytes8(usb.utf8.prefix(255))
    writer.fixed(descriptorHash)
    writer.fixed(hardwareHint)
    writer.u8((repeats ? 1 : 0) | (answered ? 2 : 0))
    return writer.bytes
  }

  /// Reads a register's value.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    portPath = try reader.text8()
    model = try reader.text8()
    usb = try reader.text8()
    descriptorHash = try reader.fixed(UInt64.self)
    hardwareHint = try reader.fixed(UInt64.self)
    let flagsAt = reader.offset
    let flags = try reader.u8()
    guard flags <= 3 else { throw DecodeError(.range, at: flagsAt) }
    repeats = flags & 1 != 0
    answered = flags & 2 != 0
    try reader.end()
  }
}
