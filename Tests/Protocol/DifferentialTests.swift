import Protocol
import TestSupport
import Testing

@testable import ProtocolSearch

/// One board in Swift and one in C, told the same things.
private final class Twins {
  static let slots = 64

  var swift: DeviceSession<64>
  var swiftPort = PlayedPort()
  let c: CBoard
  let settings: DeviceSettings
  private(set) var ticks: UInt32
  private(set) var bytesCompared = 0
  private(set) var framesSeen = 0
  /// Whether samples are such that a slot of the C ring holds one of them.
  let isNarrow: Bool
  private var random: Prng
  private var session: UInt32 = 1
  private var commandId: UInt16 = 0
  private var received: UInt32 = 0

  init(seed: UInt64) {
    random = Prng(seed: seed)
    var settings = DeviceSettings()
    let isSmall = seed.isMultiple(of: 2)
    settings.bodyBytesToHostMax = isSmall ? 62 : UInt8(58 + random.below(193))
    settings.bodyBytesToBoardMax = isSmall ? 40 : UInt8(40 + random.below(211))
    settings.windowBytes = isSmall ? 48 : 512
    settings.samplesPer1000s = 27_000
    settings.batchMs = UInt32(random.below(300))
    settings.hardwareHint = random.next()
    settings.descriptorBytes = UInt16(PlayedPort().descriptor.count)
    self.settings = settings
    isNarrow = random.below(2) == 0
    ticks = Self.firstTicks(isNarrow: isNarrow, random: &random)
    swift = DeviceSession(settings: settings, ticks: ticks, nonce: 9)
    c = CBoard(settings: settings, slots: Self.slots)
    c.start(settings: settings, ticks: ticks, nonce: 9)
  }

  /// The 32-bit counter wraps during most runs; but the C ring keeps a tick far from the one before
  /// in a slot of its own, so that a full ring of one sample a slot must begin low.
  private static func firstTicks(isNarrow: Bool, random: inout Prng) -> UInt32 {
    isNarrow ? UInt32(random.below(60_000)) : UInt32.max - UInt32(random.below(60_000))
  }

  // MARK: One step, and whether they still agree

  func step() -> Bool {
    switch random.below(100) {
    case 0..<45: poll()
    case 45..<70: push()
    case 70..<92: hear()
    case 92..<94: log()
    case 94..<96: finish()
    case 96: sleep()
    case 97: ticks &+= UInt32(random.below(8_000))
    case 98 where random.below(8) == 0: restart()
    default: changePort()
    }
    return agree()
  }

  private func agree() -> Bool {
    bytesCompared += swiftPort.outgoing.count
    framesSeen += swiftPort.outgoing.count { $0 == 0 } / 2
    let lines = swift.lineCounts
    let counts = [
      lines.framesGood, lines.corrupt + lines.overruns, swift.counts.malformed,
      swift.counts.unknownType, swift.counts.ignored, swift.counts.logsDropped,
      swift.samplesMade, swift.samplesDropped,
    ]
    let isSame =
      swiftPort.outgoing == c.port.outgoing && swiftPort.records == c.port.records
      && swiftPort.executions == c.port.executions && swiftPort.lapsed == c.port.lapsed
      && swiftPort.bootResets == c.port.bootResets && counts == c.counts
    if !isSame {
      Issue.record("Swift \(counts) \(hexText(swiftPort.outgoing)) \(swiftPort.lapsed)")
      Issue.record("C     \(c.counts) \(hexText(c.port.outgoing)) \(c.port.lapsed)")
    }
    swiftPort.outgoing = []
    c.port.outgoing = []
    return isSame
  }

  // MARK: What happens to them

  private func poll() {
    ticks &+= UInt32(random.below(random.below(10) == 0 ? 1_500 : 60))
    let room = random.below(4) == 0 ? random.below(80) : 1_000
    swiftPort.room = room
    c.port.room = room
    swift.poll(ticks: ticks, port: &swiftPort)
    c.poll(ticks: ticks)
  }

  private func push() {
    let scan = 1 + random.below(8)
    if random.below(3) > 0 { ticks &+= UInt32(random.below(200)) }
    for channel in 0..<UInt8(scan) {
      if !isNarrow && c.slotsUsed + 4 > Self.slots { return }
      let channel = random.below(40) == 0 ? UInt8(random.below(256)) : channel
      let isSwift: Bool
      let isC: Bool
      if !isNarrow && random.below(6) == 0 {
        let value = Double(bitPattern: random.next())
        isSwift = swift.push(channel: channel, float: value, ticks: ticks)
        isC = c.push(channel: channel, float: value, ticks: ticks)
      } else {
        let bits = isNarrow ? random.below(32) : random.below(64)
        let value = Int64(bitPattern: random.next()) >> Int64(63 - bits)
        isSwift = swift.push(channel: channel, integer: value, ticks: ticks)
        isC = c.push(channel: channel, integer: value, ticks: ticks)
      }
      #expect(isSwift == isC)
    }
  }

  private func log() {
    let count = random.below(300)
    let characters = ["a", "é", "€", "𝄞"]
    let text = (0..<count).map { _ in characters[random.below(4)] }.joined()
    let level = UInt8(random.below(9))
    swiftPort.room = 1_000
    c.port.room = 1_000
    let isSwift = swift.log(level: level, text: Array(text.utf8).span, port: &swiftPort)
    #expect(isSwift == c.log(level: level, text: Array(text.utf8)))
  }

  private func finish() {
    let outcome = DeviceOutcome(random.below(2) == 0 ? .done : .failed, value: 77)
    swift.finish(outcome)
    c.finish(outcome)
  }

  private func sleep() {
    ticks &+= UInt32(random.below(100_000))
    swift.sleepEnded(ticks: ticks)
    c.sleepEnded(ticks: ticks)
  }

  private func restart() {
    let nonce = UInt32(truncatingIfNeeded: random.next())
    ticks = Self.firstTicks(isNarrow: isNarrow, random: &random)
    if random.below(3) == 0 {
      // Power failed while a slot was written, or the memory was erased.
      let slot = random.below(2)
      let record = (0..<20).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      swiftPort.records[slot] = record
      c.port.records[slot] = record
    }
    swiftPort.reset()
    swift = DeviceSession(settings: settings, ticks: ticks, nonce: nonce)
    c.start(settings: settings, ticks: ticks, nonce: nonce)
  }

  private func changePort() {
    let statuses: [CommandStatus] = [.done, .running, .failed, .badArgument, .refused]
    let outcome = DeviceOutcome(statuses[random.below(5)], value: Int32(random.below(100)) - 50)
    swiftPort.nextOutcome = outcome
    c.port.nextOutcome = outcome
    let isUnwritable = random.below(20) == 0
    swiftPort.isUnwritable = isUnwritable
    c.port.isUnwritable = isUnwritable
  }

  // MARK: What they hear

  private func hear() {
    var bytes = frameBytes(message())
    switch random.below(20) {
    case 0: bytes[random.below(bytes.count)] ^= 1 << random.below(8)
    case 1: bytes.remove(at: random.below(bytes.count))
    case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: random.below(bytes.count))
    case 3: bytes = (0..<random.below(400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    default: break
    }
    swiftPort.incoming += bytes
    c.port.incoming += bytes
  }

  private func message() -> [UInt8] {
    let made = swift.samplesMade
    let epoch = random.below(20) == 0 ? 3 : swift.epoch
    return Body { body in
      switch random.below(24) {
      case 0..<4:
        Provision(nonce: random.below(9) == 0 ? 1 : swift.nonce, deviceId: 5)
          .write(into: &body)
      case 4:
        DescriptorRead(
          offset: UInt16(random.below(60)), length: UInt8(1 + random.below(247))
        )
        .write(into: &body)
      case 5..<9:
        session = random.below(4) == 0 ? session : session &+ 1 | 1
        commandId = 0
        var resume = Resume(session: session, limit: below(made &+ 100))
        resume.append(Resume.Entry(epoch: epoch, durable: below(made &+ 2)))
        if random.below(4) == 0 { resume.append(Resume.Entry(epoch: 1, durable: 0)) }
        resume.write(into: &body)
      case 9..<14: acknowledge(epoch, made: made, into: &body)
      case 14..<19: command(epoch, into: &body)
      case 19: TimeProbe(cookie: UInt32(truncatingIfNeeded: random.next())).write(into: &body)
      case 20 where random.below(4) == 0:
        ResetToBoot(deviceId: random.below(2) == 0 ? 5 : 0).write(into: &body)
      default:
        body.append(UInt8(random.below(32)) | 1)
        for _ in 0..<random.below(60) { body.append(UInt8(random.below(256))) }
        if !MessageType.isType(body[0]) { body[0] = 0x12 }
      }
      if random.below(8) == 0 && body.count < 30 {
        body.append(0x80)
        body.append(UInt8(random.below(3)))
        body.append(1)
        body.append(2)
      }
    }.array
  }

  private func below(_ end: UInt32) -> UInt32 { UInt32(random.below(Int(max(end, 1)))) }

  private func acknowledge(_ epoch: UInt32, made: UInt32, into body: inout Body) {
    let window = min(made, 40)
    let received = made &- below(window &+ 1)
    let durable = received &- below(min(received, 30) &+ 1)
    Ack(
      epoch: epoch, durable: durable, received: received, limit: made &+ below(100),
      again: random.below(3) == 0
    ).write(into: &body)
  }

  private func command(_ epoch: UInt32, into body: inout Body) {
    if random.below(3) > 0 { commandId &+= UInt16(1 + random.below(2)) }
    let lease = random.below(2) == 0 ? 0 : UInt32(1 + random.below(4_000))
    Command(
      epoch: epoch, session: random.below(10) == 0 ? 77 : session, id: commandId,
      lifeMs: UInt32(random.below(200)), leaseMs: lease, op: UInt8(random.below(12))
    ).write(arguments: [UInt8(random.below(120))].span, into: &body)
  }
}

@Suite("The Swift board against the C board") struct DifferentialTests {
  @Test(
    "the same calls give the same bytes, memory, actions and counts",
    arguments: 0..<(isSoak ? 2_000 : 48))
  func sameBytes(seed: Int) {
    let twins = Twins(seed: UInt64(seed))
    for step in 0..<4_000 {
      guard twins.step() else {
        Issue.record("seed \(seed) differs at step \(step)")
        return
      }
    }
    #expect(twins.framesSeen > 100, "seed \(seed) said too little to compare")
  }
}
