import Glibc

/// One line of `firmware-spec/vectors/link.txt`; its head says what the fields mean.
struct Vector: Sendable {
  enum Kind: String { case golden, accept, reject }

  var sort: Substring
  var name: Substring
  var kind: Kind
  var bytes: [UInt8]
  var expected: Substring

  /// Every vector; empty when the file cannot be read, which a test refuses.
  static let all: [Vector] = statements.compactMap { Vector(line: $0) }

  /// Lines that are no vectors, which a test refuses.
  static let unread: [Substring] = statements.filter { Vector(line: $0) == nil }

  /// The lines of the file that say something.
  private static let statements: [Substring] =
    lines(of: repositoryFile("firmware-spec/vectors/link.txt"))
    .filter { !$0.isEmpty && !$0.hasPrefix("#") }

  static func all(of sort: String) -> [Vector] { all.filter { $0.sort == sort } }

  init?(line: Substring) {
    let fields = line.split(separator: " | ", omittingEmptySubsequences: false)
    guard fields.count == 4, let kind = Kind(rawValue: String(fields[1])),
      let dot = fields[0].firstIndex(of: "."), let bytes = hexBytes(fields[2])
    else { return nil }
    sort = fields[0][..<dot]
    name = fields[0][dot...].dropFirst()
    self.kind = kind
    self.bytes = bytes
    expected = fields[3]
  }

  /// The values of a key, in order.
  func values(_ key: String) -> [Substring] {
    expected.split(separator: " ").compactMap { pair in
      pair.hasPrefix(key + "=") ? pair.dropFirst(key.count + 1) : nil
    }
  }
}

/// The bytes of a hexadecimal text; none for "-".
func hexBytes(_ text: Substring) -> [UInt8]? {
  if text == "-" { return [] }
  guard text.utf8.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8] = []
  var high: UInt8?
  for character in text {
    guard let digit = character.hexDigitValue else { return nil }
    if let first = high {
      bytes.append(first << 4 | UInt8(digit))
      high = nil
    } else {
      high = UInt8(digit)
    }
  }
  return bytes
}

/// The hexadecimal text of bytes; "-" for none.
func hexText(_ bytes: [UInt8]) -> String {
  if bytes.isEmpty { return "-" }
  let digits = Array("0123456789abcdef")
  var text = ""
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return text
}

/// The path of a file of this repository.
func repositoryFile(_ path: String, from file: String = #filePath) -> String {
  file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    + "/" + path
}

/// The lines of a text file; none when it cannot be read.
func lines(of path: String) -> [Substring] {
  guard let file = unsafe fopen(path, "r") else { return [] }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = unsafe fread(&chunk, 1, chunk.count, file)
    if count == 0 { break }
    bytes.append(contentsOf: chunk[..<count])
  }
  return String(decoding: bytes, as: UTF8.self)
    .split(separator: "\n", omittingEmptySubsequences: false)
}
