/// The records of a CSV file as spreadsheets write them: RFC 4180, with a byte order mark, with
/// semicolons or tabs for commas, and with lines that end in LF, CRLF or CR.
struct CsvRecords {
  /// One record, or what is wrong with it.
  struct Record: Equatable {
    /// The line of the file it begins on, from 1.
    var line: Int
    var fields: [String]
    var fault: ImportFault?
  }

  /// What divides fields: what the first line has most of, outside quotes.
  let divider: UInt8
  private let bytes: [UInt8]
  private var index: Int
  private var line = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in bytes[index...] {
      if byte == 0x22 { isQuoted.toggle() }
      if !isQuoted, byte == 0x0A || byte == 0x0D { break }
      if !isQuoted, [0x2C, 0x3B, 0x09].contains(byte) { counts[byte, default: 0] += 1 }
    }
    divider = [0x3B, 0x09, 0x2C].max { (counts[$0] ?? 0, $0) < (counts[$1] ?? 0, $1) } ?? 0x2C
  }

  /// The next record; empty lines are passed over. Nil at the end.
  mutating func next() -> Record? {
    while index < bytes.count {
      let record = read()
      if record.fields != [""] || record.fault != nil { return record }
    }
    return nil
  }

  private mutating func read() -> Record {
    var record = Record(line: line, fields: [])
    var field: [UInt8] = []
    while true {
      if index < bytes.count, bytes[index] == 0x22, field.isEmpty {
        if !readQuoted(&field) { record.fault = .quote }
      }
      guard index < bytes.count, bytes[index] != 0x0A, bytes[index] != 0x0D else { break }
      if bytes[index] == divider {
        close(&field, &record)
      } else {
        field.append(bytes[index])
      }
      index += 1
    }
    close(&field, &record)
    if index < bytes.count {
      let isPair = bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
      index += isPair ? 2 : 1
      line += 1
    }
    return record
  }

  /// Reads up to the closing quote; false when there is none.
  private mutating func readQuoted(_ field: inout [UInt8]) -> Bool {
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == 0x22 {
        guard index < bytes.count, bytes[index] == 0x22 else { return true }
        index += 1
      } else if byte == 0x0A {
        line += 1
      }
      field.append(byte)
    }
    return false
  }

  private func close(_ field: inout [UInt8], _ record: inout Record) {
    if let text = String(validating: field, as: UTF8.self) {
      record.fields.append(text)
    } else {
      record.fields.append("")
      record.fault = .notUtf8
    }
    field.removeAll()
  }
}

/// Why a line cannot be imported.
enum ImportFault: Error, Equatable {
  /// A quotation mark is never closed.
  case quote
  /// Its bytes are no UTF-8: saved in another encoding.
  case notUtf8
  /// More or fewer fields than the heading.
  case fieldCount(Int, wanted: Int)
  /// No time, or none that is understood.
  case time(String)
  /// No value, or one that is too long.
  case value(String)
  /// A word in a channel that has numbers.
  case notANumber(String)
  /// Neither a column nor an option says which device or channel.
  case noSeries
  /// Not an object of JSON with what is needed.
  case notJson
}
