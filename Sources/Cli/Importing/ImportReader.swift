internal import Model
internal import Web

/// One value of a file that is imported.
struct ImportRow: Equatable {
  var device: String
  var channel: String
  var unit: String?
  var value: LateValue
}

/// What a file says, and what in it cannot be used, by the number of its line.
struct ImportContent: Equatable {
  private(set) var rows: [ImportRow] = []
  private(set) var faults: [(line: Int, fault: ImportFault)] = []
  /// The line of each row.
  private var lines: [Int] = []

  /// Begins with rows that stand on no line.
  init(rows: [ImportRow] = []) {
    for row in rows { take(row, line: 0) }
  }

  /// Takes a line that can be used.
  mutating func take(_ row: ImportRow, line: Int) {
    rows.append(row)
    lines.append(line)
  }

  /// Takes a line that cannot be used.
  mutating func refuse(_ fault: ImportFault, line: Int) { faults.append((line, fault)) }

  /// A channel whose values are numbers takes no words: those lines are faults.
  mutating func refuseWordsAmongNumbers() {
    struct Series: Hashable {
      let device: String, channel: String
    }
    let isNumber = rows.map { row in
      if case .text = Value(parsing: row.value.value) { false } else { true }
    }
    var numeric: Set<Series> = []
    for (row, isNumber) in zip(rows, isNumber) where isNumber {
      numeric.insert(Series(device: row.device, channel: row.channel))
    }
    let isWrong = rows.indices.map { index in
      !isNumber[index]
        && numeric.contains(Series(device: rows[index].device, channel: rows[index].channel))
    }
    for index in rows.indices where isWrong[index] {
      refuse(.notANumber(rows[index].value.value), line: lines[index])
    }
    faults.sort { $0.line < $1.line }
    let kept = rows.indices.filter { !isWrong[$0] }
    (rows, lines) = (kept.map { rows[$0] }, kept.map { lines[$0] })
  }

  static func == (left: Self, right: Self) -> Bool {
    left.rows == right.rows && left.faults.map(\.line) == right.faults.map(\.line)
      && left.faults.map(\.fault) == right.faults.map(\.fault)
  }
}

/// Understands files of readings: our own exports, and what spreadsheets make.
struct ImportReader {
  /// What a column holds, by the names that it may have in a heading.
  private static let columns: [String: [String]] = [
    "time": ["time", "timestamp", "datetime", "date", "heure", "horodatage", "date et heure"],
    "device": ["device", "appareil"], "channel": ["channel", "voie", "canal"],
    "value": ["value", "valeur", "mesure"], "unit": ["unit", "unité", "unite"],
  ]

  /// What the command line says for every line.
  var device: String?
  var channel: String?
  /// The clock of now, for `now` and lengths of time; not used by files.
  private static let nowUs: Int64 = 0

  /// Whether a heading has what is needed: a time and a value.
  func csv(_ bytes: [UInt8]) -> ImportContent? {
    var records = CsvRecords(bytes)
    guard let heading = records.next(), heading.fault == nil else { return nil }
    var places: [String: Int] = [:]
    for (index, name) in heading.fields.enumerated() {
      let word = Self.trimmed(name).lowercased()
      for (column, names) in Self.columns where names.contains(word) && places[column] == nil {
        places[column] = index
      }
    }
    guard places["time"] != nil, places["value"] != nil else { return nil }
    var content = ImportContent()
    let hasDecimalComma = records.divider != 0x2C
    while let record = records.next() {
      do throws(ImportFault) {
        if let fault = record.fault { throw fault }
        guard record.fields.count == heading.fields.count else {
          throw .fieldCount(record.fields.count, wanted: heading.fields.count)
        }
        func field(_ column: String) -> String? {
          places[column].map { Self.trimmed(record.fields[$0]) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        content.take(
          try row(
            time: field("time"), field("device"), field("channel"), field("unit"),
            value: field("value").map { hasDecimalComma ? Self.pointed($0) : $0 }),
          line: record.line)
      } catch {
        content.refuse(error, line: record.line)
      }
    }
    content.refuseWordsAmongNumbers()
    return content
  }

  /// One object of JSON a line, as `export` writes them.
  func jsonl(_ bytes: [UInt8]) -> ImportContent {
    struct Line: Decodable {
      var time: String?, timeUs: Int64?, device: String?, channel: String?, unit: String?
      var value: String?, number: Double?
    }
    var content = ImportContent()
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
      do throws(ImportFault) {
        let object: Line
        do throws(JSONFailure) {
          object = try JSON.decode(Line.self, from: Array(line))
        } catch {
          throw .notJson
        }
        let number = object.number.map { "\($0)" }
        content.take(
          try row(
            time: object.timeUs.map { UtcText.rfc3339(us: $0) } ?? object.time, object.device,
            object.channel, object.unit, value: object.value ?? number),
          line: index + 1)
      } catch {
        content.refuse(error, line: index + 1)
      }
    }
    content.refuseWordsAmongNumbers()
    return content
  }

  private func row(
    time: String?, _ device: String?, _ channel: String?, _ unit: String?, value: String?
  ) throws(ImportFault) -> ImportRow {
    guard let device = self.device ?? device, let channel = self.channel ?? channel else {
      throw .noSeries
    }
    guard let time, let timeUs = Self.time(time) else { throw .time(time ?? "") }
    guard let value, value.utf8.count <= Value.textBytesMax else { throw .value(value ?? "") }
    return ImportRow(
      device: device, channel: channel, unit: unit, value: LateValue(timeUs: timeUs, value: value))
  }

  /// A date as ISO 8601 writes it, or as the French do: `21/11/2026 04:18`. Nothing relative.
  static func time(_ text: String) -> Int64? {
    guard text.utf8.first.map({ (0x30...0x39).contains($0) }) ?? false,
      !text.contains(where: { "hdwsm".contains($0) })
    else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return TimeArgument.microseconds(text, nowUs: nowUs) }
    let rest = parts[2].split(separator: " ", maxSplits: 1)
    guard let year = rest.first, year.utf8.count == 4, parts[0].utf8.count <= 2,
      parts[1].utf8.count <= 2
    else { return nil }
    func padded(_ part: Substring) -> String { (part.utf8.count == 1 ? "0" : "") + part }
    let date = "\(year)-\(padded(parts[1]))-\(padded(parts[0]))"
    let clock = rest.count > 1 ? "T" + Self.clock(rest[1]) : ""
    return TimeArgument.microseconds(date + clock, nowUs: nowUs)
  }

  /// `4:18` as `04:18`.
  private static func clock(_ text: Substring) -> String {
    text.prefix { $0 != ":" }.utf8.count == 1 ? "0" + text : String(text)
  }

  /// A number with a decimal comma, and spaces between thousands, as one with a point.
  static func pointed(_ text: String) -> String {
    let bare = text.filter { $0 != " " && $0 != "\u{A0}" && $0 != "\u{202F}" }
    let isNumber = bare.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-,eE".utf8.contains($0) }
    guard isNumber, bare.count(where: { $0 == "," }) == 1 else { return text }
    return String(bare.map { $0 == "," ? "." : $0 })
  }

  private static func trimmed(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(where: { $0 > 0x20 }),
      let last = bytes.lastIndex(where: { $0 > 0x20 })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
