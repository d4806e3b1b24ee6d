internal import Model

/// The name of a rule or of a recipient in the whole site: 8 random bytes.
public struct AlarmKey: Hashable, Sendable, CustomStringConvertible {
  /// The bytes.
  public let bytes: [UInt8]

  /// Makes a key; nil unless there are exactly 8 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 8 else { return nil }
    self.bytes = bytes
  }

  /// Reads the form that `description` writes; nil when it is not one.
  public init?(text: String) {
    guard let bytes = Hex.bytes(text[...]) else { return nil }
    self.init(bytes)
  }

  /// Sixteen hexadecimal digits.
  public var description: String { Hex.text(bytes) }

  /// The register of the rule that has this name.
  public var rule: RegisterKey { RegisterKey(.alarmRule, bytes) }

  /// The register of the recipient that has this name.
  public var recipient: RegisterKey { RegisterKey(.recipient, bytes) }
}
