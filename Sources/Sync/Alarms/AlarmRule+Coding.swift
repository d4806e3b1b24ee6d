internal import Model

extension AlarmRule {
  /// The version that is written.
  static let version: UInt8 = 1

  /// The bytes of its register (docs/storage-format.md section 5); a rule that is not valid is our
  /// own mistake and stops the process.
  public func encoded() -> [UInt8] {
    precondition(isValid, "rule \(self)")
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.bytes8(name.utf8)
    writer.scope(scope)
    writer.alarmCondition(condition)
    writer.varint(UInt64(delayMs))
    writer.varint(UInt64(clearDelayMs))
    writer.u8(severity.rawValue)
    writer.u8((isEnabled ? 1 : 0) | (wantsComment ? 2 : 0))
    return writer.bytes
  }

  /// Reads the bytes of a register.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    name = try reader.name8().text
    scope = try reader.scope()
    condition = try reader.alarmCondition()
    delayMs = try reader.time()
    clearDelayMs = try reader.time()
    let severityAt = reader.offset
    guard let severity = Severity(rawValue: try reader.u8()) else {
      throw DecodeError(.range, at: severityAt)
    }
    self.severity = severity
    let flagsAt = reader.offset
    let flags = try reader.u8()
    guard flags < 4 else { throw DecodeError(.range, at: flagsAt) }
    isEnabled = flags & 1 != 0
    wantsComment = flags & 2 != 0
    try reader.end()
    guard isValid else { throw DecodeError(.range, at: 0) }
  }
}

extension FieldWriter {
  fileprivate mutating func alarmCondition(_ condition: AlarmRule.Condition) {
    switch condition {
    case .above(let threshold):
      u8(1)
      self.threshold(threshold)
    case .below(let threshold):
      u8(2)
      self.threshold(threshold)
    case .rises(let threshold, let window):
      u8(3)
      self.threshold(threshold)
      varint(UInt64(window))
    case .falls(let threshold, let window):
      u8(4)
      self.threshold(threshold)
      varint(UInt64(window))
    case .silent(let ms):
      u8(5)
      varint(UInt64(ms))
    case .frozen(let ms):
      u8(6)
      varint(UInt64(ms))
    case .gone(let ms):
      u8(7)
      varint(UInt64(ms))
    }
  }

  private mutating func threshold(_ threshold: AlarmRule.Threshold) {
    zigzag(threshold.limit)
    zigzag(threshold.hysteresis)
    u8(UInt8(bitPattern: threshold.exponent))
  }
}

extension FieldReader {
  fileprivate mutating func alarmCondition() throws(DecodeError) -> AlarmRule.Condition {
    let start = offset
    switch try u8() {
    case 1: return .above(try threshold())
    case 2: return .below(try threshold())
    case 3: return .rises(try threshold(), withinMs: try time())
    case 4: return .falls(try threshold(), withinMs: try time())
    case 5: return .silent(ms: try time())
    case 6: return .frozen(ms: try time())
    case 7: return .gone(ms: try time())
    default: throw DecodeError(.range, at: start)
    }
  }

  private mutating func threshold() throws(DecodeError) -> AlarmRule.Threshold {
    AlarmRule.Threshold(
      limit: try zigzag(), hysteresis: try zigzag(), exponent: Int8(bitPattern: try u8()))
  }
}
