internal import CLinux
internal import Glibc

/// What a read or a write on a non-blocking descriptor came to.
public enum Transfer: Hashable, Sendable {
  /// Bytes moved; for a read of a non-empty buffer 0 means the end.
  case count(Int)
  /// Nothing could move now: wait for readiness.
  case wouldBlock
}

/// System calls as Swift: `EINTR` is retried, `EWOULDBLOCK` is a value, every other errno is
/// thrown.
public enum System {
  /// Makes a call until it is not interrupted; nil for `EWOULDBLOCK`.
  ///
  /// Never inlined: errno belongs to the thread, and only here is it sure that nothing runs between
  /// the call and the reading of errno.
  @inline(never)
  static func call<Result: FixedWidthInteger & SignedInteger>(
    _ body: () -> Result
  ) throws(Errno) -> Result? {
    while true {
      let result = body()
      if result >= 0 { return result }
      let code = errno
      switch code {
      case EINTR: continue
      case EWOULDBLOCK: return nil
      case EFAULT: preconditionFailure("a system call was given a bad address")
      default: throw Errno(code: code)
      }
    }
  }

  /// As `call`, for calls that never say `EWOULDBLOCK` unless something is exhausted.
  @inline(never)
  static func check<Result: FixedWidthInteger & SignedInteger>(
    _ body: () -> Result
  ) throws(Errno) -> Result {
    guard let result = try call(body) else { throw Errno(code: EWOULDBLOCK) }
    return result
  }

  /// Closes a descriptor that someone owned; Linux frees the number even when it says `EINTR`.
  static func closeOwned(_ fd: Int32) {
    let closed = Glibc.close(fd)
    precondition(closed == 0 || errno != EBADF, "descriptor \(fd) was closed by someone else")
  }

  /// Reads what is there, at most the buffer's size, into it.
  public static func read(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Transfer {
    guard let base = buffer.baseAddress, buffer.count > 0 else { return .count(0) }
    let size = buffer.count
    return transfer(try call { unsafe Glibc.read(fd, base, size) })
  }

  /// Writes as much as fits now from the start of the buffer.
  public static func write(
    _ fd: Int32, from buffer: UnsafeRawBufferPointer
  ) throws(Errno) -> Transfer {
    guard let base = buffer.baseAddress, buffer.count > 0 else { return .count(0) }
    let size = buffer.count
    return transfer(try call { unsafe Glibc.write(fd, base, size) })
  }

  /// Reads what is there over the start of an array, at most its count.
  public static func read(_ fd: Int32, into bytes: inout [UInt8]) throws(Errno) -> Transfer {
    var span = bytes.mutableSpan
    return try read(fd, into: &span)
  }

  /// Reads what is there over the start of a span, at most its count.
  public static func read(
    _ fd: Int32, into bytes: inout MutableSpan<UInt8>
  ) throws(Errno) -> Transfer {
    try unsafe bytes.withUnsafeMutableBytes { (buffer) throws(Errno) in
      try unsafe read(fd, into: buffer)
    }
  }

  /// Writes as much as fits now from the start of a span.
  public static func write(_ fd: Int32, from bytes: Span<UInt8>) throws(Errno) -> Transfer {
    try unsafe bytes.withUnsafeBytes { (buffer) throws(Errno) in
      try unsafe write(fd, from: buffer)
    }
  }

  /// Writes as much as fits now from the start of an array.
  public static func write(_ fd: Int32, from bytes: [UInt8]) throws(Errno) -> Transfer {
    try write(fd, from: bytes.span)
  }

  static func transfer(_ count: Int?) -> Transfer {
    guard let count else { return .wouldBlock }
    return .count(count)
  }

  /// Makes a descriptor non-blocking, or blocking again.
  public static func setNonBlocking(_ fd: Int32, _ nonBlocking: Bool = true) throws(Errno) {
    _ = try check { clinux_set_nonblocking(fd, nonBlocking ? 1 : 0) }
  }

  /// Another descriptor of the same open file, close-on-exec.
  public static func duplicate(_ fd: Int32) throws(Errno) -> Descriptor {
    Descriptor(adopting: try check { clinux_dup(fd) })
  }

  /// A pipe: bytes written to `input` come out of `output`; close-on-exec.
  public static func pipe(blocking: Bool = false) throws(Errno) -> PipeEnds {
    var ends: [Int32] = [-1, -1]
    _ = try check { unsafe clinux_pipe(&ends, blocking ? 1 : 0) }
    return PipeEnds(output: Descriptor(adopting: ends[0]), input: Descriptor(adopting: ends[1]))
  }

  /// Bytes from the kernel's generator (`getrandom`), at most `Limits.randomBytesMax`.
  ///
  /// It blocks only in the first seconds after the machine's very first boot, until the generator
  /// has been seeded; call it before the loop serves anyone.
  public static func randomBytes(count: Int) throws(Errno) -> [UInt8] {
    precondition(count >= 0 && count <= Limits.randomBytesMax, "\(count) random bytes asked for")
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let start = filled
      filled += try check { () -> Int in
        unsafe bytes.withUnsafeMutableBytes { buffer in
          let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
          guard let base = rest.baseAddress else { return 0 }
          return unsafe clinux_random(base, rest.count)
        }
      }
    }
    return bytes
  }

  /// A 64-bit number from the kernel's generator.
  public static func randomNumber() throws(Errno) -> UInt64 {
    try randomBytes(count: 8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// The two ends of a pipe, each with its owner.
public struct PipeEnds: ~Copyable, Sendable {
  /// The end to read from.
  public let output: Descriptor
  /// The end to write to.
  public let input: Descriptor

  /// Closes the end to write to and gives the other away.
  public consuming func takeOutput() -> Descriptor { output }

  /// Closes the end to read from and gives the other away.
  public consuming func takeInput() -> Descriptor { input }
}
