internal import Model

/// Reads journal bodies; everything is checked before anything is returned.
public enum JournalDecoder {
  /// Decodes a body of the given kind; nil when this program does not know the kind, which is no
  /// fault of the entry: it is kept as it is.
  public static func decode(kind: UInt16, _ bytes: [UInt8]) throws(DecodeError) -> JournalEntry? {
    var reader = FieldReader(bytes.span)
    let stamp = try stamp(&reader)
    guard let content = try content(kind: kind, &reader) else { return nil }
    try reader.end()
    return JournalEntry(stamp: stamp, content: content)
  }

  /// The same, but nil for every kind that readings do not depend on: they neither date nor hide
  /// nor are any. Who goes by no other needs nothing else of this decoder.
  public static func decodeForReadings(
    kind: UInt16, _ bytes: [UInt8]
  ) throws(DecodeError) -> JournalEntry? {
    var reader = FieldReader(bytes.span)
    let stamp = try stamp(&reader)
    guard let content = try contentForReadings(kind: kind, &reader) else { return nil }
    try reader.end()
    return JournalEntry(stamp: stamp, content: content)
  }

  private static func stamp(_ reader: inout FieldReader) throws(DecodeError) -> Stamp {
    guard reader.remaining <= Limits.journalBytesMax else { throw DecodeError(.tooLong, at: 0) }
    guard try reader.u8() == JournalEncoder.version else { throw DecodeError(.version, at: 0) }
    let flags = try reader.u8()
    guard flags <= 1 else { throw DecodeError(.range, at: 1) }
    return Stamp(
      trusted: flags == 1, bootUs: try reader.time(), wallUs: try reader.zigzag(),
      author: try reader.text8())
  }

  private static func contentForReadings(
    kind: UInt16, _ reader: inout FieldReader
  ) throws(DecodeError) -> JournalContent? {
    switch kind {
    case 2: return .registerWrite(try registerWrite(&reader))
    case 4: return .anchor(try anchor(&reader))
    case 5: return .clockFit(try clockFit(&reader))
    case 6: return .deletion(try reader.deletion())
    case 7: return .deletionUndone(try reader.withdrawal())
    case 8: return .lateValues(try reader.lateValues())
    case 9: return .lateValuesWithdrawn(try reader.withdrawal())
    default: return nil
    }
  }

  private static func content(
    kind: UInt16, _ reader: inout FieldReader
  ) throws(DecodeError) -> JournalContent? {
    if let content = try contentForReadings(kind: kind, &reader) { return content }
    switch kind {
    case 1: return .incarnation(try incarnation(&reader))
    case 3:
      return .descriptor(
        DescriptorSeen(
          identity: try reader.identity(), hash: try reader.fixed(UInt64.self),
          bytes: try reader.bytesV(max: Limits.descriptorBytesMax)))
    case 10: return .annotation(try reader.annotation())
    case 11: return .annotationRemoved(try reader.withdrawal())
    case 12: return .trimming(try reader.trimming())
    case 13: return .trimmingSeen(try reader.trimmingSeen())
    case 14: return .accessRevoked(try reader.accessRevocation())
    case 16: return .commandIssued(try commandIssued(&reader))
    case 17:
      return .commandClaimed(
        CommandClaimed(
          id: try commandId(&reader), epoch: try reader.fixed(UInt32.self),
          session: try reader.fixed(UInt32.self), number: try reader.fixed(UInt16.self)))
    case 18:
      let id = try commandId(&reader)
      let stateAt = reader.offset
      guard let state = CommandOutcome.State(rawValue: try reader.u8()) else {
        throw DecodeError(.range, at: stateAt)
      }
      return .commandOutcome(
        CommandOutcome(
          id: id, state: state, reason: try reader.text8(), value: try reader.zigzag()))
    case 19: return .siteFounded(try reader.siteFounded())
    case 20: return .grant(try reader.grant())
    case 21: return .revocation(try reader.revocation())
    case 22: return .succession(try reader.succession())
    case 24: return .alarmRaised(try reader.alarmRaised())
    case 25: return .alarmCleared(try reader.alarmCleared())
    case 26: return .alarmAcknowledged(try reader.alarmAcknowledged())
    case 27: return .alarmDelivered(try reader.alarmDelivered())
    case 28: return .snapshotTaken(try reader.snapshotTaken())
    default: return nil
    }
  }

  private static func flag(_ reader: inout FieldReader) throws(DecodeError) -> Bool {
    let start = reader.offset
    let value = try reader.u8()
    guard value <= 1 else { throw DecodeError(.range, at: start) }
    return value == 1
  }

  private static func commandId(_ reader: inout FieldReader) throws(DecodeError) -> CommandId {
    guard let id = CommandId(try reader.raw(16)) else { throw reader.error(.truncated) }
    return id
  }

  private static func node(_ reader: inout FieldReader) throws(DecodeError) -> NodeId {
    guard let node = NodeId(try reader.raw(NodeId.byteCount)) else {
      throw reader.error(.truncated)
    }
    return node
  }

  private static func incarnation(
    _ reader: inout FieldReader
  ) throws(DecodeError) -> IncarnationBegun {
    guard try flag(&reader) else { return IncarnationBegun(parent: nil) }
    let number = try reader.fixed(UInt64.self)
    var heads: [UInt64] = []
    for _ in Lane.allCases { heads.append(try reader.varint()) }
    return IncarnationBegun(parent: .init(incarnation: Incarnation(number), heads: heads))
  }

  private static func registerWrite(
    _ reader: inout FieldReader
  ) throws(DecodeError) -> RegisterWrite {
    let space = try reader.u8()
    let key = try reader.bytesV(max: Limits.registerBytesMax)
    let removed = try flag(&reader)
    let valueAt = reader.offset
    let value = try reader.bytesV(max: Limits.registerBytesMax)
    guard !removed || value.isEmpty else { throw DecodeError(.range, at: valueAt) }
    let count = try reader.count(max: Limits.replacesMax)
    var replaces: [RecordId] = []
    for _ in 0..<count {
      let origin = try node(&reader)
      let incarnation = Incarnation(try reader.fixed(UInt64.self))
      let laneAt = reader.offset
      guard let lane = Lane(rawValue: try reader.u8()) else {
        throw DecodeError(.range, at: laneAt)
      }
      replaces.append(
        RecordId(origin: origin, incarnation: incarnation, lane: lane, seq: try reader.varint()))
    }
    return RegisterWrite(
      key: RegisterKey(space: space, bytes: key), value: removed ? nil : value, replaces: replaces)
  }

  private static func anchor(_ reader: inout FieldReader) throws(DecodeError) -> Anchor {
    let bootUs = try reader.time()
    let utcUs = try reader.zigzag()
    let errorUs = try reader.time()
    let originAt = reader.offset
    guard let origin = Anchor.Origin(rawValue: try reader.u8()) else {
      throw DecodeError(.range, at: originAt)
    }
    return Anchor(bootUs: bootUs, utcUs: utcUs, errorUs: errorUs, origin: origin)
  }

  private static func clockFit(_ reader: inout FieldReader) throws(DecodeError) -> ClockFit {
    ClockFit(
      identity: try reader.identity(), epoch: try reader.varint32(),
      segmentStartMs: try ticks(&reader), referenceTicksMs: try ticks(&reader),
      referenceBootUs: try reader.time(), ratePpb: try reader.zigzag(),
      boundUs: try reader.time(), isGood: try flag(&reader))
  }

  private static func ticks(_ reader: inout FieldReader) throws(DecodeError) -> Int64 {
    let start = reader.offset
    let ticks = try reader.time()
    guard ticks < Limits.ticksMsEnd else { throw DecodeError(.range, at: start) }
    return ticks
  }

  private static func commandIssued(
    _ reader: inout FieldReader
  ) throws(DecodeError) -> CommandIssued {
    CommandIssued(
      id: try commandId(&reader), node: try node(&reader), identity: try reader.identity(),
      op: try reader.u8(), name: try reader.text8(), arguments: try reader.bytes8(),
      lifeMs: try reader.varint(), leaseMs: try reader.varint())
  }
}
