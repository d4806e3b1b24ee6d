public import Model

/// Writes a bundle, piece by piece: a header, a batch, and the maker's signature over both.
///
/// The order of its records is the caller's: membership, the rest of lane 0, lane 1, ranges newest
/// first, live ranges; so a file that was cut is worth as much as it can be.
public struct BundleWriter: Sendable {
  private var batch = BatchWriter()
  private var hasher = ContentHasher()
  private var waiting: [UInt8]
  private let key: NodeKey

  /// Begins a bundle.
  public init(site: SiteId, key: NodeKey, recipient: NodeId?) {
    self.key = key
    waiting = BundleHeader(site: site, maker: key.id, recipient: recipient).encoded
    hasher.update(waiting)
  }

  /// Adds records.
  public mutating func add(_ write: (inout BatchWriter) -> Void) { write(&batch) }

  /// The bytes since the last time, to be written to the file.
  public mutating func take() -> [UInt8] {
    let more = batch.take()
    hasher.update(more)
    defer { waiting = [] }
    return waiting + more
  }

  /// Ends the bundle: its last bytes, and the hash by which a receipt names it.
  public mutating func finish() -> (bytes: [UInt8], hash: [UInt8]) {
    batch.end()
    let bytes = take()
    let hash = hasher.hash
    return (bytes + key.sign(BundleHeader.statement(hash)), hash)
  }
}
