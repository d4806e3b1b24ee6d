internal import Model
internal import Web

/// What a query for readings asks for besides readings: windows and points.
extension Api {
  static var windowsParameters: [Operation.Parameter] {
    [
      .init(
        name: "window", schema: .text,
        description: "Instead of readings, buckets of this length: 90s, 15m, 1h, 1d, 1w, 1mo, 1y;"
          + " all for one over the whole span."),
      .init(
        name: "agg", schema: .text,
        description: "What to tell of each bucket: avg, min, max, sum, count, first, last and twa"
          + " (the mean over time), divided by commas; avg,min,max,count when not given."),
      .init(
        name: "zone", schema: .text,
        description: "The time zone whose midnights and clocks count, such as Europe/Paris; UTC"
          + " when not given."),
      .init(
        name: "weekdays", schema: .text,
        description:
          "Only these ISO weekdays, Monday is 1: 1-5, or 1,3,6-7; or by name: mon-fri, or"
          + " mon,wed,sat-sun."),
      .init(
        name: "daytime", schema: .text,
        description: "Only this part of each day, 09:00-19:00; one across midnight belongs to the"
          + " day it begins on."),
      .init(
        name: "precision", schema: .words(["exact", "quick"]),
        description: "quick lets a quarter hour across a border go by its beginning; such buckets"
          + " are marked."),
      .init(
        name: "points", schema: .integer(in: 1...Int64(ApiLimits.pointsMax)),
        description: "Instead of readings, each channel at so many points that keep its extremes."),
    ]
  }

  /// Every parameter of a query for windows, checked.
  static func windowsRequest(
    _ query: inout QueryReader, window: String
  ) throws(ServiceError) -> WindowsRequest {
    let length = BucketLength(text: window)
    guard length != nil || window == "all" else {
      throw .badParameter(
        "window",
        "\"\(window)\" is no length from 1s to 100y such as 90s, 15m, 1h, 1d, 1w, 1mo, 1y or all"
      )
    }
    let device = try query.needed("device")
    let channels = try query.channels(countMax: ApiLimits.pointsChannelsMax)
    guard channels.count == 1 else {
      throw .badParameter("channel", "windows are told of one channel at a time")
    }
    var wanted = WindowsRequest(device: device, channel: channels[0], length: length)
    (wanted.fromUs, wanted.toUs) = try query.span()
    if let text = try query.text("agg") { wanted.functions = try functions(text) }
    wanted.zone = try zone(&query, length)
    if let text = try query.text("weekdays") {
      guard let weekdays = CalendarFilter.weekdays(text: text) else {
        throw .badParameter("weekdays", "\"\(text)\" is no list of 1 to 7 such as 1-5 or mon-fri")
      }
      wanted.weekdays = weekdays
    }
    if let text = try query.text("daytime") {
      guard let daytime = CalendarFilter.Daytime(text: text) else {
        throw .badParameter("daytime", "\"\(text)\" is no part of a day such as 09:00-19:00")
      }
      wanted.daytime = daytime
    }
    wanted.isQuick =
      try query.word("precision", Precision.self, known: ["exact", "quick"]) == .quick
    wanted.limit = try query.number("limit", in: 1...ApiLimits.bucketsPerPageMax) ?? wanted.limit
    wanted.cursor = try query.number("cursor", in: Int64.min...Int64.max)
    try query.finish()
    return wanted
  }

  private enum Precision: String { case exact, quick }

  private static func functions(
    _ text: String
  ) throws(ServiceError) -> Set<WindowsRequest.Function> {
    var functions: Set<WindowsRequest.Function> = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let function = WindowsRequest.Function(rawValue: String(word)) else {
        let known = WindowsRequest.Function.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badParameter("agg", "\"\(word)\" is none of \(known)")
      }
      functions.insert(function)
    }
    return functions
  }

  private static func zone(
    _ query: inout QueryReader, _ length: BucketLength?
  ) throws(ServiceError) -> String? {
    guard let name = try query.text("zone"), !ZoneName.isUtc(name) else { return nil }
    guard ZoneName.isValid(name) else {
      throw .badParameter("zone", "\"\(name)\" is no name of a time zone such as Europe/Paris")
    }
    if let length, let seconds = length.seconds, seconds > CivilDate.secondsPerDay {
      throw .badParameter(
        "window", "in a time zone \"\(length.text)\" has no midnight to begin at: use days (d)")
    }
    return name
  }

  /// Every parameter of a query for points, checked.
  static func pointsRequest(
    _ query: inout QueryReader, points: Int
  ) throws(ServiceError) -> PointsRequest {
    let device = try query.needed("device")
    let channels = try query.channels(countMax: ApiLimits.pointsChannelsMax)
    guard !channels.isEmpty else {
      throw .badParameter("channel", "points are told of named channels: name one at least")
    }
    var wanted = PointsRequest(device: device, channels: channels, points: points)
    (wanted.fromUs, wanted.toUs) = try query.span()
    try query.finish()
    return wanted
  }

  func addSeries(to router: inout Router) {
    let node = node
    let parameters: [Operation.Parameter] = [
      .init(name: "device", schema: .text, description: "Of this device, by id or name."),
      .init(
        name: "from", schema: .integer(in: .min ... .max),
        description: "Only with readings from this time on, in microseconds of UTC."),
      .init(
        name: "to", schema: .integer(in: .min ... .max),
        description: "Only with readings before this time, in microseconds of UTC."),
      .init(
        name: "limit", schema: .integer(in: 1...Int64(ApiLimits.seriesPerPageMax)),
        description: "Series in a page at most; \(ApiLimits.seriesPerPage) unless given. A page may"
          + " be shorter, or empty, and still have a next."),
      .init(name: "cursor", schema: .text, description: "The next of the page before."),
    ]
    let operation = Operation(
      .get, "/api/v1/series", .needs(.read),
      "The channels of devices that have readings, page by page.",
      parameters: parameters, answer: .json(SeriesList.self))
    add(operation, to: &router) { _, query throws(ServiceError) in
      var wanted = SeriesRequest()
      wanted.device = try query.text("device")
      (wanted.fromUs, wanted.toUs) = try query.span()
      if let limit = try query.number("limit", in: 1...Int64(ApiLimits.seriesPerPageMax)) {
        wanted.limit = Int(limit)
      }
      wanted.cursor = try query.text("cursor")
      try query.finish()
      let list = try await node.series(wanted)
      return await Task.detached { Response.json(list) }.value
    }
  }
}

extension QueryReader {
  /// A parameter that must be there.
  fileprivate mutating func needed(_ name: String) throws(ServiceError) -> String {
    guard let text = try text(name) else {
      throw .badParameter(name, "it is needed here")
    }
    return text
  }

  /// The channels, each once.
  fileprivate mutating func channels(countMax: Int) throws(ServiceError) -> [String] {
    let channels = try texts("channel", countMax: countMax, bytesMax: Channel.keyBytesMax)
    guard Set(channels).count == channels.count else {
      throw .badParameter("channel", "the same channel is named twice")
    }
    return channels
  }

  /// The bounds of a span, in microseconds of UTC.
  fileprivate mutating func span() throws(ServiceError) -> (from: Int64?, to: Int64?) {
    let from = try number("from", in: Int64.min...Int64.max)
    let to = try number("to", in: Int64.min...Int64.max)
    if let from, let to, from >= to {
      throw .badParameter("to", "it does not lie after \"from\"")
    }
    return (from, to)
  }
}
