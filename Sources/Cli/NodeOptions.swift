public import Model

/// What the command line says to a daemon, or to a check of its configuration.
public struct NodeOptions: Sendable, Equatable {
  /// The configuration file, where one was named.
  public var configuration: String?
  /// The state folder, where one was named.
  public var state: String?
  /// Of several sites under one state folder, the one that is meant; nil for the first.
  public var site: String?
  /// The socket's path, where one was named by an option; the environment is the daemon's own to
  /// look at.
  public var socket: String?
  /// Where the page and the API are served, `none` for nowhere; nil for what the configuration
  /// says.
  public var listen: String?
  /// Whether it is a hub; nil for what the configuration says.
  public var isHub: Bool?
  /// The folder of the pages, where one was named.
  public var web: String?

  /// Nothing said.
  public init() {}
}

/// Tells a person at the terminal the code that makes the first administrator, and the addresses of
/// the page.
public typealias TellClaim = @Sendable (_ code: String, _ addresses: [String]) -> Void

/// What a check of the configuration found.
public struct ConfigurationReport: Sendable, Equatable {
  /// The files that were read, in order; none when there are none, which is well.
  public var files: [String]
  /// What is wrong with them.
  public var problems: [ProblemView]
  /// Whether a daemon would take the configuration as it is.
  public var isUsable: Bool

  /// Puts a report together.
  public init(files: [String], problems: [ProblemView], isUsable: Bool) {
    self.files = files
    self.problems = problems
    self.isUsable = isUsable
  }
}
