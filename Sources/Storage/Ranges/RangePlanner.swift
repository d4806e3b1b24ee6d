internal import Codec
internal import Model
internal import Sync

/// How much makes a range; tests ask for less.
///
/// Two disks of one run, a restored one or a copied card, make the same ranges because these never
/// change: with other bounds they would overlap in part, and where readings went nobody could tell
/// that they say the same (ADR 0030).
struct RangeBounds {
  /// Readings in one block: with so many of its fastest stream a range is full.
  var readings = Limits.blockReadingsMax
  /// Commits.
  var commits = Sync.Limits.rangeCommitsMax
  /// Bytes of their bodies.
  var bytes = Limits.rangeBodyBytesMax
  /// Blocks, as far as they are known before they are made.
  var blocks = Limits.rangeBlocksPlanned
  /// Bytes of columns in memory at a time.
  var passBytes = Limits.passBytesMax
  /// Bytes of a content above which it is halved.
  var contentBytes = Limits.blockContentBytesMax
  /// Bytes in a pack, unless one block alone has more.
  var packBytes = Limits.packBytesMax
  /// Bytes of packs in one transaction.
  var sliceBytes = Limits.sliceBytesMax
}

/// Decides how far a range goes, and what it says of its commits apart from their readings. Pure:
/// it is given the rows of `hot` one after the other.
struct RangePlanner {
  /// What became of a row.
  enum Verdict {
    /// It belongs to the range, and more may follow.
    case taken
    /// It belongs to the range, which is full with it.
    case takenLast
    /// The range is full without it.
    case full
    /// It alone is more than a range can hold: it stays in `hot`.
    case oversize
  }

  private let bounds: RangeBounds
  private(set) var ids: ClosedRange<Int64>?
  private(set) var clockEpoch: Int64 = 0
  private(set) var arrivalsMs: [Int64] = []
  private(set) var clock = RangeClock()
  private(set) var bodyBytes = 0
  private var shapes = SourceShapes()
  private var visitor = PlanVisitor()
  private var cursors: [CursorName: Cursor] = [:]

  private struct CursorName: Hashable {
    let identity: DeviceIdentity
    let epoch: UInt32
  }

  init(_ bounds: RangeBounds) { self.bounds = bounds }

  /// Streams in the order of their first reading.
  var streams: [PlannedStream] { visitor.streams }

  /// Losses as a header wants them.
  var losses: [RangeLoss] {
    visitor.losses.sorted {
      $0.identity != $1.identity
        ? $0.identity < $1.identity
        : ($0.epoch, $0.firstSeq, $0.commit) < ($1.epoch, $1.firstSeq, $1.commit)
    }
  }

  /// The newest cursors of all its commits, by device, then epoch.
  var foldedCursors: [Cursor] {
    cursors.values.sorted { ($0.identity, $0.epoch) < ($1.identity, $1.epoch) }
  }

  /// Readings in all.
  var readings: Int { visitor.streams.reduce(0) { $0 + $1.count } }

  /// Takes the next row: its key is the one after the row before.
  mutating func add(
    _ id: Int64, clockEpoch: Int64, body: Span<UInt8>, cursors column: [UInt8], clock said: [UInt8]
  ) throws(DecodeError) -> Verdict {
    visitor.begin(commit: arrivalsMs.count)
    let arrivalUs = try CommitScanner.scan(body, shapes: &shapes, visitor: &visitor)
    let cursorsHere = try CursorColumn.decode(column)
    let observation = try ClockObservation(decoding: said)
    let isTooMuch =
      visitor.losses.count > Sync.Limits.rangeLossesMax
      || cursors.count + cursorsHere.count > Sync.Limits.cursorEntriesMax
      || visitor.blocks(readings: bounds.readings) > bounds.blocks
    if isTooMuch || (ids != nil && visitor.fastest > bounds.readings) {
      visitor.undo()
      return ids == nil ? .oversize : .full
    }
    visitor.accept()
    ids = (ids?.lowerBound ?? id)...id
    self.clockEpoch = clockEpoch
    arrivalsMs.append(RangeTime.ms(arrivalUs))
    clock.append(observation)
    bodyBytes += body.count
    for cursor in cursorsHere {
      cursors[CursorName(identity: cursor.identity, epoch: cursor.epoch)] = cursor
    }
    let isFull =
      visitor.fastest >= bounds.readings || arrivalsMs.count >= bounds.commits
      || bodyBytes >= bounds.bytes
    return isFull ? .takenLast : .taken
  }

  /// The streams of each pass over the rows, by series: those that fit into memory together, or
  /// one that alone does not.
  func passes() -> [[PlannedStream]] {
    let sorted = streams.enumerated().sorted { (left, right) in
      if left.element.key.isSameSeries(right.element.key) { return left.offset < right.offset }
      return left.element.key.seriesPrecedes(right.element.key)
    }
    var passes: [[PlannedStream]] = []
    var weight = 0
    for (_, stream) in sorted where stream.count > 0 {
      if let last = passes.indices.last, weight + stream.weight <= bounds.passBytes {
        passes[last].append(stream)
        weight += stream.weight
      } else {
        passes.append([stream])
        weight = stream.weight
      }
    }
    return passes
  }
}

/// Counts what a range would hold; what the last commit brought can be taken back.
private struct PlanVisitor: CommitVisitor {
  private(set) var streams: [PlannedStream] = []
  private(set) var losses: [RangeLoss] = []
  /// Readings of the stream that has the most, the commit being looked at included.
  private(set) var fastest = 0

  private var indices: [StreamKey: Int] = [:]
  private var slotsOfShape: [[Int]] = []
  private var slots: [Int] = []
  private var commit = 0
  /// What the commit being looked at has brought.
  private var brought: [(stream: Int, count: Int, weight: Int)] = []
  private var streamsBefore = 0
  private var lossesBefore = 0
  private var fastestBefore = 0

  mutating func begin(commit: Int) {
    self.commit = commit
    brought.removeAll(keepingCapacity: true)
    (streamsBefore, lossesBefore, fastestBefore) = (streams.count, losses.count, fastest)
  }

  mutating func accept() { brought.removeAll(keepingCapacity: true) }

  mutating func undo() {
    for (stream, count, weight) in brought {
      streams[stream].count -= count
      streams[stream].weight -= weight
    }
    for stream in streams[streamsBefore...] { indices[stream.key] = nil }
    streams.removeLast(streams.count - streamsBefore)
    losses.removeLast(losses.count - lossesBefore)
    fastest = fastestBefore
    slotsOfShape.removeAll()
  }

  func blocks(readings: Int) -> Int {
    // Streams are many or long, not both: most have one block.
    guard fastest > readings else { return streams.count }
    return streams.reduce(0) { $0 + ($1.count + readings - 1) / readings }
  }

  mutating func begin(
    shape: Int, of shapes: borrowing SourceShapes, firstSeq: UInt32, spans: [SeqSpan],
    samples: Int, wanted: inout [Bool]
  ) {
    let source = shapes.all[shape]
    while slotsOfShape.count <= shape { slotsOfShape.append([]) }
    if slotsOfShape[shape].count != source.channels.count {
      slotsOfShape[shape] = source.channels.map { _ in -1 }
    }
    slots = slotsOfShape[shape]
    for index in slots.indices where slots[index] < 0 {
      slots[index] = slot(StreamKey(source, source.channels[index]))
    }
    slotsOfShape[shape] = slots
    guard let epoch = source.epoch else { return }
    var seq = firstSeq
    for span in spans {
      if span.fate != .samples {
        losses.append(
          RangeLoss(
            identity: source.identity, epoch: epoch, firstSeq: seq, count: span.count,
            fate: span.fate, commit: commit))
      }
      seq &+= span.count
    }
  }

  private mutating func slot(_ key: StreamKey) -> Int {
    if let known = indices[key] { return known }
    indices[key] = streams.count
    streams.append(PlannedStream(key: key))
    return streams.count - 1
  }

  mutating func group(channel: Int, width: Int, rows: Int) {
    for column in channel..<(channel + width) { bring(slots[column], rows, 0) }
  }

  private mutating func bring(_ stream: Int, _ count: Int, _ bytes: Int) {
    let weight = count * streams[stream].readingBytes + bytes
    streams[stream].count += count
    streams[stream].weight += weight
    fastest = max(fastest, streams[stream].count)
    brought.append((stream, count, weight))
  }

  mutating func skipped(channel: Int, bytes: Int) {
    guard case .text = streams[slots[channel]].key.description.form else { return }
    bring(slots[channel], 0, bytes)
  }

  mutating func number(channel: Int, sample: Int, time: Int64, value: Int64) {}
  mutating func text(channel: Int, sample: Int, time: Int64, value: [UInt8]) {}
  mutating func forget() { slotsOfShape.removeAll() }
}
