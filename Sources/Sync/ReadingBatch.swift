public import Model

/// Collects readings between two commits and turns them into a commit body and its cursors.
///
/// It is also the guard of "never twice": a sample of a device clock is taken only if its seq is
/// the next of its (device, epoch). What is below was already taken (a board repeats what was not
/// acknowledged); what is above shows a loss that the session must repair first. Its size is
/// bounded by `Limits.batchBytesMax`: a full batch refuses, and the board keeps the sample in its
/// ring until the next commit. A source that cannot keep its own data loses that reading; the
/// caller counts it.
public struct ReadingBatch: Sendable {
  /// What became of a reading.
  public enum Outcome: Hashable, Sendable {
    /// It will be in the next commit.
    case taken
    /// It was taken before.
    case repeated
    /// Samples before it are missing; the seq that is expected.
    case hole(expected: UInt32)
    /// No room before the next commit.
    case full
    /// The epoch was never opened, or is closed.
    case notOpen
    /// A channel, time or text that no commit can hold.
    case invalid
  }

  /// How far a run of samples was taken.
  public struct RunOutcome: Hashable, Sendable {
    /// How many of them will be in the next commit and were not before.
    public var taken = 0
    /// How many, from the first on, are done with: taken now, or before.
    public var passed = 0
    /// Why the one after those is not taken; nil when there is none.
    public var stopped: Outcome?

    /// Says how far.
    public init(taken: Int = 0, passed: Int = 0, stopped: Outcome? = nil) {
      self.taken = taken
      self.passed = passed
      self.stopped = stopped
    }
  }

  /// The newest cursor of every (device, epoch), as of the last `take`.
  public private(set) var cursors: CursorFold
  /// Samples waiting for the next commit.
  public private(set) var sampleCount = 0
  /// Whether nothing waits for a commit.
  public private(set) var isEmpty = true

  private struct SourceKey: Hashable {
    let identity: DeviceIdentity
    let epoch: UInt32?
  }

  private var sources: [BatchSource] = []
  private var indices: [SourceKey: Int] = [:]
  /// The source that the next samples probably belong to: boards mostly speak in turn.
  private var guess = 0
  /// Bytes that more may take at most.
  private var room = Limits.batchBytesMax

  /// Begins with what the disk knows.
  public init(cursors: CursorFold) {
    self.cursors = cursors
  }

  /// Whether it is time to commit for want of room.
  public var isHalfFull: Bool { room <= Limits.batchBytesMax / 2 }

  /// The cursor of an epoch with what waits here counted in; nil when it was never opened.
  public func cursor(of identity: DeviceIdentity, epoch: UInt32) -> Cursor? {
    if let index = find(identity, epoch: epoch) { return sources[index].cursor }
    return cursors.cursor(of: identity, epoch: epoch)
  }

  /// The cursors of a device with what waits here counted in, lowest epoch first: also those of
  /// epochs that no commit has yet.
  public func cursors(of identity: DeviceIdentity) -> [Cursor] {
    let waiting = sources.lazy.filter { $0.identity == identity }.compactMap(\.cursor)
    let epochs = Set(waiting.map(\.epoch))
    let others = cursors.cursors(of: identity).filter { !epochs.contains($0.epoch) }
    return (others + waiting).sorted { $0.epoch < $1.epoch }
  }

  /// Samples of an epoch that wait here, gaps included: what a board's ring must still hold.
  public func waiting(of identity: DeviceIdentity, epoch: UInt32) -> UInt32 {
    guard let index = find(identity, epoch: epoch) else { return 0 }
    return sources[index].next - sources[index].first
  }

  /// Begins or updates an epoch of a device: its nonce and ring. `next` is where numbering starts
  /// on this node when the epoch is new, and is ignored when it is known. False when there are
  /// too many devices, or when the batch is full.
  public mutating func open(_ cursor: Cursor) -> Bool {
    if let known = self.cursor(of: cursor.identity, epoch: cursor.epoch) {
      guard known.nonce != cursor.nonce || known.ringCapacity != cursor.ringCapacity else {
        return true
      }
    } else if cursors.deviceCount + sources.count >= Limits.devicesMax,
      cursors(of: cursor.identity).isEmpty
    {
      return false
    }
    guard let index = source(cursor.identity, epoch: cursor.epoch, fresh: cursor) else {
      return false
    }
    sources[index].nonce = cursor.nonce
    sources[index].ringCapacity = cursor.ringCapacity
    sources[index].cursorChanged = true
    isEmpty = false
    return true
  }

  /// Takes the samples of a run from the index `start` on, as far as they are next. `channels` is
  /// the device's descriptor: handing over the same array each time is fast.
  public mutating func append(
    device identity: DeviceIdentity, epoch: UInt32, run: SampleRun, from start: Int = 0,
    channels: [Channel]
  ) -> RunOutcome {
    guard let index = openSource(identity, epoch: epoch) else {
      return RunOutcome(stopped: isOpen(identity, epoch: epoch) ? .full : .notOpen)
    }
    let outcome = sources[index].append(run, from: start, of: channels, room: &room)
    sampleCount += outcome.taken
    if outcome.taken > 0 { isEmpty = false }
    return outcome
  }

  /// Takes one sample that the device numbered; a decimal has the exponent of its channel.
  public mutating func append(
    device identity: DeviceIdentity, epoch: UInt32, seq: UInt32, ticksMs: Int64,
    channel: Channel, value: Value
  ) -> Outcome {
    let run = SampleRun(
      seq: seq, ticksMs: UInt64(bitPattern: ticksMs), channel: 0, value: SampleValue(value))
    let outcome = append(device: identity, epoch: epoch, run: run, channels: [channel])
    return outcome.stopped ?? (outcome.taken == 1 ? .taken : .repeated)
  }

  /// Takes a reading on the node's own clock.
  public mutating func append(
    device identity: DeviceIdentity, bootUs: Int64, channel: Channel, value: Value
  ) -> Outcome {
    guard bootUs >= 0 else { return .invalid }
    guard let index = source(identity, epoch: nil) else { return .full }
    let outcome = sources[index].append(channel, time: bootUs, value: value, room: &room)
    if outcome == .taken {
      sampleCount += 1
      isEmpty = false
    }
    return outcome
  }

  /// Takes the board's word that samples were made and are lost.
  public mutating func gap(
    device identity: DeviceIdentity, epoch: UInt32, first: UInt32, count: UInt32
  ) -> Outcome {
    let (end, overflow) = first.addingReportingOverflow(count)
    guard count > 0, !overflow else { return .invalid }
    guard isOpen(identity, epoch: epoch) else { return .notOpen }
    guard let index = source(identity, epoch: epoch) else { return .full }
    let next = sources[index].next
    guard end > next else { return .repeated }
    guard first <= next else { return .hole(expected: next) }
    guard reserve(BatchSource.spanBytesMax) else { return .full }
    sources[index].extend(.gap, by: end - next)
    isEmpty = false
    return .taken
  }

  /// Closes an epoch that the board no longer lists; at most `unknownTail` samples may have been
  /// made and lost after the last one known.
  public mutating func close(
    device identity: DeviceIdentity, epoch: UInt32, unknownTail: UInt32
  ) -> Outcome {
    guard isOpen(identity, epoch: epoch) else { return .notOpen }
    guard let index = source(identity, epoch: epoch) else { return .full }
    guard reserve(BatchSource.spanBytesMax) else { return .full }
    let tail = min(unknownTail, Limits.seqEnd - sources[index].next)
    if tail > 0 { sources[index].extend(.unknownTail, by: tail) }
    sources[index].isClosed = true
    sources[index].cursorChanged = true
    isEmpty = false
    return .taken
  }

  /// Hands over what has been collected and begins anew; nil when there is nothing.
  ///
  /// The cursors are those of the epochs touched, after these readings.
  public mutating func take(arrivalUs: Int64) -> CommitContent? {
    guard !isEmpty else { return nil }
    var content: [CommitSource] = []
    var changed: [Cursor] = []
    for source in sources where source.hasContent {
      if !source.spans.isEmpty || !source.samples.isEmpty { content.append(source.content) }
      if let cursor = source.cursor { changed.append(cursor) }
    }
    content.sort { $0.precedes($1) }
    changed.sort { ($0.identity, $0.epoch) < ($1.identity, $1.epoch) }
    cursors.apply(changed)
    sources.removeAll(keepingCapacity: true)
    indices.removeAll(keepingCapacity: true)
    (sampleCount, room, isEmpty) = (0, Limits.batchBytesMax, true)
    return CommitContent(
      body: CommitBody(arrivalUs: arrivalUs, sources: content), cursors: changed)
  }

  private func find(_ identity: DeviceIdentity, epoch: UInt32?) -> Int? {
    indices[SourceKey(identity: identity, epoch: epoch)]
  }

  private func isOpen(_ identity: DeviceIdentity, epoch: UInt32) -> Bool {
    guard let index = find(identity, epoch: epoch) else {
      return cursors.cursor(of: identity, epoch: epoch)?.isClosed == false
    }
    return !sources[index].isClosed
  }

  /// The source of an epoch that takes samples; nil when it does not, or for want of room.
  private mutating func openSource(_ identity: DeviceIdentity, epoch: UInt32) -> Int? {
    let isGuessed =
      guess < sources.count && sources[guess].epoch == epoch && sources[guess].identity == identity
    guard let index = isGuessed ? guess : find(identity, epoch: epoch) else {
      return isOpen(identity, epoch: epoch) ? source(identity, epoch: epoch) : nil
    }
    guess = index + 1 < sources.count ? index + 1 : 0
    return sources[index].isClosed ? nil : index
  }

  /// Finds or begins a source; nil when there is no room for one more.
  private mutating func source(
    _ identity: DeviceIdentity, epoch: UInt32?, fresh: Cursor? = nil
  ) -> Int? {
    let key = SourceKey(identity: identity, epoch: epoch)
    if let index = indices[key] { return index }
    guard sources.count < Limits.commitSourcesMax, reserve(BatchSource.headerBytesMax) else {
      return nil
    }
    let known = epoch.flatMap { cursors.cursor(of: identity, epoch: $0) } ?? fresh
    indices[key] = sources.count
    sources.append(BatchSource(identity: identity, epoch: epoch, cursor: known))
    return sources.count - 1
  }

  private mutating func reserve(_ bytes: Int) -> Bool {
    guard bytes <= room else { return false }
    room -= bytes
    return true
  }
}

/// What one commit says: its readings, and where the devices touched stand after them.
public struct CommitContent: Hashable, Sendable {
  /// The readings.
  public var body: CommitBody
  /// The cursors of the epochs touched.
  public var cursors: [Cursor]

  /// Puts a content together.
  public init(body: CommitBody, cursors: [Cursor]) {
    self.body = body
    self.cursors = cursors
  }
}
