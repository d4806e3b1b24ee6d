import Glibc

/// A file system of its own on a device of its own, which tools/bench makes: what is written to the
/// device is what a card would have to take, the file system's journal included.
nonisolated struct BenchDisk {
  struct Failed: Error { let what: String }

  /// Where it is mounted.
  let folder: String
  private let statPath: String

  /// What tools/bench mounted.
  static func mounted() throws -> BenchDisk {
    guard let folder = text("BIVOUAC_BENCH_DISK"), let stat = text("BIVOUAC_BENCH_DEVICE_STAT")
    else { throw Failed(what: "no disk: run tools/bench, which mounts one") }
    return BenchDisk(folder: folder, statPath: stat)
  }

  private static func text(_ variable: String) -> String? {
    unsafe getenv(variable).map { unsafe String(cString: $0) }
  }

  /// Bytes written to the device so far: sectors of 512, the seventh field of its `stat`.
  func writtenBytes() throws -> Int {
    sync()
    guard let file = unsafe fopen(statPath, "re") else { throw Failed(what: statPath) }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    let fields = text.split(whereSeparator: \.isWhitespace)
    guard fields.count > 6, let sectors = Int(fields[6]) else { throw Failed(what: statPath) }
    return sectors * 512
  }

  /// The size of a file on it.
  func bytes(of name: String) throws -> Int {
    var status = stat()
    guard unsafe stat(folder + "/" + name, &status) == 0 else { throw Failed(what: name) }
    return Int(status.st_size)
  }

  /// Removes a database.
  func remove(_ name: String) {
    for suffix in ["", "-wal", "-shm"] { unsafe unlink(folder + "/" + name + suffix) }
  }

  /// Gives a database that is closed another name.
  func rename(_ name: String, to other: String) throws {
    guard unsafe Glibc.rename(folder + "/" + name, folder + "/" + other) == 0 else {
      throw Failed(what: name)
    }
  }

  /// Copies a database that is closed.
  func copy(_ name: String, to other: String) throws {
    guard let from = unsafe fopen(folder + "/" + name, "re") else { throw Failed(what: name) }
    defer { unsafe fclose(from) }
    guard let to = unsafe fopen(folder + "/" + other, "we") else { throw Failed(what: other) }
    defer { unsafe fclose(to) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe fread(&bytes, 1, bytes.count, from)
      guard count > 0 else { break }
      guard unsafe fwrite(bytes, 1, count, to) == count else { throw Failed(what: other) }
    }
    guard unsafe ferror(from) == 0, unsafe fflush(to) == 0 else { throw Failed(what: other) }
  }
}
