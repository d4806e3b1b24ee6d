import Model
import Storage
import Sync

/// The node of the measurements.
nonisolated enum BenchNode {
  /// UTC at the start of its clock, in µs: 2024-01-01 00:00.
  static let beginUs = SensorText.beginMs * 1000

  /// How its store is opened.
  static func options(_ path: String, run: UInt64 = 1) -> StoreOptions {
    guard let node = NodeId(Array(repeating: 7, count: 32)),
      let boot = ClockEpoch(Array(repeating: 3, count: 16))
    else { preconditionFailure("identities of the right lengths") }
    return StoreOptions(path: path, node: node, clockEpoch: boot, incarnation: Incarnation(run))
  }

  /// The identity of a board, another one for each number from 0.
  static func board(_ number: Int) -> DeviceIdentity {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: (number + 1) >> (8 * $0)) }
    guard let identity = DeviceIdentity(kind: .companion, bytes: bytes) else {
      preconditionFailure("eight bytes")
    }
    return identity
  }

  /// What its clocks say, so long after its start: the very truth.
  static func clock(bootUs: Int64) -> ClockObservation {
    ClockObservation(bootUs: bootUs, wallUs: beginUs + bootUs, trusted: true, errorUs: 500)
  }

  /// What dates the boards' readings: an anchor, and a fit of each board's clock.
  static func dating(boards: Int) -> [JournalEntry] {
    let stamp = Stamp(trusted: true, bootUs: 0, wallUs: beginUs, author: "node")
    let anchor = Anchor(bootUs: 0, utcUs: beginUs, errorUs: 500, origin: .kernel)
    let fits = (0..<boards).map { number in
      ClockFit(
        identity: board(number), epoch: SensorBoards.epoch, segmentStartMs: 0, referenceTicksMs: 0,
        referenceBootUs: 0, ratePpb: 0, boundUs: 1_000, isGood: true)
    }
    return ([.anchor(anchor)] + fits.map { .clockFit($0) }).map {
      JournalEntry(stamp: stamp, content: $0)
    }
  }
}
