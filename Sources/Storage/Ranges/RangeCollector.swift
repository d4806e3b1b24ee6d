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

  // Readings of all streams one after the other; each has its own part of them.
  private var cells: [Cell]
  private var texts: [[UInt8]] = []
  private var lanes: [Lane] = []

  /// A reading; of its time only the low bits, the reading before it tells the others.
  private struct Cell {
    var value: Int64 = 0
    var seq: UInt32 = 0
    var time: UInt32 = 0
  }

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
    var lastTime: Int64 = 0
    /// Times, the first among them, that are 2^31 and more away from the ones before.
    var jumps: [(at: Int32, time: Int64)] = []

    /// Takes the next reading, and gives its place.
    @inline(__always)
    mutating func take(_ commit: Int32, _ time: Int64) -> Int {
      let at = Int32(truncatingIfNeeded: count)
      if lastCommit != commit {
        lastCommit = commit
        starts.append((commit, at))
      }
      let step = time &- lastTime
      if count == 0 || Int64(Int32(truncatingIfNeeded: step)) != step {
        jumps.append((at, time))
      }
      lastTime = time
      count &+= 1
      return base &+ count &- 1
    }

    mutating func empty() {
      count = 0
      starts.removeAll(keepingCapacity: true)
      jumps.removeAll(keepingCapacity: true)
      lastCommit = RangeCollector.noLane
    }
  }

  fileprivate static let noLane: Int32 = -1
  private var commit: Int32 = 0
  private var lanesOfShape: [[Int32]] = []
  private var lanesHere: [Int32] = []
  /// Samples so far of each source on the node's clock, which are numbered by that.
  private var ordinals: [DeviceIdentity: Int64] = [:]
  /// Runs of the source's samples: the index of the first, and its seq.
  private var runs: [(sample: Int, seq: Int64)] = []
  private var run = 0
  /// Of the run at hand, the seq less the sample's index, and the first sample behind it.
  private var seqAhead: Int64 = 0
  private var runEnd = 0

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
    cells = [Cell](repeating: Cell(), count: base)
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
    (run, runEnd) = (-1, 0)
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

  @inline(__always)
  private mutating func take(_ lane: Int, _ sample: Int, _ time: Int64, _ value: Int64) -> Int {
    if lanes[lane].count == lanes[lane].room { flush(lane) }
    while sample >= runEnd { nextRun() }
    let place = lanes[lane].take(commit, time)
    let seq = Int64(sample) &+ seqAhead
    if seq &>> 32 != 0, failure == nil {
      failure = DatabaseError(.other, message: "a sample with the number \(seq)")
    }
    cells[place] = Cell(
      value: value, seq: UInt32(truncatingIfNeeded: seq), time: UInt32(truncatingIfNeeded: time))
    return place
  }

  private mutating func nextRun() {
    guard run + 1 < runs.count else {
      runEnd = .max
      return
    }
    run += 1
    seqAhead = runs[run].seq - Int64(runs[run].sample)
    runEnd = run + 1 < runs.count ? runs[run + 1].sample : .max
  }

  @inline(__always)
  mutating func number(channel: Int, sample: Int, time: Int64, value: Int64) {
    _ = take(Int(lanesHere[channel]), sample, time, value)
  }

  mutating func text(channel: Int, sample: Int, time: Int64, value: [UInt8]) {
    let place = take(Int(lanesHere[channel]), sample, time, 0)
    if texts.isEmpty { texts = [[UInt8]](repeating: [], count: cells.count) }
    texts[place] = value
  }

  mutating func group(channel: Int, width: Int, rows: Int) {}
  mutating func skipped(channel: Int, bytes: Int) {}
  mutating func forget() { lanesOfShape.removeAll() }

  /// Makes the blocks of what a lane holds, and empties it.
  private mutating func flush(_ index: Int) {
    let lane = lanes[index]
    defer { lanes[index].empty() }
    guard failure == nil, let first = lane.starts.first, let last = lane.starts.last else { return }
    var commits = [Int64](repeating: 0, count: Int(last.commit - first.commit) + 1)
    for (place, start) in lane.starts.enumerated() {
      let end = place + 1 < lane.starts.count ? Int(lane.starts[place + 1].at) : lane.count
      commits[Int(start.commit - first.commit)] = Int64(end - Int(start.at))
    }
    let range = lane.base..<(lane.base + lane.count)
    let description = streams[index].key.description
    let isText = description.form == .text
    let columns = columns(of: lane)
    let content = BlockContent(
      description: description, firstCommit: Int64(first.commit), commits: commits,
      seqs: columns.seqs, times: columns.times, values: isText ? [] : columns.values,
      texts: isText ? Array(texts[range]) : [])
    do throws(DatabaseError) {
      try BlockMaker.make(
        content, stream: index, contentBytesMax: bounds.contentBytes, into: &blocks)
    } catch {
      failure = error
    }
  }

  /// What its cells stand for.
  private func columns(of lane: Lane) -> (seqs: [Int64], times: [Int64], values: [Int64]) {
    let zeros = [Int64](repeating: 0, count: lane.count)
    var (seqs, times, values) = (zeros, zeros, zeros)
    var time: Int64 = 0
    var jump = 0
    for index in 0..<lane.count {
      let cell = cells[lane.base + index]
      seqs[index] = Int64(cell.seq)
      if jump < lane.jumps.count, Int(lane.jumps[jump].at) == index {
        time = lane.jumps[jump].time
        jump += 1
      } else {
        let step = cell.time &- UInt32(truncatingIfNeeded: time)
        time &+= Int64(Int32(bitPattern: step))
      }
      times[index] = time
      values[index] = cell.value
    }
    return (seqs, times, values)
  }
}
