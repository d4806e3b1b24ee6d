public import Model

/// The bytes of an identity as a register's key or value: u8 kind, bytes8.
public enum IdentityBytes {
  /// Encodes an identity.
  public static func encode(_ identity: DeviceIdentity) -> [UInt8] {
    var writer = FieldWriter()
    writer.identity(identity)
    return writer.bytes
  }

  /// Decodes an identity that fills the bytes.
  public static func decode(_ bytes: [UInt8]) throws(DecodeError) -> DeviceIdentity {
    var reader = FieldReader(bytes.span)
    let identity = try reader.identity()
    try reader.end()
    return identity
  }
}

/// Writes journal bodies in their one canonical form.
public enum JournalEncoder {
  /// The version that is written.
  public static let version: UInt8 = 1

  /// Encodes an entry; what is too long for its field is our own mistake and stops the process.
  public static func encode(_ entry: JournalEntry) -> [UInt8] {
    var writer = FieldWriter()
    let stamp = entry.stamp
    precondition(stamp.bootUs >= 0, "stamp \(stamp.bootUs)")
    writer.u8(version)
    writer.u8(stamp.trusted ? 1 : 0)
    writer.varint(UInt64(stamp.bootUs))
    writer.zigzag(stamp.wallUs)
    writer.bytes8(stamp.author.utf8)
    switch entry.content {
    case .incarnation(let begun): encode(begun, into: &writer)
    case .registerWrite(let write): encode(write, into: &writer)
    case .descriptor(let seen):
      precondition(seen.bytes.count <= Limits.descriptorBytesMax, "\(seen.bytes.count) bytes")
      writer.identity(seen.identity)
      writer.fixed(seen.hash)
      writer.bytesV(seen.bytes)
    case .anchor(let anchor): encode(anchor, into: &writer)
    case .clockFit(let fit): encode(fit, into: &writer)
    case .deletion(let deletion): writer.deletion(deletion)
    case .lateValues(let late): writer.lateValues(late)
    case .annotation(let annotation): writer.annotation(annotation)
    case .deletionUndone(let undone), .lateValuesWithdrawn(let undone),
      .annotationRemoved(let undone):
      writer.withdrawal(undone)
    case .trimming(let trimming): writer.trimming(trimming)
    case .trimmingSeen(let seen): writer.trimmingSeen(seen)
    case .accessRevoked(let revocation): writer.accessRevocation(revocation)
    case .commandIssued(let command): encode(command, into: &writer)
    case .commandClaimed(let claim):
      writer.raw(claim.id.bytes)
      writer.fixed(claim.epoch)
      writer.fixed(claim.session)
      writer.fixed(claim.number)
    case .commandOutcome(let outcome):
      writer.raw(outcome.id.bytes)
      writer.u8(outcome.state.rawValue)
      writer.bytes8(outcome.reason.utf8)
      writer.zigzag(outcome.value)
    case .siteFounded(let founded): writer.siteFounded(founded)
    case .grant(let grant): writer.grant(grant)
    case .revocation(let revocation): writer.revocation(revocation)
    case .succession(let succession): writer.succession(succession)
    case .alarmRaised(let raised): writer.alarmRaised(raised)
    case .alarmCleared(let cleared): writer.alarmCleared(cleared)
    case .alarmAcknowledged(let seen): writer.alarmAcknowledged(seen)
    case .alarmDelivered(let delivered): writer.alarmDelivered(delivered)
    case .snapshotTaken(let taken): writer.snapshotTaken(taken)
    }
    precondition(writer.bytes.count <= Limits.journalBytesMax, "journal body too long")
    return writer.bytes
  }

  private static func encode(_ begun: IncarnationBegun, into writer: inout FieldWriter) {
    guard let parent = begun.parent else { return writer.u8(0) }
    writer.u8(1)
    writer.fixed(parent.incarnation.number)
    for head in parent.heads { writer.varint(head) }
  }

  private static func encode(_ write: RegisterWrite, into writer: inout FieldWriter) {
    precondition(
      write.key.bytes.count <= Limits.registerBytesMax
        && write.value?.count ?? 0 <= Limits.registerBytesMax
        && write.replaces.count <= Limits.replacesMax, "register write too long")
    writer.u8(write.key.space)
    writer.bytesV(write.key.bytes)
    writer.u8(write.value == nil ? 1 : 0)
    writer.bytesV(write.value ?? [])
    writer.varint(write.replaces.count)
    for record in write.replaces {
      writer.raw(record.origin.bytes)
      writer.fixed(record.incarnation.number)
      writer.u8(record.lane.rawValue)
      writer.varint(record.seq)
    }
  }

  private static func encode(_ anchor: Anchor, into writer: inout FieldWriter) {
    precondition(anchor.bootUs >= 0 && anchor.errorUs >= 0, "anchor \(anchor)")
    writer.varint(UInt64(anchor.bootUs))
    writer.zigzag(anchor.utcUs)
    writer.varint(UInt64(anchor.errorUs))
    writer.u8(anchor.origin.rawValue)
  }

  private static func encode(_ fit: ClockFit, into writer: inout FieldWriter) {
    precondition(
      fit.segmentStartMs >= 0 && fit.referenceTicksMs >= 0 && fit.referenceBootUs >= 0
        && fit.boundUs >= 0, "fit \(fit)")
    writer.identity(fit.identity)
    writer.varint(UInt64(fit.epoch))
    writer.varint(UInt64(fit.segmentStartMs))
    writer.varint(UInt64(fit.referenceTicksMs))
    writer.varint(UInt64(fit.referenceBootUs))
    writer.zigzag(fit.ratePpb)
    writer.varint(UInt64(fit.boundUs))
    writer.u8(fit.isGood ? 1 : 0)
  }

  private static func encode(_ command: CommandIssued, into writer: inout FieldWriter) {
    writer.raw(command.id.bytes)
    writer.raw(command.node.bytes)
    writer.identity(command.identity)
    writer.u8(command.op)
    writer.bytes8(command.name.utf8)
    writer.bytes8(command.arguments)
    writer.varint(command.lifeMs)
    writer.varint(command.leaseMs)
  }
}
