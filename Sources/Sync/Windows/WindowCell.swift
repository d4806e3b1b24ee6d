/// A stretch of UTC whose readings count for one bucket.
///
/// A bucket has one cell, or several when a filter lets only parts of it pass. What lies between
/// cells counts for nothing.
public struct WindowCell: Hashable, Sendable {
  /// Its first µs since 1970.
  public var fromUs: Int64
  /// The first µs after it.
  public var toUs: Int64
  /// The index of its bucket.
  public var bucket: Int

  /// Makes a cell.
  public init(fromUs: Int64, toUs: Int64, bucket: Int) {
    self.fromUs = fromUs
    self.toUs = toUs
    self.bucket = bucket
  }
}

extension [WindowCell] {
  /// The first cell that ends after a time; `count` when none does. The cells must be in order and
  /// not overlap; `hint` is where the search before this one ended.
  @inline(__always)
  func first(endingAfter utcUs: Int64, hint: Int) -> Int {
    if hint < count, self[hint].toUs > utcUs, hint == 0 || self[hint - 1].toUs <= utcUs {
      return hint
    }
    if hint + 1 < count, self[hint].toUs <= utcUs, self[hint + 1].toUs > utcUs { return hint + 1 }
    return partition { $0.toUs > utcUs }
  }
}
