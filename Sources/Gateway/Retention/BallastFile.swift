internal import Glibc
internal import Reactor

/// A file that takes room so that there is some to give: without any, SQLite cannot even delete.
///
/// Every call blocks the calling thread, which is none of the loop.
enum BallastFile {
  /// It lies beside the database.
  static func path(in folder: String) -> String { folder + "/ballast" }

  /// The bytes that it really takes on the disk; 0 where it is not there.
  static func bytesHeld(_ path: String) -> Int64 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return 0 }
    // A file may say more than it takes: st_blocks counts 512 bytes each (stat(2)).
    return min(Int64(status.st_size), Int64(status.st_blocks) * 512)
  }

  /// Takes so many bytes; what cannot be had whole is given back.
  static func make(_ path: String, bytes: Int64) throws(Errno) {
    let file = try System.openFile(path, flags: O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW)
    // It says its errno itself, and leaves what it took before (posix_fallocate(3)).
    let code = posix_fallocate(file.raw, 0, off_t(bytes))
    guard code == 0 else {
      try remove(path)
      throw Errno(code: code)
    }
    guard ftruncate(file.raw, off_t(bytes)) == 0 else { throw Errno(code: errno) }
  }

  /// Gives the room back; whether there was any.
  @discardableResult static func release(_ path: String) throws(Errno) -> Bool {
    guard System.exists(path) else { return false }
    let held = bytesHeld(path)
    try remove(path)
    return held > 0
  }

  private static func remove(_ path: String) throws(Errno) {
    do throws(Errno) { try System.removeFile(path) } catch {
      guard error == .noEntry else { throw error }
    }
  }
}
