internal import Model

extension FieldWriter {
  /// A channel, as the tables of commits and late values have it.
  mutating func channel(_ channel: CommitChannel) {
    precondition(channel.isValid, "channel \(channel.key)")
    bytes8(channel.key.utf8)
    bytes8(channel.unit.utf8)
    u8(channel.kind.rawValue)
    u8(channel.form.code)
    if case .decimal(let exponent) = channel.form {
      u8(UInt8(bitPattern: exponent))
    } else {
      u8(0)
    }
  }
}

extension FieldReader {
  mutating func channel() throws(DecodeError) -> CommitChannel {
    let start = offset
    let key = try name8()
    let unit = try name8()
    let kind = Channel.Kind(rawValue: try u8())
    let code = try u8()
    let exponent = Int8(bitPattern: try u8())
    let form: ValueForm
    switch (code, exponent) {
    case (0, _): form = .decimal(exponent: exponent)
    case (1, 0): form = .float
    case (2, 0): form = .text
    default: throw DecodeError(.channel, at: start)
    }
    guard let kind, CommitChannel.isKey(key.utf8), CommitChannel.isUnit(unit.utf8) else {
      throw DecodeError(.channel, at: start)
    }
    return CommitChannel(key: key.text, unit: unit.text, kind: kind, form: form)
  }
}
