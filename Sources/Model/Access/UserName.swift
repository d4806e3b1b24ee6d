/// How people and tokens may be called.
public enum UserName {
  /// The longest name, in bytes of UTF-8.
  public static let bytesMax = 64

  /// Why a text is no name. The words are the API's own: never rename.
  public enum Fault: String, Error, Sendable {
    /// There is nothing.
    case empty
    /// It has more than `bytesMax` bytes.
    case long
    /// It holds what cannot be shown on one line, or a space at its ends.
    case characters
  }

  /// The name of a person as it is kept: in lower case, since tablets begin words with a capital.
  public static func checked(_ text: String) throws(Fault) -> String {
    let name = text.lowercased()
    try check(name)
    // Some letters have another lower case than their lower case has: such a name could not be
    // found again.
    guard name.lowercased() == name else { throw .characters }
    return name
  }

  /// Refuses what cannot be shown on one line and told from others.
  public static func check(_ text: String) throws(Fault) {
    guard !text.isEmpty else { throw .empty }
    guard text.utf8.count <= bytesMax else { throw .long }
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
    guard isPlain, text.first?.isWhitespace == false, text.last?.isWhitespace == false else {
      throw .characters
    }
  }
}
