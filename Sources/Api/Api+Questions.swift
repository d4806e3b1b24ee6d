internal import Model
internal import Reactor
internal import Web

/// The body of an answer to a question.
struct AnswerRequest: Decodable {
  var answer: String
}

extension Api {
  func addQuestions(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/questions", .needs(.read), "The questions that wait for a person.",
        answer: .json([QuestionView].self)), to: &router
    ) { _, _ in
      let questions = node.questions()
      return .json { questions.write(to: &$0) }
    }
    add(
      Operation(
        .post, "/api/v1/questions/{id}/answer", .needs(.operate), "Answers a question.",
        body: AnswerRequest.self,
        answer: .nothing), to: &router
    ) { request, _ throws(ServiceError) in
      let answer = try request.content(AnswerRequest.self).answer
      guard !answer.isEmpty, answer.utf8.count <= ApiLimits.textBytesMax else {
        throw .badParameter("answer", "it is empty or too long")
      }
      try await node.answer(answer, question: request.part("id"), author: request.author)
      return .noContent
    }
  }
}
