internal import Model
internal import Reactor
internal import Web

extension Conversation {
  func query() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...2, form: "query [DEVICE] [CHANNEL]")
    try checkQueryOptions()
    let format = try queryFormat()
    let base = try readingsQuery()
    if arguments.has("window") { return try await windows(format, base) }
    if arguments.has("points") { return try await points(format, base) }
    var left = try arguments.count("limit", max: 1_000_000_000) ?? .max
    let isForProgram = format != .table
    let names = isForProgram ? [:] : try await names()
    if format == .csv { output.write(ReadingView.csvHeading + "\n") }
    var cursor: String?
    var isFirst = true
    var gone: Int64 = 0
    repeat {
      var query = base
      let most = isForProgram ? CliLimits.pageReadingsMax : CliLimits.pageReadings
      query.add("limit", "\(min(left, most))")
      if let cursor { query.add("cursor", cursor) }
      let readings = try await daemon.get(ReadingsPage.self, "/readings", query)
      // A reader that went away has what it wanted.
      guard try show(readings.readings, names, format, isFirst: isFirst) else { return .success }
      isFirst = false
      left -= readings.readings.count
      cursor = readings.next
      gone += readings.gone
    } while cursor != nil && left > 0
    noteGone(gone)
    return .success
  }

  /// Says on stderr that an answer is not all there was.
  func noteGone(_ count: Int64) {
    if count > 0 { output.note(say(.readingsGone(count))) }
  }

  private func show(
    _ readings: [ReadingView], _ names: [String: String], _ format: QueryFormat, isFirst: Bool
  ) throws(Failure) -> Bool {
    if format == .json || format == .jsonl {
      for reading in readings where !(try output.write(json: reading)) { return false }
      return true
    }
    if format == .csv {
      return output.write(lines: readings.map(\.csv))
    }
    guard isFirst || !readings.isEmpty else { return true }
    let lines = ReadingPage.table(readings, names: names, page)
    return output.write(lines: isFirst ? lines : Array(lines.dropFirst()))
  }

  /// The parameters of the query, but for its pages.
  private func readingsQuery() throws(Failure) -> Query {
    var query = Query()
    let words = arguments.positionals
    if let device = words.first { query.add("device", device) }
    if words.count > 1 { query.add("channel", words[1]) }
    let isWallClock = arguments["clock"] != "node"
    if !isWallClock { query.add("clock", "node") }
    let nowUs = isWallClock ? Clock.wallUs() : Clock.bootUs()
    for name in ["from", "to"] {
      guard let text = arguments[name] else { continue }
      guard
        let us = TimeArgument.microseconds(text, nowUs: nowUs, isWallClock: isWallClock)
      else { throw .usage(.notATime("--" + name, text), verb: "query") }
      query.add(name, "\(us)")
    }
    if let last = try arguments.count("last", max: 100_000) {
      query.add("last", "\(last)")
    } else if !["from", "to", "window", "points"].contains(where: { arguments.has($0) }) {
      query.add("last", "20")
    }
    return query
  }
}
