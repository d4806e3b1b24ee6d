internal import Model
internal import Reactor
internal import Web

/// Whom alarms are told to. An address may hold a secret, so all of it is for administrators.
extension Api {
  func addRecipients(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/recipients", .needs(.administer), "Whom alarms are told to, by name.",
        answer: .json(RecipientsList.self)), to: &router
    ) { _, _ throws(ServiceError) in .json(node.recipients()) }
    add(
      Operation(
        .post, "/api/v1/recipients", .needs(.administer),
        "Adds somebody whom alarms are told to; of what was over before nothing is told.",
        body: RecipientContent.self, answer: .json(RecipientView.self, status: 201)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(RecipientContent.self)
      return .json(
        try await node.setRecipient(nil, wanted, author: request.author), status: 201)
    }
    add(
      Operation(
        .put, "/api/v1/recipients/{id}", .needs(.administer),
        "Writes a recipient anew, all of it; what waits for it is tried at once.",
        body: RecipientContent.self, answer: .json(RecipientView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(RecipientContent.self)
      return .json(
        try await node.setRecipient(request.part("id"), wanted, author: request.author))
    }
    add(
      Operation(
        .delete, "/api/v1/recipients/{id}", .needs(.administer),
        "Removes a recipient, with what waits for it.", answer: .nothing), to: &router
    ) { request, query throws(ServiceError) in
      try query.finish()
      try await node.removeRecipient(request.part("id"), author: request.author)
      return .noContent
    }
    add(
      Operation(
        .post, "/api/v1/recipients/{id}/test", .needs(.administer),
        "Tells a recipient at once that the way works, and waits for what becomes of it.",
        answer: .nothing), to: &router
    ) { request, query throws(ServiceError) in
      try query.finish()
      try await node.testRecipient(request.part("id"), author: request.author)
      return .noContent
    }
  }
}
