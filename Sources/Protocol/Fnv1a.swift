/// FNV-1a of 64 bits, as Fowler, Noll and Vo published it: the hash of a descriptor.
public struct Fnv1a: Sendable {
  /// The hash of the bytes so far.
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Starts over no bytes.
  public init() {}

  /// Takes one more byte.
  public mutating func update(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }

  /// The hash of some bytes.
  public static func hash(_ bytes: Span<UInt8>) -> UInt64 {
    var hash = Fnv1a()
    for index in bytes.indices { hash.update(bytes[index]) }
    return hash.value
  }
}
