import Model

@testable import Cli

/// Keeps what is written, for tests.
final class MemoryOutput: Output {
  var isTerminal = false
  var hasKeyboard = true
  var columns = 80
  private(set) var text = ""
  private(set) var notes: [String] = []
  /// Writes that succeed before the reader is gone.
  var writesMax = Int.max

  @discardableResult func write(_ text: String) -> Bool {
    guard writesMax > 0 else { return false }
    writesMax -= 1
    self.text += text
    return true
  }

  func note(_ line: String) { notes.append(line) }

  /// What is answered to every question, and the questions.
  var answer: String?
  private(set) var questions: [String] = []

  func ask(_ question: String) -> String? {
    questions.append(question)
    return answer
  }

  /// What is typed at each question for a secret, in their order.
  var secrets: [String] = []

  func askSecret(_ question: String) -> String? {
    questions.append(question)
    return secrets.isEmpty ? nil : secrets.removeFirst()
  }
}

extension Surroundings {
  /// An environment with these variables and these files.
  static func with(_ variables: [String: String] = [:], files: Set<String> = []) -> Surroundings {
    Surroundings(
      version: "1.2.3", variable: { variables[$0] }, exists: { files.contains($0) })
  }
}

extension Page {
  /// A page without colours, in UTC, 1000 s after the node's boot.
  static func plain(_ language: Language, columns: Int = 80) -> Page {
    Page(
      language: language, style: Style(isColored: false), columns: columns,
      bootUs: 1_000_000_000, wallUs: 1_763_700_000_000_000, isInUtc: true)
  }
}

/// No-break spaces as `_`, so that an expectation shows them.
func shown(_ lines: [String]) -> String {
  lines.map { String($0.map { $0 == "\u{A0}" ? "_" : $0 }) }.joined(separator: "\n")
}
