internal import Model
internal import Sync

/// Which numbered samples lie in rows of `hot`, by the run of a node that stored them.
///
/// It is made of the rows as they come, each looked at once, and only where commits of other nodes
/// are here: without them nothing is held twice.
struct HotNumbers {
  /// A board's numbering: one of its epochs.
  struct Clock: Hashable {
    let device: DeviceIdentity
    let epoch: UInt32
  }

  /// What one run of a node stored of it.
  struct Run {
    /// The local id of the incarnation.
    let incarnation: Int64
    /// The numbers of the samples, as `Intervals.insert(samples:)` has them.
    var samples: Intervals
    /// No sample has other ticks.
    var ticks: ClosedRange<Int64>
  }

  /// Rows that have been looked at, and what is in those of them that count, by incarnation.
  private struct Looked {
    var seqs = Intervals()
    var rows: ClosedRange<Int64>?
  }

  private var runs: [Clock: [Run]] = [:]
  private var looked: [Int64: Looked] = [:]

  /// What the runs of nodes have stored of a board's epoch.
  func runs(_ clock: Clock) -> [Run] { runs[clock] ?? [] }

  /// The epochs of a device.
  func clocks(of device: DeviceIdentity) -> [Clock] {
    runs.keys.filter { $0.device == device }
  }

  /// From the first to the last row that counts, of each incarnation that has one.
  var rows: [ClosedRange<Int64>] { looked.values.compactMap(\.rows) }

  /// The commits of an incarnation that were not looked at, of all that it has; they are from now
  /// on.
  mutating func look(at seqs: Intervals, of incarnation: Int64) -> Intervals {
    let fresh = seqs.subtracting(looked[incarnation]?.seqs ?? Intervals())
    if !fresh.isEmpty { looked[incarnation, default: Looked()].seqs = seqs }
    return fresh
  }

  /// Takes a row that no range covers.
  mutating func add(_ body: CommitBody, _ id: Int64) {
    let incarnation = RowId.incarnationId(id)
    let rows = looked[incarnation]?.rows
    looked[incarnation, default: Looked()].rows =
      min(rows?.lowerBound ?? id, id)...max(rows?.upperBound ?? id, id)
    for source in body.sources {
      guard case .device(let epoch, let first, let spans) = source.clock,
        let begin = source.samples.map(\.time).min(), let end = source.samples.map(\.time).max()
      else { continue }
      let clock = Clock(device: source.identity, epoch: epoch)
      var kept = runs.removeValue(forKey: clock) ?? []
      if let place = kept.firstIndex(where: { $0.incarnation == incarnation }) {
        let ticks = kept[place].ticks
        kept[place].ticks = min(ticks.lowerBound, begin)...max(ticks.upperBound, end)
        kept[place].samples.insert(samples: spans, from: first)
      } else if !kept.isEmpty || runs.count < Limits.hotClocksMax {
        var run = Run(incarnation: incarnation, samples: Intervals(), ticks: begin...end)
        run.samples.insert(samples: spans, from: first)
        kept.append(run)
      }
      if !kept.isEmpty { runs[clock] = kept }
    }
  }

  /// Forgets an incarnation: some of its rows are in a range now.
  mutating func forget(_ incarnation: Int64) {
    guard looked.removeValue(forKey: incarnation)?.rows != nil else { return }
    for clock in Array(runs.keys) {
      runs[clock]?.removeAll { $0.incarnation == incarnation }
      if runs[clock]?.isEmpty ?? true { runs[clock] = nil }
    }
  }
}

extension Intervals {
  /// Takes numbers of samples, which are from 0 on: these here are from 1 on.
  init(samples: some Sequence<Int64>) {
    self.init(samples.map { UInt64(clamping: $0) + 1...UInt64(clamping: $0) + 1 })
  }

  /// Whether it holds the number of a sample.
  func contains(sample seq: Int64) -> Bool { contains(UInt64(clamping: seq) + 1) }

  /// Takes the samples of a source.
  mutating func insert(samples spans: [SeqSpan], from first: UInt32) {
    var seq = UInt64(first) + 1
    for span in spans where span.count > 0 {
      if span.fate == .samples { insert(seq...(seq + UInt64(span.count) - 1)) }
      seq += UInt64(span.count)
    }
  }
}

extension CommitSource {
  /// The board's number of each sample, in their order; none on the node's clock.
  var numbers: [Int64] {
    guard case .device(_, let first, let spans) = clock else { return [] }
    var found: [Int64] = []
    found.reserveCapacity(samples.count)
    var seq = Int64(first)
    for span in spans {
      if span.fate == .samples { found += seq..<(seq + Int64(span.count)) }
      seq += Int64(span.count)
    }
    return found
  }
}
