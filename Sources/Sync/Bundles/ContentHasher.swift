internal import CSodium

/// H of bytes that come in portions: the same as that of all of them at once.
public struct ContentHasher: Sendable {
  private var state = content_hasher()

  /// Begins before the first byte.
  public init() {
    let code = unsafe content_hasher_begin(&state)
    precondition(code == 0, "a hash cannot begin")
  }

  /// Takes more bytes.
  public mutating func update(_ bytes: [UInt8]) {
    let code = unsafe content_hasher_update(&state, bytes, UInt64(bytes.count))
    precondition(code == 0, "a hash of \(bytes.count) bytes more")
  }

  /// The hash of what came so far; more may come.
  public var hash: [UInt8] {
    var (copy, out) = (state, [UInt8](repeating: 0, count: Blake2b.contentByteCount))
    let code = unsafe content_hasher_hash(&copy, &out)
    precondition(code == 0, "a hash cannot end")
    return out
  }
}
