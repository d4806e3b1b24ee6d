/// Why the node did not do what was asked, in a form that becomes an RFC 9457 problem.
public struct ServiceError: Error, Sendable, Equatable {
  /// The HTTP status.
  public var status: Int
  /// A stable code such as `not-found`.
  public var code: String
  /// The values its sentence needs.
  public var parameters: [String: String]
  /// The English sentence: what and why.
  public var detail: String
  /// What to do next, in English.
  public var remedy: String

  /// Puts an error together.
  public init(
    status: Int, code: String, parameters: [String: String] = [:], detail: String, remedy: String
  ) {
    self.status = status
    self.code = code
    self.parameters = parameters
    self.detail = detail
    self.remedy = remedy
  }
}
