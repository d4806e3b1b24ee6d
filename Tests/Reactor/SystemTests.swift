import Glibc
import Testing

@testable import Reactor

@Suite("System calls") struct SystemTests {
  @Test("an empty pipe would block, a full one too, and neither is an error") func wouldBlock()
    throws
  {
    let pipe = try System.pipe()
    var bytes = [UInt8](repeating: 0, count: 65_536)
    #expect(try System.read(pipe.output.raw, into: &bytes) == .wouldBlock)
    var written = 0
    while case .count(let count) = try System.write(pipe.input.raw, from: bytes) {
      written += count
      try #require(written < 16 << 20)
    }
    #expect(written > 0)
  }

  @Test("the end is a count of zero") func endOfFile() throws {
    let output = try System.pipe().takeOutput()
    var byte: [UInt8] = [0]
    #expect(try System.read(output.raw, into: &byte) == .count(0))
  }

  @Test("nothing to move moves nothing") func emptyBuffers() throws {
    let pipe = try System.pipe()
    var none: [UInt8] = []
    #expect(try System.read(pipe.output.raw, into: &none) == .count(0))
    #expect(try System.write(pipe.input.raw, from: none) == .count(0))
  }

  @Test("bytes come out as they went in, by array and by span") func roundTrip() throws {
    let pipe = try System.pipe()
    let sent: [UInt8] = [0, 255, 10, 13]
    #expect(try System.write(pipe.input.raw, from: sent.span) == .count(4))
    var got = [UInt8](repeating: 1, count: 6)
    #expect(try System.read(pipe.output.raw, into: &got) == .count(4))
    #expect(got == [0, 255, 10, 13, 1, 1])
  }

  @Test("a call on a closed number throws its errno") func badDescriptor() {
    var byte: [UInt8] = [0]
    #expect(throws: Errno(code: EBADF)) { try System.read(1_000_000, into: &byte) }
  }

  @Test("an interrupted read goes on") func interrupted() async {
    await #expect(processExitsWith: .success) {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { _ in }
      #expect(unsafe sigaction(SIGUSR1, &action, nil) == 0)
      // A thread of the default pool blocks every signal.
      var none = sigset_t()
      unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
      let pipe = try System.pipe(blocking: true)
      let (output, input) = (pipe.output.raw, pipe.input.raw)
      let reader = pthread_self()
      let helper = SystemThread.start(name: "interrupter") {
        for _ in 0..<20 {
          usleep(2_000)
          pthread_kill(reader, SIGUSR1)
        }
        usleep(2_000)
        var byte: UInt8 = 9
        _ = unsafe write(input, &byte, 1)
      }
      var byte: [UInt8] = [0]
      #expect(try System.read(output, into: &byte) == .count(1))
      #expect(byte == [9])
      SystemThread.join(helper)
    }
  }

  @Test("with SIGPIPE ignored a write to a closed pipe is EPIPE") func pipeIgnored() async {
    await #expect(processExitsWith: .success) {
      Signals.ignorePipe()
      let input = try System.pipe().takeInput()
      #expect(throws: Errno.brokenPipe) { try System.write(input.raw, from: [1]) }
    }
  }

  @Test("without that it ends the process") func pipeNotIgnored() async {
    await #expect(processExitsWith: .signal(SIGPIPE)) {
      _ = signal(SIGPIPE, SIG_DFL)
      let input = try System.pipe().takeInput()
      _ = try System.write(input.raw, from: [1])
    }
  }

  @Test("random bytes are as many as asked, and others each time") func random() throws {
    #expect(try System.randomBytes(count: 0).isEmpty)
    let first = try System.randomBytes(count: 1_024)
    #expect(first.count == 1_024)
    #expect(try System.randomBytes(count: 1_024) != first)
    #expect(try System.randomNumber() != System.randomNumber())
  }

  @Test("the boot id is 16 bytes, the same each time") func bootId() throws {
    let id = try System.bootId()
    #expect(id.count == 16)
    #expect(try System.bootId() == id)
  }

  @Test("a boot id is read from its text, and nothing else is taken for one")
  func bootIdText() {
    let text = "00112233-4455-6677-8899-aabbccddeeff\n"
    let bytes: [UInt8] = [0, 17, 34, 51, 68, 85, 102, 119, 136, 153, 170, 187, 204, 221, 238, 255]
    #expect(System.parseBootId(Array(text.utf8)) == bytes)
    for wrong in ["", "0011", text + "0", "zz112233-4455-6677-8899-aabbccddeeff\n"] {
      #expect(System.parseBootId(Array(wrong.utf8)) == nil, "\(wrong)")
    }
  }

  @Test("the boot clock goes on and counts microseconds") func clock() throws {
    let first = Clock.bootUs()
    try untilPlainly("a millisecond later") { Clock.bootUs() >= first + 1_000 }
    let awakeUs = Clock.awakeUs()
    #expect(Clock.bootUs() >= awakeUs)
    // 2020 to 2120: microseconds, not another unit.
    #expect((1_577_836_800_000_000..<4_733_510_400_000_000).contains(Clock.wallUs()))
  }

  @Test("an errno says its name and its sentence") func errnoText() {
    #expect("\(Errno.accessDenied)" == "EACCES: Permission denied")
    #expect(Errno.noEntry.name == "ENOENT")
    #expect("\(Errno(code: 99_999))" == "errno 99999")
  }
}
