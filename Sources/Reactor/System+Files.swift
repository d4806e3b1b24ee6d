internal import CLinux
internal import Glibc

/// Small files, whole.
extension System {
  /// Opens a file, close-on-exec; `flags` as in open(2), the mode for a file it creates.
  public static func openFile(
    _ path: String, flags: Int32, mode: UInt32 = 0o600
  ) throws(Errno) -> Descriptor {
    Descriptor(adopting: try check { unsafe clinux_open(path, flags, mode) })
  }

  /// The whole of a file of at most so many bytes; a longer one is `EFBIG`.
  ///
  /// It blocks: for small local files, `/proc` and `/sys`.
  public static func readFile(_ path: String, bytesMax: Int) throws(Errno) -> [UInt8] {
    precondition(bytesMax >= 0, "a limit of \(bytesMax) bytes")
    let file = try openFile(path, flags: O_RDONLY)
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(bytesMax + 1, Limits.fileChunkBytes))
    while true {
      guard case .count(let count) = try read(file.raw, into: &chunk) else {
        throw Errno(code: EWOULDBLOCK)
      }
      if count == 0 { return contents }
      if contents.count + count > bytesMax { throw .tooBig }
      contents.append(contentsOf: chunk[0..<count])
    }
  }

  /// What the name of a file ends with that a crash has kept `writeFile` from finishing.
  public static let temporarySuffix = ".new"

  /// Replaces a file as one step: a reader, or a machine whose power goes, sees the old contents or
  /// the new ones, whole.
  ///
  /// The file has the mode given, whatever the umask, and is said to have changed when `changedNs`
  /// says, in ns since 1970; by the wall clock where that is nil. It blocks for two fsyncs.
  public static func writeFile(
    _ path: String, _ contents: [UInt8], mode: UInt32 = 0o600, changedNs: Int64? = nil
  ) throws(Errno) {
    let suffix = try randomNumber()
    let temporary = "\(path).\(String(suffix, radix: 16))\(temporarySuffix)"
    do {
      let file = try openFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
      _ = try check { fchmod(file.raw, mode) }
      try writeAll(file.raw, contents)
      if let changedNs { try setChanged(file.raw, changedNs) }
      _ = try check { fsync(file.raw) }
      _ = try check { unsafe rename(temporary, path) }
    } catch {
      if error != .exists { unsafe _ = unlink(temporary) }
      throw error
    }
    let folder = try openFile(parent(of: path), flags: O_RDONLY | O_DIRECTORY)
    _ = try check { fsync(folder.raw) }
  }

  /// Returns when the contents of a file are on the disk.
  public static func sync(_ path: String) throws(Errno) {
    let file = try openFile(path, flags: O_RDONLY)
    _ = try check { fsync(file.raw) }
  }

  /// Gives a file another name in the same folder, on the disk when it returns; what had that name
  /// is gone.
  public static func move(_ path: String, to name: String) throws(Errno) {
    _ = try check { unsafe rename(path, name) }
    let folder = try openFile(parent(of: name), flags: O_RDONLY | O_DIRECTORY)
    _ = try check { fsync(folder.raw) }
  }

  /// Writes everything to a blocking descriptor.
  public static func writeAll(_ fd: Int32, _ contents: [UInt8]) throws(Errno) {
    var written = 0
    while written < contents.count {
      guard case .count(let count) = try write(fd, from: contents.span.extracting(written...))
      else { throw Errno(code: EWOULDBLOCK) }
      written += count
    }
  }

  /// Makes a folder; one that is there already is no error. Its parent must exist.
  public static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(Errno) {
    do {
      _ = try check { unsafe mkdir(path, mode) }
    } catch {
      guard error == .exists, isFolder(path) else { throw error }
    }
  }

  /// Makes a folder and those above it that are missing.
  public static func makeFolders(_ path: String, mode: UInt32 = 0o700) throws(Errno) {
    let above = parent(of: path)
    if above != path, !isFolder(above) { try makeFolders(above, mode: mode) }
    try makeFolder(path, mode: mode)
  }

  /// Whether a path leads to a folder.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether nobody but its owner and its group may read or write a file.
  public static func isPrivate(_ path: String) throws(Errno) -> Bool {
    var status = stat()
    _ = try check { unsafe stat(path, &status) }
    return status.st_mode & 0o007 == 0
  }

  /// Whether a path leads to anything.
  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// What a symbolic link says; nil when there is none.
  public static func linkTarget(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = unsafe readlink(path, &bytes, bytes.count - 1)
    return count > 0 ? text(bytes) : nil
  }

  /// Removes a file; one that is not there is no error.
  public static func removeFile(_ path: String) throws(Errno) {
    do {
      _ = try check { unsafe unlink(path) }
    } catch {
      guard error == .noEntry else { throw error }
    }
  }

  /// Sets the permission bits of a file.
  public static func setMode(_ path: String, _ mode: UInt32) throws(Errno) {
    _ = try check { unsafe chmod(path, mode) }
  }

  /// The folder a path stands in: `.` for a bare name, `/` for the root.
  public static func parent(of path: String) -> String {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == 0x2F { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: 0x2F) else { return "." }
    if slash == 0 { return "/" }
    return String(decoding: bytes[0..<slash], as: UTF8.self)
  }

  /// What the machine is called (sethostname(2)); `bivouac` where it has no name.
  public static func machineName() -> String {
    do throws(Errno) {
      let text = try readFile("/proc/sys/kernel/hostname", bytesMax: 256)
      let name = String(decoding: text.prefix { $0 > 0x20 }, as: UTF8.self)
      return name.isEmpty ? "bivouac" : name
    } catch {
      return "bivouac"
    }
  }

  /// The kernel's random name of this boot: 16 bytes, other at every boot.
  public static func bootId() throws(Errno) -> [UInt8] {
    let text = try readFile("/proc/sys/kernel/random/boot_id", bytesMax: 64)
    guard let id = parseBootId(text) else { throw .invalid }
    return id
  }

  /// 32 hexadecimal digits with dashes among them, as 16 bytes.
  static func parseBootId(_ text: [UInt8]) -> [UInt8]? {
    var nibbles: [UInt8] = []
    for byte in text {
      switch byte {
      case 0x30...0x39: nibbles.append(byte - 0x30)
      case 0x61...0x66: nibbles.append(byte - 0x61 + 10)
      case 0x2D, 0x0A: continue
      default: return nil
      }
    }
    guard nibbles.count == 32 else { return nil }
    return stride(from: 0, to: 32, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }

  /// The value of an environment variable, nil when it is not set.
  public static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// The folder the process works in.
  public static func workingFolder() throws(Errno) -> String {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard unsafe getcwd(&bytes, bytes.count) != nil else { throw Errno(code: errno) }
    return text(bytes)
  }

  /// The bytes before the first zero.
  static func text(_ bytes: [CChar]) -> String {
    String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
