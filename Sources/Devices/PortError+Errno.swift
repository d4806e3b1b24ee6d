internal import Glibc
internal import Reactor

extension PortError {
  /// Puts a cause to what opening a node failed with.
  init(opening devnode: String, failedWith error: Errno) {
    let cause: Cause =
      switch error.code {
      case EACCES, EPERM: .permissionDenied
      case EBUSY: .held
      case ENOENT: .noSuchPort
      case ENXIO, ENODEV, EIO: .vanished
      case ENOTTY, EINVAL: .notATerminal
      case EMFILE, ENFILE: .tooManyFiles
      default: .system
      }
    self.init(cause: cause, devnode: devnode, code: error.code)
  }

  /// A line that was open and is gone.
  init(vanished devnode: String, code: Int32) {
    self.init(cause: .vanished, devnode: devnode, code: code)
  }
}
