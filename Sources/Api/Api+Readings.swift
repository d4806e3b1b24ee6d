internal import Model
internal import Reactor
internal import Web

extension Api {
  func addReadings(to router: inout Router) {
    let node = node
    router.get("/api/v1/readings") { request in
      await Self.answer(request) { query throws(ServiceError) in
        let wanted = try Self.readingsRequest(&query)
        let page = try await node.readings(wanted)
        // Ten thousand readings take 40 ms to write as JSON: not on the loop.
        return await Task.detached { Response.json(page) }.value
      }
    }
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
