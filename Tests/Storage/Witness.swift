import Model
import Sync
import TestSupport

@testable import Storage

/// Remembers what was promised, and finds on a disk whatever breaks a promise.
struct Witness {
  /// For every device and epoch: every seq below it was acknowledged.
  private var acknowledged: [DeviceIdentity: UInt32] = [:]
  /// The body of every record that was acknowledged or once seen on the disk.
  private var bodies: [String: [UInt8]] = [:]
  private var promised: Set<String> = []
  private(set) var violations: [String] = []

  /// The value that a board gives a seq: another one would be other content.
  static func value(_ device: DeviceIdentity, _ seq: UInt32) -> Value {
    var prng = Prng(seed: UInt64(seq) << 8 | UInt64(device.bytes[0]))
    return .decimal(Int64(prng.below(1_000)), exponent: -1)
  }

  mutating func acknowledge(_ receipt: CommitReceipt, _ content: CommitContent?) {
    for record in receipt.journal + [receipt.record].compactMap({ $0 }) {
      promised.insert(Self.name(record))
    }
    for cursor in content?.cursors ?? [] { acknowledged[cursor.identity] = cursor.next }
  }

  static func name(_ record: RecordId) -> String {
    "\(record.incarnation)/\(record.lane.rawValue)/\(record.seq)"
  }

  /// Looks at everything on the disk, as the next daemon would find it.
  mutating func inspect(_ options: StoreOptions, when: String) {
    let before = violations.count
    do throws(DatabaseError) {
      let database = try Database.open(.init(path: options.path, vfs: options.vfs))
      let check = try database.text("PRAGMA integrity_check")
      if check != "ok" { violations.append("integrity: \(check ?? "nothing")") }
      if try database.number("SELECT count(*) FROM sqlite_schema") ?? 0 == 0 {
        // The very first transaction was cut off: then nothing may have been promised either.
        if !promised.isEmpty { violations.append("everything is gone") }
      } else {
        try records(database)
        try samples(database)
        try parents(database)
        try seals(options, database)
      }
    } catch {
      violations.append("\(error)")
    }
    for index in violations.indices[before...] { violations[index] += " (\(when))" }
  }

  /// Everything promised is there; no number has other content than it once had.
  private mutating func records(_ database: borrowing Database) throws(DatabaseError) {
    var found: Set<String> = []
    func see(_ name: String, _ body: [UInt8]) {
      found.insert(name)
      if let known = bodies[name], known != body { violations.append("\(name) is reused") }
      bodies[name] = body
    }
    var rows = try database.prepare("SELECT incarnation, lane, seq, body FROM journal_entries")
    while try rows.step() {
      see("\(rows.text(0))/\(rows.int64(1))/\(rows.int64(2))", rows.blob(3))
    }
    let incarnations = try Folding.incarnations(database)
    for (id, body) in try commits(database) {
      guard let (_, incarnation) = incarnations[id >> 40] else { continue }
      see("\(incarnation)/2/\(id & (Limits.hotSeqEnd - 1))", CommitEncoder.encode(body))
    }
    for name in promised where !found.contains(name) { violations.append("\(name) is lost") }
  }

  /// Every commit, from its row or put together again from its range.
  ///
  /// Those of a range have their own bytes only if they were closed at a full millisecond.
  private func commits(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [(id: Int64, body: CommitBody)] {
    let reader = try BlockReader(database)
    var found: [(id: Int64, body: CommitBody)] = []
    var ranges = try database.prepare("SELECT id FROM commit_range ORDER BY id")
    while try ranges.step() {
      guard let row = try reader.rangeRow(ranges.int64(0)) else { continue }
      for (place, body) in try NaiveRebuild.bodies(row, reader).enumerated() {
        found.append((row.id + Int64(place), body))
      }
    }
    var rows = try database.prepare("SELECT id, body FROM hot ORDER BY id")
    while try rows.step() {
      let id = rows.int64(0)
      guard try reader.range(holding: id) == nil else { continue }
      do throws(DecodeError) {
        found.append((id, try CommitDecoder.decode(rows.blob(1))))
      } catch {
        throw DatabaseError(.damaged, message: "a commit cannot be read: \(error)")
      }
    }
    return found.sorted { $0.id < $1.id }
  }

  /// A loss of power alters nothing that was written: no check may say that it did.
  private mutating func seals(
    _ options: StoreOptions, _ database: borrowing Database
  ) throws(DatabaseError) {
    try Soundness.check(database)
    if try !Soundness.cachesHold(database) { violations.append("the caches do not check") }
    var inspection = Inspection()
    let history = try HistoryCore(path: options.path, vfs: options.vfs)
    while !inspection.isComplete { inspection = try history.inspect(inspection) }
    for damage in inspection.damages { violations.append("inspection: \(damage)") }
    var opening = StoreOpening()
    try Folding.journal(database, options: options, into: &opening)
    for damage in opening.damages { violations.append("journal: \(damage)") }
  }

  /// Every sample is there once, with its value; the cursors say the same as the rows.
  private mutating func samples(_ database: borrowing Database) throws(DatabaseError) {
    var next: [DeviceIdentity: UInt32] = [:]
    for (_, body) in try commits(database) {
      for source in body.sources {
        guard case .device(_, let first, _) = source.clock else { continue }
        if first != next[source.identity] ?? 0 {
          violations.append("\(source.identity) goes on at \(first)")
        }
        for (index, sample) in source.samples.enumerated() {
          let seq = first + UInt32(index)
          if sample.value != SampleValue(Self.value(source.identity, seq)) {
            violations.append("\(source.identity) \(seq) has another value")
          }
        }
        next[source.identity] = first + UInt32(source.samples.count)
      }
    }
    var cursors = CursorFold()
    cursors.apply(try Folding.cursorTable(database))
    let folded = try database.number("SELECT hot FROM folded WHERE id = 1") ?? 0
    try Folding.hotTail(database, after: folded, Continuity(database)) { (_, tail, _) in
      cursors.apply(tail)
    }
    for (device, end) in acknowledged where next[device] ?? 0 < end {
      violations.append("\(device) is lost from \(next[device] ?? 0) to \(end)")
    }
    for cursor in cursors.all where cursor.next != next[cursor.identity] ?? 0 {
      violations.append("\(cursor.identity) has cursor \(cursor.next)")
    }
    if cursors.all.count < next.count { violations.append("a cursor is missing") }
  }

  /// Every incarnation names the one before it, and how far that one had come.
  private mutating func parents(_ database: borrowing Database) throws(DatabaseError) {
    var rows = try database.prepare(
      "SELECT body, id >> 40 FROM journal WHERE kind = 1 ORDER BY id")
    var before: IncarnationBegun.Parent?
    while try rows.step() {
      let entry: JournalEntry?
      do throws(DecodeError) { entry = try JournalDecoder.decode(kind: 1, rows.blob(0)) } catch {
        entry = nil
      }
      guard case .incarnation(let begun) = entry?.content else {
        violations.append("an incarnation cannot be read")
        continue
      }
      if begun.parent != before { violations.append("wrong parent \(begun)") }
      before = try self.parent(database, rows.int64(1))
    }
  }

  private func parent(
    _ database: borrowing Database, _ id: Int64
  ) throws(DatabaseError) -> IncarnationBegun.Parent {
    var heads: [UInt64] = []
    let commits = try commits(database).map(\.id)
    for lane in Lane.allCases {
      let range = RowId.range(incarnation: id, lane: lane)
      guard lane != .telemetry else {
        heads.append(UInt64(commits.count { range.contains($0) }))
        continue
      }
      let head = try database.number(
        "SELECT count(*) FROM journal WHERE id BETWEEN \(range.lowerBound) AND "
          + "\(range.upperBound)")
      heads.append(UInt64(head ?? 0))
    }
    var number = try database.prepare("SELECT number FROM incarnation WHERE id = \(id)")
    guard try number.step() else { throw DatabaseError(.damaged, message: "no incarnation") }
    return .init(incarnation: RowId.incarnation(number.blob(0)), heads: heads)
  }
}
