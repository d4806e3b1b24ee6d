public import Model

/// That a node of the site was not heard for too long, as a hub notices it of its own accord.
///
/// It is no register: its bytes stand in the episodes that it begins, where a rule's stand in
/// others. Their version is another one, so that a program that knows no such thing shows them as
/// a rule of a later version.
public struct GatewaySilence: Hashable, Sendable {
  /// The node that is not heard.
  public var node: NodeId
  /// How long it was not, in ms; above 0 and within 400 days.
  public var ms: Int64
  /// How much it matters.
  public var severity: AlarmRule.Severity

  /// Puts it together.
  public init(node: NodeId, ms: Int64, severity: AlarmRule.Severity = .warning) {
    self.node = node
    self.ms = ms
    self.severity = severity
  }

  /// The version that is written, where a rule has 1.
  static let version: UInt8 = 2

  /// The times that it can be about, in ms.
  public static let range: ClosedRange<Int64> = 1...Limits.alarmTimeMsMax

  /// What stands for the rule's name in the episodes of a node: always the same.
  public var key: AlarmKey {
    let bytes = Blake2b.content(Array("bivouac silent node".utf8) + node.bytes)
    guard let key = AlarmKey(Array(bytes.prefix(8))) else {
      preconditionFailure("eight bytes make a key")
    }
    return key
  }

  /// Its bytes (docs/storage-format.md section 5).
  public func encoded() -> [UInt8] {
    precondition(Self.range.contains(ms), "silence of \(ms) ms")
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.raw(node.bytes)
    writer.varint(UInt64(ms))
    writer.u8(severity.rawValue)
    return writer.bytes
  }

  /// Reads its bytes.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    let nodeAt = reader.offset
    guard let node = NodeId(try reader.raw(NodeId.byteCount)) else {
      throw DecodeError(.range, at: nodeAt)
    }
    let restAt = reader.offset
    let ms = try reader.time()
    guard Self.range.contains(ms), let severity = AlarmRule.Severity(rawValue: try reader.u8())
    else { throw DecodeError(.range, at: restAt) }
    try reader.end()
    self.init(node: node, ms: ms, severity: severity)
  }
}

extension AlarmRaised {
  /// The rule that began it; nil where a silence did, or a later version wrote it.
  public var judged: AlarmRule? {
    do throws(DecodeError) { return try AlarmRule(decoding: ruleBytes) } catch { return nil }
  }

  /// The node that was not heard, where that is what began it; nil for a rule's.
  public var silence: GatewaySilence? {
    do throws(DecodeError) { return try GatewaySilence(decoding: ruleBytes) } catch { return nil }
  }
}
