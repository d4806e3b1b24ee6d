internal import Model

/// Questions, drawn.
enum QuestionPage {
  static func list(_ questions: [QuestionView], _ page: Page) -> [String] {
    guard !questions.isEmpty else { return page.wrap(.noQuestions) }
    var lines: [String] = []
    for question in questions {
      if !lines.isEmpty { lines.append("") }
      lines += page.wrap(.question(question)).map { page.tone(.strong, $0) }
      for answer in question.answers {
        lines.append(TextWidth.harmless("  bivouac answer \(question.id) \(answer)"))
      }
    }
    return lines
  }
}
