internal import Glibc
internal import Reactor

/// Where a verb writes: lines for a person or a program on stdout, notes on stderr.
protocol Output: AnyObject {
  /// Whether stdout is a terminal.
  var isTerminal: Bool { get }
  /// Whether a person types on stdin.
  var hasKeyboard: Bool { get }
  /// Columns of the terminal, or a page's.
  var columns: Int { get }
  /// Writes to stdout as it is; false once nobody reads it any more.
  @discardableResult func write(_ text: String) -> Bool
  /// Writes a line to stderr.
  func note(_ line: String)
  /// Asks on stderr and reads a line of stdin; nil at its end. It blocks: there is one person.
  func ask(_ question: String) -> String?
  /// Asks on stderr and reads a line of the terminal without showing it; nil where there is no
  /// terminal, or the person gives up.
  func askSecret(_ question: String) -> String?
}

extension Output {
  /// Writes lines to stdout.
  @discardableResult func write(lines: [String]) -> Bool {
    lines.isEmpty ? true : write(lines.joined(separator: "\n") + "\n")
  }
}

/// The process's own stdout and stderr.
///
/// Writes block: the command line serves one person, and a pipe that is read slowly must slow it.
final class StandardOutput: Output {
  private var isBroken = false

  let isTerminal = System.isTerminal(STDOUT_FILENO)
  let hasKeyboard = System.isTerminal(STDIN_FILENO)

  var columns: Int {
    var size = winsize()
    let code = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
    guard isTerminal, code == 0, size.ws_col >= 20 else { return CliLimits.columnsDefault }
    return min(Int(size.ws_col), CliLimits.columnsMax)
  }

  @discardableResult func write(_ text: String) -> Bool {
    guard !isBroken else { return false }
    isBroken = !put(text, on: STDOUT_FILENO)
    return !isBroken
  }

  func note(_ line: String) { _ = put(line + "\n", on: STDERR_FILENO) }

  func ask(_ question: String) -> String? {
    _ = put(question, on: STDERR_FILENO)
    // Nothing is under way yet: Ctrl-C may simply end the program, which the loop cannot hear of
    // while this waits.
    var interrupt = sigset_t()
    unsafe sigemptyset(&interrupt)
    unsafe sigaddset(&interrupt, SIGINT)
    unsafe pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
    defer { unsafe pthread_sigmask(SIG_BLOCK, &interrupt, nil) }
    return readLine()
  }

  func askSecret(_ question: String) -> String? {
    var shown = termios()
    guard System.isTerminal(STDIN_FILENO), unsafe tcgetattr(STDIN_FILENO, &shown) == 0 else {
      return nil
    }
    // Also without its signals: whoever gives up must find a terminal that shows what is typed.
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 else { return nil }
    defer {
      _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      _ = put("\n", on: STDERR_FILENO)
    }
    _ = put(question, on: STDERR_FILENO)
    var typed = TypedLine()
    while true {
      var byte: UInt8 = 0
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { return nil }
      switch typed.take(byte) {
      case .more: continue
      case .done: return String(validating: typed.bytes, as: UTF8.self)
      case .givenUp: return nil
      }
    }
  }

  private func put(_ text: String, on fd: Int32) -> Bool {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      do {
        guard case .count(let count) = try System.write(fd, from: bytes.span.extracting(written...))
        else {
          // Somebody made the shared file non-blocking: wait for room.
          var ready = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
          _ = unsafe poll(&ready, 1, -1)
          continue
        }
        written += count
      } catch {
        return false  // the reader went away: there is nobody to tell
      }
    }
    return true
  }
}
