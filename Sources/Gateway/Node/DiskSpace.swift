internal import Glibc

/// Sizes of files and file systems.
enum DiskSpace {
  /// The size of a file; nil when it cannot be looked at.
  static func fileBytes(_ path: String) -> Int64? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }

  /// What an ordinary user may still write where a path is; nil when it cannot be looked at.
  static func freeBytes(_ path: String) -> Int64? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
      by: UInt64(status.f_frsize))
    return overflow ? nil : Int64(clamping: bytes)
  }
}
