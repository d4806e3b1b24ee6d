import Glibc
import Reactor
import Testing

@Suite("Children") struct ChildTests {
  @Test("a child is given its input and its output is returned") func echo() throws {
    let sent = Array("what nobody else reads\n".utf8)
    #expect(
      try System.run("/bin/cat", [], input: sent, outputBytesMax: 64, timeoutMs: 10_000) == sent)
    #expect(try System.run("/bin/cat", [], input: [], outputBytesMax: 64, timeoutMs: 10_000) == [])
  }

  @Test("a child that does not read its input is waited for no less") func deaf() throws {
    let input = [UInt8](repeating: 7, count: Limits.childInputBytesMax)
    #expect(try run("printf done", input: input) == Array("done".utf8))
  }

  @Test("what is longer than it may be is refused, and what is as long is not") func long() throws {
    #expect(try run("printf 12345", bytesMax: 5) == Array("12345".utf8))
    #expect(throws: Errno.tooBig) { try run("printf 123456", bytesMax: 5) }
  }

  @Test("a program that is not there is an error") func missing() {
    #expect(throws: Errno.noEntry) {
      try System.run("/nonexistent/program", [], input: [], outputBytesMax: 1, timeoutMs: 1_000)
    }
  }

  @Test("a child that takes too long is killed") func late() throws {
    let began = Clock.awakeUs()
    #expect(throws: Errno.timedOut) { try run("exec sleep 60", timeoutMs: 50) }
    #expect(Clock.awakeUs() - began < 10_000_000)
  }

  @Test("a child that has said everything is not waited for") func lingering() throws {
    let began = Clock.awakeUs()
    #expect(try run("printf said; exec sleep 60 >&-") == Array("said".utf8))
    #expect(Clock.awakeUs() - began < 10_000_000)
  }

  @Test("no descriptor of ours is open in a child, close-on-exec or not") func descriptors() throws
  {
    let file = try System.openFile("/dev/null", flags: O_RDONLY)
    _ = fcntl(file.raw, F_SETFD, 0)
    let listed = try run("ls /proc/self/fd", bytesMax: 4_096)
    let open = String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init)
    // The fourth is the folder that `ls` reads.
    #expect(open == ["0", "1", "2", "3"])
    withExtendedLifetime(file) {}
  }

  @Test("a child leaves nothing to wait for") func reaped() throws {
    let told = try run("echo $$")
    let pid = try #require(Int32(String(decoding: told.dropLast(), as: UTF8.self)))
    #expect(kill(pid, 0) == -1 && errno == ESRCH)
  }
}

private func run(
  _ script: String, input: [UInt8] = [], bytesMax: Int = 64, timeoutMs: Int64 = 20_000
) throws(Errno) -> [UInt8] {
  try System.run(
    "/bin/sh", ["-c", script], input: input, outputBytesMax: bytesMax, timeoutMs: timeoutMs)
}
