/// Reads the arguments of a command in order (PROTOCOL.md 2.9); each is nil when it is not there.
struct ArgumentReader: ~Escapable {
  private var reader: ByteReader

  /// Begins at the first argument.
  @_lifetime(copy arguments)
  init(_ arguments: Span<UInt8>) {
    reader = ByteReader(arguments)
  }

  /// Whether every argument was read: a command with more than it takes is refused.
  var isAtEnd: Bool { reader.remaining == 0 }

  /// The next integer.
  @_lifetime(self: copy self)
  mutating func integer() -> Int64? {
    do {
      return try reader.zigzag()
    } catch {
      return nil
    }
  }
}
