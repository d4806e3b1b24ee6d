internal import Model

extension FieldWriter {
  mutating func alarmRaised(_ raised: AlarmRaised) {
    precondition(
      (1...Limits.alarmRuleBytesMax).contains(raised.ruleBytes.count) && raised.sinceUs >= 0,
      "episode \(raised)")
    raw(raised.episode.bytes)
    raw(raised.rule.bytes)
    bytesV(raised.ruleBytes)
    varint(UInt64(raised.sinceUs))
    alarmValue(raised.value)
  }

  mutating func alarmCleared(_ cleared: AlarmCleared) {
    raw(cleared.episode.bytes)
    u8(cleared.reason.rawValue)
    alarmValue(cleared.value)
  }

  mutating func alarmAcknowledged(_ acknowledged: AlarmAcknowledged) {
    raw(acknowledged.episode.bytes)
    text(acknowledged.comment, max: Limits.reasonBytesMax)
  }

  mutating func alarmDelivered(_ delivered: AlarmDelivered) {
    raw(delivered.episode.bytes)
    raw(delivered.recipient.bytes)
    u8(delivered.moment.rawValue)
    u8(delivered.outcome.rawValue)
    bytes8(delivered.reason.utf8)
  }

  private mutating func alarmValue(_ value: AlarmValue?) {
    guard let value else { return u8(0) }
    switch value.value {
    case .decimal(let mantissa, let exponent):
      u8(1)
      zigzag(mantissa)
      u8(UInt8(bitPattern: exponent))
    case .float(let number):
      u8(2)
      fixed(number.bitPattern)
    case .text(let words):
      u8(3)
      text(words, max: Value.textBytesMax)
    }
    precondition(CommitChannel.isUnit(value.unit.utf8), "unit \(value.unit)")
    bytes8(value.unit.utf8)
  }
}

extension FieldReader {
  mutating func alarmKey() throws(DecodeError) -> AlarmKey {
    guard let key = AlarmKey(try raw(8)) else { throw error(.truncated) }
    return key
  }

  mutating func alarmRaised() throws(DecodeError) -> AlarmRaised {
    let episode = try factId()
    let rule = try alarmKey()
    let ruleAt = offset
    let ruleBytes = try bytesV(max: Limits.alarmRuleBytesMax)
    guard !ruleBytes.isEmpty else { throw DecodeError(.count, at: ruleAt) }
    return AlarmRaised(
      episode: episode, rule: rule, ruleBytes: ruleBytes, sinceUs: try time(),
      value: try alarmValue())
  }

  mutating func alarmCleared() throws(DecodeError) -> AlarmCleared {
    let episode = try factId()
    let start = offset
    guard let reason = AlarmCleared.Reason(rawValue: try u8()) else {
      throw DecodeError(.range, at: start)
    }
    return AlarmCleared(episode: episode, reason: reason, value: try alarmValue())
  }

  mutating func alarmAcknowledged() throws(DecodeError) -> AlarmAcknowledged {
    AlarmAcknowledged(episode: try factId(), comment: try textV(max: Limits.reasonBytesMax))
  }

  mutating func alarmDelivered() throws(DecodeError) -> AlarmDelivered {
    let episode = try factId()
    let recipient = try alarmKey()
    let start = offset
    guard let moment = AlarmDelivered.Moment(rawValue: try u8()),
      let outcome = AlarmDelivered.Outcome(rawValue: try u8())
    else { throw DecodeError(.range, at: start) }
    return AlarmDelivered(
      episode: episode, recipient: recipient, moment: moment, outcome: outcome,
      reason: try text8())
  }

  private mutating func alarmValue() throws(DecodeError) -> AlarmValue? {
    let start = offset
    let value: Value
    switch try u8() {
    case 0: return nil
    case 1: value = .decimal(try zigzag(), exponent: Int8(bitPattern: try u8()))
    case 2: value = .float(Double(bitPattern: try fixed(UInt64.self)))
    case 3: value = .text(try textV(max: Value.textBytesMax))
    default: throw DecodeError(.range, at: start)
    }
    let unitAt = offset
    let unit = try name8()
    guard CommitChannel.isUnit(unit.utf8) else { throw DecodeError(.channel, at: unitAt) }
    return AlarmValue(value, unit: unit.text)
  }
}
