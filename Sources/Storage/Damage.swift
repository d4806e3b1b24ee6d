/// Something on the disk that is not as it was written.
public struct Damage: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: String, Hashable, Sendable {
    /// The row is there, and its check says that it is another one than was written.
    case altered
    /// Rows that must be there are not.
    case missing
    /// SQLite cannot read the pages that hold the rows.
    case unreadable
    /// A table that is only a cache was wrong, and was made anew from the commits.
    case rebuilt
    /// SQLite's own check of the file found something.
    case structure
  }

  /// What is wrong.
  public var kind: Kind
  /// The table.
  public var table: String
  /// The keys of the rows, where rows are known.
  public var rows: ClosedRange<Int64>?
  /// What SQLite said, in English.
  public var message = ""

  init(_ kind: Kind, _ table: String, _ rows: ClosedRange<Int64>? = nil, message: String = "") {
    self.kind = kind
    self.table = table
    self.rows = rows
    self.message = message
  }

  /// The table, the rows by the local number of their incarnation and their seq, and the kind.
  public var description: String {
    var text = "table \(table)"
    if let rows {
      text += ", \(RowId.text(rows.lowerBound, of: table))"
      if rows.count > 1 { text += " to \(RowId.text(rows.upperBound, of: table))" }
    }
    text += " \(kind.rawValue)"
    return message.isEmpty ? text : "\(text) (\(message))"
  }

  func error(_ path: String) -> DatabaseError {
    DatabaseError(.damaged, path: path, message: description)
  }
}

extension RowId {
  /// Incarnation and seq, as people look them up.
  static func text(_ id: Int64, of table: String) -> String {
    guard table == "journal" else { return "commit \(id >> 40)/\(id & (Limits.hotSeqEnd - 1))" }
    return "entry \(id >> 40)/\(id >> 36 & 15)/\(id & (Limits.journalSeqEnd - 1))"
  }
}
