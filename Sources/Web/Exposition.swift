/// Metrics in the text format of Prometheus, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
///
/// A family is opened once, then gets its samples: the format wants them together.
public struct Exposition {
  /// What the values of a family do.
  public enum Kind: String, Sendable {
    /// A count that only rises while the process lives; its name ends in `_total`.
    case counter
    /// A value that rises and falls.
    case gauge
  }

  /// The media type, with the version of the format.
  public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  private var text = ""
  private var family = ""
  private let common: String

  /// Starts empty; `common` are labels that every sample has, before its own.
  public init(common: KeyValuePairs<String, String> = [:]) { self.common = Self.pairs(common) }

  /// The bytes so far.
  public var bytes: [UInt8] { Array(text.utf8) }

  /// Begins a family; its samples follow. A counter whose name does not end in `_total`, or the
  /// reverse, is our own mistake and stops the process.
  public mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    precondition((kind == .counter) == name.hasSuffix("_total"), "\(name) is no \(kind)")
    family = name
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a sample of the family that was begun last. Labels come in the order given.
  public mutating func add(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
    text += family
    let pairs = [common, Self.pairs(labels)].filter { !$0.isEmpty }
    if !pairs.isEmpty { text += "{" + pairs.joined(separator: ",") + "}" }
    text += " " + Self.number(value) + "\n"
  }

  private static func pairs(_ labels: KeyValuePairs<String, String>) -> String {
    labels.map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
  }

  /// The family with a single sample without labels.
  public mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    begin(name, kind, help)
    add(value)
  }

  /// Go's notation of numbers, which readers of the format use.
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    // A count is written without a fraction as long as it is exact.
    return abs(value) < 9_007_199_254_740_992 && value == value.rounded()
      ? "\(Int64(value))" : "\(value)"
  }

  private static func escaped(_ value: String, quotes: Bool) -> String {
    var result = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
