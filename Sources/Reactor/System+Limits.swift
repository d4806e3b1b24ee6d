internal import CLinux

extension System {
  /// Raises how many descriptors this process may have to `count`, or as far as it may, and says
  /// how many that are now; a shell gives 1,024.
  public static func raiseFileLimit(to count: Int) throws(Errno) -> Int {
    Int(try check { clinux_raise_file_limit(Int32(clamping: count)) })
  }
}
