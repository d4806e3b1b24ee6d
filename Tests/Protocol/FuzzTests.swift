import Protocol
import TestSupport
import Testing

@testable import ProtocolSearch

/// Bodies that are almost right: golden ones, damaged, cut, lengthened; and plain noise.
private struct AlmostRight {
  private let golden = Vector.all.filter { $0.sort == "body" }.map(\.bytes)
  var random: Prng

  mutating func next() -> [UInt8] {
    var body = golden[random.below(golden.count)]
    switch random.below(6) {
    case 0:
      body = (0..<1 + random.below(250)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      body[0] = UInt8(1 + random.below(31))
    case 1: body.removeLast(random.below(body.count))
    case 2:
      let more = min(random.below(20), Limits.bodyBytesMax - body.count)
      for _ in 0..<more { body.append(UInt8(truncatingIfNeeded: random.next())) }
    default:
      for _ in 0..<1 + random.below(4) {
        body[random.below(body.count)] = interesting()
      }
    }
    return body
  }

  private mutating func interesting() -> UInt8 {
    let values: [UInt8] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF, 250, 240, 239]
    return random.below(2) == 0
      ? values[random.below(values.count)] : UInt8(truncatingIfNeeded: random.next())
  }
}

@Suite("Whatever a peer says") struct FuzzTests {
  @Test("no body trips a decoder, and what one takes is written again as it was")
  func decoders() {
    var source = AlmostRight(random: Prng(seed: 11))
    var taken = 0
    for trial in 0..<60_000 {
      let body = source.next()
      do throws(Malformed) {
        let message = try MessageText(body, bodyBytesMax: Limits.bodyBytesMax)
        taken += 1
        guard let again = message.again else { continue }
        let second = try MessageText(again, bodyBytesMax: Limits.bodyBytesMax)
        #expect(second.text == message.text, "trial \(trial): \(hexText(body))")
      } catch {
        continue
      }
    }
    print("fuzz: 60000 bodies, \(taken) taken")
    #expect(taken > 10_000)
  }

  @Test("no body gives out a sample before all of it was judged") func samplesWhole() {
    var source = AlmostRight(random: Prng(seed: 12))
    var refused = 0
    for _ in 0..<150_000 {
      var body = source.next()
      body[0] = MessageType.samples.rawValue
      do throws(Malformed) {
        let decoder = try SamplesDecoder(body.span)
        var count: UInt32 = 0
        var ticks: UInt64 = 0
        var isOrdered = true
        try SamplesDecoder.forEach(in: body.span) { sample in
          isOrdered =
            isOrdered && sample.seq == decoder.first + count && sample.ticks >= ticks
            && sample.ticks < Limits.ticksEnd && Int(sample.channel) < Limits.channelsMax
          ticks = sample.ticks
          count += 1
        }
        if count != decoder.count || !isOrdered { Issue.record("\(hexText(body))") }
      } catch {
        refused += 1
      }
    }
    #expect(refused > 50_000)
  }

  @Test("no descriptor trips its reader") func descriptors() {
    let golden = Vector.all(of: "descriptor").map(\.bytes).filter { $0.count < 400 }
    var random = Prng(seed: 13)
    var taken = 0
    for _ in 0..<40_000 {
      var bytes = golden[random.below(golden.count)]
      for _ in 0..<random.below(4) where !bytes.isEmpty {
        bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      do throws(Malformed) {
        let summary = try DescriptorReader.summary(bytes.span)
        var arguments = 0
        var channels = 0
        try DescriptorReader.forEachChannel(bytes.span) { _ throws(Malformed) in channels += 1 }
        try DescriptorReader.forEachCommand(bytes.span) { command throws(Malformed) in
          try DescriptorReader.forEachArgument(of: command, bytes.span) {
            _ throws(Malformed) in arguments += 1
          }
          arguments -= command.argumentCount
        }
        #expect(arguments == 0 && channels == summary.channelCount)
        taken += 1
      } catch {
        continue
      }
    }
    #expect(taken > 1_000)
  }

  @Test("no sequence of bodies trips a host, or makes it write before a HELLO", arguments: 0..<8)
  func host(seed: Int) {
    var source = AlmostRight(random: Prng(seed: UInt64(seed)))
    let bench = HostBench()
    var isHeard = false
    var given: UInt64 = 0
    for trial in 0..<8_000 {
      bench.forget()
      bench.nowUs += Int64(source.random.below(50_000))
      bench.hear(source.next())
      for action in bench.actions {
        switch action {
        case .hello(let hello):
          isHeard = true
          if source.random.below(2) == 0 { _ = bench.provision(source.random.next()) }
          var plan = AttachPlan(
            nonce: hello.nonce, session: UInt32(truncatingIfNeeded: source.random.next()),
            descriptorKnown: source.random.below(2) == 0)
          plan.cursors[0] = AttachPlan.Cursor(
            durable: UInt32(source.random.below(Int(hello.epochs[0].next) + 1)))
          _ = bench.attach(plan)
          bench.hear(result(attached: plan.session))
        case .send: #expect(isHeard, "seed \(seed), trial \(trial)")
        case .samples(_, _, let count): given += UInt64(count)
        default: break
        }
      }
      if let key = bench.nextKey { try? bench.command(key, lifeMs: 500) }
      bench.tick()
    }
    #expect(isHeard && bench.counts.samples >= given)
  }

  @Test("no stream of frames and noise trips a board", arguments: 0..<8)
  func board(seed: Int) {
    var source = AlmostRight(random: Prng(seed: UInt64(seed) + 100))
    let board = PlayedBoard(nowMs: 0, nonce: 9)
    board.port.records[0] = {
      let record = IdentityRecord(deviceId: 5, epoch: 1).bytes
      return (0..<20).map { record[$0] }
    }()
    var nowMs: Int64 = 0
    for _ in 0..<8_000 {
      nowMs += Int64(source.random.below(40))
      var bytes = frameBytes(source.next())
      if source.random.below(4) == 0 { bytes.removeLast(source.random.below(bytes.count)) }
      board.port.incoming += bytes
      board.scan(nowMs: nowMs)
      board.poll(nowMs: nowMs)
      _ = board.takeOutgoing()
    }
    #expect(board.session.lineCounts.framesGood > 1_000)
  }
}
