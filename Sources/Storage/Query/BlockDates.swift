internal import Codec
internal import Model
internal import Sync

/// Dates blocks: the stretches of each clock are worked out once, until an anchor or fit comes.
final class BlockDates {
  private enum Clock: Hashable {
    case node(ClockEpoch)
    case device(DeviceIdentity, epoch: UInt32)
  }

  private var known: [Clock: [DatingPiece]] = [:]
  private var timeline: Timeline

  init(_ timeline: Timeline) { self.timeline = timeline }

  /// The stretches of the clock of a block, or of a source in a commit.
  func pieces(
    _ device: DeviceIdentity, epoch: UInt32?, in clockEpoch: ClockEpoch
  ) -> [DatingPiece] {
    pieces(of: epoch.map { Clock.device(device, epoch: $0) } ?? .node(clockEpoch))
  }

  /// The stretches of a board's clock.
  func pieces(_ device: DeviceIdentity, epoch: UInt32) -> [DatingPiece] {
    pieces(of: .device(device, epoch: epoch))
  }

  private func pieces(of clock: Clock) -> [DatingPiece] {
    if let pieces = known[clock] { return pieces }
    let pieces =
      switch clock {
      case .node(let epoch): timeline.pieces(of: epoch)
      case .device(let device, let epoch): timeline.pieces(of: device, epoch: epoch)
      }
    if known.count >= Limits.clocksKeptMax { known.removeAll(keepingCapacity: true) }
    known[clock] = pieces
    return pieces
  }

  /// From when to when a block's readings are dated.
  ///
  /// `offsetsMs` says how far the wall clock was off at each commit of its range: it dates the
  /// node's own clock while there is no anchor.
  func span(
    of row: BlockRow, _ device: DeviceIdentity, _ clockEpoch: ClockEpoch, isAnchored: Bool,
    _ offsetsMs: @autoclosure () throws(DatabaseError) -> [Int64]
  ) throws(DatabaseError) -> ClosedRange<Int64> {
    let pieces = pieces(device, epoch: row.epoch, in: clockEpoch)
    if let span = Self.span(row.start...max(row.start, row.end), pieces) { return span }
    guard row.epoch == nil, !isAnchored else { return BlockPlace.anywhere }
    let offsets = try offsetsMs()
    let (least, most) = (offsets.min() ?? 0, offsets.max() ?? 0)
    let from = row.start.addingReportingOverflow(RangeTime.us(least))
    let to = row.end.addingReportingOverflow(RangeTime.us(most))
    guard !from.overflow, !to.overflow else { return BlockPlace.anywhere }
    return from.partialValue...max(from.partialValue, to.partialValue)
  }

  /// The times of UTC that a block's readings have, for certain; nil where only its commits know.
  static func span(_ times: ClosedRange<Int64>, _ pieces: [DatingPiece]) -> ClosedRange<Int64>? {
    var (from, to) = (Int64.max, Int64.min)
    var index = pieces.piece(at: times.lowerBound)
    while index < pieces.count, pieces[index].start <= times.upperBound {
      let piece = pieces[index]
      guard let line = piece.line else { return nil }
      let first = line.utcUs(max(piece.start, times.lowerBound))
      let last = line.utcUs(min(piece.end - 1, times.upperBound))
      // A clock that runs backwards may round by one on the way.
      let room: Int64 = line.isRising ? 0 : 2
      let (low, high) = (min(first, last), max(first, last))
      from = min(from, low > .min + room ? low - room : low)
      to = max(to, high < .max - room ? high + room : high)
      index += 1
    }
    return from <= to ? from...to : nil
  }
}

/// Where a block lies.
struct BlockPlace: Hashable {
  /// What only its commits date lies anywhere.
  static let anywhere = Int64.min...Int64.max

  var series: Int64
  var commits: Int64
  var part: Int64
  /// No reading of it is dated outside.
  var utc: ClosedRange<Int64>

  /// In time, those that lie anywhere first.
  static func isInOrder(_ left: Self, _ right: Self) -> Bool {
    (left.utc.lowerBound, left.commits, left.part)
      < (right.utc.lowerBound, right.commits, right.part)
  }
}
