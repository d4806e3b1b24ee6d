/// One thing said to a person, in every language: a missing one does not compile.
///
/// The catalogue is the extensions of this type in this folder, by topic; what varies is a
/// parameter.
struct Message: Equatable, Sendable {
  private let english: String
  private let french: String

  init(en english: String, fr french: French) {
    self.english = english
    self.french = french.text
  }

  /// Words that are the same everywhere: a name, a number, what a program said.
  init(verbatim text: String) {
    english = text
    french = text
  }

  /// The words in a language.
  func text(_ language: Language) -> String {
    switch language {
    case .english: english
    case .french: french
    }
  }

  /// Several messages as one, with the same words between them.
  static func joined(_ messages: [Message], separator: String) -> Message {
    Message(
      en: messages.map(\.english).joined(separator: separator),
      fr: "\(messages.map(\.french).joined(separator: separator))")
  }
}

/// A French sentence, set as French is: what the catalogue says is corrected as it is written, and
/// what is put into it (a name, a path) is left as it is.
///
/// A space before `: ; ! ?` and inside « » does not break, and an apostrophe is curved.
struct French: ExpressibleByStringInterpolation, Equatable, Sendable {
  let text: String

  init(stringLiteral value: String) { text = Self.typeset(value) }

  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Builds the sentence; only its own words are typeset.
  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += French.typeset(literal) }

    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += value.description
    }
  }

  /// One sentence in two parts, so that lines of the source stay short; the cut is never at a space
  /// that must not break.
  static func + (left: French, right: French) -> French { French(set: left.text + right.text) }

  private init(set text: String) { self.text = text }

  /// The no-break space.
  static let noBreak: Character = "\u{A0}"

  private static func typeset(_ text: String) -> String {
    var result = ""
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      let before = index > 0 ? characters[index - 1] : nil
      let after = index + 1 < characters.count ? characters[index + 1] : nil
      switch character {
      case " " where before == "«": result.append(noBreak)
      case " " where after.map { ":;!?»".contains($0) } ?? false: result.append(noBreak)
      case "'": result.append("’")
      default: result.append(character)
      }
    }
    return result
  }
}

/// Plurals: English counts everything but 1 as many, French everything from 2 (CLDR).
enum Plural {
  static func english(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
    "\(count) \(count == 1 ? one : many)"
  }

  static func french(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
    "\(count) \(count < 2 && count > -2 ? one : many)"
  }
}
