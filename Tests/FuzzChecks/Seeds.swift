import Glibc

/// The vectors of the repository, as inputs to begin from.
public enum Seeds {
  /// One line of docs/vectors/storage.txt, codec.txt or sync-*.txt.
  struct Stored {
    let form: String
    let bytes: [UInt8]
  }

  static var storage: [Stored] { stored("docs/vectors/storage.txt") }

  static var codec: [Stored] { stored("docs/vectors/codec.txt") }

  static var syncTrust: [Stored] { stored("docs/vectors/sync-trust.txt") }

  static var syncRecords: [Stored] { stored("docs/vectors/sync-records.txt") }

  static var syncProofs: [Stored] { stored("docs/vectors/sync-proofs.txt") }

  private static func stored(_ path: String) -> [Stored] {
    statements(of: path).compactMap { fields in
      guard fields.count == 5, let bytes = bytes(ofHex: fields[3]) else { return nil }
      return Stored(form: fields[2], bytes: bytes)
    }
  }

  /// The bytes of firmware-spec/vectors/link.txt whose names begin so.
  static func link(of sorts: [String]) -> [[UInt8]] {
    statements(of: "firmware-spec/vectors/link.txt").compactMap { fields in
      guard fields.count == 4, sorts.contains(where: { fields[0].hasPrefix($0 + ".") }) else {
        return nil
      }
      return bytes(ofHex: fields[2])
    }
  }

  /// Inputs that once broke a check, with what they are: `fuzz/corpus/NAME.txt`.
  public static func regressions(of check: FuzzCheck) -> [(what: String, bytes: [UInt8])] {
    statements(of: "fuzz/corpus/\(check.name).txt").compactMap { fields in
      guard fields.count == 2, let bytes = bytes(ofHex: fields[1]) else { return nil }
      return (fields[0], bytes)
    }
  }

  /// The bytes of a hexadecimal text; none for "-".
  public static func bytes(ofHex text: String) -> [UInt8]? {
    if text == "-" { return [] }
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }

  /// The fields of each line that says something; none when the file cannot be read.
  static func statements(of path: String) -> [[String]] {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    guard let file = unsafe fopen("\(root)/\(path)", "re") else { return [] }
    defer { unsafe fclose(file) }
    var text: [UInt8] = []
    while case let byte = unsafe getc(file), byte >= 0 { text.append(UInt8(byte)) }
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { line in
        line.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
      }
  }

  private static func trimmed(_ field: Substring) -> String {
    String(String(field.drop { $0 == " " }.reversed()).drop { $0 == " " }.reversed())
  }
}
