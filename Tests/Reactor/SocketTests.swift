import Glibc
import Reactor
import Testing

@Suite("Unix sockets") struct SocketTests {
  private let folder: ScratchFolder
  private var path: String { folder.file("socket") }

  init() throws { folder = try ScratchFolder() }

  @Test("a connection is accepted, knows its peer and carries bytes") func connect() throws {
    let listener = try System.listenUnix(path)
    let nobody = try System.accept(listener.raw) == nil
    #expect(nobody)
    let client = try System.connectUnix(path)
    guard let server = try System.accept(listener.raw) else {
      Issue.record("nobody there")
      return
    }
    let peer = try System.peer(of: server.raw)
    #expect(peer.processId == getpid())
    #expect(peer.userId == getuid())
    #expect(peer.groupId == getgid())
    #expect(try System.write(client.raw, from: [1, 2]) == .count(2))
    var bytes: [UInt8] = [0, 0, 0]
    #expect(try System.read(server.raw, into: &bytes) == .count(2))
    #expect(bytes == [1, 2, 0])
  }

  @Test("the socket file has its mode, whatever the umask") func socketMode() throws {
    let listener = try System.listenUnix(path, mode: 0o660)
    var status = stat()
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    _ = listener.raw
  }

  @Test("a path somebody answers on is refused, a dead socket is replaced") func inUse() throws {
    let listener = try System.listenUnix(path)
    #expect(throws: Errno(code: EADDRINUSE)) { try System.listenUnix(path).close() }
    listener.close()
    #expect(throws: Errno.connectionRefused) { try System.connectUnix(path).close() }
    try System.listenUnix(path).close()
  }

  @Test("a file that is no socket is not replaced") func plainFile() throws {
    try System.writeFile(path, [7])
    #expect(throws: Errno(code: EADDRINUSE)) { try System.listenUnix(path).close() }
    #expect(try System.readFile(path, bytesMax: 9) == [7])
  }

  @Test("a path too long for a socket is ENAMETOOLONG, a missing one ENOENT") func badPaths() {
    let long = folder.file(String(repeating: "x", count: 120))
    #expect(throws: Errno(code: ENAMETOOLONG)) { try System.listenUnix(long).close() }
    #expect(throws: Errno.noEntry) { try System.connectUnix(path).close() }
  }

  @Test("a descriptor passed over a socket is the same open file, close-on-exec")
  func passed() throws {
    let pair = try SocketPair()
    let pipe = try System.pipe()
    let sent = try System.send(pair.first.raw, [42], descriptors: [pipe.input.raw])
    #expect(sent == .count(1))
    guard var message = try System.receive(pair.secondRaw, bytesMax: 16) else {
      Issue.record("nothing came")
      return
    }
    #expect(message.bytes == [42])
    #expect(message.isTruncated == false)
    #expect(message.descriptors.count == 1)
    guard let copy = message.descriptors.next() else { return }
    #expect(copy.raw != pipe.input.raw)
    #expect(fcntl(copy.raw, F_GETFD) & FD_CLOEXEC != 0)
    _ = try System.write(copy.raw, from: [7])
    var byte: [UInt8] = [0]
    #expect(try System.read(pipe.output.raw, into: &byte) == .count(1))
    #expect(byte == [7])
  }

  @Test("descriptors beyond the room are closed, and it is said", arguments: [0, 1, 2, 3])
  func noRoom(room: Int) throws {
    let pair = try SocketPair()
    let ends = try System.pipe()
    // Five write ends leave for the other side; ours is closed, so the pipe's end is seen when all
    // of those that were not kept have been closed.
    let descriptors = [Int32](repeating: ends.input.raw, count: 5)
    _ = try System.send(pair.first.raw, [1], descriptors: descriptors)
    let output = ends.takeOutput()
    do {
      let message = try System.receive(pair.secondRaw, bytesMax: 4, descriptorsMax: room)
      guard let message else {
        Issue.record("nothing came")
        return
      }
      #expect(message.descriptors.count == room)
      #expect(message.isTruncated == true)
    }
    var byte: [UInt8] = [0]
    #expect(try System.read(output.raw, into: &byte) == .count(0))
  }

  @Test("nothing there is nil, the end is an empty message") func nothingAndEnd() throws {
    let pair = try SocketPair()
    let nothing = try System.receive(pair.first.raw, bytesMax: 4) == nil
    #expect(nothing)
    pair.closeSecond()
    let end = try System.receive(pair.first.raw, bytesMax: 4)?.bytes
    #expect(end == [])
  }

  @Test("more descriptors than one message may carry are refused") func tooMany() throws {
    let pair = try SocketPair()
    let descriptors = [Int32](repeating: pair.first.raw, count: Limits.descriptorsPassedMax + 1)
    #expect(throws: Errno.invalid) {
      try System.send(pair.first.raw, [1], descriptors: descriptors)
    }
  }

  @Test("sending to a peer that is gone is EPIPE and no signal") func gone() throws {
    let pair = try SocketPair()
    pair.closeSecond()
    #expect(throws: Errno.brokenPipe) { try System.send(pair.first.raw, [1], descriptors: []) }
  }
}

@Suite("Pseudo-terminals") struct PseudoTerminalTests {
  @Test("bytes pass both ways as they are, and nothing is echoed") func raw() throws {
    let terminal = try System.openPseudoTerminal()
    // Written before the other side is opened: a terminal that was not yet raw would echo it.
    let sent: [UInt8] = [0, 3, 4, 10, 13, 17, 19, 26, 127, 255]
    #expect(try System.write(terminal.master.raw, from: sent) == .count(10))
    let other = try System.openRawTerminal(terminal.path)
    #expect(System.isTerminal(other.raw))
    var got = [UInt8](repeating: 1, count: 32)
    #expect(try System.read(other.raw, into: &got) == .count(10))
    #expect(Array(got[0..<10]) == sent)
    #expect(try System.read(terminal.master.raw, into: &got) == .wouldBlock)
    #expect(try System.write(other.raw, from: sent) == .count(10))
    #expect(try System.read(terminal.master.raw, into: &got) == .count(10))
    #expect(Array(got[0..<10]) == sent)
  }

  @Test("the path is that of the master, and anything else has none") func path() throws {
    let terminal = try System.openPseudoTerminal()
    #expect(try System.terminalPath(ofMaster: terminal.master.raw) == terminal.path)
    let pipe = try System.pipe()
    #expect(throws: Errno.notTerminal) { try System.terminalPath(ofMaster: pipe.output.raw) }
    #expect(throws: Errno.notTerminal) { try System.makeRaw(pipe.output.raw) }
    #expect(!System.isTerminal(pipe.output.raw))
  }

  @Test("a closed other side is EIO at the master") func closed() throws {
    let terminal = try System.openPseudoTerminal()
    try System.openRawTerminal(terminal.path).close()
    var byte: [UInt8] = [0]
    #expect(throws: Errno.inputOutput) { try System.read(terminal.master.raw, into: &byte) }
  }
}
