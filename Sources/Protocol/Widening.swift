// Conversions to 64 bits. The library's own are generic, and their unspecialised path mentions an
// array: on a 32-bit target the compiler refuses them under -no-allocations. Concrete ones of the
// same spelling are preferred by overload resolution, so that the code around stays ordinary.

extension UInt64 {
  @inline(always)
  init(_ value: UInt8) { self.init(_truncatingBits: UInt(value)) }

  @inline(always)
  init(_ value: UInt16) { self.init(_truncatingBits: UInt(value)) }

  @inline(always)
  init(_ value: UInt32) { self.init(_truncatingBits: UInt(value)) }

  /// Stops on a negative number, like the library's.
  @inline(always)
  init(_ value: Int) {
    precondition(value >= 0)
    self.init(_truncatingBits: UInt(bitPattern: value))
  }
}

extension Int64 {
  @inline(always)
  init(_ value: UInt32) { self.init(bitPattern: UInt64(value)) }

  @inline(always)
  init(_ value: Int32) {
    self = Int64(bitPattern: UInt64(UInt32(bitPattern: value)) &<< 32) &>> 32
  }
}
