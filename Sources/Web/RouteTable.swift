/// Finds what serves a method and a path; knows nothing of handlers.
struct RouteTable<Target: Sendable>: Sendable {
  enum Match {
    case found(Target, parameters: [String: String])
    /// The path exists with other methods: these.
    case methodNotAllowed(allow: [Method])
    case notFound
    /// The path itself is malformed.
    case badPath
  }

  private struct Entry: Sendable {
    let method: Method
    let pattern: PathPattern
    let target: Target
  }

  private var entries: [Entry] = []
  /// The routes without named parts, by their whole path: nothing is more specific, so one that is
  /// found here needs no search.
  private var literals: [String: [Entry]] = [:]

  /// Adds a route; the most specific pattern wins whatever the order.
  mutating func add(_ method: Method, _ pattern: PathPattern, _ target: Target) {
    precondition(
      !entries.contains { $0.method == method && $0.pattern == pattern },
      "two routes for \(method) \(pattern.parts)")
    let entry = Entry(method: method, pattern: pattern, target: target)
    let place = entries.firstIndex { pattern.rank.lexicographicallyPrecedes($0.pattern.rank) }
    entries.insert(entry, at: place ?? entries.endIndex)
    if let path = pattern.literal { literals[path, default: []].append(entry) }
  }

  /// `HEAD` is served by `GET` where it has no route of its own.
  func match(_ method: Method, path: String) -> Match {
    if let entry = literals[path]?.first(where: { $0.method == method }) {
      return .found(entry.target, parameters: [:])
    }
    guard let segments = PathPattern.segments(of: path) else { return .badPath }
    var allow: [Method] = []
    var get: (Target, [String: String])?
    for entry in entries {
      guard let parameters = entry.pattern.match(segments) else { continue }
      if entry.method == method { return .found(entry.target, parameters: parameters) }
      if entry.method == .get, get == nil { get = (entry.target, parameters) }
      if !allow.contains(entry.method) { allow.append(entry.method) }
    }
    if method == .head, let get { return .found(get.0, parameters: get.1) }
    guard !allow.isEmpty else { return .notFound }
    if allow.contains(.get), !allow.contains(.head) { allow.append(.head) }
    return .methodNotAllowed(allow: allow.sorted { $0.rawValue < $1.rawValue })
  }

  /// Every method and pattern, for documentation that is checked against the routes.
  var routes: [(method: Method, pattern: PathPattern)] { entries.map { ($0.method, $0.pattern) } }
}
