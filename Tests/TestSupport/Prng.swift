/// SplitMix64 (Steele and others, 2014): the same numbers for the same seed, on every machine.
public struct Prng: RandomNumberGenerator, Sendable {
  @usableFromInline var state: UInt64

  /// Begins with a seed; close ones give numbers that have nothing in common.
  @inlinable public init(seed: UInt64) { state = seed }

  /// The next number of 64 bits.
  @inlinable public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to, not including, `end`.
  @inlinable public mutating func below(_ end: Int) -> Int { Int(next() % UInt64(end)) }

  /// True so many times in a hundred.
  @inlinable public mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}
