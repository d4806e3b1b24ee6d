import Model
import Testing

@testable import Sync

@Suite("Signatures")
struct SignatureTests {
  /// RFC 8032, section 7.1, test 2: the seed, the key, and the signature over the byte 72.
  private let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
  private let publicKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
  private let signature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"

  private func key() throws -> NodeKey {
    let bytes = try #require(Hex.bytes(seed))
    return try #require(NodeKey(seed: bytes))
  }

  @Test("the vector of RFC 8032 is signed and holds")
  func rfc() throws {
    let key = try key()
    #expect(key.id.description == publicKey)
    let signed = key.sign([0x72])
    #expect(Hex.text(signed) == signature)
    #expect(Signatures.holds(signed, over: [0x72], by: key.id))
  }

  @Test("a signature holds for no other message, no other node and with no bit changed")
  func others() throws {
    let key = try key()
    let other = try #require(NodeKey(seed: [UInt8](repeating: 7, count: 32)))
    let signed = key.sign([1, 2, 3])
    #expect(!Signatures.holds(signed, over: [1, 2, 4], by: key.id))
    #expect(!Signatures.holds(signed, over: [1, 2, 3], by: other.id))
    for bit in 0..<(8 * signed.count) {
      var changed = signed
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!Signatures.holds(changed, over: [1, 2, 3], by: key.id), "bit \(bit)")
    }
  }

  @Test("another encoding of a signature, and a key of small order, hold for nothing")
  func strict() throws {
    let key = try key()
    var other = key.sign([])
    // s + L: the same number modulo the order of the group, and so another encoding.
    let order = try #require(
      Hex.bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))
    var carry: UInt16 = 0
    for index in 0..<32 {
      let sum = UInt16(other[32 + index]) + UInt16(order[index]) + carry
      other[32 + index] = UInt8(truncatingIfNeeded: sum)
      carry = sum >> 8
    }
    #expect(!Signatures.holds(other, over: [], by: key.id))
    let one: [UInt8] = [1] + [UInt8](repeating: 0, count: 31)
    let neutral = one + [UInt8](repeating: 0, count: 32)
    #expect(!Signatures.holds(neutral, over: [], byKey: one))
  }

  @Test("bytes of another length are no signature and no key")
  func lengths() throws {
    let key = try key()
    let signed = key.sign([9])
    #expect(!Signatures.holds([], over: [9], by: key.id))
    #expect(!Signatures.holds(signed + [0], over: [9], by: key.id))
    #expect(!Signatures.holds(signed, over: [9], byKey: []))
  }

  @Test("hashes and keyed hashes are those of the published vectors")
  func hashes() throws {
    // BLAKE2b-256 of nothing, and the first keyed one of the authors' list (blake2b-kat.txt).
    #expect(
      Hex.text(Blake2b.hash256([]))
        == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8")
    #expect(
      Hex.text(Blake2b.hash([], byteCount: 64, key: Array(0..<64)))
        == "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
        + "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568")
  }

  @Test("bytes are the same only where all of them are")
  func sameness() {
    #expect(ConstantTime.equal([1, 2], [1, 2]))
    #expect(!ConstantTime.equal([1, 2], [1, 3]))
    #expect(!ConstantTime.equal([1], [1, 2]))
    #expect(ConstantTime.equal([], []))
  }
}
