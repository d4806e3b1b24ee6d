/// The items of a batch that is here as far as it came: what is behind the last whole frame, or
/// behind one that is broken, is not among them (docs/sync-format.md, section 3).
public struct BatchItems: Sendable {
  private var reader = BatchReader()
  private var rest: ArraySlice<UInt8>

  /// Whether a frame was broken: nothing behind it was read.
  public private(set) var isBroken = false

  /// Begins with the bytes of a batch, cut or whole.
  public init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// The run that the item before is of; nil before one was named.
  public var run: RunId? { reader.currentRun }

  /// The next item that came whole; nil at the end.
  public mutating func next() -> BatchItem? {
    while !isBroken {
      do throws(BatchReader.Failure) {
        if let item = try reader.next() { return item }
      } catch {
        isBroken = true
        return nil
      }
      guard !rest.isEmpty else { return nil }
      reader.push(Array(rest.prefix(Limits.frameBytesMax)))
      rest = rest.dropFirst(Limits.frameBytesMax)
    }
    return nil
  }
}
