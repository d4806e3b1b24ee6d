/// What went and was recorded, and what of it a person has seen, in the order of one node's
/// journal.
///
/// It holds the newest `Limits.trimmingsKeptMax`: of what is dropped, those that nobody has seen
/// are counted on, until somebody says that everything was seen.
public struct TrimmingFold: Hashable, Sendable {
  /// One record, with who saw it.
  public struct Entry: Hashable, Sendable {
    /// What went.
    public let trimming: Trimming
    /// Who wrote it down, and when.
    public let stamp: Stamp
    /// Who has seen it, and when; nil while nobody has.
    public fileprivate(set) var seen: Seen?
  }

  /// That a person saw it.
  public struct Seen: Hashable, Sendable {
    /// Who, and when.
    public let stamp: Stamp
    /// What the person said.
    public let note: String
  }

  /// The newest ones, oldest first.
  public private(set) var entries: [Entry] = []
  /// How many more there are that nobody has seen.
  public private(set) var olderUnseen = 0

  /// Begins with nothing.
  public init() {}

  /// How many nobody has seen.
  public var unseenCount: Int { entries.count { $0.seen == nil } + olderUnseen }

  /// Takes an entry of the journal; of other kinds nothing.
  public mutating func apply(_ entry: JournalEntry) {
    switch entry.content {
    case .trimming(let trimming):
      guard !entries.contains(where: { $0.trimming.id == trimming.id }) else { return }
      entries.append(Entry(trimming: trimming, stamp: entry.stamp))
      dropOldest()
    case .trimmingSeen(let seen):
      let mark = Seen(stamp: entry.stamp, note: seen.note)
      if seen.target == nil { olderUnseen = 0 }
      for index in entries.indices
      where entries[index].seen == nil
        && (seen.target == nil || seen.target == entries[index].trimming.id)
      {
        entries[index].seen = mark
      }
    default: break
    }
  }

  private mutating func dropOldest() {
    guard entries.count > Limits.trimmingsKeptMax else { return }
    let index = entries.firstIndex { $0.seen != nil } ?? 0
    if entries[index].seen == nil { olderUnseen += 1 }
    entries.remove(at: index)
  }
}
