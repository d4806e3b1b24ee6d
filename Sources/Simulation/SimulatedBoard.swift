internal import Model
internal import Protocol
internal import Sync

/// A board as its line shows it: samples with numbers, a ring, and what was acknowledged of it.
final class SimulatedBoard {
  static let ringCapacity: UInt32 = 64
  static let channel = Channel(key: "temp", unit: "Cel", exponent: -1)

  let identity: DeviceIdentity
  /// The node that it hangs on.
  var gateway: Int
  let epoch: UInt32 = 1
  let nonce: UInt32
  /// The number of the next sample, and the oldest one in the ring.
  private(set) var made: UInt32 = 0
  private(set) var oldest: UInt32 = 0
  /// What went because the ring was full.
  private(set) var lost: [Range<UInt32>] = []

  /// The line to a run of a node, and the session on it: with what the board was told last.
  struct Line {
    let node: Int
    let run: Int
    let session: UInt32
    /// The number that the node gives next.
    var next: UInt16 = 1
  }

  var line: Line?
  /// Until when it is unplugged, in µs.
  var awayUntilUs: Int64 = 0
  /// The session that the board is in, the last number that it took, and what that was.
  var session: UInt32 = 0
  var lastNumber: UInt16 = 0
  var last: CommandKey?

  init(identity: DeviceIdentity, gateway: Int, nonce: UInt32) {
    self.identity = identity
    self.gateway = gateway
    self.nonce = nonce
  }

  /// What a sample must hold.
  static func value(_ identity: DeviceIdentity, _ seq: UInt32) -> Value {
    let mixed = identity.bytes.reduce(UInt64(seq) &* 2_654_435_761) { $0 &* 31 &+ UInt64($1) }
    return .decimal(Int64(mixed % 4_000) - 400, exponent: -1)
  }

  func make(_ count: Int) {
    made += UInt32(count)
    let first = made > Self.ringCapacity ? made - Self.ringCapacity : 0
    guard first > oldest else { return }
    lost.append(oldest..<first)
    oldest = first
  }

  /// Everything below was stored, says the node that it hangs on.
  func free(below seq: UInt32) { oldest = max(oldest, min(seq, made)) }

  /// Puts what the node lacks into its batch.
  func send(into batch: inout ReadingBatch) {
    // As the daemon does: what a ring dropped before it was first met is a gap as well.
    let cursor = Cursor(
      identity: identity, epoch: epoch, nonce: nonce, ringCapacity: Self.ringCapacity)
    guard batch.open(cursor), var next = batch.cursor(of: identity, epoch: epoch)?.next else {
      return
    }
    if next < oldest {
      _ = batch.gap(device: identity, epoch: epoch, first: next, count: oldest - next)
      next = oldest
    }
    for seq in next..<max(next, made) {
      _ = batch.append(
        device: identity, epoch: epoch, seq: seq, ticksMs: Int64(seq) * 1_000,
        channel: Self.channel, value: Self.value(identity, seq))
    }
  }
}
