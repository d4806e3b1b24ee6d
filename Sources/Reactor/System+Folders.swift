internal import CLinux
internal import Glibc

/// What lies in a folder.
extension System {
  /// A file, as the file system describes it.
  public struct FileFacts: Hashable, Sendable {
    /// Its length, in bytes.
    public let bytes: Int64
    /// When its contents changed, in ns since 1970.
    public let changedNs: Int64
  }

  /// The names in a folder, in no order, without `.` and `..`; of more than `countMax` the rest is
  /// left out.
  public static func names(in folder: String, countMax: Int) throws(Errno) -> [String] {
    guard let stream = unsafe opendir(folder) else { throw Errno(code: errno) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while names.count < countMax, let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// What is known of a file that is no link; nil where none is there.
  public static func facts(of path: String) -> FileFacts? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let changed = status.st_mtim
    return FileFacts(
      bytes: Int64(status.st_size),
      changedNs: Int64(changed.tv_sec) * 1_000_000_000 + Int64(changed.tv_nsec))
  }

  /// Says when the contents of an open file changed.
  static func setChanged(_ fd: Int32, _ changedNs: Int64) throws(Errno) {
    let (seconds, rest) = changedNs.quotientAndRemainder(dividingBy: 1_000_000_000)
    let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
    let times = [time, time]
    _ = try check { unsafe futimens(fd, times) }
  }
}
