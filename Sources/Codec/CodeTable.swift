/// For every eleven bits that may come next, the symbol that they begin with and its length.
struct CodeTable {
  static let size = 1 << SymbolCode.lengthMax
  /// Symbol times 16, and the bits of its code; 0 where no code begins so.
  private(set) var entries = [UInt16](repeating: 0, count: size)

  /// Reads the lengths of a code, which must be whole: every row of bits means something. A
  /// symbol alone has one bit, and the other bit means nothing.
  @_lifetime(source: copy source)
  init(_ source: inout ByteSource) throws(CodecError) {
    let start = source.offset
    let used = Int(try source.u8())
    guard used >= 1, used <= SymbolCode.symbolCount else { throw CodecError(.count, at: start) }
    let nibbles = try source.skip((used + 1) / 2)
    var lengths = InlineArray<91, UInt8>(repeating: 0)
    var space = 0
    var symbols = 0
    for symbol in 0..<used {
      let pair = source.bytes[nibbles + symbol / 2]
      let length = symbol % 2 == 0 ? pair & 0xF : pair &>> 4
      guard Int(length) <= SymbolCode.lengthMax else { throw CodecError(.range, at: start) }
      lengths[symbol] = length
      if length > 0 {
        symbols += 1
        space += 1 << (SymbolCode.lengthMax - Int(length))
      }
    }
    let isAlone = symbols == 1 && space == Self.size / 2
    guard lengths[used - 1] > 0, isAlone || space == Self.size else {
      throw CodecError(.range, at: start)
    }
    if used % 2 == 1, source.bytes[nibbles + used / 2] &>> 4 != 0 {
      throw CodecError(.padding, at: nibbles + used / 2)
    }
    fill(lengths)
  }

  private mutating func fill(_ lengths: InlineArray<91, UInt8>) {
    let codes = SymbolCode.codes(lengths)
    for symbol in 0..<SymbolCode.symbolCount where lengths[symbol] > 0 {
      let entry = UInt16(symbol) &<< 4 | UInt16(lengths[symbol])
      for place in stride(from: Int(codes[symbol]), to: Self.size, by: 1 << Int(lengths[symbol])) {
        entries[place] = entry
      }
    }
  }
}
