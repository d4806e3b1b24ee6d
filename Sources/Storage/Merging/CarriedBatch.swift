public import Model
public import Sync

/// Records that somebody carried here, with their signatures verified: what `Store.receive` takes.
///
/// To be filled off the store's thread, since verifying is what takes longest.
public struct CarriedBatch: Sendable {
  enum Record: Sendable {
    case entry(SignedEntry)
    case live(SignedLive)
    case range(CarriedRange)
    case continuation(CarriedContinuation)
  }

  private(set) var records: [(run: RunId, record: Record)] = []
  /// Bytes of bodies in it, about.
  public private(set) var byteCount = 0
  /// Records that could not be read: counted against the carrier.
  public private(set) var malformedCount = 0
  /// Records whose signature fails: they have no identity, and are counted against the carrier.
  public private(set) var forgedCount = 0
  /// Frames of a later version, and summaries of which nobody says what they are of.
  public private(set) var passedCount = 0
  private var run: RunId?
  /// The range that the blocks belong to which come next.
  private var range: CarriedRange?
  /// What the blocks are of a range that comes next.
  private var description: SignedDescription?
  /// The same, where its header is only on the disk.
  private var continuation: CarriedContinuation?

  /// Begins with nothing.
  public init() {}

  /// Whether it should be received before more is put into it: at `Limits.carriedRecordsMax`
  /// records or `Limits.carriedBytesMax` bytes, since it becomes one transaction.
  public var isFull: Bool {
    records.count >= Limits.carriedRecordsMax || byteCount >= Limits.carriedBytesMax
  }

  /// True where nothing of it is to be received.
  public var isEmpty: Bool { records.isEmpty }

  /// Takes the next item of a batch, in its order.
  public mutating func take(_ item: BatchItem) {
    if case .block(let parcel) = item { return add(parcel) }
    range = nil
    continuation = nil
    switch item {
    case .run(let run):
      self.run = run
      description = nil
    case .description(let description): take(description)
    case .entry(let entry):
      add(.entry(entry), entry.body.count) { entry.holds(of: $0) }
    case .live(let live):
      add(.live(live), live.bodies.reduce(0) { $0 + $1.count }) { live.holds(of: $0) }
    case .range(let signed, let header): begin(signed, header)
    case .continuation(let first, let header):
      continuation = CarriedContinuation(first: first, headerHash: header)
    case .block, .endOfRange: break
    case .skipped: passedCount += 1
    case .malformed: malformedCount += 1
    case .end, .seal: break
    }
  }

  private mutating func begin(_ signed: SignedRange, _ header: RangeHeader) {
    let forged = forgedCount
    var carried = CarriedRange(signed: signed, header: header)
    let isOfIt = description?.headerHash == Blake2b.content(signed.header)
    if isOfIt || SeededBug.otherDescription.isOn {
      carried.description = description
    }
    add(.range(carried), signed.header.count) { signed.holds(of: $0) }
    range = run == nil || forgedCount > forged ? nil : carried
  }

  private mutating func take(_ next: SignedDescription) {
    description = nil
    guard let run else {
      malformedCount += 1
      return
    }
    guard next.holds(of: run) else {
      forgedCount += 1
      return
    }
    description = next
  }

  /// Takes a block of the range at hand, which may have been received already as far as it came.
  private mutating func add(_ parcel: BlockParcel) {
    guard let run, range != nil || continuation != nil else {
      malformedCount += 1
      return
    }
    guard let range else {
      byteCount += parcel.content?.count ?? parcel.summary?.count ?? 0
      add(parcel, of: run)
      return
    }
    let isRollup = parcel.content == nil
    // A summary says nothing of its clock, its unit and its times.
    guard !isRollup || range.description != nil else {
      passedCount += 1
      return
    }
    do throws(DecodeError) {
      let block =
        isRollup
        ? try CarriedBlock(summary: parcel, of: range.header, range.description)
        : try CarriedBlock(parcel, of: range.header)
      guard let block else {
        forgedCount += 1
        return
      }
      byteCount += block.made.stored.count + block.made.summary.count
      if case .range(var carried) = records.last?.record, carried.signed == range.signed,
        carried.isRollup == isRollup || carried.blocks.isEmpty
      {
        // Taken out and put back, so that its blocks are not copied.
        records.removeLast()
        carried.isRollup = isRollup
        carried.blocks.append(block)
        records.append((run, .range(carried)))
        return
      }
      var carried = range
      carried.isRollup = isRollup
      carried.blocks = [block]
      records.append((run, .range(carried)))
    } catch {
      malformedCount += 1
    }
  }

  /// Takes a block of a range whose header is on the disk: the store compares them.
  private mutating func add(_ parcel: BlockParcel, of run: RunId) {
    guard var carried = continuation else { return }
    carried.parcels.append(parcel)
    if case .continuation(var last) = records.last?.record, last.isOfOneRange(with: carried) {
      records.removeLast()
      last.parcels.append(parcel)
      records.append((run, .continuation(last)))
      return
    }
    records.append((run, .continuation(carried)))
  }

  /// Forgets the records that were received, and goes on within the same run.
  public mutating func removeAll() {
    records.removeAll()
    byteCount = 0
  }

  private mutating func add(_ record: Record, _ bytes: Int, _ holds: (RunId) -> Bool) {
    guard let run else {
      malformedCount += 1
      return
    }
    guard holds(run) || SeededBug.badSignatureTakesIdentity.isOn else {
      forgedCount += 1
      return
    }
    guard forgedCount == 0 || !SeededBug.badRecordBlocksBatch.isOn else { return }
    records.append((run, record))
    byteCount += bytes
  }

  /// One that was verified before it was put into the spool.
  mutating func add(verified record: Record, of run: RunId) { records.append((run, record)) }
}

/// What the store has to know of members and their rights.
public struct ReceiveRules: Sendable {
  /// Whether a node is or was a member of the site, as far as is known here.
  public var isMember: @Sendable (NodeId) -> Bool
  /// What speaks against applying a record of a member; nil where nothing does. Records whose kind
  /// or form is not known here are not asked for.
  public var unapplied: @Sendable (RecordId, JournalEntry) -> Unapplied?

  /// Whether an entry by itself makes its origin one, whom nobody else has named: else it would
  /// wait for ever, as everything of that origin does.
  public var introduces: @Sendable (RecordId, JournalContent) -> Bool

  /// Puts rules together.
  public init(
    isMember: @escaping @Sendable (NodeId) -> Bool,
    introduces: @escaping @Sendable (RecordId, JournalContent) -> Bool = { _, _ in false },
    unapplied: @escaping @Sendable (RecordId, JournalEntry) -> Unapplied?
  ) {
    self.isMember = isMember
    self.introduces = introduces
    self.unapplied = unapplied
  }
}

/// What became of the records of one batch; when it is handed out all of it is on the disk.
public struct ReceiveReport: Sendable {
  /// An entry that is applied from now on.
  public struct Applied: Hashable, Sendable {
    /// Which.
    public let record: RecordId
    /// What it says.
    public let entry: JournalEntry
    /// The boot that it speaks of.
    public let clockEpoch: ClockEpoch

    /// Names one; of an own entry too, which is taken by folds in the same way.
    public init(record: RecordId, entry: JournalEntry, clockEpoch: ClockEpoch) {
      (self.record, self.entry, self.clockEpoch) = (record, entry, clockEpoch)
    }
  }

  /// The entries that are new and applied, in the order of the batch.
  public internal(set) var applied: [Applied] = []
  /// Entries that are new and kept, applied or not.
  public internal(set) var entriesKept = 0
  /// Commits that are new and kept, those of ranges that are whole included.
  public internal(set) var commitsKept = 0
  /// Ranges that are whole now, and were not before.
  public internal(set) var rangesKept = 0
  /// Ranges of which header and summaries are whole now and whose contents are not here.
  public internal(set) var rollupsKept = 0
  /// Blocks that are new and kept, with contents or summaries alone, of ranges that are whole or
  /// not.
  public internal(set) var blocksKept = 0
  /// Blocks without an identity: not what the header names that is here, or of a range of which no
  /// such header is. Counted against the carrier.
  public internal(set) var forgedCount = 0
  /// Records that were here already.
  public internal(set) var knownCount = 0
  /// Records of nobody known: in the spool, but for ranges, which are to be asked for again.
  public internal(set) var waitingCount = 0
  /// Records that are kept and not applied, by reason.
  public internal(set) var unapplied: [Unapplied: Int] = [:]
  /// Identities under which two contents were signed: an alarm each.
  public internal(set) var conflicts: [RecordId] = []
  /// Entries that name another past than is here: an alarm each.
  public internal(set) var forks: [RecordId] = []
  /// Logs that are in too many pieces, with the hole that is to be filled first, if there is one.
  public internal(set) var refused: [LogId: ClosedRange<UInt64>?] = [:]
  /// Runs of this very node of which somebody has more than this disk: it was rolled back, or the
  /// key is used elsewhere. An alarm each.
  public internal(set) var ownBeyond: Set<RunId> = []
  /// Whether it dates readings anew: the table of dates is to be made again.
  public internal(set) var isDating = false
  /// Whether something that was applied no longer is: whoever folds on must fold anew.
  public internal(set) var foldsAnew = false

  /// Begins with nothing.
  public init() {}
}
