import Sync
import Testing
import TestSupport

@Suite("Stored contents")
struct StoredContentTests {
  @Test("what repeats itself is packed, what does not is stored as it is", arguments: [0, 1, 5000])
  func roundTrip(count: Int) throws {
    var prng = Prng(seed: 4)
    let random = (0..<count).map { _ in UInt8(truncatingIfNeeded: prng.next()) }
    let even = [UInt8](repeating: 7, count: count)
    #expect(StoredContent.pack(random) == [0] + random)
    #expect(try StoredContent.unpack(StoredContent.pack(random).span) == random)
    #expect(StoredContent.pack(even).count < max(count / 50, count + 2))
    #expect(try StoredContent.unpack(StoredContent.pack(even).span) == even)
  }

  @Test("a frame that says to be longer than a content is refused before it is unpacked")
  func tooLong() {
    let stored = StoredContent.pack([UInt8](repeating: 7, count: Limits.contentBytesMax + 1))
    #expect(throws: DecodeError(.tooLong, at: 1)) { try StoredContent.unpack(stored.span) }
  }

  @Test("every cut and every unknown packing is refused")
  func refused() {
    let stored = StoredContent.pack([UInt8](repeating: 7, count: 5000))
    for end in 0..<stored.count {
      let cut = Array(stored[..<end])
      #expect(throws: DecodeError.self, "\(end)") { try StoredContent.unpack(cut.span) }
    }
    #expect(throws: DecodeError(.range, at: 0)) { try StoredContent.unpack([2, 0].span) }
  }
}
