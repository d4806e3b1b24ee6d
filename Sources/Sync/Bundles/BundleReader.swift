internal import Model

/// Reads a bundle as its bytes come, whole or cut: every record that came whole is handed out, none
/// is verified (records verify by themselves).
public struct BundleReader: Sendable {
  /// Why nothing, or nothing more, can be read.
  public enum Failure: Error, Hashable, Sendable {
    /// It is no bundle, or one of another version.
    case notBundle
    /// It is one of another site.
    case otherSite
    /// Its records cannot be read beyond here; those before count.
    case batch(BatchReader.Failure)
  }

  /// How a bundle ended.
  public enum Ending: Hashable, Sendable {
    /// Whole, with its maker's signature.
    case whole
    /// All records are here, and somebody else made the file, or changed it, in the maker's name:
    /// an alarm, and nothing else, since records verify by themselves.
    case forged
    /// Cut short.
    case cut
  }

  /// What it says of itself, once that has come.
  public private(set) var header: BundleHeader?
  /// How it ended; nil before `next` has given all after `end`.
  public private(set) var ending: Ending?

  private let site: SiteId
  private var batch = BatchReader()
  private var hasher = ContentHasher()
  /// What came and was not looked at. The last 64 bytes of all may be the signature, which the
  /// batch must never see: they stay here until the end.
  private var waiting: [UInt8] = []
  private var hasEnded = false

  /// Begins before the first byte.
  public init(site: SiteId) { self.site = site }

  /// Takes more bytes, to be followed by `next` until that gives nothing.
  public mutating func push(_ bytes: [UInt8]) {
    precondition(!hasEnded, "bytes after the end")
    waiting += bytes
  }

  /// No more bytes will come; `next` gives what is left.
  public mutating func end() { hasEnded = true }

  /// The hash by which a receipt names the bundle: of all before its signature, or of all that
  /// came.
  public var hash: [UInt8] { hasher.hash }

  /// The run that the last item belongs to.
  public var currentRun: RunId? { batch.currentRun }

  /// The next item that has come whole; nil where more bytes are needed, or after the end.
  public mutating func next() throws(Failure) -> BatchItem? {
    guard ending == nil else { return nil }
    if header == nil {
      guard waiting.count >= BundleHeader.byteCount else {
        if hasEnded { throw .notBundle }
        return nil
      }
      try readHeader()
    }
    while true {
      if let item = try item() { return item }
      let kept = hasEnded ? 0 : Signatures.byteCount
      if hasEnded, batch.isWhole, waiting.count == Signatures.byteCount {
        judge()
        return nil
      }
      guard waiting.count > kept else {
        if hasEnded { ending = .cut }
        return nil
      }
      // At the end the last 64 bytes are the signature only if the batch is whole before them.
      let most = hasEnded && waiting.count > Signatures.byteCount ? Signatures.byteCount : kept
      feed(min(waiting.count - most, Limits.frameBytesMax))
    }
  }

  private mutating func readHeader() throws(Failure) {
    let head = Array(waiting.prefix(BundleHeader.byteCount))
    guard let read = BundleHeader(decoding: head) else { throw .notBundle }
    guard read.site == site else { throw .otherSite }
    header = read
    hasher.update(head)
    waiting.removeFirst(head.count)
  }

  private mutating func item() throws(Failure) -> BatchItem? {
    do throws(BatchReader.Failure) {
      return try batch.next()
    } catch {
      ending = .cut
      throw .batch(error)
    }
  }

  private mutating func feed(_ count: Int) {
    let piece = Array(waiting.prefix(count))
    waiting.removeFirst(count)
    hasher.update(piece)
    batch.push(piece)
  }

  private mutating func judge() {
    guard let header else { return }
    let holds = Signatures.holds(
      waiting, over: BundleHeader.statement(hasher.hash), by: header.maker)
    ending = holds ? .whole : .forged
  }
}
