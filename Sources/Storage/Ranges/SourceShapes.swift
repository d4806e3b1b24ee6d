internal import Sync

/// Remembers the shapes of sources, so that a source costs a comparison of bytes.
///
/// At most `Sync.Limits.sourceShapesMax` are remembered; then all are forgotten.
struct SourceShapes {
  /// The shapes by their index.
  private(set) var all: [SourceShape] = []
  private var names: [Name] = []
  private var indices: [[UInt8]: Int] = [:]
  /// The shape that probably comes next: commits mostly repeat their sources.
  private var guess = 0

  /// The bytes of a shape.
  private struct Name {
    /// Identity, clock and epoch, then the channel table.
    let bytes: [UInt8]
    /// Where the table begins in them.
    let table: Int
    /// The value form of each channel, as its code.
    let codes: [UInt8]
  }

  /// The value form of each channel of a shape, as its code.
  func codes(_ shape: Int) -> [UInt8] { names[shape].codes }

  /// Whether a source's head is that of the shape that probably comes next.
  func isGuess(_ bytes: Span<UInt8>, head: Range<Int>) -> Bool {
    guard guess < names.count, names[guess].table == head.count else { return false }
    return Self.isSame(names[guess].bytes, 0..<head.count, bytes, at: head.lowerBound)
  }

  /// The shape that probably comes next if its table stands at an offset, and the end of that.
  mutating func takeGuess(_ bytes: Span<UInt8>, tableAt start: Int) -> (shape: Int, end: Int)? {
    let table = names[guess].table..<names[guess].bytes.count
    guard Self.isSame(names[guess].bytes, table, bytes, at: start) else { return nil }
    let found = guess
    next(after: found)
    return (found, start + table.count)
  }

  /// The index of a shape by its bytes; nil when it is new.
  mutating func find(_ name: [UInt8]) -> Int? {
    guard let found = indices[name] else { return nil }
    next(after: found)
    return found
  }

  private mutating func next(after shape: Int) { guess = shape + 1 < all.count ? shape + 1 : 0 }

  /// Remembers a shape, whose table begins at a place in its bytes; true when all others had to be
  /// forgotten.
  mutating func add(_ name: [UInt8], table: Int) throws(DecodeError) -> Bool {
    let shape = try SourceShape(decoding: name.span)
    let isFull = all.count >= Sync.Limits.sourceShapesMax
    if isFull { self = SourceShapes() }
    indices[name] = all.count
    names.append(Name(bytes: name, table: table, codes: shape.channels.map { $0.form.code }))
    all.append(shape)
    guess = 0
    return isFull
  }

  private static func isSame(
    _ known: [UInt8], _ part: Range<Int>, _ bytes: Span<UInt8>, at start: Int
  ) -> Bool {
    guard part.count <= bytes.count - start else { return false }
    let shift = start - part.lowerBound
    for index in part where known[index] != bytes[index + shift] { return false }
    return true
  }
}
