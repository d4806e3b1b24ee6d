/// What one person said of a channel or a device: each part says something, or follows the default.
public struct RetentionSetting: Hashable, Sendable {
  /// One part of a setting. The numbers are on disk: never renumber.
  public enum Part: Hashable, Sendable {
    /// 0: as the device says, else the configuration.
    case inherited
    /// 1: for ever; for a quota: none.
    case unlimited
    /// 2: so many µs or bytes, more than 0.
    case limited(Int64)
  }

  /// Ages and quota, as in `RetentionRule`.
  public var raw: Part, minutes: Part, quota: Part

  /// Puts a setting together.
  public init(raw: Part = .inherited, minutes: Part = .inherited, quota: Part = .inherited) {
    self.raw = raw
    self.minutes = minutes
    self.quota = quota
  }

  /// Whether it says nothing at all.
  public var isEmpty: Bool { self == RetentionSetting() }

  /// The rule that follows where another one holds otherwise. Minutes are never kept shorter than
  /// readings, whatever changed below a setting since it was written.
  public func rule(over base: RetentionRule) -> RetentionRule {
    var rule = RetentionRule(
      rawUs: raw.value(else: base.rawUs), minutesUs: minutes.value(else: base.minutesUs),
      quotaBytes: quota.value(else: base.quotaBytes))
    if let minutesUs = rule.minutesUs {
      rule.minutesUs = rule.rawUs.map { max($0, minutesUs) }
    }
    return rule
  }

  /// The bytes of its register: three parts, each u8 and, where it is limited, varint.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    for part in [raw, minutes, quota] {
      switch part {
      case .inherited: writer.u8(0)
      case .unlimited: writer.u8(1)
      case .limited(let limit):
        precondition(limit > 0, "a limit of \(limit)")
        writer.u8(2)
        writer.varint(UInt64(limit))
      }
    }
    return writer.bytes
  }

  /// Reads the bytes of a register.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    raw = try reader.retentionPart()
    minutes = try reader.retentionPart()
    quota = try reader.retentionPart()
    try reader.end()
  }
}

extension RetentionSetting.Part {
  fileprivate func value(else base: Int64?) -> Int64? {
    switch self {
    case .inherited: base
    case .unlimited: nil
    case .limited(let limit): limit
    }
  }
}

extension FieldReader {
  fileprivate mutating func retentionPart() throws(DecodeError) -> RetentionSetting.Part {
    let start = offset
    switch try u8() {
    case 0: return .inherited
    case 1: return .unlimited
    case 2:
      let limitAt = offset
      let limit = try time()
      guard limit > 0 else { throw DecodeError(.range, at: limitAt) }
      return .limited(limit)
    default: throw DecodeError(.range, at: start)
    }
  }
}

extension SeriesScope {
  /// The key of the register that holds its retention: identity, key bytes8 (empty: all channels).
  public var registerKey: RegisterKey {
    var writer = FieldWriter()
    writer.scope(self)
    return RegisterKey(.retention, writer.bytes)
  }

  /// Reads the key of such a register.
  public init(decodingRegister bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    self = try reader.scope()
    try reader.end()
  }
}
