/// Whom an alarm is told to: a register of the site. What a mail server or a webhook asks as proof
/// is a secret and stands in the configuration of the node that tells, never here.
public struct AlarmRecipient: Hashable, Sendable {
  /// How. Raw values are on disk: never renumber.
  public enum Way: UInt8, Sendable, CaseIterable {
    /// A POST to an address of the web.
    case webhook = 1
    /// A message to an address of e-mail.
    case mail = 2
  }

  /// In which language. Raw values are on disk: never renumber.
  public enum Language: UInt8, Sendable, CaseIterable {
    /// English.
    case english = 1
    /// French.
    case french = 2
  }

  /// What a person calls it; 1 to `Limits.alarmNameBytesMax` bytes of UTF-8.
  public var name: String
  /// How it is told.
  public var way: Way
  /// Where to; 1 to `Limits.alarmAddressBytesMax` bytes of UTF-8.
  public var address: String
  /// In which language.
  public var language: Language
  /// Less than this is not told.
  public var leastSeverity: AlarmRule.Severity
  /// Whether it is told anything at all.
  public var isEnabled: Bool
  /// Whether it is also told that an alarm is over.
  public var hearsEnd: Bool

  /// Puts it together.
  public init(
    name: String, way: Way, address: String, language: Language = .english,
    leastSeverity: AlarmRule.Severity = .warning, isEnabled: Bool = true, hearsEnd: Bool = true
  ) {
    self.name = name
    self.way = way
    self.address = address
    self.language = language
    self.leastSeverity = leastSeverity
    self.isEnabled = isEnabled
    self.hearsEnd = hearsEnd
  }

  /// Whether it can be written down.
  public var isValid: Bool {
    (1...Limits.alarmNameBytesMax).contains(name.utf8.count)
      && (1...Limits.alarmAddressBytesMax).contains(address.utf8.count)
  }

  /// The version that is written.
  static let version: UInt8 = 1

  /// The bytes of its register (docs/storage-format.md section 5); one that is not valid is our own
  /// mistake and stops the process.
  public func encoded() -> [UInt8] {
    precondition(isValid, "recipient \(name)")
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.bytes8(name.utf8)
    writer.u8(way.rawValue)
    writer.bytesV(address.utf8)
    writer.u8(language.rawValue)
    writer.u8(leastSeverity.rawValue)
    writer.u8((isEnabled ? 1 : 0) | (hearsEnd ? 2 : 0))
    return writer.bytes
  }

  /// Reads the bytes of a register.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    name = try reader.name8().text
    let wayAt = reader.offset
    guard let way = Way(rawValue: try reader.u8()) else { throw DecodeError(.range, at: wayAt) }
    self.way = way
    address = try reader.textV(max: Limits.alarmAddressBytesMax)
    let restAt = reader.offset
    guard let language = Language(rawValue: try reader.u8()),
      let severity = AlarmRule.Severity(rawValue: try reader.u8())
    else { throw DecodeError(.range, at: restAt) }
    (self.language, leastSeverity) = (language, severity)
    let flagsAt = reader.offset
    let flags = try reader.u8()
    guard flags < 4 else { throw DecodeError(.range, at: flagsAt) }
    isEnabled = flags & 1 != 0
    hearsEnd = flags & 2 != 0
    try reader.end()
    guard isValid else { throw DecodeError(.range, at: 0) }
  }
}
