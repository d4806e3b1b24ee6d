import Model
import Sync
import TestSupport
import Testing

@Suite("Commit bodies") struct CommitTests {
  @Test("what is encoded is decoded, and encodes to the same bytes")
  func roundTrip() throws {
    for seed in 0..<400 as Range<UInt64> {
      var prng = Prng(seed: seed)
      var batch = Samples.batch(&prng)
      guard let body = batch.take(arrivalUs: Int64(prng.below(1 << 40)))?.body else { continue }
      let bytes = CommitEncoder.encode(body)
      let decoded = try CommitDecoder.decode(bytes)
      #expect(decoded == body, "seed \(seed)")
      #expect(CommitEncoder.encode(decoded) == bytes, "seed \(seed)")
      #expect(try CommitDecoder.arrivalUs(bytes.span) == body.arrivalUs, "seed \(seed)")
    }
  }

  @Test("the same readings give the same bytes in whatever order the devices came")
  func sameContentSameBytes() {
    for seed in 0..<50 as Range<UInt64> {
      var prng = Prng(seed: seed)
      let counts = (0..<6).map { _ in prng.below(20) }
      var bodies: Set<[UInt8]> = []
      for _ in 0..<5 {
        var batch = ReadingBatch(cursors: CursorFold())
        var left = counts
        for device in left.indices {
          let cursor = Cursor(
            identity: Samples.board(UInt8(device)), epoch: 1, nonce: 1, ringCapacity: 8)
          _ = batch.open(cursor)
        }
        while let device = left.indices.filter({ left[$0] > 0 }).randomElement(using: &prng) {
          let seq = UInt32(counts[device] - left[device])
          left[device] -= 1
          _ = batch.append(
            device: Samples.board(UInt8(device)), epoch: 1, seq: seq, ticksMs: Int64(seq) * 7,
            channel: Channel(key: "t"), value: .decimal(Int64(seq), exponent: 0))
        }
        if let body = batch.take(arrivalUs: 5)?.body { bodies.insert(CommitEncoder.encode(body)) }
      }
      #expect(bodies.count <= 1, "seed \(seed)")
    }
  }

  @Test("a steady series takes little more than a byte a reading") func size() {
    var batch = ReadingBatch(cursors: CursorFold())
    let device = Samples.board(1)
    _ = batch.open(Cursor(identity: device, epoch: 1, nonce: 1, ringCapacity: 8))
    for seq in 0..<1_000 as Range<UInt32> {
      _ = batch.append(
        device: device, epoch: 1, seq: seq, ticksMs: Int64(seq) * 1_000,
        channel: Channel(key: "t", exponent: -1),
        value: .decimal(Int64(200 + seq % 3), exponent: -1))
    }
    let bytes = batch.take(arrivalUs: 5).map { CommitEncoder.encode($0.body) } ?? []
    #expect(bytes.count < 1_050)
  }

  @Test("damaged bodies are refused or decode to something that encodes; nothing traps")
  func fuzz() {
    let golden = Vector.all.filter { $0.verdict != "reject" }
    var accepted = 0
    for seed in 0..<4_000 as Range<UInt64> {
      var prng = Prng(seed: seed)
      let vector = golden[prng.below(golden.count)]
      var bytes = vector.bytes
      for _ in 0...prng.below(4) where !bytes.isEmpty {
        let place = prng.below(bytes.count)
        switch prng.below(5) {
        case 0: bytes[place] ^= 1 << UInt8(prng.below(8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: prng.next())
        case 2: bytes.remove(at: place)
        case 3: bytes.insert([0, 1, 0x7F, 0x80, 0xFF][prng.below(5)], at: place)
        default: bytes.removeLast(prng.below(bytes.count))
        }
      }
      let damaged = Vector(
        name: vector.name, verdict: "", form: vector.form, bytes: bytes, expected: "")
      do throws(DecodeError) {
        _ = try damaged.decode()
        accepted += 1
      } catch {
        #expect((0...bytes.count).contains(error.offset), "seed \(seed)")
      }
    }
    #expect((1..<4_000).contains(accepted))
  }

  @Test("every bit of every golden body, flipped, is survived", arguments: Vector.all)
  func flips(_ vector: Vector) {
    for place in vector.bytes.indices {
      for bit in 0..<8 as Range<UInt8> {
        var bytes = vector.bytes
        bytes[place] ^= 1 << bit
        let flipped = Vector(
          name: vector.name, verdict: "", form: vector.form, bytes: bytes, expected: "")
        do throws(DecodeError) { _ = try flipped.decode() } catch {
          #expect(error.offset <= bytes.count)
        }
      }
    }
  }

  @Test("a body above 1 MiB is refused unread") func tooLong() {
    let bytes = [UInt8](repeating: 1, count: Limits.commitBytesMax + 1)
    #expect(throws: DecodeError(.tooLong, at: 0)) { try CommitDecoder.decode(bytes) }
  }
}

@Suite("Node key") struct NodeKeyTests {
  @Test("the public half is that of RFC 8032, test 1") func vector() throws {
    let seed = Hex.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    let key = try #require(NodeKey(seed: seed ?? []))
    #expect(
      key.id.description == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
  }

  @Test("a seed of another length is none", arguments: [0, 31, 33]) func length(_ count: Int) {
    #expect(NodeKey(seed: [UInt8](repeating: 1, count: count)) == nil)
  }
}
