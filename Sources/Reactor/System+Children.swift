internal import CLinux
internal import Glibc

/// Programs that work for this one, in a memory of their own.
extension System {
  /// Runs a program to its end: gives it the input, and returns what it wrote.
  ///
  /// It blocks: for a thread of its own. The child has no descriptor of ours but its two pipes and
  /// the standard error, and the environment of this process. It is ended when it has closed its
  /// output, and when the time is over, whatever it does then; it leaves nothing to wait for.
  ///
  /// - Parameters:
  ///   - program: The path of the executable.
  ///   - arguments: What follows its name. Everybody on the machine can read them.
  ///   - input: What it reads, at most `Limits.childInputBytesMax`: a pipe holds it whole.
  ///   - outputBytesMax: What is more than that is `EFBIG`.
  ///   - timeoutMs: How long it may take; beyond, `ETIMEDOUT`.
  public static func run(
    _ program: String, _ arguments: [String], input: [UInt8], outputBytesMax: Int,
    timeoutMs: Int64
  ) throws(Errno) -> [UInt8] {
    precondition(input.count <= Limits.childInputBytesMax, "\(input.count) bytes for a child")
    let deadlineUs = Clock.awakeUs() + timeoutMs * 1_000
    let question = try pipe()
    let answer = try pipe()
    // What it is given is there before it is: nothing waits for a child that does not read.
    try writeAll(question.input.raw, input)
    try setNonBlocking(question.output.raw, false)
    try setNonBlocking(answer.input.raw, false)
    let child = try spawn(
      program, arguments, input: question.output.raw, output: answer.input.raw)
    defer { end(child) }
    _ = question.takeOutput()
    return try readAll(answer.takeOutput(), bytesMax: outputBytesMax, deadlineUs: deadlineUs)
  }

  /// Has the kernel end this process with the thread that made it.
  public static func endWithParent() throws(Errno) {
    _ = try check { clinux_end_with_parent() }
  }

  /// Reads standard input to its end; what is longer is `EFBIG`.
  public static func readInput(bytesMax: Int) throws(Errno) -> [UInt8] {
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: bytesMax + 1)
    while true {
      guard case .count(let count) = try read(STDIN_FILENO, into: &chunk) else {
        throw Errno(code: EWOULDBLOCK)
      }
      if count == 0 { return contents }
      contents.append(contentsOf: chunk[0..<count])
      if contents.count > bytesMax { throw .tooBig }
    }
  }

  /// Writes everything to standard output.
  public static func writeOutput(_ contents: [UInt8]) throws(Errno) {
    try writeAll(STDOUT_FILENO, contents)
  }

  private static func spawn(
    _ program: String, _ arguments: [String], input: Int32, output: Int32
  ) throws(Errno) -> pid_t {
    var attributes = posix_spawnattr_t()
    try checkCode(unsafe posix_spawnattr_init(&attributes))
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe try Signals.reset(inChildOf: &attributes)
    var actions = unsafe posix_spawn_file_actions_t()
    try checkCode(unsafe clinux_spawn_pipes(&actions, input, output))
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    var words: [UnsafeMutablePointer<CChar>?] =
      unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var child: pid_t = 0
    try checkCode(
      unsafe posix_spawn(&child, program, &actions, &attributes, &words, clinux_environment()))
    return child
  }

  private static func readAll(
    _ output: consuming Descriptor, bytesMax: Int, deadlineUs: Int64
  ) throws(Errno) -> [UInt8] {
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(bytesMax + 1, Limits.fileChunkBytes))
    while true {
      switch try read(output.raw, into: &chunk) {
      case .count(0): return contents
      case .count(let count):
        guard contents.count + count <= bytesMax else { throw .tooBig }
        contents.append(contentsOf: chunk[0..<count])
      case .wouldBlock:
        let leftMs = (deadlineUs - Clock.awakeUs() + 999) / 1_000
        guard leftMs > 0 else { throw .timedOut }
        var wanted = pollfd(fd: output.raw, events: Int16(POLLIN), revents: 0)
        _ = try call { unsafe poll(&wanted, 1, Int32(clamping: leftMs)) }
      }
    }
  }

  /// Ends a child of ours, whether it already ended or not, and takes its status away.
  private static func end(_ child: pid_t) {
    _ = kill(child, SIGKILL)
    while waitpid(child, nil, 0) < 0, errno == EINTR {}
  }

  private static func checkCode(_ code: Int32) throws(Errno) {
    if code != 0 { throw Errno(code: code) }
  }
}
