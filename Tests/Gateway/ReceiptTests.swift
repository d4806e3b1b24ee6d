import Model
import Reactor
import TestSupport
import Testing

@testable import Api
@testable import Gateway
@testable import Storage
@testable import Sync

@Suite("Receipts of bundles", .serialized) struct ReceiptTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  private static func receipt(of world: BundleWorld, cut: Int = 0) async throws -> [UInt8] {
    let bundle = try await world.maker.export().flatMap { $0 }
    let came = try await world.taker.importing(Array(bundle.dropLast(cut)))
    let text = try #require(came.receipt)
    return try #require(Hex.bytes(text[...]))
  }

  @Test("a receipt tells the maker what the other has, whole or cut, piece by piece or at once")
  @Loop func travels() async throws {
    for cut in [0, 300] {
      let world = try await BundleWorld()
      let bytes = try await Self.receipt(of: world, cut: cut)
      let receipt = try BundleReceipt(decoding: bytes)
      #expect(receipt.receiver == world.taker.key.id && receipt.holds)
      world.maker.members = [world.taker.key.id]
      for pieceBytes in [1, 17, 1 << 20] {
        let told = try await world.maker.importing(bytes, pieceBytes: pieceBytes)
        #expect(told.maker == "\(world.taker.key.id)" && told.receipt == nil)
        #expect(told.acknowledged ?? 0 > 0 && told.kept == 0)
      }
      let vector = try await world.taker.store.vector()
      #expect(world.maker.receipts == [world.taker.key.id: vector])
      try await world.end()
    }
  }

  @Test("one that was changed, of a stranger, of another site, or none at all is refused")
  @Loop func refused() async throws {
    let world = try await BundleWorld()
    let bytes = try await Self.receipt(of: world)
    func code(_ bytes: [UInt8]) async -> String? {
      await BundleWorld.code { _ = try await world.maker.importing(bytes) }
    }
    #expect(await code(bytes) == "receipt.stranger")
    world.maker.members = [world.taker.key.id]
    // A byte of the site, of the receiver, of the bundle's hash, of the vector and the signature.
    let places: [(Int, Set<String>)] = [
      (49, ["bundle.other-site"]), (81, ["receipt.stranger", "receipt.forged"]),
      (100, ["receipt.forged"]), (140, ["receipt.forged", "receipt.malformed"]),
      (bytes.count - 1, ["receipt.forged"]),
    ]
    for (place, codes) in places {
      var altered = bytes
      altered[place] ^= 1
      #expect(await code(altered).map(codes.contains) == true, "byte \(place)")
    }
    #expect(await code(Array(bytes.dropLast())) == "receipt.malformed")
    #expect(await code(bytes + [0]) == "receipt.malformed")
    world.maker.site = SiteId([UInt8](repeating: 8, count: 32))
    #expect(await code(bytes) == "bundle.other-site")
    #expect(world.maker.receipts.isEmpty)
    try await world.end()
  }
}
