import Glibc

/// A file of `docs/vectors`: lines of fields with `|` between them; `#` begins a remark.
public enum VectorFile {
  /// The fields of every line that has as many as asked for, without the spaces around them.
  ///
  /// None when the file cannot be read, which a test of their number refuses.
  public static func lines(_ path: String, fields wanted: Int) -> [[String]] {
    guard let file = unsafe fopen(path, "r") else { return [] }
    defer { unsafe fclose(file) }
    var text: [UInt8] = []
    while case let byte = unsafe getc(file), byte >= 0 { text.append(UInt8(byte)) }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
      return line.hasPrefix("#") || fields.count != wanted ? nil : fields
    }
  }

  private static func trimmed(_ field: Substring) -> String {
    String(field.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
