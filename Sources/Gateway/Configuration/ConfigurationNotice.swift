internal import Model

/// Something about a configuration file that its author should know.
struct ConfigurationNotice: Sendable, Equatable {
  enum Severity: String, Sendable {
    /// The configuration is used as written, less this.
    case warning
    /// This part is not used: the value from before stays.
    case error
  }

  /// What it is about; stable, for translation.
  enum Cause: String, Sendable {
    case unreadable = "config.unreadable"
    case syntax = "config.syntax"
    case unknownKey = "config.unknown-key"
    case wrongType = "config.wrong-type"
    case outOfRange = "config.out-of-range"
    case notAChoice = "config.not-a-choice"
    case badPath = "config.bad-path"
    case badPort = "config.bad-port"
    case badAddress = "config.bad-address"
    case notLoopback = "http.not-loopback"
    case badName = "config.bad-name"
    case tooMany = "config.too-many"
    case badAge = "config.bad-age"
    case badSize = "config.bad-size"
    case retentionOrder = "config.retention-order"
  }

  let severity: Severity
  let cause: Cause
  let file: String
  /// From 1; 0 for the whole file.
  let line: Int
  /// The key with its tables, `simulation.allow`; empty for the whole file.
  let key: String
  let why: String
  let remedy: String
  /// The values in `why` and `remedy`, for a sentence in another language.
  var parameters: [String: String] = [:]

  /// `file:line: what; what to do`.
  var text: String {
    let place = line > 0 ? "\(file):\(line)" : file
    return "\(place): \(why); \(remedy)"
  }

  /// The form that the API and the command line show.
  var view: ProblemView {
    let place = [
      "place": line > 0 ? "\(file):\(line)" : file, "key": key, "severity": severity.rawValue,
    ]
    return ProblemView(
      code: cause.rawValue, parameters: parameters.merging(place) { $1 }, detail: text)
  }
}
