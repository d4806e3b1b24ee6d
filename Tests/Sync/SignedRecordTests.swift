import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Signed records") struct SignedRecordTests {
  @Test("an entry verifies alone, and as nobody else's")
  func entry() throws {
    let entries = try Signers.entries(1, 7, ["a", "b", "c"])
    let run = try Signers.run(1, 7)
    for entry in entries {
      let read = try SignedEntry(decoding: entry.encoded())
      #expect(read == entry && read.holds(of: run))
      #expect(try !read.holds(of: Signers.run(2, 7)))
      #expect(try !read.holds(of: Signers.run(1, 8)))
    }
  }

  @Test("no byte of a signed entry can change unnoticed")
  func alteredEntry() throws {
    let run = try Signers.run(1, 7)
    let bytes = try Signers.entries(1, 7, ["a", "setting"])[1].encoded()
    for at in bytes.indices {
      var changed = bytes
      changed[at] ^= 0x10
      guard let entry = try? SignedEntry(decoding: changed) else { continue }
      #expect(!entry.holds(of: run), "byte \(at)")
    }
  }

  @Test("a rewritten past shows to whoever holds only the end")
  func fork() throws {
    let run = try Signers.run(1, 7)
    let (one, two) = (
      try Signers.entries(1, 7, ["a", "b", "c"]), try Signers.entries(1, 7, ["a", "B", "c"])
    )
    #expect(ChainEvidence(linkBefore: one[1].link(of: run), named: one[2].previousLink) == .whole)
    #expect(two[2].holds(of: run))
    #expect(ChainEvidence(linkBefore: one[1].link(of: run), named: two[2].previousLink) == .fork)
    #expect(ChainEvidence(linkBefore: nil, named: two[2].previousLink) == .open)
  }

  @Test("the first entry has nothing before it")
  func first() throws {
    var bytes = try Signers.entries(1, 7, ["a"])[0].encoded()
    bytes[bytes.count - 65] = 1  // The last byte of the link.
    #expect(throws: DecodeError.self) { try SignedEntry(decoding: bytes) }
  }

  private func signed(_ bodies: [[UInt8]], first: UInt64 = 5) throws -> SignedLive {
    SignedLive(
      first: first, clockEpoch: try Signers.clockEpoch(), bodies: bodies,
      incarnation: Incarnation(7), key: try Signers.key(1))
  }

  @Test("commits are signed together: none can change, go, or move")
  func live() throws {
    let run = try Signers.run(1, 7)
    let live = try signed([[1, 2], [], [3]])
    let read = try SignedLive(decoding: live.encoded())
    #expect(read == live && read.holds(of: run) && read.seqs == 5...7)
    func again(_ bodies: [[UInt8]], _ first: UInt64) throws -> SignedLive {
      SignedLive(
        first: first, clockEpoch: live.clockEpoch, bodies: bodies, signature: live.signature)
    }
    #expect(try !again([[1, 2], [3]], 5).holds(of: run))
    #expect(try !again([[1, 2], [], [3]], 6).holds(of: run))
    #expect(try !again([[1], [2], [3]], 5).holds(of: run))
    #expect(try !live.holds(of: Signers.run(1, 8)))
  }

  @Test("a run of no commit, of too many and of too many bytes is refused")
  func liveBounds() throws {
    let whole = try signed([[UInt8]](repeating: [], count: Limits.liveCommitsMax))
    #expect(try SignedLive(decoding: whole.encoded()).bodies.count == 256)
    var writer = FieldWriter()
    writer.varint(1)
    writer.varint(257)
    writer.raw([UInt8](repeating: 0, count: 16 + 257 + 64))
    #expect(throws: DecodeError(.count, at: 1)) { try SignedLive(decoding: writer.bytes) }
    writer = FieldWriter()
    writer.varint(1)
    writer.varint(0)
    writer.raw([UInt8](repeating: 0, count: 80))
    #expect(throws: DecodeError(.range, at: 1)) { try SignedLive(decoding: writer.bytes) }
    writer = FieldWriter()
    writer.varint(1)
    writer.varint(2)
    writer.raw([UInt8](repeating: 0, count: 16))
    writer.bytesV([UInt8](repeating: 1, count: Limits.liveBytesMax))
    writer.bytesV([1])
    writer.raw([UInt8](repeating: 0, count: 64))
    #expect(throws: DecodeError.self) { try SignedLive(decoding: writer.bytes) }
  }

  // MARK: Ranges

  private let content = [UInt8]("content of a block that is long enough".utf8)
  private let summary: [UInt8] = [1, 2, 3]

  private func made() throws -> (SignedRange, RangeHeader) {
    let header = RangeHeader(
      firstSeq: 1, arrivalsMs: [10, 20],
      losses: [],
      blocks: [
        RangeBlock(
          identity: Samples.board(1), channel: "t", count: 2,
          summaryHash: Blake2b.content(summary), contentHash: Blake2b.content(content))
      ])
    let range = SignedRange(
      clockEpoch: try Signers.clockEpoch(), before: EntryChain.start, header: header.encoded(),
      incarnation: Incarnation(7), key: try Signers.key(1))
    return (range, header)
  }

  @Test("a range is signed by its header, and its blocks verify one by one")
  func range() throws {
    let (range, header) = try made()
    let (read, named) = try SignedRange.decode(range.encoded())
    #expect(try read == range && named == header && read.holds(of: Signers.run(1, 7)))
    #expect(try !read.holds(of: Signers.run(1, 9)))
    let stored = StoredContent.pack(content)
    let parcel = BlockParcel(index: 0, summary: summary, content: stored)
    #expect(try BlockParcel(decoding: parcel.encoded()) == parcel)
    #expect(parcel.verified(against: header) == parcel)
    let wrong = BlockParcel(index: 0, summary: [9], content: stored)
    #expect(
      wrong.verified(against: header) == BlockParcel(index: 0, summary: nil, content: stored))
    let neither = BlockParcel(index: 0, summary: [9], content: [0, 1])
    #expect(neither.verified(against: header) == nil)
    #expect(BlockParcel(index: 1, summary: summary, content: nil).verified(against: header) == nil)
  }

  @Test("a signed range of a header that is none, and a parcel of nothing, are refused")
  func badRange() throws {
    let (range, _) = try made()
    var bytes = range.encoded()
    bytes[48 + 1] = 9  // The header's version.
    #expect(throws: DecodeError(.version, at: 0)) { try SignedRange.decode(bytes) }
    #expect(throws: DecodeError(.range, at: 1)) { try BlockParcel(decoding: [0, 0]) }
    #expect(throws: DecodeError(.range, at: 1)) { try BlockParcel(decoding: [0, 4]) }
  }
}
