extension String {
  /// The bytes of its UTF-8: `Array(utf8)`, without what the standard library has beside for
  /// strings that are not UTF-8 inside. There is none on Linux, yet it would be a part of every
  /// program in Embedded Swift.
  public var utf8Bytes: [UInt8] {
    let bytes = utf8.span
    return unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
