internal import Codec
internal import Model
internal import Sync

/// What a column of a row holds.
enum Cell {
  case none
  case integer(Int64)
  case real(Double)
  case text([UInt8])
}

/// Goes through the readings of a database as they lie in it: blocks series by series, then the
/// commits that no range covers, then late values. Readings that a deletion hides are left out.
///
/// All of it is one read transaction, so that a commit that is compacted meanwhile is met once.
final class ReadingsCursor {
  private let source: Rows.Source
  private var wanted = Wanted()
  private var reader: ReadingsReader?
  private var batches: [Batch] = []
  private var batch = 0
  private var index = 0
  private var isHidden: HiddenSeries?
  private var hiddenChannel: Int32 = -1

  private(set) var rowid: Int64 = 0
  private(set) var isDone = true
  /// Why the last call failed, in UTF-8.
  private(set) var message: [UInt8] = []

  init(_ source: Rows.Source) { self.source = source }

  /// Stands at the first reading.
  func begin(_ wanted: Wanted) -> Int32 {
    self.wanted = wanted
    (batches, batch, index, rowid, isDone) = ([], 0, -1, 0, false)
    do throws(ReadingsReader.Failure) {
      reader = try ReadingsReader(source, wanted)
    } catch {
      return fail(error)
    }
    return advance()
  }

  /// Goes to the next reading that is not hidden.
  func advance() -> Int32 {
    rowid += 1
    while true {
      index += 1
      if batch < batches.count, index < batches[batch].count {
        if isShown { return SQLITE_OK }
        continue
      }
      index = -1
      batch += 1
      hiddenChannel = -1
      guard batch >= batches.count else { continue }
      batch = 0
      do throws(ReadingsReader.Failure) {
        guard let more = try reader?.next() else {
          (batches, reader, isDone) = ([], nil, true)
          return SQLITE_OK
        }
        batches = more
      } catch {
        return fail(error)
      }
    }
  }

  private func fail(_ failure: ReadingsReader.Failure) -> Int32 {
    message = failure.message
    (batches, reader, isDone) = ([], nil, true)
    return failure.code
  }

  /// Whether no deletion hides the reading: what nothing dates cannot be hidden by a time.
  private var isShown: Bool {
    guard let reader, !reader.hidden.isEmpty else { return true }
    let here = batches[batch]
    if case .utc = here.clock { return true }
    let channel = here.channelOf.isEmpty ? 0 : here.channelOf[index]
    if channel != hiddenChannel {
      isHidden = reader.hidden.series(here.device, utf8: here.channel(of: index).key)
      hiddenChannel = channel
    }
    guard let isHidden, !isHidden.isEmpty, let utcUs else { return true }
    return !isHidden.hides(utcUs)
  }

  /// µs of UTC, as far as anchors and fits say; nil else.
  private var utcUs: Int64? {
    let here = batches[batch]
    let time = here.times[index]
    switch here.clock {
    case .utc: return time
    case .node:
      return reader?.timeline.node.date(NodeTime(clockEpoch: here.clockEpoch, bootUs: time))?.utcUs
    case .device(let epoch):
      guard let reader,
        let found = reader.timeline.devices.time(of: here.device, epoch: epoch, ticksMs: time)
      else { return nil }
      return reader.timeline.node.date(found.time)?.utcUs
    }
  }

  /// A column of the reading; the order is that of the table in extension.c.
  func cell(_ column: Int) -> Cell {
    let here = batches[batch]
    let channel = here.channel(of: index)
    var epoch: UInt32?
    if case .device(let number) = here.clock { epoch = number }
    switch column {
    case 0: return .text(here.deviceText)
    case 1: return .text(channel.key)
    case 2: return .text(channel.unit)
    case 3: return .text(Self.name(ofKind: channel.kind))
    case 4: return value(here, channel)
    case 5: return channel.form == .text ? .text(here.texts[index]) : .none
    case 6: return utcUs.map { .integer($0) } ?? .none
    case 7:
      if case .utc = here.clock { return .none }
      return .integer(here.times[index])
    case 8: return epoch.map { .integer(Int64($0)) } ?? .none
    case 9: return epoch == nil ? .none : .integer(here.seqs[index])
    case 10: return .text(Hex.utf8(here.clockEpoch.bytes))
    default: return .none
    }
  }

  private func value(_ here: Batch, _ channel: Shown) -> Cell {
    switch channel.form {
    case .text: return .none
    case .float:
      return .real(Double(bitPattern: UInt64(bitPattern: here.numbers[index])))
    case .decimal(let exponent):
      if exponent == 0 { return .integer(here.numbers[index]) }
      // A power of ten up to 10^22 is exact: the quotient is the nearest to the decimal number.
      var power = 1.0
      for _ in 0..<exponent.magnitude { power *= 10 }
      let mantissa = Double(here.numbers[index])
      return .real(exponent < 0 ? mantissa / power : mantissa * power)
    }
  }

  private static func name(ofKind kind: UInt8) -> [UInt8] {
    let name: StaticString =
      switch Channel.Kind(rawValue: kind) {
      case .measurement: "measurement"
      case .state: "state"
      case .counter: "counter"
      case .event: "event"
      case .text: "text"
      case nil: "unknown"
      }
    return Array(StaticText(name))
  }
}
