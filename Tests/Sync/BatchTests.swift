import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Batches") struct BatchTests {
  /// A batch of entries, commits and a range with a block.
  private func written(isPacked: Bool = true) throws -> (bytes: [UInt8], items: [BatchItem]) {
    var writer = BatchWriter(isPacked: isPacked)
    var items: [BatchItem] = []
    for node: UInt8 in [1, 2] {
      let run = try Signers.run(node, 7)
      items.append(.run(run))
      for entry in try Signers.entries(node, 7, ["a", String(repeating: "long ", count: 99)]) {
        writer.add(entry, of: run)
        items.append(.entry(entry))
      }
    }
    let run = try Signers.run(2, 7)
    let live = SignedLive(
      first: 3, clockEpoch: try Signers.clockEpoch(), bodies: [[1], [2, 3]],
      incarnation: Incarnation(7), key: try Signers.key(2))
    writer.add(live, of: run)
    items.append(.live(live))
    let header = RangeHeader(firstSeq: 1, arrivalsMs: [10, 20], losses: [], blocks: [])
    let range = SignedRange(
      clockEpoch: try Signers.clockEpoch(), before: EntryChain.start, header: header.encoded(),
      incarnation: Incarnation(7), key: try Signers.key(2))
    writer.add(range, of: run)
    items.append(.range(range, header))
    let parcel = BlockParcel(index: 0, summary: [1], content: [0, 2])
    writer.add(parcel)
    writer.endRange()
    let hash = Blake2b.content(range.header)
    writer.addContinuation(first: 1, header: hash, of: run)
    writer.add(parcel)
    writer.endRange()
    writer.end()
    items += [
      .block(parcel), .endOfRange, .continuation(first: 1, header: hash), .block(parcel),
      .endOfRange, .end,
    ]
    return (writer.take(), items)
  }

  private func read(
    _ bytes: [UInt8], by size: Int = .max
  ) -> (items: [BatchItem], reader: BatchReader, failure: BatchReader.Failure?) {
    var reader = BatchReader()
    var items: [BatchItem] = []
    var at = 0
    do throws(BatchReader.Failure) {
      while at < bytes.count {
        let end = min(bytes.count, size == .max ? .max : at + size)
        reader.push(Array(bytes[at..<end]))
        at = end
        while let item = try reader.next() { items.append(item) }
      }
    } catch {
      return (items, reader, error)
    }
    return (items, reader, nil)
  }

  @Test("what was written is read again, in pieces of any length", arguments: [true, false])
  func roundTrip(isPacked: Bool) throws {
    let (bytes, items) = try written(isPacked: isPacked)
    for size in [1, 2, 7, 64, 1_000, .max] {
      let (found, reader, failure) = read(bytes, by: size)
      #expect(found == items && failure == nil, "pieces of \(size)")
      #expect(reader.isWhole && reader.waitingByteCount == 0)
    }
  }

  @Test("packing saves bytes and changes nothing else")
  func packing() throws {
    #expect(try written().bytes.count < written(isPacked: false).bytes.count)
  }

  @Test("a cut at any byte loses the frame that it cuts, and nothing before it")
  func cut() throws {
    let (bytes, items) = try written()
    var last = 0
    for length in 0..<bytes.count {
      let (found, reader, failure) = read(Array(bytes[..<length]))
      #expect(failure == nil && !reader.isWhole)
      #expect(found == Array(items[..<found.count]), "cut at \(length)")
      #expect(found.count == last || found.count == last + 1, "cut at \(length)")
      last = found.count
    }
    #expect(last == items.count - 1)
  }

  @Test("a changed byte ends the batch there: what came before counts, nothing false comes out")
  func altered() throws {
    let (bytes, items) = try written()
    for at in bytes.indices {
      var changed = bytes
      changed[at] ^= 0x04
      let (found, reader, failure) = read(changed)
      #expect(found == Array(items[..<found.count]), "byte \(at)")
      #expect(failure != nil || reader.waitingByteCount > 0, "byte \(at)")
    }
  }

  /// A frame as any sender can make it.
  private func frame(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.u8(type)
    writer.bytesV(content)
    writer.fixed(RowCheck.crc32c(0, writer.bytes.span))
    return writer.bytes
  }

  private func runBytes() throws -> [UInt8] {
    var writer = FieldWriter()
    writer.run(try Signers.run(1, 7))
    return writer.bytes
  }

  @Test("frames of a later version are passed over and counted")
  func unknown() throws {
    let entry = try Signers.entries(1, 7, ["a"])[0]
    let bytes =
      [1] + frame(1, try runBytes()) + frame(99, [1, 2]) + frame(2, entry.encoded())
      + frame(7, [3])
    let (found, reader, failure) = read(bytes)
    let run = try Signers.run(1, 7)
    #expect(found == [.run(run), .skipped(type: 99), .entry(entry), .end])
    #expect(failure == nil && reader.isWhole && reader.frameCount == 4)
  }

  @Test("what cannot be read takes nothing else with it")
  func malformed() throws {
    let entry = try Signers.entries(1, 7, ["a"])[0]
    let bytes =
      [1] + frame(2, entry.encoded()) + frame(1, try runBytes()) + frame(5, [0, 1, 0])
      + frame(2, [9]) + frame(2, entry.encoded()) + frame(1, [1]) + frame(2, entry.encoded())
    let (found, _, failure) = read(bytes)
    #expect(failure == nil)
    let kinds = found.map { item in
      switch item {
      case .malformed(let type, _): return "bad \(type)"
      case .run: return "run"
      case .entry: return "entry"
      default: return "other"
      }
    }
    let hash = [UInt8](repeating: 9, count: 32)
    for bad in [[1], [0] + hash, [1] + hash.dropLast(), [1] + hash + [0]] as [[UInt8]] {
      let (found, _, _) = read([1] + frame(1, try runBytes()) + frame(9, bad))
      guard case .malformed(9, _) = found.last else {
        Issue.record("\(bad.count) bytes name a range")
        return
      }
    }
    // Behind a run that cannot be read, records would be another's.
    #expect(kinds == ["bad 2", "run", "bad 5", "bad 2", "entry", "bad 1", "bad 2"])
  }

  @Test("a batch that counts its frames otherwise, goes on after its end, or is of another version")
  func failures() throws {
    let run = frame(1, try runBytes())
    #expect(read([2]).failure == .version)
    #expect(read([1] + run + frame(7, [2])).failure == .count)
    #expect(read([1] + run + frame(7, [1]) + [1]).failure == .leftover)
    #expect(read([1, 2, 0xFF, 0xFF, 0xFF, 0xFF, 1]).failure == .tooLong)
    #expect(read([1, 2, 0x81, 0x80, 0x80, 1]).failure == .tooLong)
    #expect(read([1, 2, 0x80, 0]).failure == .altered)
  }

  @Test(
    "a seal is the last frame, with the end before it or without; nothing else may follow either")
  func seal() throws {
    let mac = [UInt8](repeating: 7, count: 24)
    var writer = BatchWriter()
    writer.end()
    writer.seal(mac)
    let bytes = writer.take()
    #expect(read(bytes).items == [.end, .seal(mac)] && read(bytes).failure == nil)
    #expect(read([1] + frame(8, mac)).items == [.seal(mac)])
    #expect(read(bytes + [1]).failure == .leftover)
    #expect(read([1] + frame(8, mac) + frame(8, mac)).failure == .leftover)
    guard case .malformed(8, _) = read([1] + frame(8, [1])).items.first else {
      Issue.record("a seal of one byte is taken")
      return
    }
  }

  @Test("a packed frame says its length, is one frame of zstd, and no larger than any")
  func packed() throws {
    let run = try runBytes()
    func zstd(_ content: [UInt8]) throws -> [UInt8] {
      let packed = StoredContent.compress(content.span, max: content.count + 64)
      return Array(try #require(packed).dropFirst())
    }
    let packed = try zstd(run)
    let whole = read([1] + frame(0x81, [UInt8(run.count)] + packed))
    #expect(whole.items == [.run(try Signers.run(1, 7))])
    let zeros = try zstd([UInt8](repeating: 0, count: Limits.frameBytesMax + 1))
    for bad in [
      [UInt8(run.count + 1)] + packed, [UInt8(run.count)] + packed + packed,
      [UInt8(run.count)] + packed.dropLast(), [UInt8(run.count)], [], [0x7F] + zeros,
    ] {
      let (found, _, failure) = read([1] + frame(0x81, bad))
      guard case .malformed(1, _) = found.first else {
        Issue.record("\(bad.count) bytes gave \(found)")
        continue
      }
      #expect(failure == nil && found.count == 1)
    }
  }

  @Test("a parcel that passes a frame goes in two")
  func largeParcel() throws {
    var prng = Prng(seed: 5)
    let summary = (0..<(200 << 10)).map { _ in UInt8(truncatingIfNeeded: prng.next()) }
    let content = [0] + (0..<(1_000 << 10)).map { _ in UInt8(truncatingIfNeeded: prng.next()) }
    let header = RangeHeader(firstSeq: 1, arrivalsMs: [10], losses: [], blocks: [])
    var writer = BatchWriter()
    writer.add(
      SignedRange(
        clockEpoch: try Signers.clockEpoch(), before: EntryChain.start, header: header.encoded(),
        incarnation: Incarnation(7), key: try Signers.key(1)), of: try Signers.run(1, 7))
    writer.add(BlockParcel(index: 0, summary: summary, content: content))
    let (found, _, failure) = read(writer.take())
    #expect(failure == nil)
    #expect(
      found.suffix(2) == [
        .block(BlockParcel(index: 0, summary: summary, content: nil)),
        .block(BlockParcel(index: 0, summary: nil, content: content)),
      ])
  }
}
