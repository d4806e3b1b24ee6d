import Protocol

/// The hardware of a played board: a line, a memory for the identity, actuators.
struct PlayedPort: DevicePort {
  var incoming: [UInt8] = []
  var outgoing: [UInt8] = []
  /// Bytes that the transmitter takes before it is full.
  var room = Int.max
  var records: [[UInt8]] = [[UInt8](repeating: 0xFF, count: 20), []]
  var isUnwritable = false
  let descriptor: [UInt8]
  /// How often each order was carried out, by its argument.
  var executions: [Int64: Int] = [:]
  var nextOutcome = DeviceOutcome(.done)
  var lapsed: [UInt8] = []
  var bootResets = 0
  private var taken = 0

  init(descriptor: [UInt8] = Array("descriptor of a played board".utf8)) {
    self.descriptor = descriptor
  }

  /// Bytes heard and not yet read.
  var unread: Int { incoming.count - taken }

  mutating func receive() -> UInt8? {
    guard taken < incoming.count else {
      incoming.removeAll(keepingCapacity: true)
      taken = 0
      return nil
    }
    defer { taken += 1 }
    return incoming[taken]
  }

  /// What was not read is gone with a reset.
  mutating func reset() {
    incoming.removeAll()
    taken = 0
  }

  mutating func transmit(_ bytes: Span<UInt8>) -> Int {
    let count = min(bytes.count, room)
    for index in 0..<count { outgoing.append(bytes[index]) }
    room -= count
    return count
  }

  func descriptorByte(at offset: Int) -> UInt8 { descriptor[offset] }

  mutating func loadRecord(slot: Int) -> InlineArray<20, UInt8>? {
    guard records[slot].count == 20 else { return nil }
    var record = InlineArray<20, UInt8>(repeating: 0)
    for index in 0..<20 { record[index] = records[slot][index] }
    return record
  }

  mutating func storeRecord(_ record: InlineArray<20, UInt8>, slot: Int) {
    guard !isUnwritable else { return }
    records[slot] = record.indices.map { record[$0] }
  }

  mutating func command(op: UInt8, arguments: Span<UInt8>) -> DeviceOutcome {
    var reader = ByteReader(arguments)
    guard let argument = try? reader.zigzag() else { return DeviceOutcome(.badArgument) }
    executions[argument, default: 0] += 1
    return nextOutcome
  }

  mutating func leaseLapsed(op: UInt8) { lapsed.append(op) }

  mutating func resetToBoot() { bootResets += 1 }
}

/// A board in virtual time, with a ring of 512 samples on 27 channels.
final class PlayedBoard {
  static let channels: UInt32 = 27
  static let ringCapacity = 512

  /// What an ATmega2560 says of itself.
  static var avr: DeviceSettings {
    var settings = DeviceSettings()
    settings.bodyBytesToHostMax = 62
    settings.bodyBytesToBoardMax = 40
    settings.windowBytes = 48
    return settings
  }

  var session: DeviceSession<512>
  var port: PlayedPort
  var settings: DeviceSettings
  /// Samples made, by epoch: the truth that the host's books are held against.
  private(set) var made: [UInt32: UInt32] = [:]
  /// Samples that a full ring dropped, by epoch: what a reset may leave undeclared.
  private(set) var dropped: [UInt32: UInt32] = [:]
  private var ticksAtStart: UInt32
  private var startMs: Int64

  init(settings: DeviceSettings? = nil, nowMs: Int64, nonce: UInt32, ticks: UInt32 = 0) {
    let port = PlayedPort()
    var chosen = settings ?? DeviceSettings()
    chosen.descriptorBytes = UInt16(port.descriptor.count)
    self.settings = chosen
    self.port = port
    session = DeviceSession(settings: chosen, ticks: ticks, nonce: nonce)
    ticksAtStart = ticks
    startMs = nowMs
  }

  func reset(nowMs: Int64, nonce: UInt32, ticks: UInt32) {
    dropped[session.epoch] = session.samplesDropped
    port.reset()
    session = DeviceSession(settings: settings, ticks: ticks, nonce: nonce)
    ticksAtStart = ticks
    startMs = nowMs
  }

  func ticks(_ nowMs: Int64) -> UInt32 {
    ticksAtStart &+ UInt32(truncatingIfNeeded: nowMs - startMs)
  }

  /// What the sample of an epoch with a seq says.
  static func value(epoch: UInt32, seq: UInt32) -> Int64 {
    let channel = Int64(seq % channels)
    return channel * 100 + Int64((seq / channels &+ epoch) % 7)
  }

  /// Makes one scan of all channels; nothing while the board may not number samples.
  func scan(nowMs: Int64) {
    for _ in 0..<Self.channels {
      let seq = session.samplesMade
      let isMade = session.push(
        channel: UInt8(seq % Self.channels),
        integer: Self.value(epoch: session.epoch, seq: seq), ticks: ticks(nowMs))
      if isMade { made[session.epoch] = session.samplesMade }
    }
  }

  func poll(nowMs: Int64) { session.poll(ticks: ticks(nowMs), port: &port) }

  /// Takes what was sent.
  func takeOutgoing() -> [UInt8] {
    defer { port.outgoing.removeAll(keepingCapacity: true) }
    return port.outgoing
  }
}
