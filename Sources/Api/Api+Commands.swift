internal import Model
internal import Reactor
internal import Web

extension Api {
  func addCommands(to router: inout Router) {
    let node = node
    router.post("/api/v1/devices/{id}/commands") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        let order = try request.content(CommandRequest.self)
        try Self.check(order)
        let command = try await node.send(order, to: request.part("id"), author: request.author)
        var response = Response.json(command, status: 202)
        response.headers["Location"] = "/api/v1/commands/\(command.id)"
        return response
      }
    }
    router.get("/api/v1/commands") { request in
      await Self.answer(request) { query throws(ServiceError) in
        let device = try query.text("device")
        let limit = try query.number("limit", in: 1...ApiLimits.commandsMax) ?? 100
        try query.finish()
        return .json(try await node.commands(device: device, limit: limit))
      }
    }
    router.get("/api/v1/commands/{id}") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        return .json(try await node.command(id: request.part("id")))
      }
    }
  }

  /// Refuses an order that no device could ever take, before anything is written of it.
  static func check(_ order: CommandRequest) throws(ServiceError) {
    guard !order.name.isEmpty, order.name.utf8.count <= ApiLimits.textBytesMax else {
      throw .badParameter("name", "it is empty or too long")
    }
    guard order.arguments.count <= ApiLimits.commandArgumentsMax else {
      throw .badParameter("arguments", "more than \(ApiLimits.commandArgumentsMax)")
    }
    for argument in order.arguments
    where argument.utf8.count > ApiLimits.commandArgumentBytesMax {
      throw .badParameter(
        "arguments", "one is longer than \(ApiLimits.commandArgumentBytesMax) bytes")
    }
    if order.lifeMs == 0 { throw .badParameter("lifeMs", "a command lives at least 1 ms") }
  }
}
