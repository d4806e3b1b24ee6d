import Glibc
import Model
import Reactor
import Testing

@testable import Devices

/// What a port told.
@Loop private final class Heard {
  var bytes: [UInt8] = []
  var losses: [PortError] = []

  func listen(to port: SerialPort) throws {
    try port.listen(
      onBytes: { [weak self] span in
        for index in span.indices { self?.bytes.append(span[index]) }
      },
      onLost: { [weak self] in self?.losses.append($0) })
  }
}

@Loop private func settings(_ fd: Int32) -> termios {
  var settings = termios()
  #expect(unsafe tcgetattr(fd, &settings) == 0)
  return settings
}

/// A pseudo-terminal as the kernel makes it: it echoes, edits lines and translates.
@Loop private func cookedTerminal() throws -> PseudoTerminal {
  let terminal = try System.openPseudoTerminal()
  var cooked = settings(terminal.master.raw)
  cooked.c_lflag |= tcflag_t(ECHO | ICANON | ISIG)
  cooked.c_iflag |= tcflag_t(ICRNL)
  cooked.c_oflag |= tcflag_t(OPOST)
  cooked.c_cflag |= tcflag_t(HUPCL)
  #expect(unsafe tcsetattr(terminal.master.raw, TCSANOW, &cooked) == 0)
  return terminal
}

/// What can be read from the master now.
@Loop private func drain(_ master: Int32) -> [UInt8] {
  var chunk = [UInt8](repeating: 0, count: 4096)
  guard case .count(let count)? = try? System.read(master, into: &chunk) else { return [] }
  return Array(chunk[0..<count])
}

@Suite("Serial port", .serialized) struct SerialPortTests {
  init() { EventLoop.shared.start() }

  @Test("a line that echoes does not any more once it is open") @Loop func noEcho() async throws {
    let terminal = try cookedTerminal()
    let port = try SerialPort.open(devnode: terminal.path)
    let heard = Heard()
    try heard.listen(to: port)
    let sent = Array("\u{3}report 1\r\n".utf8)
    _ = try System.write(terminal.master.raw, from: sent)
    try await until("bytes arrive") { heard.bytes.count >= sent.count }
    #expect(heard.bytes == sent)
    #expect(drain(terminal.master.raw) == [])
    let raw = settings(terminal.master.raw)
    #expect(raw.c_lflag & tcflag_t(ECHO | ICANON | ISIG) == 0)
    #expect(raw.c_cflag & tcflag_t(HUPCL) == 0)
    #expect(raw.c_cflag & tcflag_t(CLOCAL) != 0)
    #expect(port.bytesRead == UInt64(sent.count))
    #expect(port.bytesWritten == 0)
    port.close()
  }

  @Test("bytes are written in order and counted, beyond what the line takes at once")
  @Loop func writes() async throws {
    let terminal = try System.openPseudoTerminal()
    let port = try SerialPort.open(devnode: terminal.path)
    let heard = Heard()
    try heard.listen(to: port)
    var received: [UInt8] = []
    var expected: [UInt8] = []
    for round in 0..<40 {
      let bytes = [UInt8](repeating: UInt8(round), count: 1000)
      if port.write(bytes) == .accepted { expected += bytes }
      if round % 4 == 3 { received += drain(terminal.master.raw) }
    }
    try await until("all is written") {
      received += drain(terminal.master.raw)
      return received.count >= expected.count
    }
    #expect(received == expected)
    #expect(port.bytesWritten == UInt64(expected.count))
    port.close()
  }

  @Test("a write that does not fit the queue is refused whole") @Loop func refused() async throws {
    let terminal = try System.openPseudoTerminal()
    let port = try SerialPort.open(devnode: terminal.path)
    let heard = Heard()
    try heard.listen(to: port)
    var accepted = 0
    while port.write([UInt8](repeating: 1, count: 1000)) == .accepted {
      accepted += 1
      try #require(accepted < 1000)
    }
    #expect(port.writesRefused == 1)
    #expect(port.bytesQueued <= DeviceLimits.writeQueueBytesMax)
    #expect(Int(port.bytesWritten) + port.bytesQueued == accepted * 1000)
    port.close()
  }

  @Test("a line whose other end goes is lost, once") @Loop func vanishes() async throws {
    var terminal: PseudoTerminal? = try System.openPseudoTerminal()
    let port = try SerialPort.open(devnode: terminal?.path ?? "")
    let heard = Heard()
    try heard.listen(to: port)
    terminal = nil
    try await until("the loss is told") { !heard.losses.isEmpty }
    #expect(heard.losses.map(\.cause) == [.vanished])
    #expect(port.write([1]) == .lost)
    await pause(us: 5_000)
    #expect(heard.losses.count == 1)
  }

  @Test("a line that goes while bytes wait to be written is lost, and told in a turn of its own")
  @Loop func vanishesWhileWriting() async throws {
    var terminal: PseudoTerminal? = try System.openPseudoTerminal()
    let port = try SerialPort.open(devnode: terminal?.path ?? "")
    let heard = Heard()
    try heard.listen(to: port)
    terminal = nil
    #expect(port.write([1, 2, 3]) == .lost)
    #expect(heard.losses.isEmpty)
    try await until("the loss is told") { !heard.losses.isEmpty }
    #expect(heard.losses.count == 1)
  }

  @Test("a receiver may close the port in the middle of a read") @Loop func closedInside()
    async throws
  {
    let terminal = try System.openPseudoTerminal()
    let port = try SerialPort.open(devnode: terminal.path)
    var calls = 0
    try port.listen(
      onBytes: { _ in
        calls += 1
        port.close()
      }, onLost: { _ in Issue.record("closed is not lost") })
    _ = try System.write(terminal.master.raw, from: [1, 2, 3])
    try await until("bytes arrive") { calls == 1 }
    #expect(port.write([1]) == .lost)
  }

  @Test("an odd speed is set exactly") @Loop func oddSpeed() throws {
    let terminal = try System.openPseudoTerminal()
    let port = try SerialPort.open(devnode: terminal.path, speedBaud: 250_000)
    #expect(port.speedIsExact)
    port.close()
  }

  @Test("the uses of a node that is none, or is no line, say so") @Loop func wrongNodes() {
    #expect(throws: PortError(cause: .noSuchPort, devnode: "/dev/no-such-tty", code: ENOENT)) {
      try SerialPort.open(devnode: "/dev/no-such-tty")
    }
    #expect(throws: PortError(cause: .notATerminal, devnode: "/dev/null", code: ENOTTY)) {
      try SerialPort.open(devnode: "/dev/null")
    }
  }

  @Test("every errno of opening has its cause") func causes() {
    let expected: [(Int32, PortError.Cause)] = [
      (EACCES, .permissionDenied), (EPERM, .permissionDenied), (EBUSY, .held),
      (ENOENT, .noSuchPort), (ENXIO, .vanished), (ENODEV, .vanished), (EIO, .vanished),
      (ENOTTY, .notATerminal), (EMFILE, .tooManyFiles), (ENOMEM, .system),
    ]
    for (code, cause) in expected {
      #expect(PortError(opening: "/dev/x", failedWith: Errno(code: code)).cause == cause)
    }
  }
}

@Suite("Port diagnosis") struct PortDiagnosisTests {
  @Test("the process that has a line open is found by number and name") func holder() throws {
    let terminal = try System.openPseudoTerminal()
    let line = try System.openRawTerminal(terminal.path)
    // A child that holds the line as its standard input, and nothing else.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, line.raw, 0)
    var child: pid_t = 0
    let name = unsafe strdup("sleep")
    let time = unsafe strdup("60")
    var arguments = unsafe [name, time, nil]
    let code = unsafe posix_spawnp(&child, "sleep", &actions, nil, &arguments, environ)
    try #require(code == 0)
    defer {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
      unsafe free(name)
      unsafe free(time)
      unsafe posix_spawn_file_actions_destroy(&actions)
    }
    let error = PortError(cause: .held, devnode: terminal.path, code: EBUSY)
    let holders = PortDiagnosis.explained(error).holders
    #expect(holders == [PortHolder(processId: child, name: "sleep")])
  }

  @Test("the group that may open a node is named; root's own is not advised") func group() throws {
    let terminal = try System.openPseudoTerminal()
    var status = stat()
    try #require(unsafe stat(terminal.path, &status) == 0)
    // The group of pseudo-terminals may write but not read: joining it would not help.
    #expect(PortDiagnosis.group(terminal.path) == "")
    if geteuid() == 0, let tty = unsafe getgrnam("dialout") {
      try #require(unsafe chown(terminal.path, 0, tty.pointee.gr_gid) == 0)
      try #require(unsafe chmod(terminal.path, 0o660) == 0)
      let error = PortError(cause: .permissionDenied, devnode: terminal.path, code: EACCES)
      #expect(PortDiagnosis.explained(error).group == "dialout")
    }
  }

  @Test("of a node that is gone nothing is known") func gone() async {
    let diagnosis = PortDiagnosis()
    let error = PortError(cause: .held, devnode: "/dev/no-such-tty", code: EBUSY)
    #expect(await diagnosis.explain(error) == error)
    #expect(await diagnosis.holders(of: "/dev/no-such-tty") == [])
    diagnosis.shutDown()
  }
}
