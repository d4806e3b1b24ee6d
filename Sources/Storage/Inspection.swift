/// How far a look at everything stored has come, and what it found.
public struct Inspection: Hashable, Sendable {
  /// Commits that are there and are what was written.
  public internal(set) var commits: Int64 = 0
  /// Those of them that other nodes wrote.
  public internal(set) var othersCommits: Int64 = 0
  /// Entries of the journal that are what was written; counted by `Verification` alone.
  public internal(set) var entries: Int64 = 0
  /// Those of them that other nodes wrote.
  public internal(set) var othersEntries: Int64 = 0
  /// What is not as it was written, the first `Limits.damagesNamedMax` of it by name.
  public private(set) var damages: [Damage] = []
  /// How much of that there is.
  public private(set) var damageCount = 0
  /// Whether it has come to the end.
  public internal(set) var isComplete = false
  /// Whether SQLite's own check of the file was part of it: not of a file that is too large.
  public internal(set) var isStructureChecked = false
  /// The key to go on from.
  var next: Int64 = 1
  /// The key of the journal to go on from.
  var nextEntry: Int64 = 1

  /// Starts before the first commit.
  public init() {}

  /// Commits from this key on are what was written.
  mutating func count(_ id: Int64, _ commits: Int64) {
    self.commits += commits
    if !RowId.isOwn(id) { othersCommits += commits }
  }

  mutating func note(_ damage: Damage) {
    damageCount += 1
    if damages.count < Limits.damagesNamedMax { damages.append(damage) }
  }
}

extension HistoryCore {
  /// Looks at some more commits; after the last one at the tables that are caches, and at the file
  /// as a whole. Damage is noted, not thrown.
  func inspect(_ inspection: Inspection) throws(DatabaseError) -> Inspection {
    do throws(DatabaseError) {
      return try reading { () throws(DatabaseError) in
        var inspection = inspection
        guard try inspectCommits(&inspection) else { return inspection }
        try inspectCaches(&inspection)
        try inspectStructure(&inspection)
        inspection.isComplete = true
        return inspection
      }
    } catch {
      // What all else is found by cannot be read: there is nothing to go on with.
      guard error.kind == .damaged else { throw error }
      var inspection = inspection
      inspection.note(Damage(.structure, "*", message: error.message))
      inspection.isComplete = true
      return inspection
    }
  }

  private func inspectCaches(_ inspection: inout Inspection) throws(DatabaseError) {
    do throws(DatabaseError) {
      if try !Soundness.cachesHold(database) { inspection.note(Damage(.altered, "cursor")) }
    } catch {
      guard error.kind == .damaged else { throw error }
      inspection.note(Damage(.unreadable, "cursor", message: error.message))
    }
  }

  /// One slice of commits; true at the end.
  private func inspectCommits(_ inspection: inout Inspection) throws(DatabaseError) -> Bool {
    guard let newest = continuity.last(to: .max), inspection.next <= newest else { return true }
    let following = try blocks.range(after: inspection.next)?.lowerBound
    if let range = try blocks.range(holding: inspection.next) {
      inspectRange(range.lowerBound, &inspection)
      // What its row says of its end may be what is altered.
      inspection.next = min(range.upperBound, newest, (following ?? Int64.max) - 1) + 1
      return false
    }
    let range = inspection.next...min(newest, max(inspection.next, (following ?? Int64.max) - 1))
    var watch = RangeWatch(range, isUp: true, continuity)
    var rows = 0
    var bytes = 0
    do throws(DatabaseError) {
      rowsUp.bind(1, range.lowerBound)
      rowsUp.bind(2, range.upperBound)
      while try rowsUp.step() {
        let id = rowsUp.int64(0)
        // Rows come in order but from an altered page: to follow it back would never end.
        guard id >= inspection.next, id <= range.upperBound else {
          throw DatabaseError(
            .damaged, path: database.path, message: "rows of hot are out of order")
        }
        if let missing = watch.pass(id) { inspection.note(missing) }
        if RowSeal.hotHolds(rowsUp) {
          inspection.count(id, 1)
        } else {
          inspection.note(Damage(.altered, "hot", id...id))
        }
        inspection.next = id + 1
        rows += 1
        bytes += rowsUp.blobCount(2)
        if rows >= Limits.inspectedCommitsMax || bytes >= Limits.inspectedBytesMax { return false }
      }
      if let missing = watch.end() { inspection.note(missing) }
      inspection.next = range.upperBound + 1
      return following == nil
    } catch {
      guard error.kind == .damaged else { throw error }
      rowsUp.reset()
      let first = continuity.first(from: inspection.next) ?? inspection.next
      let end = try endOfUnreadable(from: first, range.upperBound)
      inspection.note(Damage(.unreadable, "hot", first...(end - 1), message: error.message))
      inspection.next = end
      return false
    }
  }

  /// The first key after one that cannot be read from which SQLite can read again: by bisection,
  /// because rows that share a page are neighbours.
  private func endOfUnreadable(
    from first: Int64, _ newest: Int64
  ) throws(DatabaseError) -> Int64 {
    var low = first
    var high = newest + 1
    // The row's pages may be whole and only its continuation destroyed.
    if try isReadable(first) { return first + 1 }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try isReadable(middle) { high = middle } else { low = middle }
    }
    return high
  }

  private func isReadable(_ id: Int64) throws(DatabaseError) -> Bool {
    do throws(DatabaseError) {
      _ = try database.number("SELECT id FROM hot WHERE id >= \(id) ORDER BY id LIMIT 1")
      return true
    } catch {
      guard error.kind == .damaged else { throw error }
      return false
    }
  }

  private func inspectStructure(_ inspection: inout Inspection) throws(DatabaseError) {
    let pages = try database.number("PRAGMA page_count") ?? 0
    let pageBytes = try database.number("PRAGMA page_size") ?? 0
    guard pages * pageBytes <= Limits.quickCheckBytesMax else { return }
    for line in try Soundness.findings(database, "quick_check(\(Limits.damagesNamedMax))") {
      inspection.note(Damage(.structure, "*", message: line))
    }
    inspection.isStructureChecked = true
  }
}
