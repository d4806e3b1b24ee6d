public import Model

/// The value of a `clock` register: what an administrator says of one boot of a node.
///
/// It counts instead of every anchor of that boot; removing the register brings those back.
public struct ClockOverride: Hashable, Sendable {
  /// CLOCK_BOOTTIME, in µs...
  public var bootUs: Int64
  /// ...and the UTC at that time, in µs since 1970.
  public var utcUs: Int64
  /// At most so far off, in µs.
  public var boundUs: Int64
  /// Where it comes from; at most `Limits.noteBytesMax` bytes of UTF-8.
  public var note: String

  /// Puts an override together.
  public init(bootUs: Int64, utcUs: Int64, boundUs: Int64, note: String) {
    self.bootUs = bootUs
    self.utcUs = utcUs
    self.boundUs = boundUs
    self.note = note
  }

  /// The register of a boot.
  public static func key(_ clockEpoch: ClockEpoch) -> RegisterKey {
    RegisterKey(.clock, clockEpoch.bytes)
  }

  /// The register's value.
  public func encoded() -> [UInt8] {
    precondition(bootUs >= 0 && boundUs >= 0, "override \(self)")
    var writer = FieldWriter()
    writer.varint(UInt64(bootUs))
    writer.zigzag(utcUs)
    writer.varint(UInt64(boundUs))
    writer.text(note, max: Limits.noteBytesMax)
    return writer.bytes
  }

  /// Reads a register's value.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    bootUs = try reader.time()
    utcUs = try reader.zigzag()
    boundUs = try reader.time()
    note = try reader.textV(max: Limits.noteBytesMax)
    try reader.end()
  }

  /// The same as a point of the timeline.
  var anchor: Anchor {
    Anchor(bootUs: bootUs, utcUs: utcUs, errorUs: boundUs, origin: .person)
  }
}

extension Timeline {
  /// Takes an entry of the journal; whether it is one that dates readings, whatever it says.
  ///
  /// Readers of one journal must agree on that: the last such entry names what the derived table
  /// of dates knows.
  @discardableResult public mutating func apply(
    _ entry: JournalEntry, record: RecordId, in clockEpoch: ClockEpoch
  ) -> Bool {
    switch entry.content {
    case .anchor, .clockFit:
      apply(entry.content, in: clockEpoch)
      return true
    case .registerWrite(let write) where write.key.space == RegisterSpace.clock.rawValue:
      apply(write, record: record, stamp: entry.stamp)
      return true
    default: return false
    }
  }

  /// What an administrator says of a boot, with who and when; nil when nothing holds.
  public func override(
    of clockEpoch: ClockEpoch
  ) -> (override: ClockOverride, stamp: Stamp)? {
    guard let sibling = overrides.siblings(ClockOverride.key(clockEpoch)).first,
      let override = Self.override(sibling.value)
    else { return nil }
    return (override, sibling.stamp)
  }

  /// The same without what administrators say: anchors and guesses alone.
  public var withoutOverrides: NodeTimeline {
    var node = node
    node.removeOverrides()
    return node
  }

  /// A value that cannot be read says nothing.
  static func override(_ value: [UInt8]?) -> ClockOverride? {
    guard let value else { return nil }
    do throws(DecodeError) { return try ClockOverride(decoding: value) } catch { return nil }
  }
}
