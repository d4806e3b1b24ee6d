internal import Glibc

/// A file descriptor with one owner, closed exactly once: when it goes out of scope.
///
/// Cancel the `Registration` of a descriptor before the descriptor is closed.
public struct Descriptor: ~Copyable, Sendable {
  /// The number, valid as long as this value lives; the receiver must not close it.
  public let raw: Int32

  /// Takes the ownership of an open descriptor from here on.
  public init(adopting raw: Int32) {
    precondition(raw >= 0, "descriptor \(raw) is not open")
    self.raw = raw
  }

  /// Gives the ownership away without closing.
  public consuming func release() -> Int32 {
    let raw = self.raw
    discard self
    return raw
  }

  /// Closes now; the same as letting the value go.
  public consuming func close() {}

  deinit { System.closeOwned(raw) }
}

/// Descriptors received together; those nobody takes are closed with it.
///
/// It stands in for an array, which cannot hold values with one owner.
public struct DescriptorBag: ~Copyable, Sendable {
  private var raws: [Int32]

  /// Takes the ownership of every descriptor of the list; the first is handed out first.
  public init(adopting raws: [Int32] = []) {
    self.raws = raws.reversed()
  }

  /// How many are left.
  public var count: Int { raws.count }

  /// Hands the next one out, nil when there is none.
  public mutating func next() -> Descriptor? {
    guard let raw = raws.popLast() else { return nil }
    return Descriptor(adopting: raw)
  }

  deinit {
    for raw in raws { System.closeOwned(raw) }
  }
}
