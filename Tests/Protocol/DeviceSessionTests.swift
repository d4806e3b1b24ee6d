import Protocol
import Testing

@testable import ProtocolSearch

@Suite("A board: quiet, HELLO, identity") struct DeviceIdentityTests {
  @Test("for two seconds it says nothing, numbers nothing and hears nothing") func quiet() {
    let bench = BoardBench()
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    bench.port.incoming += frameBytes(Body { TimeProbe(cookie: 1).write(into: &$0) }.array)
    #expect(bench.poll(at: 0) == [])
    #expect(!bench.push(1))
    #expect(bench.poll(at: 1_999) == [])
    #expect(types(bench.poll(at: 2_000)) == [.hello])
  }

  @Test("HELLO comes every 500 ms for 10 s, then every 2 s") func schedule() {
    let bench = BoardBench()
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
    let bench = BoardBench()
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
    let bench = BoardBench()
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    bench.port.isUnwritable = true
    let said = try helloSaid(bench.poll(at: 2_000))
    #expect(said.deviceId == 0)
    #expect(said.identityUnwritable)
    #expect(!bench.push(1))
  }

  @Test("PROVISION is taken once, repeated harmlessly, and refused for another boot or id")
  func provision() throws {
    let bench = BoardBench()
    _ = bench.poll(at: 2_000)
    func provision(_ nonce: UInt32, _ deviceId: UInt64) -> Body {
      Body { Provision(nonce: nonce, deviceId: deviceId).write(into: &$0) }
    }
    #expect(bench.tell(provision(8, 5)) == [])
    let said = try helloSaid(bench.tell(provision(9, 5)))
    #expect(said.deviceId == 5)
    #expect(said.epochs[0] == Hello.Epoch(epoch: 1, oldest: 0, next: 0))
    #expect(types(bench.tell(provision(9, 5))) == [.hello])
    #expect(bench.tell(provision(9, 6)) == [])
    #expect(bench.session.counts.ignored == 2)
  }

  @Test("the descriptor is read in parts, up to its end") func descriptor() throws {
    let bench = BoardBench()
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
    let bench = BoardBench.attached()
    _ = bench.tell(Body { ResetToBoot(deviceId: 6).write(into: &$0) })
    #expect(bench.port.bootResets == 0)
    #expect(bench.tell(Body { ResetToBoot(deviceId: 5).write(into: &$0) }) == [])
    #expect(bench.port.bootResets == 1)
  }

  @Test("ticks go on where the 32-bit counter wraps") func wrap() throws {
    let bench = BoardBench(ticks: UInt32.max - 2_999)
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
    let bench = BoardBench()
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    _ = bench.poll(at: 2_000)
    for value in 0..<6 as Range<Int64> { #expect(bench.push(value)) }
    let said = bench.tell(BoardBench.resume(limit: 4))
    #expect(types(said) == [.result, .samples])
    #expect(try samplesSaid([said[1]]).count == 4)
    #expect(bench.poll(at: 2_100) == [])
    let more = bench.tell(ackOfHost(durable: 0, received: 4, limit: 6))
    #expect(try samplesSaid(more).first == 4)
  }

  @Test("a RESUME of another epoch, or beyond what was made, is ignored") func wrongResume() {
    let bench = BoardBench.attached()
    var resume = Resume(session: 78, limit: 9)
    resume.append(Resume.Entry(epoch: 2, durable: 0))
    #expect(bench.tell(Body { resume.write(into: &$0) }) == [])
    #expect(bench.tell(BoardBench.resume(session: 78, durable: 1)) == [])
    #expect(bench.session.counts.ignored == 2)
  }

  @Test("a full ring drops its oldest, and says so in their place") func fullRing() throws {
    let bench = BoardBench.attached(limit: 0)
    for value in 0..<11 as Range<Int64> { #expect(bench.push(value)) }
    #expect(bench.session.samplesDropped == 3)
    let said = bench.tell(ackOfHost(durable: 0, received: 0))
    #expect(types(said) == [.gap, .samples])
    #expect(try gapSaid(said) == Gap(index: 0, first: 0, count: 3))
    #expect(try samplesSaid([said[1]]).first == 3)
  }

  @Test("samples are sent again when asked, or when nothing was sent for a second") func again()
    throws
  {
    let bench = BoardBench.attached()
    for value in 0..<4 as Range<Int64> { #expect(bench.push(value)) }
    #expect(types(bench.poll(at: 2_010)) == [.samples])
    #expect(bench.tell(ackOfHost(durable: 0, received: 2)) == [])
    let asked = bench.tell(ackOfHost(durable: 0, received: 2, again: true))
    #expect(try samplesSaid(asked).first == 2)
    _ = bench.poll(at: 3_009)
    #expect(bench.tell(ackOfHost(durable: 0, received: 1)) == [])
    _ = bench.poll(at: 3_010)
    let late = bench.tell(ackOfHost(durable: 0, received: 1))
    #expect(try samplesSaid(late).first == 1)
  }

  @Test("an ACK that cannot be is ignored") func wrongAck() {
    let bench = BoardBench.attached()
    for value in 0..<4 as Range<Int64> { #expect(bench.push(value)) }
    _ = bench.poll(at: 2_010)
    for wrong in [ackOfHost(durable: 3, received: 2), ackOfHost(durable: 0, received: 5)] {
      _ = bench.tell(wrong)
    }
    #expect(bench.session.counts.ignored == 2)
    #expect(bench.session.samplesHeld == 4)
    _ = bench.tell(ackOfHost(durable: 3, received: 4))
    #expect(bench.session.samplesHeld == 1)
  }

  @Test("three seconds without RESUME or ACK end the attachment") func silence() {
    let bench = BoardBench.attached()
    _ = bench.poll(at: 4_999)
    #expect(bench.isAttached)
    #expect(types(bench.poll(at: 5_000)) == [.hello])
    #expect(!bench.isAttached)
  }

  @Test("what waits less than `batch` and fills no body is not sent") func batch() {
    let bench = BoardBench(batchMs: 100)
    bench.give(IdentityRecord(deviceId: 5, epoch: 1), slot: 0)
    _ = bench.poll(at: 2_000)
    _ = bench.tell(BoardBench.resume())
    #expect(bench.push(1))
    #expect(bench.poll(at: 2_099) == [])
    #expect(types(bench.poll(at: 2_100)) == [.samples])
  }

  @Test("a frame that the port takes in parts comes whole") func slowPort() {
    let bench = BoardBench()
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
    let bench = BoardBench.attached()
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
