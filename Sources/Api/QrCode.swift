internal import CQrencode

/// QR codes (ISO/IEC 18004) by libqrencode.
enum QrCode {
  /// The longest text that is drawn, in bytes: more would be too fine for a telephone to read.
  static let textBytesMax = 400

  /// The modules of a text's code with error correction M, row by row from the top, `1` for dark
  /// and `0` for light, without the quiet zone of 4 modules around it; nil where it is too long.
  static func rows(_ text: String) -> [String]? {
    guard !text.isEmpty, text.utf8.count <= textBytesMax, !text.utf8.contains(0) else { return nil }
    guard let code = unsafe QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
    defer { unsafe QRcode_free(code) }
    let width = unsafe Int(code.pointee.width)
    guard let data = unsafe code.pointee.data else { return nil }
    return (0..<width).map { row in
      // The lowest bit of a module says whether it is dark; the others say what it is for.
      String((0..<width).map { unsafe data[row * width + $0] & 1 == 1 ? "1" : "0" })
    }
  }
}
