internal import Reactor
internal import Web

extension Api {
  private struct AnswerBody: Decodable { var answer: String }

  func addQuestions(to router: inout Router) {
    let node = node
    router.get("/api/v1/questions") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        return .json(node.questions())
      }
    }
    router.post("/api/v1/questions/{id}/answer") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        let answer = try request.content(AnswerBody.self).answer
        guard !answer.isEmpty, answer.utf8.count <= ApiLimits.textBytesMax else {
          throw .badParameter("answer", "it is empty or too long")
        }
        try await node.answer(answer, question: request.part("id"), author: request.author)
        return .noContent
      }
    }
  }
}
