internal import Glibc
internal import Model
internal import Reactor
internal import Web

extension Conversation {
  func export() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 0...1, form: "export --format csv|jsonl|sqlite [FILE]")
    guard let format = arguments["format"].flatMap({ ExportFormat(rawValue: $0) }) else {
      throw .usage(.optionNeedsValue("--format csv|jsonl|sqlite"), verb: "export")
    }
    let file = arguments.positionals.first.flatMap { $0 == "-" ? nil : $0 }
    let sink = try sink(format, file)
    let base = try exportQuery()
    var cursor: String?
    var count = 0
    var gone: Int64 = 0
    repeat {
      var query = base
      query.add("limit", "\(CliLimits.pageReadingsMax)")
      if let cursor { query.add("cursor", cursor) }
      let page = try await daemon.get(ReadingsPage.self, "/readings", query)
      try Keeping.failure { () throws(ProblemView) in try sink.append(page.readings) }
      if (sink as? TextSink)?.isBroken == true { return .success }
      count += page.readings.count
      gone += page.gone
      cursor = page.next
    } while cursor != nil
    try Keeping.failure { () throws(ProblemView) in try sink.finish() }
    noteGone(gone)
    if let file { output.note(TextWidth.harmless(say(.exported(count, file)))) }
    return .success
  }

  private func sink(_ format: ExportFormat, _ file: String?) throws(Failure) -> any ReadingsSink {
    switch (format, file) {
    case (.sqlite, let file?):
      guard let rows else { throw Failure(.failure, .answerNotUnderstood("no SQLite")) }
      return try Keeping.failure { () throws(ProblemView) in try rows(file) }
    case (.sqlite, nil): throw .usage(.exportNeedsFile, verb: "export")
    case (_, let file?):
      return try Keeping.failure { () throws(ProblemView) in
        try TextSink(format, file: file)
      }
    case (_, nil): return TextSink(format, output: output)
    }
  }

  private func exportQuery() throws(Failure) -> Query {
    var query = Query()
    for name in ["device", "channel"] {
      if let word = arguments[name] { query.add(name, word) }
    }
    let nowUs = Clock.wallUs()
    for name in ["from", "to"] {
      guard let text = arguments[name] else { continue }
      guard let us = TimeArgument.microseconds(text, nowUs: nowUs) else {
        throw .usage(.notATime("--" + name, text), verb: "export")
      }
      query.add(name, "\(us)")
    }
    return query
  }
}

/// The forms of an export.
enum ExportFormat: String, CaseIterable {
  case csv, jsonl, sqlite
}

/// Readings as lines of text: on stdout, or in a file that has its name only when it is whole.
private final class TextSink: ReadingsSink {
  private let format: ExportFormat
  private let output: (any Output)?
  private let file: String
  private let temporary: String
  /// Keeps the file open; `raw` is its number.
  private let descriptor: Descriptor?
  private let raw: Int32
  private var isBegun = false
  private var isFinished = false
  /// Whether nobody reads any more.
  private(set) var isBroken = false

  init(_ format: ExportFormat, output: any Output) {
    self.format = format
    self.output = output
    (file, temporary) = ("", "")
    descriptor = nil
    raw = -1
  }

  init(_ format: ExportFormat, file: String) throws(ProblemView) {
    self.format = format
    self.file = file
    output = nil
    temporary = file + ".part"
    do throws(Errno) {
      try System.removeFile(temporary)
      let opened = try System.openFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL)
      raw = opened.raw
      descriptor = consume opened
    } catch {
      throw Self.problem(error, temporary)
    }
  }

  deinit {
    guard output == nil, !isFinished else { return }
    do throws(Errno) { try System.removeFile(temporary) } catch {}
  }

  func append(_ readings: [ReadingView]) throws(ProblemView) {
    var text = ""
    if !isBegun, format == .csv { text += ReadingView.csvHeading + "\n" }
    isBegun = true
    for reading in readings { text += try line(reading) + "\n" }
    try write(text)
  }

  func finish() throws(ProblemView) {
    isFinished = true
    guard output == nil else { return }
    do throws(Errno) {
      try System.sync(temporary)
      try System.move(temporary, to: file)
    } catch {
      isFinished = false
      throw Self.problem(error, file)
    }
  }

  private func line(_ reading: ReadingView) throws(ProblemView) -> String {
    if format == .csv { return reading.csv }
    do throws(JSONFailure) {
      return String(decoding: try JSON.encode(reading), as: UTF8.self)
    } catch {
      throw ProblemView(code: "internal", detail: error.description)
    }
  }

  private func write(_ text: String) throws(ProblemView) {
    if let output {
      isBroken = !output.write(text) || isBroken
      return
    }
    do throws(Errno) {
      try System.writeAll(raw, Array(text.utf8))
    } catch {
      throw Self.problem(error, temporary)
    }
  }

  private static func problem(_ error: Errno, _ path: String) -> ProblemView {
    let code =
      switch error {
      case .noSpace: "storage.full"
      case .readOnly, .accessDenied, .notPermitted: "storage.readonly"
      default: "storage.cannot-open"
      }
    return ProblemView(
      code: code, parameters: ["path": path], detail: "\(path) cannot be written: \(error)")
  }
}
