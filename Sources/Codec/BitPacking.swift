/// Numbers of 0 to 64 bits one after the other, the lowest bit first.
enum BitPacking {
  /// What one load of eight bytes holds, wherever in its first byte the number begins.
  private static let oneLoadWidthMax = 57

  /// Unpacks numbers onto the reference. Their bytes must be there: the caller has checked.
  static func unpack(
    _ bytes: Span<UInt8>, at start: Int, width: Int, reference: Int64, _ places: Range<Int>,
    into numbers: inout MutableSpan<Int64>
  ) {
    if width == 0 {
      for place in places { numbers[place] = reference }
    } else if width <= oneLoadWidthMax, start + (places.count * width + 7) / 8 + 8 <= bytes.count {
      unpackByLoads(bytes, at: start, width: width, reference: reference, places, into: &numbers)
    } else {
      unpackByBytes(bytes, at: start, width: width, reference: reference, places, into: &numbers)
    }
  }

  private static func unpackByLoads(
    _ bytes: Span<UInt8>, at start: Int, width: Int, reference: Int64, _ places: Range<Int>,
    into numbers: inout MutableSpan<Int64>
  ) {
    let raw = unsafe bytes.bytes
    let mask = (1 &<< UInt64(width)) &- 1
    var bit = start * 8
    for place in places {
      // Any eight bytes are a number, and the load checks that they are there.
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
      let low = (UInt64(littleEndian: word) &>> UInt64(bit & 7)) & mask
      numbers[place] = reference &+ Int64(bitPattern: low)
      bit &+= width
    }
  }

  /// The last bytes of a content, and numbers wider than one load: byte by byte.
  private static func unpackByBytes(
    _ bytes: Span<UInt8>, at start: Int, width: Int, reference: Int64, _ places: Range<Int>,
    into numbers: inout MutableSpan<Int64>
  ) {
    var bit = start * 8
    for place in places {
      var low: UInt64 = 0
      var taken = 0
      while taken < width {
        let free = 8 - bit % 8
        let bits = min(free, width - taken)
        let part = (UInt64(bytes[bit / 8]) &>> UInt64(bit % 8)) & ((1 &<< UInt64(bits)) &- 1)
        low |= part &<< UInt64(taken)
        taken += bits
        bit += bits
      }
      numbers[place] = reference &+ Int64(bitPattern: low)
    }
  }
}
