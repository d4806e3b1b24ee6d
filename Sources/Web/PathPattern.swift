/// A path with named parts: `/api/v1/devices/{id}`; `{rest...}` as the last part takes all
/// that remains, slashes included.
struct PathPattern: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case literal(String)
    case parameter(String)
    case rest(String)
  }

  let parts: [Part]

  /// A pattern is written by us: a malformed one is our own mistake and stops the process.
  init(_ text: String) {
    precondition(text.hasPrefix("/"), "a path pattern starts with a slash: \(text)")
    parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
      guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
      let name = part.dropFirst().dropLast()
      return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
    }
    let restIsLast = parts.dropLast().allSatisfy { if case .rest = $0 { false } else { true } }
    precondition(restIsLast, "{name...} is the last part: \(text)")
  }

  /// The one path that matches, where no part is named; nil otherwise, and where it has escapes.
  var literal: String? {
    var path = ""
    for part in parts {
      guard case .literal(let text) = part, !text.utf8.contains(UInt8(ascii: "%")) else {
        return nil
      }
      path += "/" + text
    }
    return path
  }

  /// The values of the named parts where a path matches.
  ///
  /// `segments` are decoded one by one, so an escaped slash never makes a new segment.
  func match(_ segments: [String]) -> [String: String]? {
    var values: [String: String] = [:]
    for (index, part) in parts.enumerated() {
      if case .rest(let name) = part {
        guard index <= segments.count else { return nil }
        values[name] = segments[index...].joined(separator: "/")
        return values
      }
      guard index < segments.count else { return nil }
      switch part {
      case .literal(let text) where text == segments[index]: break
      case .parameter(let name) where !segments[index].isEmpty: values[name] = segments[index]
      default: return nil
      }
    }
    return segments.count == parts.count ? values : nil
  }

  /// Smaller is more specific: a literal goes before a parameter, a parameter before a rest.
  var rank: [Int] {
    parts.map { part in
      switch part {
      case .literal: 0
      case .parameter: 1
      case .rest: 2
      }
    }
  }

  /// Splits a raw path; `nil` where it is not absolute or an escape is wrong.
  static func segments(of path: String) -> [String]? {
    guard path.hasPrefix("/") else { return nil }
    var segments: [String] = []
    for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let decoded = PercentCoding.decode(part) else { return nil }
      segments.append(decoded)
    }
    return segments
  }
}
