internal import Glibc
internal import Reactor

/// Sizes of files and file systems.
enum DiskSpace {
  /// The size of a file; nil when it cannot be looked at.
  static func fileBytes(_ path: String) -> Int64? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }

  /// The size of the file system that a path is on; nil when it cannot be looked at.
  static func totalBytes(_ path: String) -> Int64? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflow) = UInt64(status.f_blocks).multipliedReportingOverflow(
      by: UInt64(status.f_frsize))
    return overflow ? nil : Int64(clamping: bytes)
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

/// What a database takes and what its disk has left, looked at again when it is a second old: the
/// status is asked for far more often than either changes.
struct DiskFigures {
  /// How old they may be, in µs.
  private static let ageMaxUs: Int64 = 1_000_000

  private let databasePath: String
  private let folder: String
  private var lookedAtUs = Int64.min
  private(set) var databaseBytes: Int64?
  private(set) var freeBytes: Int64?
  private(set) var totalBytes: Int64?

  /// Figures of a database and of the folder that it is in; not looked at yet.
  init(databasePath: String, folder: String) {
    self.databasePath = databasePath
    self.folder = folder
  }

  /// Looks again where the last look is too old.
  mutating func refresh(nowUs: Int64) {
    guard lookedAtUs == .min || nowUs - lookedAtUs >= Self.ageMaxUs else { return }
    lookedAtUs = nowUs
    databaseBytes = DiskSpace.fileBytes(databasePath).map {
      $0 + (DiskSpace.fileBytes(databasePath + "-wal") ?? 0)
    }
    freeBytes = DiskSpace.freeBytes(folder)
    totalBytes = DiskSpace.totalBytes(folder)
  }
}
