import Model
import Sync
import TestSupport
import Testing

/// A bundle of some records, and what a reader makes of bytes.
private struct BundleScene {
  let key = TrustWorld.key("G")
  let run = RunId(origin: TrustWorld.node("G"), incarnation: Incarnation(7))
  var recipient: NodeId? = TrustWorld.node("H")

  func entries(_ count: UInt64) throws -> [SignedEntry] {
    let epoch = try #require(ClockEpoch([UInt8](repeating: 3, count: 16)))
    var link = EntryChain.start
    return (1...count).map { seq in
      let entry = SignedEntry(
        lane: .state, seq: seq, clockEpoch: epoch, kind: 2,
        body: [UInt8](repeating: UInt8(truncatingIfNeeded: seq), count: Int(seq) * 3),
        previousLink: link, incarnation: run.incarnation, key: key)
      link = entry.link(of: run)
      return entry
    }
  }

  func bundle(_ count: UInt64 = 5) throws -> (bytes: [UInt8], hash: [UInt8]) {
    var writer = BundleWriter(site: TrustWorld.site, key: key, recipient: recipient)
    var bytes: [UInt8] = []
    for entry in try entries(count) {
      writer.add { $0.add(entry, of: run) }
      bytes += writer.take()
    }
    let (last, hash) = writer.finish()
    return (bytes + last, hash)
  }

  struct Read: Equatable {
    var entries: [SignedEntry] = []
    var ending: BundleReader.Ending?
    var failure: BundleReader.Failure?
    var hash: [UInt8] = []
    var header: BundleHeader?
  }

  /// Reads bytes in portions.
  static func read(
    _ bytes: [UInt8], by size: Int = 1 << 20, site: SiteId = TrustWorld.site
  ) -> Read {
    var (reader, read) = (BundleReader(site: site), Read())
    func drain() {
      do throws(BundleReader.Failure) {
        while let item = try reader.next() {
          if case .entry(let entry) = item { read.entries.append(entry) }
        }
      } catch {
        read.failure = error
      }
    }
    var rest = bytes[...]
    while !rest.isEmpty, read.failure == nil {
      reader.push(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
      drain()
    }
    if read.failure == nil {
      reader.end()
      drain()
    }
    read.ending = reader.ending
    read.hash = reader.hash
    read.header = reader.header
    return read
  }
}

@Suite("Bundles") struct BundleTests {
  @Test(
    "a bundle gives its records back, in portions of any size", arguments: [1, 7, 64, 65, 4_096])
  func whole(size: Int) throws {
    let scene = BundleScene()
    let (bytes, hash) = try scene.bundle()
    let read = BundleScene.read(bytes, by: size)
    #expect(read.entries == (try scene.entries(5)))
    #expect(read.entries.allSatisfy { $0.holds(of: scene.run) })
    #expect(read.ending == .whole && read.failure == nil && read.hash == hash)
    #expect(
      read.header
        == BundleHeader(
          site: TrustWorld.site, maker: TrustWorld.node("G"), recipient: TrustWorld.node("H")))
  }

  @Test("a bundle of nothing, for anybody, is a bundle") func empty() throws {
    var writer = BundleWriter(site: TrustWorld.site, key: TrustWorld.key("G"), recipient: nil)
    let read = BundleScene.read(writer.finish().bytes)
    #expect(read.ending == .whole && read.entries.isEmpty && read.header?.recipient == nil)
  }

  @Test("a bundle cut anywhere gives every record that came whole") func cut() throws {
    let scene = BundleScene()
    let bytes = try scene.bundle().bytes
    let all = try scene.entries(5)
    var counts: [Int] = []
    for length in bytes.indices {
      let read = BundleScene.read(Array(bytes[..<length]), by: 50)
      #expect(Array(all.prefix(read.entries.count)) == read.entries)
      if length < 113 {
        #expect(read.failure == .notBundle)
      } else {
        #expect(read.ending == .cut, "\(length) of \(bytes.count)")
      }
      counts.append(read.entries.count)
    }
    #expect(counts == counts.sorted() && Set(counts) == Set(0...5))
    // The last record is not held back by a signature that is missing.
    #expect(BundleScene.read(Array(bytes.dropLast(64))).entries.count == 5)
  }

  @Test("a bundle that was changed on the way still gives what verifies, and never passes as whole")
  func changed() throws {
    let scene = BundleScene()
    let bytes = try scene.bundle(3).bytes
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 0x10
      let read = BundleScene.read(other)
      #expect(read.ending != .whole || read.failure != nil, "byte \(place)")
      #expect(read.entries.count <= 3)
    }
  }

  @Test("what another made in the maker's name is told apart, and its records verify all the same")
  func forged() throws {
    let scene = BundleScene()
    var writer = BundleWriter(
      site: TrustWorld.site, key: TrustWorld.key("X"), recipient: scene.recipient)
    let entry = try scene.entries(1)[0]
    writer.add { $0.add(entry, of: scene.run) }
    var bytes = writer.finish().bytes
    bytes.replaceSubrange(49..<81, with: TrustWorld.node("G").bytes)
    let read = BundleScene.read(bytes)
    #expect(read.ending == .forged && read.entries == [entry])
  }

  @Test("a bundle of another site, and what is none, gives nothing") func refused() throws {
    let bytes = try BundleScene().bundle().bytes
    #expect(BundleScene.read(bytes, site: SiteId(TrustWorld.otherSiteKey)).failure == .otherSite)
    #expect(BundleScene.read([]).failure == .notBundle)
    var later = bytes
    later[15] = UInt8(ascii: "2")
    #expect(BundleScene.read(later).failure == .notBundle)
  }

  @Test("bytes behind a bundle do not make it whole, and take no record from it") func behind()
    throws
  {
    let scene = BundleScene()
    for byte in 0...255 as ClosedRange<UInt8> {
      let read = BundleScene.read(try scene.bundle(2).bytes + [byte])
      #expect(read.entries.count == 2 && read.ending != .whole)
    }
  }
}

@Suite("Receipts") struct BundleReceiptTests {
  private func receipt() throws -> BundleReceipt {
    var vector = HaveVector()
    let run = RunId(origin: TrustWorld.node("G"), incarnation: Incarnation(7))
    vector[LogId(run, .state)].seen.insert(1...5)
    return BundleReceipt(
      site: TrustWorld.site, key: TrustWorld.key("H"), bundle: try BundleScene().bundle().hash,
      vector: vector)
  }

  @Test("a receipt says who has what after which bundle, signed") func says() throws {
    let receipt = try receipt()
    let read = try BundleReceipt(decoding: receipt.encoded)
    #expect(read == receipt && read.holds && read.receiver == TrustWorld.node("H"))
    #expect(read.encoded == receipt.encoded)
  }

  @Test("every byte of a receipt counts") func everyByte() throws {
    let bytes = try receipt().encoded
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 1
      do throws(DecodeError) {
        let read = try BundleReceipt(decoding: other)
        #expect(!read.holds, "byte \(place)")
      } catch {
        continue
      }
    }
    for length in bytes.indices {
      #expect(throws: DecodeError.self) { try BundleReceipt(decoding: Array(bytes[..<length])) }
    }
    #expect(throws: DecodeError.self) { try BundleReceipt(decoding: bytes + [0]) }
  }

  @Test("a bundle's signature is none of a receipt") func purposes() throws {
    var bytes = try receipt().encoded
    let bundle = try BundleScene().bundle().bytes
    bytes.replaceSubrange((bytes.count - 64)..., with: bundle.suffix(64))
    #expect(try !BundleReceipt(decoding: bytes).holds)
  }
}

@Suite("Hashes of bytes in portions") struct ContentHasherTests {
  @Test("the portions make no difference, and a hash may be taken on the way", arguments: 0..<20)
  func portions(seed: Int) {
    var prng = Prng(seed: UInt64(seed))
    let bytes = (0..<prng.below(2_000)).map { _ in UInt8(prng.below(256)) }
    var (hasher, rest, done) = (ContentHasher(), bytes[...], 0)
    while !rest.isEmpty {
      let count = 1 + prng.below(300)
      hasher.update(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
      done = min(done + count, bytes.count)
      #expect(hasher.hash == Blake2b.content(Array(bytes[..<done])), "seed \(seed)")
    }
    #expect(hasher.hash == Blake2b.content(bytes), "seed \(seed)")
  }
}
