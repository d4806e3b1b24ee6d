/// How the bytes of a line are shown (PROTOCOL.md section 1.1, rule 5).
public enum TextLine {
  /// Whether more than half of the bytes are neither printable ASCII, nor tab, nor UTF-8.
  public static func isNoise(_ bytes: Span<UInt8>) -> Bool {
    var foreign = 0
    var index = 0
    while index < bytes.count {
      let width = printableWidth(bytes, at: index)
      if width == 0 { foreign += 1 }
      index += max(width, 1)
    }
    return foreign * 2 > bytes.count
  }

  /// Gives the bytes of the line as UTF-8 without control characters: a foreign byte becomes
  /// `\xHH`.
  public static func escape(_ bytes: Span<UInt8>, emit: (UInt8) -> Void) {
    var index = 0
    while index < bytes.count {
      let width = printableWidth(bytes, at: index)
      if width == 0 {
        let byte = bytes[index]
        emit(0x5C)
        emit(0x78)
        emit(hexDigit(byte &>> 4))
        emit(hexDigit(byte & 0x0F))
        index += 1
      } else {
        for offset in 0..<width { emit(bytes[index + offset]) }
        index += width
      }
    }
  }

  private static func hexDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 + nibble : 0x37 + nibble
  }

  /// Bytes of the printable character at `index`; 0 when there is none.
  ///
  /// UTF-8 as in RFC 3629: no overlong form, no surrogate, nothing above 10FFFF; and no C1 control.
  static func printableWidth(_ bytes: Span<UInt8>, at index: Int) -> Int {
    let lead = bytes[index]
    if lead < 0x80 { return (0x20...0x7E).contains(lead) || lead == 0x09 ? 1 : 0 }
    let width: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch lead {
    case 0xC2: (width, low) = (2, 0xA0)
    case 0xC3...0xDF: width = 2
    case 0xE0: (width, low) = (3, 0xA0)
    case 0xED: (width, high) = (3, 0x9F)
    case 0xE1...0xEF: width = 3
    case 0xF0: (width, low) = (4, 0x90)
    case 0xF4: (width, high) = (4, 0x8F)
    case 0xF1...0xF3: width = 4
    default: return 0
    }
    guard index + width <= bytes.count else { return 0 }
    guard bytes[index + 1] >= low, bytes[index + 1] <= high else { return 0 }
    for offset in 2..<max(width, 2) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
    return width
  }
}
