/// How much room a database takes.
public struct DatabaseSpace: Hashable, Sendable {
  /// Bytes of its pages.
  public var bytes: Int64
  /// Bytes of those that hold nothing.
  public var freeBytes: Int64
}

extension StoreCore {
  func space() throws(DatabaseError) -> DatabaseSpace {
    let pageBytes = try database.number("PRAGMA page_size") ?? 0
    let pages = try database.number("PRAGMA page_count") ?? 0
    let free = try database.number("PRAGMA freelist_count") ?? 0
    return DatabaseSpace(bytes: pages * pageBytes, freeBytes: free * pageBytes)
  }
}
