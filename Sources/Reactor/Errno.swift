internal import CLinux
internal import Glibc

/// Why a system call failed.
public struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number the kernel gave, as in `errno.h`.
  public let code: Int32

  /// Wraps an errno number.
  public init(code: Int32) {
    self.code = code
  }

  /// The symbolic name, `EACCES`; the number where it has none.
  public var name: String {
    guard let name = unsafe clinux_errno_name(code) else { return "errno \(code)" }
    return unsafe String(cString: name)
  }

  /// The name and the English sentence: `EACCES: Permission denied`.
  public var description: String {
    guard let text = unsafe clinux_errno_text(code) else { return name }
    return "\(name): \(unsafe String(cString: text))"
  }

  /// No such file or directory.
  public static let noEntry = Errno(code: ENOENT)
  /// Permission denied.
  public static let accessDenied = Errno(code: EACCES)
  /// Operation not permitted.
  public static let notPermitted = Errno(code: EPERM)
  /// The file exists.
  public static let exists = Errno(code: EEXIST)
  /// Device or resource busy.
  public static let busy = Errno(code: EBUSY)
  /// The other end is closed.
  public static let brokenPipe = Errno(code: EPIPE)
  /// Input or output error: an unplugged tty, a pty whose master is closed.
  public static let inputOutput = Errno(code: EIO)
  /// No such device: unplugged.
  public static let noDevice = Errno(code: ENODEV)
  /// No such device or address: unplugged.
  public static let noDeviceOrAddress = Errno(code: ENXIO)
  /// No space left on the device.
  public static let noSpace = Errno(code: ENOSPC)
  /// The file system is read-only.
  public static let readOnly = Errno(code: EROFS)
  /// Too large for the limit given.
  public static let tooBig = Errno(code: EFBIG)
  /// An argument the kernel, or this wrapper, does not accept.
  public static let invalid = Errno(code: EINVAL)
  /// The kernel lost events for want of room; what they spoke of must be enumerated again.
  public static let noBuffers = Errno(code: ENOBUFS)
  /// Nobody listens.
  public static let connectionRefused = Errno(code: ECONNREFUSED)
  /// The other end is gone.
  public static let connectionReset = Errno(code: ECONNRESET)
  /// The process has no descriptor left, or a table is full.
  public static let tooManyOpen = Errno(code: EMFILE)
  /// It took too long.
  public static let timedOut = Errno(code: ETIMEDOUT)
  /// The descriptor is not a terminal.
  public static let notTerminal = Errno(code: ENOTTY)
}
