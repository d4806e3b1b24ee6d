internal import Codec
internal import Sync

/// A row of `block`: where the readings of one series in one range of commits are, and their
/// summary.
struct BlockRow: Hashable {
  /// The columns that `init(_:path:)` wants, in this order from the first.
  static let columns =
    "series, commits, part, about, kind, unit, start, \"end\", count, summary, level, pack, "
    + "place, bytes, body_crc, crc"
  /// A question mark for each of them.
  static let placeholders = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

  /// The local id of the series.
  var series: Int64
  /// The `commit_range.id`.
  var commits: Int64
  /// From 0 on: a series has more than one block in a range when its unit, form or device epoch
  /// changes, or when it has too many readings for one.
  var part: Int64
  /// Its clock and the form of its values, so that summaries are enough without the content: see
  /// `about(_:)`.
  var about: Int64
  /// What the values mean: the raw value of a channel's kind.
  var kind: Int64
  /// The unit of the values.
  var unit: [UInt8]
  /// The least of its times, on its own clock (µs of the node's, ms ticks of a device's).
  var start: Int64
  /// The greatest of its times.
  var end: Int64
  /// Its readings.
  var count: Int64
  /// The canonical summary; no bytes when there is none.
  var summary: [UInt8]
  /// What is left of it: the content, or its minutes, lie in the pack; or nothing does.
  var level = BlockLevel.raw
  /// The row of `pack` that holds its content; 0 for none.
  var pack: Int64
  /// Where in that row.
  var place: Int
  /// How many bytes of it.
  var bytes: Int
  /// The check of those bytes.
  var bodyCheck: Int64

  /// The check of the row's own columns: a summary is used without its content being read.
  var seal: Int64 {
    var check = RowCheck()
    for number in [series, commits, part, about, kind] { check.add(number) }
    check.add(unit.span)
    for number in [start, end, count] { check.add(number) }
    check.add(summary.span)
    for number in [Int64(level.rawValue), pack, Int64(place), Int64(bytes), bodyCheck] {
      check.add(number)
    }
    return check.value
  }

  /// Bits 0 and 1 the form (0 decimal, 1 float, 2 text), bits 2 to 9 the exponent as a zigzag, from
  /// bit 10 on the device's epoch plus one, or 0 for the node's clock.
  static func about(_ description: BlockDescription) -> Int64 {
    var about: Int64
    switch description.form {
    case .decimal(let exponent):
      about = Int64(UInt8(bitPattern: (exponent << 1) ^ (exponent >> 7))) << 2
    case .float: about = 1
    case .text: about = 2
    }
    if case .device(let epoch) = description.clock { about |= (Int64(epoch) + 1) << 10 }
    return about
  }

  /// The epoch of the device whose clock its times are of; nil for the node's.
  var epoch: UInt32? { about >> 10 == 0 ? nil : UInt32(truncatingIfNeeded: about >> 10 - 1) }

  /// How its values are written.
  var form: ValueForm {
    switch about & 3 {
    case 0:
      let zigzag = UInt8(truncatingIfNeeded: about >> 2)
      return .decimal(exponent: Int8(bitPattern: (zigzag >> 1) ^ (0 &- (zigzag & 1))))
    case 1: return .float
    default: return .text
    }
  }

  /// The check of a content as it is stored.
  static func check(_ stored: Span<UInt8>) -> Int64 {
    var check = RowCheck()
    check.add(stored)
    return check.value
  }

  /// What is the same for all of its readings.
  var description: BlockDescription {
    let form: BlockDescription.Form =
      switch self.form {
      case .decimal(let exponent): .decimal(exponent: exponent)
      case .float: .float
      case .text: .text
      }
    return BlockDescription(
      clock: epoch.map { .device(epoch: $0) } ?? .node, form: form,
      kind: UInt8(truncatingIfNeeded: kind), unit: unit)
  }

  /// Whether it can be summed up by the minute: not texts, nor what has no summary.
  var hasRollup: Bool { form != .text && !summary.isEmpty }

  /// How messages name a block beside its range.
  var name: String { "series \(series), part \(part)" }

  /// What is wrong with this block, by name.
  func damage(_ kind: Damage.Kind, _ message: String = "") -> Damage {
    Damage(
      kind, "block", commits...commits, message: message.isEmpty ? name : "\(name): \(message)")
  }
}

extension BlockRow {
  /// Reads the row that a statement over `columns` is at; one that is altered is an error that
  /// names it.
  init(_ row: borrowing Statement, path: String) throws(DatabaseError) {
    let (read, isSound) = Self.read(row)
    guard isSound else { throw read.damage(.altered).error(path) }
    self = read
  }

  /// The row that a statement over `columns` is at, and whether it is as it was written.
  static func read(_ row: borrowing Statement) -> (row: BlockRow, isSound: Bool) {
    let level = UInt8(exactly: row.int64(10)).flatMap { BlockLevel(rawValue: $0) }
    let read = BlockRow(
      series: row.int64(0), commits: row.int64(1), part: row.int64(2), about: row.int64(3),
      kind: row.int64(4), unit: row.blob(5), start: row.int64(6), end: row.int64(7),
      count: row.int64(8), summary: row.blob(9), level: level ?? .gone, pack: row.int64(11),
      place: Int(row.int64(12)), bytes: Int(row.int64(13)), bodyCheck: row.int64(14))
    return (read, level != nil && read.seal == row.int64(15))
  }
}
