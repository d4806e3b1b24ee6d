internal import Model
internal import Reactor
internal import Web

extension Api {
  func addReadings(to router: inout Router) {
    let node = node
    let operation = Operation(
      .get, "/api/v1/readings", .needs(.read),
      "Stored readings, oldest first, page by page; with window or points, what they come to.",
      parameters: Self.readingsParameters + Self.windowsParameters,
      answer: .oneOf([ReadingsPage.self, BucketsPage.self, [PointsView].self]))
    add(operation, to: &router) { request, query throws(ServiceError) in
      let points = try query.number("points", in: 1...ApiLimits.pointsMax)
      let format =
        try query.word("format", AnswerFormat.self, known: ["json", "csv", "jsonl"]) ?? .json
      let asked = request.query
      if let window = try query.text("window") {
        guard points == nil else {
          throw .badParameter("points", "it does not go with \"window\"")
        }
        let wanted = try Self.windowsRequest(&query, window: window)
        let page = try await node.windows(wanted)
        return await Task.detached {
          format.response(page, page.buckets, BucketView.csvHeading, \.csv, page.next, asked)
        }.value
      }
      if let points {
        guard format != .jsonl else {
          throw .badParameter("format", "points are columns: they are told as JSON or CSV")
        }
        let wanted = try Self.pointsRequest(&query, points: points)
        let series = try await node.points(wanted)
        return await Task.detached {
          format == .json
            ? Response.json(series)
            : .text(
              ([PointsView.csvHeading] + series.flatMap(\.csv)).joined(separator: "\n") + "\n",
              mediaType: "text/csv; charset=utf-8; header=present")
        }.value
      }
      let wanted = try Self.readingsRequest(&query)
      let page = try await node.readings(wanted)
      // Ten thousand readings take 40 ms to write as JSON: not on the loop.
      return await Task.detached {
        format.response(page, page.readings, ReadingView.csvHeading, \.csv, page.next, asked)
      }.value
    }
  }

  private static var readingsParameters: [Operation.Parameter] {
    [
      .init(name: "device", schema: .text, description: "Of this device, by id or name."),
      .init(
        name: "channel", schema: .text, description: "Of this channel, by its key.", repeats: true),
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
      .init(
        name: "cursor", schema: .text,
        description: "The next of the page before. Pages go through what was written in its order:"
          + " a reading comes once at most, and for certain when it lies in the span all the while,"
          + " whatever is compacted, added or dated anew between two pages. One that is dated into"
          + " the span behind the place reached, or out of it before, is not among them."),
      .init(
        name: "format", schema: .words(["json", "csv", "jsonl"]),
        description: "csv and jsonl have one reading a line; the next page stands in the head, as"
          + " Link with rel=next."),
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

/// How a page of readings or of buckets is written.
private enum AnswerFormat: String {
  case json, csv, jsonl

  func response<Row: Encodable>(
    _ page: some Encodable, _ rows: [Row], _ heading: String, _ line: (Row) -> String,
    _ next: String?, _ query: Query
  ) -> Response {
    var response: Response
    switch self {
    case .json: return .json(page)
    case .csv:
      let lines = [heading] + rows.map(line)
      response = .text(
        lines.joined(separator: "\n") + "\n", mediaType: "text/csv; charset=utf-8; header=present")
    case .jsonl:
      do throws(JSONFailure) {
        var bytes: [UInt8] = []
        for row in rows { bytes += try JSON.encode(row) + [0x0A] }
        response = Response(headers: ["Content-Type": "application/jsonl"], body: bytes)
      } catch {
        return .json(page)  // says what could not be written
      }
    }
    if let next {
      var rest = Query()
      for item in query.items where item.name != "cursor" { rest.add(item.name, item.value) }
      rest.add("cursor", next)
      response.headers["Link"] = "</api/v1/readings?\(rest.encoded)>; rel=\"next\""
    }
    return response
  }
}
