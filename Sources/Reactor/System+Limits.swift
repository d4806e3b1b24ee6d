internal import CLinux

extension System {
  /// Raises how many descriptors this process may have to `count`, or as far as it may, and says
  /// how many that are now; a shell gives 1,024.
  public static func raiseFileLimit(to count: Int) throws(Errno) -> Int {
    Int(try check { clinux_raise_file_limit(Int32(clamping: count)) })
  }

  /// Has every large block of memory go back to the kernel when it is freed: to be called first.
  ///
  /// glibc begins so, but takes the size of a block that was freed as a sign that more such come,
  /// and keeps them in its heap from then on.
  public static func mapLargeBlocks() { clinux_map_blocks_from(Limits.mappedBlockBytes) }

  /// Gives what the heap does not use back to the kernel: after work that took much and comes
  /// seldom.
  public static func trimHeap() { clinux_trim_heap() }

  /// Takes what is only read or run of the program and its libraries out of this process's memory;
  /// what is used again comes back by itself, 64 KB at a touch, from the page cache.
  ///
  /// After a start: most of what ran then never runs again, and counts as ours until then.
  /// Returns how many bytes of address space it was asked for.
  @discardableResult
  public static func unmapCode() -> Int { Int(clinux_unmap_code()) }
}
