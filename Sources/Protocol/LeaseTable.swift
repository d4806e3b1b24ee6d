/// The leases that a board's actuators hold (PROTOCOL.md 5, point 6), at most eight.
struct LeaseTable: Sendable {
  private struct Lease: Sendable {
    var op: UInt8 = 0
    /// Milliseconds since the board's boot; nil when the slot is free.
    var dueTicks: UInt64?
  }

  static let leasesMax = 8

  private var leases = InlineArray<8, Lease>(repeating: Lease())

  /// The slot of an operation, or the lowest free one; nil when it has none and none is free.
  func slot(for op: UInt8) -> Int? {
    var free: Int?
    for index in 0..<Self.leasesMax {
      if leases[index].dueTicks == nil {
        free = free ?? index
      } else if leases[index].op == op {
        return index
      }
    }
    return free
  }

  /// Holds an operation until `dueTicks`, or frees the slot with nil.
  mutating func set(slot: Int, op: UInt8, dueTicks: UInt64?) {
    leases[slot] = Lease(op: op, dueTicks: dueTicks)
  }

  /// Frees the lowest slot that is due and gives its operation; nil when none is.
  mutating func takeLapsed(nowTicks: UInt64) -> UInt8? {
    for index in 0..<Self.leasesMax {
      guard let dueTicks = leases[index].dueTicks, nowTicks >= dueTicks else { continue }
      leases[index].dueTicks = nil
      return leases[index].op
    }
    return nil
  }
}
