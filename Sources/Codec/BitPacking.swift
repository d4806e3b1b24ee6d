/// Numbers of 0 to 64 bits one after the other, the lowest bit first.
enum BitPacking {
  /// What one load of eight bytes holds, wherever in its first byte the number begins.
  private static let oneLoadWidthMax = 57

  /// Unpacks numbers onto the reference. Their bytes must be there: the caller has checked.
  static func unpack(
    _ bytes: Span<UInt8>, at start: Int, width: Int, reference: Int64, _ places: Range<Int>,
    into numbers: inout MutableSpan<Int64>
  ) {
    let end = start + (places.count * width + 7) / 8
    if width == 0 {
      for place in places { numbers[place] = reference }
    } else if end + 8 > bytes.count {
      unpackByBytes(bytes, at: start, width: width, reference: reference, places, into: &numbers)
    } else if width <= oneLoadWidthMax {
      unpackByLoads(bytes, at: start, width: width, reference: reference, places, into: &numbers)
    } else {
      unpackWide(bytes, at: start, width: width, reference: reference, places, into: &numbers)
    }
  }

  private static func unpackByLoads(
    _ bytes: Span<UInt8>, at start: Int, width: Int, reference: Int64, _ places: Range<Int>,
    into numbers: inout MutableSpan<Int64>
  ) {
    let mask = (1 &<< UInt64(width)) &- 1
    var bit = start * 8
    for place in places {
      let low = load(bytes, bit &>> 3) &>> UInt64(bit & 7) & mask
      numbers[place] = reference &+ Int64(bitPattern: low)
      bit &+= width
    }
  }

  /// Wider numbers: what the first load cannot hold is in the byte behind it.
  private static func unpackWide(
    _ bytes: Span<UInt8>, at start: Int, width: Int, reference: Int64, _ places: Range<Int>,
    into numbers: inout MutableSpan<Int64>
  ) {
    let mask = width == 64 ? .max : (1 &<< UInt64(width)) &- 1
    var bit = start * 8
    for place in places {
      let shift = UInt64(bit & 7)
      // Shifted by 64 where the number begins with its byte: nothing.
      let high = UInt64(bytes[bit &>> 3 + 8]) << (64 - shift)
      let low = (load(bytes, bit &>> 3) &>> shift | high) & mask
      numbers[place] = reference &+ Int64(bitPattern: low)
      bit &+= width
    }
  }

  /// Any eight bytes are a number, and the load checks that they are there.
  @inline(__always)
  private static func load(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
    let raw = unsafe bytes.bytes
    let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    return UInt64(littleEndian: word)
  }

  /// The last bytes of a content: byte by byte.
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
