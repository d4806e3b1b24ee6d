/// Finds connections whose client takes too long to say what it wants.
///
/// libmicrohttpd closes a connection on which nothing comes; a client that sends a byte now and
/// then would keep it for ever. So between requests, and while a head or a body comes in, the time
/// is bounded as a whole. Pure: the time is a parameter.
struct ConnectionWatch: Sendable {
  private struct Entry: Sendable {
    /// Since when we wait for the client; nil while it waits for us.
    var sinceUs: Int64?
  }

  private let limitUs: Int64
  private var entries: [Int: Entry] = [:]

  init(limitUs: Int64) { self.limitUs = limitUs }

  /// Whether there is anything to watch.
  var isEmpty: Bool { entries.isEmpty }

  mutating func opened(_ id: Int, atUs: Int64) { entries[id] = Entry(sinceUs: atUs) }

  mutating func closed(_ id: Int) { entries[id] = nil }

  /// Its request is complete: the client waits for us.
  mutating func received(_ id: Int) { entries[id]?.sinceUs = nil }

  /// It is answered: we wait for the next request.
  mutating func answered(_ id: Int, atUs: Int64) { entries[id]?.sinceUs = atUs }

  /// The connections that have taken too long.
  func overdue(atUs: Int64) -> [Int] {
    entries.filter { entry in
      entry.value.sinceUs.map { atUs - $0 > limitUs } ?? false
    }.map(\.key)
  }
}
