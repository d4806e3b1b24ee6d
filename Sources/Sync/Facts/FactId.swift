public import Model

/// The name of a deletion, of late values or of an annotation in the whole site: 16 random bytes.
public struct FactId: Hashable, Sendable, CustomStringConvertible {
  /// The bytes.
  public let bytes: [UInt8]

  /// Makes an id; nil unless there are exactly 16 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// Reads the form that `description` writes; nil when it is not one.
  public init?(text: String) {
    guard let bytes = Hex.bytes(text[...]) else { return nil }
    self.init(bytes)
  }

  /// Thirty-two hexadecimal digits.
  public var description: String { Hex.text(bytes) }
}

/// One channel of a device, or all of it.
public struct SeriesScope: Hashable, Sendable {
  /// The device.
  public var device: DeviceIdentity
  /// The channel's key; nil for every channel, those it will have included.
  public var channel: String?

  /// Names a series, or a whole device.
  public init(_ device: DeviceIdentity, _ channel: String? = nil) {
    self.device = device
    self.channel = channel
  }

  /// Whether a series lies in it.
  public func contains(_ device: DeviceIdentity, _ channel: String) -> Bool {
    self.device == device && (self.channel == nil || self.channel == channel)
  }

  /// Whether the channel's key, if there is one, is one that a channel can have.
  public var isValid: Bool {
    guard let channel else { return true }
    return CommitChannel(key: channel, unit: "", kind: .measurement, form: .float).isValid
  }
}

/// Kinds 7, 9 and 11: a deletion is undone, late values are withdrawn, an annotation is removed.
public struct Withdrawal: Hashable, Sendable {
  /// What no longer holds. Its own entry may come later than this one.
  public var target: FactId
  /// Why; at most `Limits.reasonBytesMax` bytes of UTF-8.
  public var reason: String

  /// Puts a withdrawal together.
  public init(target: FactId, reason: String) {
    self.target = target
    self.reason = reason
  }
}
