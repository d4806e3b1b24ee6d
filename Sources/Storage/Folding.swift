internal import Model
internal import Sync

/// Reads what is folded when a store is opened.
enum Folding {
  /// The cursors as of the commit named in `folded`.
  static func cursorTable(_ database: borrowing Database) throws(DatabaseError) -> [Cursor] {
    var rows = try database.prepare(
      "SELECT kind, identity, epoch, nonce, next, closed, ring FROM cursor "
        + "ORDER BY kind, identity, epoch")
    var cursors: [Cursor] = []
    while try rows.step() {
      guard let identity = identity(rows.int64(0), rows.blob(1)) else {
        throw DatabaseError(.damaged, path: database.path, message: "a cursor of no device")
      }
      cursors.append(
        Cursor(
          identity: identity, epoch: UInt32(truncatingIfNeeded: rows.int64(2)),
          nonce: UInt32(truncatingIfNeeded: rows.int64(3)),
          next: UInt32(truncatingIfNeeded: rows.int64(4)), isClosed: rows.int64(5) != 0,
          ringCapacity: UInt32(truncatingIfNeeded: rows.int64(6))))
    }
    return cursors
  }

  /// The cursors and devices of every commit after that, in order.
  static func hotTail(
    _ database: borrowing Database,
    _ body: (_ hotId: Int64, _ cursors: [Cursor], _ identities: [DeviceIdentity]) -> Void
  ) throws(DatabaseError) {
    var rows = try database.prepare(
      "SELECT id, cursors, body FROM hot "
        + "WHERE id > coalesce((SELECT hot FROM folded WHERE id = 1), 0) ORDER BY id")
    while try rows.step() {
      let hotId = rows.int64(0)
      do throws(DecodeError) {
        let cursors = try CursorColumn.decode(rows.blob(1))
        let commit = try CommitDecoder.decode(rows.blob(2))
        body(hotId, cursors, commit.sources.map(\.identity))
      } catch {
        throw DatabaseError(
          .damaged, path: database.path, message: "commit \(hotId): \(error)")
      }
    }
  }

  /// Registers, commands and descriptors. What cannot be read is counted and left where it is.
  static func journal(
    _ database: borrowing Database, options: StoreOptions, into opening: inout StoreOpening
  ) throws(DatabaseError) {
    let incarnations = try self.incarnations(database)
    let clockEpochs = try self.clockEpochs(database)
    var rows = try database.prepare("SELECT id, clock_epoch, kind, body FROM journal ORDER BY id")
    while try rows.step() {
      let id = rows.int64(0)
      let record = incarnations[RowId.incarnationId(id)].flatMap { RowId.record(id, $0) }
      let kind = UInt16(exactly: rows.int64(2))
      guard let record, let clockEpoch = clockEpochs[rows.int64(1)], let kind else {
        opening.unappliedCount += 1
        continue
      }
      do throws(DecodeError) {
        if let entry = try JournalDecoder.decode(kind: kind, rows.blob(3)) {
          opening.apply(entry, record, clockEpoch, isPresent: clockEpoch == options.clockEpoch)
        } else {
          opening.unappliedCount += 1
        }
      } catch {
        opening.unappliedCount += 1
      }
    }
  }

  /// Who began which incarnation, by local id.
  static func incarnations(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [Int64: (NodeId, Incarnation)] {
    var rows = try database.prepare(
      "SELECT incarnation.id, node.key, incarnation.number FROM incarnation "
        + "JOIN node ON node.id = incarnation.node")
    var found: [Int64: (NodeId, Incarnation)] = [:]
    while try rows.step() {
      if let node = NodeId(rows.blob(1)) {
        found[rows.int64(0)] = (node, RowId.incarnation(rows.blob(2)))
      }
    }
    return found
  }

  /// The boots of nodes, by local id.
  static func clockEpochs(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [Int64: ClockEpoch] {
    var rows = try database.prepare("SELECT id, boot FROM clock_epoch")
    var found: [Int64: ClockEpoch] = [:]
    while try rows.step() { found[rows.int64(0)] = ClockEpoch(rows.blob(1)) }
    return found
  }

  static func identity(_ kind: Int64, _ bytes: [UInt8]) -> DeviceIdentity? {
    guard let raw = UInt8(exactly: kind), let kind = DeviceIdentity.Kind(rawValue: raw) else {
      return nil
    }
    return DeviceIdentity(kind: kind, bytes: bytes)
  }
}

extension StoreOpening {
  mutating func apply(
    _ entry: JournalEntry, _ record: RecordId, _ clockEpoch: ClockEpoch, isPresent: Bool
  ) {
    switch entry.content {
    case .registerWrite(let write):
      registers.apply(write, record: record, stamp: entry.stamp)
    case .descriptor(let seen):
      if descriptors.count < Limits.devicesMax || descriptors[seen.identity] != nil {
        descriptors[seen.identity] = seen
      }
    case .anchor: isAnchored = isAnchored || isPresent
    case .commandIssued, .commandClaimed, .commandOutcome:
      commands.apply(entry, clockEpoch: clockEpoch)
    case .incarnation, .clockFit: break
    }
  }
}
