import Protocol
import Testing

/// A board alone on a bench: what it says, and what it is told, message by message.
private final class Bench {
  var session: DeviceSession<8>
  var port = PlayedPort()
  let first: UInt32
  private(set) var now: UInt32

  init(ticks: UInt32 = 0, batchMs: UInt32 = 0, windowBytes: UInt16 = 48) {
    var settings = DeviceSettings()
    settings.batchMs = batchMs
    settings.descriptorBytes = UInt16(port.descriptor.count)
    first = ticks
    now = ticks
    session = DeviceSession(settings: settings, ticks: ticks, nonce: 9)
  }

  /// A board with an id, in epoch 3 and attached, at 2000 ms.
  static func attached(limit: UInt32 = 1_000) -> Bench {
    let bench = Bench()
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    _ = bench.poll(at: 2_000)
    _ = bench.tell(resume(limit: limit))
    return bench
  }

  static func resume(session: UInt32 = 77, limit: UInt32 = 1_000, durable: UInt32 = 0) -> Body {
    var resume = Resume(session: session, limit: limit)
    resume.append(Resume.Entry(epoch: 3, durable: durable))
    return Body { resume.write(into: &$0) }
  }

  func give(_ record: IdentityRecord, slot: Int) {
    let bytes = record.bytes
    port.records[slot] = (0..<20).map { bytes[$0] }
  }

  /// Polls at a time since start, and gives what was said.
  func poll(at ms: UInt32) -> [[UInt8]] {
    now = first &+ ms
    session.poll(ticks: now, port: &port)
    defer { port.outgoing = [] }
    return Heard(port.outgoing).frames
  }

  /// Tells a message and polls without time passing.
  func tell(_ body: Body) -> [[UInt8]] {
    port.incoming += frameBytes(body.array)
    return poll(at: now &- first)
  }

  var isAttached: Bool { session.isAttached }

  func log(_ text: [UInt8]) -> Bool {
    session.log(level: 6, text: text.span, port: &port)
  }

  func push(_ value: Int64) -> Bool {
    session.push(channel: 0, integer: value, ticks: now)
  }
}

private func types(_ bodies: [[UInt8]]) -> [MessageType?] {
  bodies.map { MessageType(rawValue: $0[0]) }
}

private func ack(
  durable: UInt32, received: UInt32, limit: UInt32 = 1_000, again: Bool = false
) -> Body {
  Body {
    Ack(epoch: 3, durable: durable, received: received, limit: limit, again: again)
      .write(into: &$0)
  }
}

private func command(
  id: UInt16, session: UInt32 = 77, epoch: UInt32 = 3, life: UInt32 = 1_000, lease: UInt32 = 0,
  op: UInt8 = 1, argument: Int64 = 4
) -> Body {
  let arguments = Body { $0.append(zigzag: argument) }
  return Body {
    Command(epoch: epoch, session: session, id: id, lifeMs: life, leaseMs: lease, op: op)
      .write(arguments: arguments.span, into: &$0)
  }
}

private func result(_ bodies: [[UInt8]]) throws -> CommandResult {
  let body = try #require(bodies.first { $0[0] == MessageType.result.rawValue })
  return try CommandResult(body.span)
}

private func hello(_ bodies: [[UInt8]]) throws -> Hello {
  let body = try #require(bodies.first)
  return try Hello(body.span)
}

private func gap(_ bodies: [[UInt8]]) throws -> Gap {
  let body = try #require(bodies.first)
  return try Gap(body.span)
}

private func samples(_ bodies: [[UInt8]]) throws -> SamplesDecoder {
  let body = try #require(bodies.first)
  return try SamplesDecoder(body.span)
}

@Suite("A board: quiet, HELLO, identity") struct DeviceIdentityTests {
  @Test("for two seconds it says nothing, numbers nothing and hears nothing") func quiet() {
    let bench = Bench()
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    bench.port.incoming += frameBytes(Body { TimeProbe(cookie: 1).write(into: &$0) }.array)
    #expect(bench.poll(at: 0) == [])
    #expect(!bench.push(1))
    #expect(bench.poll(at: 1_999) == [])
    #expect(types(bench.poll(at: 2_000)) == [.hello])
  }

  @Test("HELLO comes every 500 ms for 10 s, then every 2 s") func schedule() {
    let bench = Bench()
    var times: [UInt32] = []
    for ms in stride(from: 0 as UInt32, through: 20_000, by: 10)
    where !bench.poll(at: ms).isEmpty { times.append(ms) }
    let fast = (0...20).map { 2_000 + 500 * UInt32($0) }
    #expect(times == fast + [14_000, 16_000, 18_000, 20_000])
  }

  @Test(
    "the record that counts gives the epoch",
    arguments: [
      (nil, nil, 0, 0), (1, nil, 3, 1), (nil, 7, 9, 0), (4, 5, 6, 0), (5, 4, 6, 1), (6, 6, 7, 0),
      (0xFFFF_FFFE, nil, 0, 0), (0xFFFF_FFFD, nil, 0xFFFF_FFFF, 1),
    ] as [(UInt32?, UInt32?, UInt32, Int)])
  func twoSlots(first: UInt32?, second: UInt32?, epoch: UInt32, slot: Int) {
    let bench = Bench()
    if let first { bench.give(IdentityRecord(deviceId: 5, epoch: first), slot: 0) }
    if let second { bench.give(IdentityRecord(deviceId: 5, epoch: second), slot: 1) }
    _ = bench.poll(at: 2_000)
    #expect(bench.session.epoch == epoch)
    #expect(bench.session.deviceId == (epoch == 0 ? 0 : 5))
    if epoch != 0 {
      let record = IdentityRecord(deviceId: 5, epoch: epoch).bytes
      #expect(bench.port.records[slot] == (0..<20).map { record[$0] })
    }
  }

  @Test("every flipped bit of a record makes it worthless") func damagedRecord() {
    let record = IdentityRecord(deviceId: 5, epoch: 1).bytes
    #expect(IdentityRecord(record) == IdentityRecord(deviceId: 5, epoch: 1))
    for bit in 0..<160 {
      var damaged = record
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(IdentityRecord(damaged) == nil)
    }
  }

  @Test("a memory that cannot be written leaves it without id, and it says so") func unwritable()
    throws
  {
    let bench = Bench()
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    bench.port.isUnwritable = true
    let said = try hello(bench.poll(at: 2_000))
    #expect(said.deviceId == 0)
    #expect(said.identityUnwritable)
    #expect(!bench.push(1))
  }

  @Test("PROVISION is taken once, repeated harmlessly, and refused for another boot or id")
  func provision() throws {
    let bench = Bench()
    _ = bench.poll(at: 2_000)
    func provision(_ nonce: UInt32, _ deviceId: UInt64) -> Body {
      Body { Provision(nonce: nonce, deviceId: deviceId).write(into: &$0) }
    }
    #expect(bench.tell(provision(8, 5)) == [])
    let said = try hello(bench.tell(provision(9, 5)))
    #expect(said.deviceId == 5)
    #expect(said.epochs[0] == Hello.Epoch(epoch: 1, oldest: 0, next: 0))
    #expect(types(bench.tell(provision(9, 5))) == [.hello])
    #expect(bench.tell(provision(9, 6)) == [])
    #expect(bench.session.counts.ignored == 2)
  }

  @Test("the descriptor is read in parts, up to its end") func descriptor() throws {
    let bench = Bench()
    _ = bench.poll(at: 2_000)
    let length = UInt16(bench.port.descriptor.count)
    func read(_ offset: UInt16, _ count: UInt8) -> Body {
      Body { DescriptorRead(offset: offset, length: count).write(into: &$0) }
    }
    let part = try #require(bench.tell(read(4, 5)).first)
    #expect(Array(part[3...]) == Array(bench.port.descriptor[4..<9]))
    let rest = try #require(bench.tell(read(10, 247)).first)
    #expect(Array(rest[3...]) == Array(bench.port.descriptor[10...]))
    #expect(bench.tell(read(length, 1)) == [])
  }

  @Test("RESET_TO_BOOT is obeyed by the board it names, in any state") func resetToBoot() {
    let bench = Bench.attached()
    _ = bench.tell(Body { ResetToBoot(deviceId: 6).write(into: &$0) })
    #expect(bench.port.bootResets == 0)
    #expect(bench.tell(Body { ResetToBoot(deviceId: 5).write(into: &$0) }) == [])
    #expect(bench.port.bootResets == 1)
  }

  @Test("ticks go on where the 32-bit counter wraps") func wrap() throws {
    let bench = Bench(ticks: UInt32.max - 2_999)
    _ = bench.poll(at: 2_000)
    _ = bench.poll(at: 4_000)
    let reply = try #require(bench.tell(Body { TimeProbe(cookie: 3).write(into: &$0) }).first)
    #expect(try TimeReply(reply.span).ticks == UInt64(UInt32.max) - 2_999 + 4_000)
    #expect(try TimeReply(reply.span).segment == 0)
    bench.session.sleepEnded(ticks: bench.now &+ 500)
    let next = try #require(bench.tell(Body { TimeProbe(cookie: 3).write(into: &$0) }).first)
    #expect(try TimeReply(next.span).segment > 0)
  }
}

@Suite("A board: samples") struct DeviceSampleTests {
  @Test("RESULT answers RESUME before anything else, then samples flow up to the limit")
  func attach() throws {
    let bench = Bench()
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    _ = bench.poll(at: 2_000)
    for value in 0..<6 as Range<Int64> { #expect(bench.push(value)) }
    let said = bench.tell(Bench.resume(limit: 4))
    #expect(types(said) == [.result, .samples])
    #expect(try samples([said[1]]).count == 4)
    #expect(bench.poll(at: 2_100) == [])
    let more = bench.tell(ack(durable: 0, received: 4, limit: 6))
    #expect(try samples(more).first == 4)
  }

  @Test("a RESUME of another epoch, or beyond what was made, is ignored") func wrongResume() {
    let bench = Bench.attached()
    var resume = Resume(session: 78, limit: 9)
    resume.append(Resume.Entry(epoch: 2, durable: 0))
    #expect(bench.tell(Body { resume.write(into: &$0) }) == [])
    #expect(bench.tell(Bench.resume(session: 78, durable: 1)) == [])
    #expect(bench.session.counts.ignored == 2)
  }

  @Test("a full ring drops its oldest, and says so in their place") func fullRing() throws {
    let bench = Bench.attached(limit: 0)
    for value in 0..<11 as Range<Int64> { #expect(bench.push(value)) }
    #expect(bench.session.samplesDropped == 3)
    let said = bench.tell(ack(durable: 0, received: 0))
    #expect(types(said) == [.gap, .samples])
    #expect(try gap(said) == Gap(index: 0, first: 0, count: 3))
    #expect(try samples([said[1]]).first == 3)
  }

  @Test("samples are sent again when asked, or when nothing was sent for a second") func again()
    throws
  {
    let bench = Bench.attached()
    for value in 0..<4 as Range<Int64> { #expect(bench.push(value)) }
    #expect(types(bench.poll(at: 2_010)) == [.samples])
    #expect(bench.tell(ack(durable: 0, received: 2)) == [])
    let asked = bench.tell(ack(durable: 0, received: 2, again: true))
    #expect(try samples(asked).first == 2)
    _ = bench.poll(at: 3_009)
    #expect(bench.tell(ack(durable: 0, received: 1)) == [])
    _ = bench.poll(at: 3_010)
    let late = bench.tell(ack(durable: 0, received: 1))
    #expect(try samples(late).first == 1)
  }

  @Test("an ACK that cannot be is ignored") func wrongAck() {
    let bench = Bench.attached()
    for value in 0..<4 as Range<Int64> { #expect(bench.push(value)) }
    _ = bench.poll(at: 2_010)
    for wrong in [ack(durable: 3, received: 2), ack(durable: 0, received: 5)] {
      _ = bench.tell(wrong)
    }
    #expect(bench.session.counts.ignored == 2)
    #expect(bench.session.samplesHeld == 4)
    _ = bench.tell(ack(durable: 3, received: 4))
    #expect(bench.session.samplesHeld == 1)
  }

  @Test("three seconds without RESUME or ACK end the attachment") func silence() {
    let bench = Bench.attached()
    _ = bench.poll(at: 4_999)
    #expect(bench.isAttached)
    #expect(types(bench.poll(at: 5_000)) == [.hello])
    #expect(!bench.isAttached)
  }

  @Test("what waits less than `batch` and fills no body is not sent") func batch() {
    let bench = Bench(batchMs: 100)
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    _ = bench.poll(at: 2_000)
    _ = bench.tell(Bench.resume())
    #expect(bench.push(1))
    #expect(bench.poll(at: 2_099) == [])
    #expect(types(bench.poll(at: 2_100)) == [.samples])
  }

  @Test("a frame that the port takes in parts comes whole") func slowPort() {
    let bench = Bench()
    var bytes: [UInt8] = []
    for ms in 2_000..<2_100 as Range<UInt32> {
      bench.port.room = 1
      bench.session.poll(ticks: ms, port: &bench.port)
    }
    bytes = bench.port.outgoing
    #expect(types(Heard(bytes).frames) == [.hello])
  }

  @Test("a log line is cut at a character's border, and dropped while a frame is under way")
  func log() throws {
    let bench = Bench.attached()
    let text = Array(String(repeating: "é", count: 200).utf8)
    #expect(bench.log(text))
    let said = try #require(Heard(bench.port.outgoing).frames.first)
    #expect(Array(said[2...]) == Array(text[..<248]))
    bench.port.room = 0
    #expect(bench.log(text))
    #expect(!bench.log(text))
    #expect(bench.session.counts.logsDropped == 1)
  }
}

@Suite("A board: commands") struct DeviceCommandTests {
  @Test("a command runs once, however often it comes, and its result is kept") func once() throws {
    let bench = Bench.attached()
    bench.port.nextOutcome = DeviceOutcome(.done, value: -3)
    for _ in 0..<3 {
      let said = try result(bench.tell(command(id: 1)))
      #expect(said == CommandResult(attached: 77, session: 77, id: 1, status: .done, value: -3))
    }
    #expect(bench.port.executions == [4: 1])
    let later = try result(bench.tell(Bench.resume(session: 78)))
    #expect(later == CommandResult(attached: 78, session: 77, id: 1, status: .done, value: -3))
    #expect(bench.tell(command(id: 1)) == [])
  }

  @Test("a higher id is new, a lower one is ignored, another session too") func ids() throws {
    let bench = Bench.attached()
    #expect(try result(bench.tell(command(id: 3))).id == 3)
    #expect(try result(bench.tell(command(id: 5))).id == 5)
    #expect(bench.tell(command(id: 4)) == [])
    #expect(bench.tell(command(id: 6, session: 1)) == [])
    #expect(bench.port.executions == [4: 2])
  }

  @Test("a command of another epoch, or whose life may have run out, is refused") func refused()
    throws
  {
    let bench = Bench.attached()
    #expect(try result(bench.tell(command(id: 1, epoch: 2))).status == .otherEpoch)
    // The receiver was last emptied at 2000: the command may have waited since.
    bench.port.incoming += frameBytes(command(id: 2, life: 50).array)
    #expect(try result(bench.poll(at: 2_050)).status == .expired)
    bench.port.incoming += frameBytes(command(id: 3, life: 51).array)
    #expect(try result(bench.poll(at: 2_100)).status == .done)
    #expect(bench.port.executions == [4: 1])
  }

  @Test("while one runs another is busy, and the end of the first is not reported then")
  func busy() throws {
    let bench = Bench.attached()
    bench.port.nextOutcome = DeviceOutcome(.running)
    #expect(try result(bench.tell(command(id: 1))).status == .running)
    bench.session.finish(DeviceOutcome(.done, value: 7))
    let end = try result(bench.poll(at: 2_001))
    #expect(end == CommandResult(attached: 77, session: 77, id: 1, status: .done, value: 7))
    _ = bench.tell(command(id: 2))
    #expect(try result(bench.tell(command(id: 3))).status == .busy)
    bench.session.finish(DeviceOutcome(.done))
    #expect(bench.poll(at: 2_002) == [])
  }

  @Test("a lease lapses by the board's own clock, attached or not, unless renewed or released")
  func lease() throws {
    let bench = Bench.attached()
    _ = bench.tell(command(id: 1, lease: 5_000, op: 1))
    _ = bench.tell(command(id: 2, lease: 1_000, op: 2))
    _ = bench.tell(command(id: 3, lease: 1_000, op: 3))
    _ = bench.tell(command(id: 4, lease: 0, op: 3))
    _ = bench.poll(at: 2_999)
    #expect(bench.port.lapsed == [])
    _ = bench.tell(command(id: 5, lease: 2_000, op: 2))
    _ = bench.poll(at: 4_998)
    #expect(bench.port.lapsed == [])
    _ = bench.poll(at: 4_999)
    #expect(bench.port.lapsed == [2])
    _ = bench.poll(at: 7_000)
    #expect(bench.port.lapsed == [2, 1])
  }

  @Test("a ninth lease is refused before anything moves") func leaseTable() throws {
    let bench = Bench.attached()
    for id in 1...8 as ClosedRange<UInt16> {
      #expect(try result(bench.tell(command(id: id, lease: 9, op: UInt8(id)))).status == .done)
    }
    #expect(try result(bench.tell(command(id: 9, lease: 9, op: 9))).status == .refused)
    #expect(try result(bench.tell(command(id: 10, lease: 0, op: 9))).status == .done)
    #expect(bench.port.executions == [4: 9])
  }
}
