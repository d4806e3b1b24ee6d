internal import Model
internal import Reactor
internal import Web

extension Api {
  func addReadings(to router: inout Router) {
    let node = node
    let operation = Operation(
      .get, "/api/v1/readings", "Stored readings, oldest first, page by page.",
      parameters: Self.readingsParameters, answer: .json(ReadingsPage.self))
    add(operation, to: &router) { _, query throws(ServiceError) in
      let wanted = try Self.readingsRequest(&query)
      let page = try await node.readings(wanted)
      // Ten thousand readings take 40 ms to write as JSON: not on the loop.
      return await Task.detached { Response.json(page) }.value
    }
  }

  private static var readingsParameters: [Operation.Parameter] {
    [
      .init(name: "device", schema: .text, description: "Of this device, by id or name."),
      .init(name: "channel", schema: .text, description: "Of this channel, by its key."),
      .init(
        name: "from", schema: .integer(in: .min ... .max),
        description: "From this time on, in microseconds of the clock asked for."),
      .init(
        name: "to", schema: .integer(in: .min ... .max),
        description: "Before this time, in microseconds of the clock asked for."),
      .init(
        name: "clock", schema: .words(["corrected", "node"]),
        description: "The clock of from and to: corrected (UTC, the default) or node"
          + " (CLOCK_BOOTTIME)."),
      .init(
        name: "last", schema: .integer(in: 1...Int64(ApiLimits.readingsLastMax)),
        description: "Only so many of each channel, the newest."),
      .init(
        name: "limit", schema: .integer(in: 1...Int64(ApiLimits.readingsPerPageMax)),
        description: "At most so many on one page."),
      .init(name: "cursor", schema: .text, description: "The next of the page before."),
    ]
  }

  /// Every parameter of a query for readings, checked.
  static func readingsRequest(_ query: inout QueryReader) throws(ServiceError) -> ReadingsRequest {
    var wanted = ReadingsRequest()
    wanted.device = try query.text("device")
    wanted.channel = try query.text("channel", bytesMax: Channel.keyBytesMax)
    wanted.fromUs = try query.number("from", in: Int64.min...Int64.max)
    wanted.toUs = try query.number("to", in: Int64.min...Int64.max)
    wanted.clock =
      try query.word("clock", ReadingsRequest.Clock.self, known: ["corrected", "node"])
      ?? .corrected
    wanted.last = try query.number("last", in: 1...ApiLimits.readingsLastMax)
    wanted.limit = try query.number("limit", in: 1...ApiLimits.readingsPerPageMax) ?? wanted.limit
    wanted.cursor = try query.text("cursor")
    try query.finish()
    if let from = wanted.fromUs, let to = wanted.toUs, from >= to {
      throw .badParameter("to", "it does not lie after \"from\"")
    }
    return wanted
  }
}
