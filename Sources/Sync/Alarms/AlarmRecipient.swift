/// Whom an alarm is told to: a register of the site. What a mail server or a webhook asks as proof
/// is a secret and stands in the configuration of the node that tells, never here.
public struct AlarmRecipient: Hashable, Sendable {
  /// How. Raw values are on disk: never renumber.
  public enum Way: UInt8, Sendable, CaseIterable {
    /// A POST to an address of the web.
    case webhook = 1
    /// A message to an address of e-mail.
    case mail = 2
    /// A signal that a board of this site switches: no network is needed (ADR 0025).
    case output = 3
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
  /// Where to; 1 to `Limits.alarmAddressBytesMax` bytes of UTF-8, and empty for an output.
  public var address: String
  /// What is switched; nil but for an output.
  public var output: AlarmOutput?
  /// In which language.
  public var language: Language
  /// Less than this is not told.
  public var leastSeverity: AlarmRule.Severity
  /// Whether it is told anything at all.
  public var isEnabled: Bool
  /// Whether it is also told that an alarm is over.
  public var hearsEnd: Bool
  /// Only alarms of these rules are told; of any where there are none. In rising order, each once,
  /// at most `Limits.alarmRecipientRulesMax`.
  public var rules: [AlarmKey] = []

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

  /// A signal that is switched.
  public init(name: String, output: AlarmOutput) {
    self.init(name: name, way: .output, address: "")
    self.output = output
  }

  /// Whether it can be written down.
  public var isValid: Bool {
    guard (1...Limits.alarmNameBytesMax).contains(name.utf8.count),
      rules.count <= Limits.alarmRecipientRulesMax, Self.isRising(rules)
    else { return false }
    guard way == .output else {
      return output == nil && (1...Limits.alarmAddressBytesMax).contains(address.utf8.count)
    }
    return address.isEmpty && output?.isValid == true
  }

  private static func isRising(_ rules: [AlarmKey]) -> Bool {
    zip(rules, rules.dropFirst()).allSatisfy { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// The version that is written: the first wherever that one can say it, so that earlier programs
  /// read it.
  private var version: UInt8 { way == .output || !rules.isEmpty ? 2 : 1 }

  /// The bytes of its register (docs/storage-format.md section 5); one that is not valid is our own
  /// mistake and stops the process.
  public func encoded() -> [UInt8] {
    precondition(isValid, "recipient \(name)")
    var writer = FieldWriter()
    writer.u8(version)
    writer.bytes8(name.utf8)
    writer.u8(way.rawValue)
    if let output {
      writer.identity(output.device)
      writer.bytes8(output.command.utf8)
    } else {
      writer.bytesV(address.utf8)
    }
    writer.u8(language.rawValue)
    writer.u8(leastSeverity.rawValue)
    writer.u8((isEnabled ? 1 : 0) | (hearsEnd ? 2 : 0))
    if version > 1 {
      writer.u8(UInt8(rules.count))
      for rule in rules { writer.raw(rule.bytes) }
    }
    return writer.bytes
  }

  /// Reads the bytes of a register.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    let written = try reader.u8()
    guard (1...2).contains(written) else { throw DecodeError(.version, at: 0) }
    name = try reader.name8().text
    let wayAt = reader.offset
    guard let way = Way(rawValue: try reader.u8()) else { throw DecodeError(.range, at: wayAt) }
    self.way = way
    if way == .output {
      output = AlarmOutput(device: try reader.identity(), command: try reader.name8().text)
      address = ""
    } else {
      address = try reader.textV(max: Limits.alarmAddressBytesMax)
    }
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
    if written > 1 {
      for _ in 0..<(try reader.u8()) {
        guard let rule = AlarmKey(try reader.raw(8)) else { throw reader.error(.range) }
        rules.append(rule)
      }
    }
    try reader.end()
    // What can be said in two versions is said in one.
    guard isValid, written == version else { throw DecodeError(.range, at: 0) }
  }
}
