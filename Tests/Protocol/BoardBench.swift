import Protocol
import Testing

@testable import ProtocolSearch

/// A board alone on a bench: what it says, and what it is told, message by message.
final class BoardBench {
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
  static func attached(limit: UInt32 = 1_000) -> BoardBench {
    let bench = BoardBench()
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

/// The types of bodies.
func types(_ bodies: [[UInt8]]) -> [MessageType?] {
  bodies.map { MessageType(rawValue: $0[0]) }
}

/// The body of an ACK in epoch 3.
func ackOfHost(
  durable: UInt32, received: UInt32, limit: UInt32 = 1_000, again: Bool = false
) -> Body {
  Body {
    Ack(epoch: 3, durable: durable, received: received, limit: limit, again: again)
      .write(into: &$0)
  }
}

/// The body of a COMMAND.
func commandOfHost(
  id: UInt16, session: UInt32 = 77, epoch: UInt32 = 3, life: UInt32 = 1_000, lease: UInt32 = 0,
  op: UInt8 = 1, argument: Int64 = 4
) -> Body {
  let arguments = Body { $0.append(zigzag: argument) }
  return Body {
    Command(epoch: epoch, session: session, id: id, lifeMs: life, leaseMs: lease, op: op)
      .write(arguments: arguments.span, into: &$0)
  }
}

/// The first RESULT among bodies.
func resultOfBoard(_ bodies: [[UInt8]]) throws -> CommandResult {
  let body = try #require(bodies.first { $0[0] == MessageType.result.rawValue })
  return try CommandResult(body.span)
}

/// The first body, a HELLO.
func helloSaid(_ bodies: [[UInt8]]) throws -> Hello {
  let body = try #require(bodies.first)
  return try Hello(body.span)
}

/// The first body, a GAP.
func gapSaid(_ bodies: [[UInt8]]) throws -> Gap {
  let body = try #require(bodies.first)
  return try Gap(body.span)
}

/// The first body, a SAMPLES.
func samplesSaid(_ bodies: [[UInt8]]) throws -> SamplesDecoder {
  let body = try #require(bodies.first)
  return try SamplesDecoder(body.span)
}
