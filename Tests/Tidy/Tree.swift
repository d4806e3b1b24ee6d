import Glibc

/// One file of the repository, as the rules see it.
struct TreeFile {
  /// From the root of the repository, with `/`.
  let path: String
  let bytes: [UInt8]

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// A sample for a rule's own tests.
  init(_ path: String, _ text: String) {
    self.init(path: path, bytes: Array(text.utf8))
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  var name: Substring { path.split(separator: "/").last ?? "" }
  var suffix: Substring { name.split(separator: ".").last ?? "" }
  var isSwift: Bool { suffix == "swift" }
  var isC: Bool { ["c", "h", "cpp"].contains(suffix) }
  var isPython: Bool { suffix == "py" }
  /// The target of a file in Sources, else nil.
  var target: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }
}

/// What a rule found, with where.
struct Violation: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let what: String
  var description: String { "\(path):\(line): \(what)" }
}

/// The repository on disk: what git tracks or would track at the next `git add`.
enum Tree {
  struct Unreadable: Error { let what: String }

  /// The root: three folders above this file.
  static let root: String = {
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
  }()

  static func load() throws -> [TreeFile] {
    let listing = "git -C '\(root)' ls-files -z --cached --others --exclude-standard"
    let paths = try output(of: listing).split(separator: 0).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard paths.count > 20 else { throw Unreadable(what: "git lists only \(paths.count) files") }
    return try Set(paths).sorted().compactMap { path in
      // A tracked file that was deleted in the work tree is not there to be judged.
      guard unsafe access("\(root)/\(path)", F_OK) == 0 else { return nil }
      return TreeFile(path: path, bytes: try contents(of: "\(root)/\(path)"))
    }
  }

  private static func contents(of path: String) throws -> [UInt8] {
    guard let file = unsafe fopen(path, "re") else { throw Unreadable(what: path) }
    defer { unsafe fclose(file) }
    return unsafe readAll(file)
  }

  private static func output(of command: String) throws -> [UInt8] {
    guard let pipe = unsafe popen(command, "re") else { throw Unreadable(what: command) }
    let bytes = unsafe readAll(pipe)
    guard unsafe pclose(pipe) == 0 else { throw Unreadable(what: command) }
    return bytes
  }

  private static func readAll(_ file: UnsafeMutablePointer<FILE>) -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { return all }
      all += chunk[..<count]
    }
  }
}
