/// A line that is typed without being shown: what a terminal does otherwise, in little.
struct TypedLine {
  enum Outcome { case more, done, givenUp }

  private(set) var bytes: [UInt8] = []

  /// Takes a byte of the keyboard.
  mutating func take(_ byte: UInt8) -> Outcome {
    switch byte {
    case 0x0A, 0x0D: return .done
    // Ctrl-C; Ctrl-D where there is nothing.
    case 0x03: return .givenUp
    case 0x04: return bytes.isEmpty ? .givenUp : .done
    // Ctrl-U; backspace takes a whole character.
    case 0x15: bytes = []
    case 0x08, 0x7F:
      while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
    default:
      if bytes.count < CliLimits.passwordFileBytesMax { bytes.append(byte) }
    }
    return .more
  }
}
