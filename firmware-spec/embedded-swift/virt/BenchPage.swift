/// A page of RAM that the tests share with the board (Tests/EndToEnd/rig/embedded.py): what they
/// order, and what the board says of itself, so that its books can be checked without its line.
///
/// A board of yours has no such page.
struct BenchPage {
  /// How long an ordered sleep is.
  static let sleepMs: UInt32 = 3_000
  /// Commands that the list of those carried out holds; the oldest goes first.
  private static let runsMax: UInt32 = 256

  private static let base: UInt = 0x80F0_0000

  /// Offsets; orders up to 0x3F, reports from 0x40.
  private enum At {
    static let samplesPerSecond: UInt = 0x00
    static let isPaused: UInt = 0x04
    static let sleeps: UInt = 0x08
    static let firstTicks: UInt = 0x0C
    static let lock: UInt = 0x40
    static let boots: UInt = 0x44
    static let idLow: UInt = 0x48
    static let idHigh: UInt = 0x4C
    static let epoch: UInt = 0x50
    static let made: UInt = 0x54
    static let lost: UInt = 0x58
    static let isAttached: UInt = 0x5C
    static let ticks: UInt = 0x60
    static let valve: UInt = 0x64
    // 0x68 and 0x6C: where a trap happened, by runtime.c.
    static let runs: UInt = 0x70
    static let corrupt: UInt = 0x74
    static let malformed: UInt = 0x78
    static let ignored: UInt = 0x7C
    static let stackBottom: UInt = 0x80
    static let stackTop: UInt = 0x84
    static let firstRun: UInt = 0x100
    static let runBytes: UInt = 0x10
  }

  private func word(at offset: UInt) -> UInt32 { mmio_r32(Self.base + offset) }
  private func put(_ value: UInt32, at offset: UInt) { mmio_w32(Self.base + offset, value) }

  // MARK: Orders

  var samplesPerSecond: UInt32 { word(at: At.samplesPerSecond) }
  var isPaused: Bool { word(at: At.isPaused) != 0 }
  /// How often the board was told to sleep, since the page was made.
  var sleepsOrdered: UInt32 { word(at: At.sleeps) }
  /// Where the millisecond counter begins.
  var firstTicks: UInt32 { word(at: At.firstTicks) }

  // MARK: Reports

  /// A board that was reset knows nothing of its last run; the list of commands stays.
  func reportBoot() {
    locked {
      var offset = At.idLow
      while offset <= At.valve {
        put(0, at: offset)
        offset += 4
      }
      put(stack_bottom(), at: At.stackBottom)
      put(stack_top(), at: At.stackTop)
      put(word(at: At.boots) &+ 1, at: At.boots)
    }
  }

  /// The session is not changed: lent in this way it is not copied.
  func report<let capacity: Int>(
    _ session: inout DeviceSession<capacity>, ticks: UInt32, isValveOpen: Bool
  ) {
    locked {
      put(UInt32(truncatingIfNeeded: session.deviceId), at: At.idLow)
      put(UInt32(truncatingIfNeeded: session.deviceId &>> 32), at: At.idHigh)
      put(session.epoch, at: At.epoch)
      put(session.samplesMade, at: At.made)
      put(session.samplesDropped, at: At.lost)
      put(session.isAttached ? 1 : 0, at: At.isAttached)
      put(ticks, at: At.ticks)
      put(isValveOpen ? 1 : 0, at: At.valve)
      put(session.lineCounts.corrupt &+ session.lineCounts.overruns, at: At.corrupt)
      put(session.counts.malformed, at: At.malformed)
      put(session.counts.ignored, at: At.ignored)
    }
  }

  /// Every execution is told, so that a second one of the same number shows.
  func reportRun(number: Int32, epoch: UInt32) {
    let count = word(at: At.runs)
    let place = At.firstRun + UInt(count % Self.runsMax) * At.runBytes
    locked {
      put(UInt32(bitPattern: number), at: place)
      put(epoch, at: place + 4)
      put(mmio_r32(0x0010_1000), at: place + 8)  // nanoseconds of the day
      put(mmio_r32(0x0010_1004), at: place + 12)
      put(count &+ 1, at: At.runs)
    }
  }

  /// The lock is odd while what stands there is half written.
  private func locked(_ write: () -> Void) {
    put(word(at: At.lock) | 1, at: At.lock)
    write()
    put((word(at: At.lock) | 1) &+ 1, at: At.lock)
  }
}
