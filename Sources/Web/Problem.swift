/// What went wrong with a request, as RFC 9457 describes it, with what to do next.
///
/// Sent as `application/problem+json`; always English, as all JSON is: a client that speaks
/// to a person translates by `type`.
public struct Problem: Error, Codable, Hashable, Sendable {
  /// A stable name of the kind of problem, `urn:bivouac:problem:` and a slug.
  public var type: String
  /// A short summary that is the same for every problem of the type.
  public var title: String
  /// The HTTP status, 400 to 599.
  public var status: Int
  /// The name of the kind alone, as every refusal of the API has it.
  public var code: String?
  /// What happened this time.
  public var detail: String?
  /// What the caller can do about it.
  public var remedy: String?
  /// The values in `detail`, for a client that words it in another language.
  public var parameters: [String: String]?

  /// Makes a problem from the slug of its type.
  public init(
    _ slug: String, title: String, status: Int, detail: String? = nil, remedy: String? = nil,
    parameters: [String: String]? = nil
  ) {
    self.type = Self.typePrefix + slug
    self.code = slug
    self.title = title
    self.status = status
    self.detail = detail
    self.remedy = remedy
    self.parameters = parameters
  }

  /// What every problem type starts with.
  public static let typePrefix = "urn:bivouac:problem:"

  /// The slug alone, for comparison.
  public var slug: String {
    type.hasPrefix(Self.typePrefix) ? String(type.dropFirst(Self.typePrefix.count)) : type
  }

  /// The request cannot be understood (400).
  public static func badRequest(_ detail: String, remedy: String? = nil) -> Problem {
    Problem("bad-request", title: "Bad request", status: 400, detail: detail, remedy: remedy)
  }

  /// Nothing is there (404).
  public static func notFound(_ detail: String, remedy: String? = nil) -> Problem {
    Problem("not-found", title: "Not found", status: 404, detail: detail, remedy: remedy)
  }

  /// The path is known but not with this method (405); the answer carries `Allow`.
  public static func methodNotAllowed(_ method: Method, allow: [Method]) -> Problem {
    let allowed = allow.map(\.rawValue).joined(separator: ", ")
    return Problem(
      "method-not-allowed", title: "Method not allowed", status: 405,
      detail: "\(method) is not offered here", remedy: "use one of: \(allowed)")
  }

  /// The body is longer than the route allows (413).
  public static func bodyTooLarge(bytesMax: Int) -> Problem {
    Problem(
      "body-too-large", title: "Body too large", status: 413,
      detail: "the body is longer than \(bytesMax) bytes", remedy: "send it in smaller parts")
  }

  /// The request has more header fields than are looked at (431).
  static func tooManyHeaders(countMax: Int) -> Problem {
    Problem(
      "too-many-headers", title: "Too many headers", status: 431,
      detail: "the request has more than \(countMax) header fields", remedy: "send fewer")
  }

  /// The body's type is not one the route reads (415).
  public static func unsupportedMediaType(_ sent: String?, accepted: [String]) -> Problem {
    Problem(
      "unsupported-media-type", title: "Unsupported media type", status: 415,
      detail: sent.map { "this route does not read \($0)" } ?? "no Content-Type was given",
      remedy: "send Content-Type: \(accepted.joined(separator: " or "))")
  }

  /// Something on our side failed (500).
  public static func failure(_ detail: String, remedy: String? = nil) -> Problem {
    Problem(
      "internal", title: "The daemon could not answer", status: 500, detail: detail,
      remedy: remedy ?? "see the daemon's log")
  }

  /// The daemon cannot serve this now (503).
  public static func unavailable(_ detail: String, remedy: String? = nil) -> Problem {
    Problem(
      "unavailable", title: "Not available now", status: 503, detail: detail,
      remedy: remedy ?? "try again in a moment")
  }
}
