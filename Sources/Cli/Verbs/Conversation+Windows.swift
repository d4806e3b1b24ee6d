internal import Model
internal import Reactor
internal import Web

/// What readings come to: windows, points, and the list of series.
extension Conversation {
  /// Options that only windows have.
  private static let windowOptions = ["agg", "zone", "weekdays", "daytime", "precision"]

  /// Refuses what does not go together, in the words of the options.
  func checkQueryOptions() throws(Failure) {
    if arguments.has("window"), arguments.has("points") {
      throw .usage(.optionsExclude("--window", "--points"), verb: "query")
    }
    for name in ["last", "clock"] where arguments.has(name) {
      for other in ["window", "points"] where arguments.has(other) {
        throw .usage(.optionsExclude("--" + name, "--" + other), verb: "query")
      }
    }
    for name in Self.windowOptions where arguments.has(name) && !arguments.has("window") {
      throw .usage(.optionNeedsOther("--" + name, "--window"), verb: "query")
    }
    for name in ["window", "points"] where arguments.has(name) && arguments.positionals.count < 2 {
      throw .usage(.missingArgument("query DEVICE CHANNEL --\(name)"), verb: "query")
    }
  }

  /// The form of the answer that was asked for.
  func queryFormat() throws(Failure) -> QueryFormat {
    let words: [(Bool, QueryFormat)] = [
      (arguments.has("csv"), .csv), (arguments.has("jsonl"), .jsonl), (settings.isJson, .json),
      (arguments["format"] == "csv", .csv), (arguments["format"] == "jsonl", .jsonl),
      (arguments["format"] == "json", .json),
    ]
    let formats = words.filter(\.0).map(\.1)
    guard Set(formats).count <= 1 else {
      throw .usage(
        .optionsExclude("--" + formats[0].rawValue, "--" + formats[1].rawValue), verb: "query")
    }
    return formats.first ?? .table
  }

  func windows(_ format: QueryFormat, _ base: Query) async throws(Failure) -> ExitCode {
    var query = base
    query.add("window", arguments["window"] ?? "")
    for name in Self.windowOptions {
      guard let value = arguments[name] else { continue }
      query.add(name, name == "weekdays" ? Weekdays.english(value) : value)
    }
    if !arguments.has("zone"), let zone = settings.zone { query.add("zone", zone) }
    var left = try arguments.count("limit", max: 1_000_000_000) ?? .max
    var cursor: String?
    var isFirst = true
    repeat {
      var query = query
      query.add("limit", "\(min(left, CliLimits.pageReadings))")
      if let cursor { query.add("cursor", cursor) }
      let page = try await daemon.get(BucketsPage.self, "/readings", query)
      guard try show(page, format, isFirst: isFirst) else { return .success }
      isFirst = false
      left -= page.buckets.count
      cursor = page.next
    } while cursor != nil && left > 0
    return .success
  }

  private func show(
    _ page: BucketsPage, _ format: QueryFormat, isFirst: Bool
  ) throws(Failure) -> Bool {
    switch format {
    case .json, .jsonl:
      for bucket in page.buckets where !(try output.write(json: bucket)) { return false }
      return true
    case .csv:
      return output.write(
        lines: (isFirst ? [BucketView.csvHeading] : []) + page.buckets.map(\.csv))
    case .table:
      guard isFirst || !page.buckets.isEmpty else { return true }
      let lines = BucketPage.table(page, self.page)
      return output.write(lines: isFirst ? lines : Array(lines.dropFirst()))
    }
  }

  func points(_ format: QueryFormat, _ base: Query) async throws(Failure) -> ExitCode {
    guard let count = try arguments.count("points", max: 10_000) else { return .failure }
    var query = base
    query.add("points", "\(count)")
    if format == .json {
      output.write(String(decoding: try await daemon.bytes("/readings", query), as: UTF8.self))
      output.write("\n")
      return .success
    }
    for series in try await daemon.get([PointsView].self, "/readings", query) {
      switch format {
      case .table: output.write(lines: BucketPage.table(series, page))
      case .json, .csv, .jsonl:
        let lines = series.points
        if format == .csv { output.write(lines: [PointsView.csvHeading] + lines.map(\.csv)) }
        if format == .jsonl { for line in lines { try output.write(json: line) } }
      }
    }
    return .success
  }

  func series() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...1, form: "series [DEVICE]")
    var query = Query()
    if let device = arguments.positionals.first { query.add("device", device) }
    let nowUs = Clock.wallUs()
    for name in ["from", "to"] {
      guard let text = arguments[name] else { continue }
      guard let us = TimeArgument.microseconds(text, nowUs: nowUs) else {
        throw .usage(.notATime("--" + name, text), verb: "series")
      }
      query.add(name, "\(us)")
    }
    query.add("limit", "\(CliLimits.pageReadings)")
    let names = try await names()
    // A million of them are not held in memory: each page is written as it comes.
    if settings.isJson { output.write("{\"series\":[") }
    var isFirst = true
    var cursor: String?
    repeat {
      var query = query
      if let cursor { query.add("cursor", cursor) }
      let list = try await daemon.get(SeriesList.self, "/series", query)
      cursor = list.next
      guard !list.series.isEmpty else { continue }
      guard try show(list.series, names, isFirst: isFirst) else { return .success }
      isFirst = false
    } while cursor != nil
    if isFirst { _ = try show([], names, isFirst: true) }
    if settings.isJson { output.write("]}\n") }
    return .success
  }

  private func show(
    _ series: [SeriesView], _ names: [String: String], isFirst: Bool
  ) throws(Failure) -> Bool {
    guard settings.isJson else {
      let lines = BucketPage.table(series, names: names, page)
      return output.write(lines: isFirst ? lines : Array(lines.dropFirst()))
    }
    var text = ""
    for (index, one) in series.enumerated() {
      text += (isFirst && index == 0 ? "" : ",") + (try output.text(json: one))
    }
    return output.write(text)
  }
}

/// The forms of a query's answer.
enum QueryFormat: String {
  case table, json, jsonl, csv
}
