internal import Model
internal import Reactor
internal import Web

extension Api {
  func addCommands(to router: inout Router) {
    let node = node
    add(
      Operation(
        .post, "/api/v1/devices/{id}/commands", .needs(.operate),
        "Issues a command; answered when its issue is on disk, with where to follow its life.",
        body: CommandRequest.self, answer: .json(CommandView.self, status: 202)), to: &router
    ) { request, _ throws(ServiceError) in
      let order = try request.content(CommandRequest.self)
      try Self.check(order)
      let command = try await node.send(order, to: request.part("id"), author: request.author)
      var response = Response.json(command, status: 202)
      response.headers["Location"] = "/api/v1/commands/\(command.id)"
      return response
    }
    add(
      Operation(
        .get, "/api/v1/commands", .needs(.read), "Commands, newest first.",
        parameters: [
          .init(name: "device", schema: .text, description: "To this device, by id or name."),
          .init(
            name: "limit", schema: .integer(in: 1...Int64(ApiLimits.commandsMax)),
            description: "At most so many; 100 when it is not given."),
        ], answer: .json([CommandView].self)), to: &router
    ) { _, query throws(ServiceError) in
      let device = try query.text("device")
      let limit = try query.number("limit", in: 1...ApiLimits.commandsMax) ?? 100
      try query.finish()
      return .json(try await node.commands(device: device, limit: limit))
    }
    add(
      Operation(
        .get, "/api/v1/commands/{id}", .needs(.read), "One command.",
        answer: .json(CommandView.self)),
      to: &router
    ) { request, _ throws(ServiceError) in
      .json(try await node.command(id: request.part("id")))
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
