internal import Codec
internal import Model
internal import Sync

/// One pass over the commits of a range: collects the columns of some of its streams and makes
/// their blocks. Pure.
struct RangeCollector: CommitVisitor {
  /// The blocks made so far, those of one stream in their order.
  private(set) var blocks: [MadeBlock] = []
  /// Why a block could not be made; the pass is worth nothing then.
  private(set) var failure: DatabaseError?

  private let streams: [PlannedStream]
  private let bounds: RangeBounds
  private let indices: [StreamKey: Int]
  private var shapes = SourceShapes()

  // Columns of all streams one after the other; each has its own part of them.
  private var seqs: [Int64]
  private var times: [Int64]
  private var values: [Int64]
  private var texts: [[UInt8]] = []
  private var lanes: [Lane] = []

  private struct Lane {
    /// Where its part begins.
    let base: Int
    /// How many readings it has room for.
    let room: Int
    /// How many it holds.
    var count = 0
    /// Where in it the readings of a commit begin.
    var starts: [(commit: Int32, at: Int32)] = []
    var lastCommit: Int32 = -1
  }

  private static let noLane: Int32 = -1
  private var commit: Int32 = 0
  private var lanesOfShape: [[Int32]] = []
  private var lanesHere: [Int32] = []
  /// Samples so far of each source on the node's clock, which are numbered by that.
  private var ordinals: [DeviceIdentity: Int64] = [:]
  /// Runs of the source's samples: the index of the first, and its seq.
  private var runs: [(sample: Int, seq: Int64)] = []
  private var run = 0

  init(_ streams: [PlannedStream], _ bounds: RangeBounds) {
    self.streams = streams
    self.bounds = bounds
    var indices: [StreamKey: Int] = [:]
    var base = 0
    for (index, stream) in streams.enumerated() {
      indices[stream.key] = index
      let room = min(stream.count, bounds.readings)
      lanes.append(Lane(base: base, room: room))
      base += room
    }
    self.indices = indices
    seqs = [Int64](repeating: 0, count: base)
    times = seqs
    values = seqs
  }

  /// Takes the range's next commit.
  mutating func add(_ body: Span<UInt8>, commit: Int) throws(DecodeError) {
    self.commit = Int32(truncatingIfNeeded: commit)
    var shapes = shapes
    self.shapes = SourceShapes()
    defer { self.shapes = shapes }
    _ = try CommitScanner.scan(body, shapes: &shapes, visitor: &self)
  }

  /// Makes the last blocks: after the last commit.
  mutating func finish() throws(DatabaseError) {
    for lane in lanes.indices where lanes[lane].count > 0 { flush(lane) }
    if let failure { throw failure }
    // Several streams of one series may have closed their blocks in turn.
    blocks = blocks.enumerated().sorted {
      ($0.element.stream, $0.offset) < ($1.element.stream, $1.offset)
    }.map(\.element)
  }

  /// Hands the blocks over; only a pass over a single stream may do so before its end.
  mutating func takeBlocks() -> [MadeBlock] {
    defer { blocks.removeAll() }
    return blocks
  }

  mutating func begin(
    shape: Int, of shapes: borrowing SourceShapes, firstSeq: UInt32, spans: [SeqSpan],
    samples: Int, wanted: inout [Bool]
  ) {
    while lanesOfShape.count <= shape { lanesOfShape.append([]) }
    let count = wanted.count
    if lanesOfShape[shape].count != count {
      let source = shapes.all[shape]
      lanesOfShape[shape] = source.channels.map {
        Int32(truncatingIfNeeded: indices[StreamKey(source, $0)] ?? Int(Self.noLane))
      }
    }
    lanesHere = lanesOfShape[shape]
    for index in 0..<count { wanted[index] = lanesHere[index] != Self.noLane }
    runs.removeAll(keepingCapacity: true)
    run = 0
    guard shapes.all[shape].epoch != nil else {
      let identity = shapes.all[shape].identity
      let ordinal = ordinals[identity] ?? 0
      runs.append((0, ordinal))
      ordinals[identity] = ordinal + Int64(samples)
      return
    }
    var seq = Int64(firstSeq)
    var sample = 0
    for span in spans {
      if span.fate == .samples {
        runs.append((sample, seq))
        sample += Int(span.count)
      }
      seq += Int64(span.count)
    }
  }

  private mutating func place(_ lane: Int, _ sample: Int, _ time: Int64) -> Int {
    if lanes[lane].count == lanes[lane].room { flush(lane) }
    while run + 1 < runs.count, runs[run + 1].sample <= sample { run += 1 }
    let place = lanes[lane].base + lanes[lane].count
    if lanes[lane].lastCommit != commit {
      lanes[lane].lastCommit = commit
      lanes[lane].starts.append((commit, Int32(truncatingIfNeeded: lanes[lane].count)))
    }
    lanes[lane].count += 1
    seqs[place] = runs[run].seq + Int64(sample - runs[run].sample)
    times[place] = time
    return place
  }

  mutating func number(channel: Int, sample: Int, time: Int64, value: Int64) {
    values[place(Int(lanesHere[channel]), sample, time)] = value
  }

  mutating func text(channel: Int, sample: Int, time: Int64, value: [UInt8]) {
    let place = place(Int(lanesHere[channel]), sample, time)
    if texts.isEmpty { texts = [[UInt8]](repeating: [], count: seqs.count) }
    texts[place] = value
  }

  mutating func group(channel: Int, width: Int, rows: Int) {}
  mutating func skipped(channel: Int, bytes: Int) {}
  mutating func forget() { lanesOfShape.removeAll() }

  /// Makes the blocks of what a lane holds, and empties it.
  private mutating func flush(_ index: Int) {
    let lane = lanes[index]
    lanes[index].count = 0
    lanes[index].starts.removeAll(keepingCapacity: true)
    lanes[index].lastCommit = Self.noLane
    guard failure == nil, let first = lane.starts.first, let last = lane.starts.last else { return }
    var commits = [Int64](repeating: 0, count: Int(last.commit - first.commit) + 1)
    for (place, start) in lane.starts.enumerated() {
      let end = place + 1 < lane.starts.count ? Int(lane.starts[place + 1].at) : lane.count
      commits[Int(start.commit - first.commit)] = Int64(end - Int(start.at))
    }
    let range = lane.base..<(lane.base + lane.count)
    let description = streams[index].key.description
    let isText = description.form == .text
    let content = BlockContent(
      description: description, firstCommit: Int64(first.commit), commits: commits,
      seqs: Array(seqs[range]), times: Array(times[range]),
      values: isText ? [] : Array(values[range]), texts: isText ? Array(texts[range]) : [])
    do throws(DatabaseError) {
      try BlockMaker.make(
        content, stream: index, contentBytesMax: bounds.contentBytes, into: &blocks)
    } catch {
      failure = error
    }
  }
}
