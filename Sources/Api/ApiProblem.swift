/// A problem as it goes over the wire (RFC 9457), with the members that let a program compare it
/// and a person read it in another language.
public struct ApiProblem: Codable, Sendable, Equatable {
  /// `urn:bivouac:problem:` and the code.
  public var type: String
  /// A short summary that is the same for every problem of one status.
  public var title: String
  /// The HTTP status.
  public var status: Int
  /// The English sentence: what and why.
  public var detail: String
  /// A stable code such as `not-found`.
  public var code: String
  /// The values its sentence needs.
  public var parameters: [String: String]
  /// What to do next, in English.
  public var remedy: String

  /// What every type starts with.
  public static let typePrefix = "urn:bivouac:problem:"

  /// Puts what the node said into the form of the wire.
  ///
  /// A status that is no error would let a refusal pass for success: it becomes 500.
  public init(_ error: ServiceError) {
    type = Self.typePrefix + error.code
    status = (400...599).contains(error.status) ? error.status : 500
    title = Self.title(ofStatus: status)
    detail = error.detail
    code = error.code
    parameters = error.parameters
    remedy = error.remedy
  }

  private static func title(ofStatus status: Int) -> String {
    switch status {
    case 400: "Bad request"
    case 403: "Not permitted"
    case 404: "Not found"
    case 409: "In conflict with the present state"
    case 429: "Too many requests"
    case 503: "Not available now"
    case 507: "No room left"
    case 500...599: "The daemon could not answer"
    default: "The request was not carried out"
    }
  }
}
