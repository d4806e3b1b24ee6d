import Glibc
import Reactor
import Testing

@Suite("Registrations") struct RegistrationTests {
  @Test("a handler is told of bytes to read, every turn until they are read")
  func readable() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      var told: [Readiness] = []
      let registration = try Registration(raw: pipe.output.raw, interest: .read) {
        told.append($0)
      }
      await turns(2)
      #expect(told.isEmpty)
      _ = try System.write(pipe.input.raw, from: [7])
      try await until("told twice") { told.count >= 2 }
      #expect(told.allSatisfy { $0 == .readable })
      var byte: [UInt8] = [0]
      #expect(try System.read(pipe.output.raw, into: &byte) == .count(1))
      let count = told.count
      await turns(3)
      #expect(told.count == count)
      registration.cancel()
    }
  }

  @Test("a handler is told of room to write only while it asks") func writable() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      var told = 0
      let registration = try Registration(raw: pipe.input.raw, interest: .write) { readiness in
        #expect(readiness == .writable)
        told += 1
      }
      try await until("room") { told > 0 }
      registration.update([])
      let count = told
      await turns(3)
      #expect(told == count)
      registration.update(.write)
      try await until("room again") { told > count }
      registration.cancel()
    }
  }

  @Test("the end of the other side is a hang-up") func hangup() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      var told: Readiness = []
      let registration = try Registration(raw: pipe.output.raw, interest: .read) {
        told.formUnion($0)
      }
      let output = pipe.takeOutput()
      try await until("hang-up") { told.contains(.hangup) }
      registration.cancel()
      output.close()
    }
  }

  @Test("with nothing asked a hang-up makes the loop turn once, not for ever") func noSpin() async {
    await #expect(processExitsWith: .success) {
      try await onLoop {
        let terminal = try System.openPseudoTerminal()
        let other = try System.openRawTerminal(terminal.path)
        let registration = try Registration(raw: terminal.master.raw, interest: []) { _ in }
        other.close()
        let before = EventLoop.shared.metrics.wakeUps
        await pause(us: 50_000)
        #expect(EventLoop.shared.metrics.wakeUps - before < 10)
        registration.cancel()
      }
    }
  }

  @Test("with nothing asked not even a hang-up is told")
  func silent() async throws {
    try await onLoop {
      let terminal = try System.openPseudoTerminal()
      let other = try System.openRawTerminal(terminal.path)
      var told: Readiness = []
      let registration = try Registration(raw: terminal.master.raw, interest: []) {
        told.formUnion($0)
      }
      other.close()
      await turns(4)
      #expect(told.isEmpty)
      registration.update(.read)
      try await until("hang-up") { told.contains(.hangup) }
      registration.cancel()
    }
  }

  @Test("a peer that closes is told even to one that does not read") func peerClosed() async throws
  {
    try await onLoop {
      let pair = try SocketPair()
      var told: Readiness = []
      let registration = try Registration(raw: pair.first.raw, interest: .peerClosed) {
        told.formUnion($0)
      }
      pair.closeSecond()
      try await until("hang-up") { told.contains(.hangup) }
      #expect(!told.contains(.readable))
      registration.cancel()
    }
  }

  @Test("a cancelled registration is not told of an event that was already in hand")
  func cancelInHand() async throws {
    try await onLoop {
      let stage = try Stage(readyCount: 2)
      for index in 0..<2 {
        try stage.watch(index) { stage in
          stage.told.append(index)
          for other in 0..<2 where other != index { stage.registrations[other]?.cancel() }
        }
      }
      stage.makeReady()
      await turns(4)
      #expect(Set(stage.told).count == 1)
      #expect(stage.stale >= 1)
      stage.end()
    }
  }

  @Test("an event in hand does not reach a new registration of the same descriptor number")
  func staleEvent() async throws {
    try await onLoop {
      let stage = try Stage(readyCount: 2)
      var wrong = 0
      var reused: Registration?
      var replacement: Descriptor?
      for index in 0..<2 {
        try stage.watch(index) { stage in
          stage.told.append(index)
          guard reused == nil else { return }
          // The other one's event is in hand: give its number to a pipe that has nothing to read.
          let victim = 1 - index
          let number = stage.outputs[victim].raw
          stage.registrations[victim]?.cancel()
          do {
            let fresh = try System.pipe()
            let got = dup2(fresh.output.raw, number)
            #expect(got == number)
            replacement = fresh.takeInput()
            reused = try Registration(raw: number, interest: .read) { _ in wrong += 1 }
          } catch {
            Issue.record("\(error)")
          }
        }
      }
      stage.makeReady()
      try await until("one was told") { !stage.told.isEmpty }
      await turns(3)
      #expect(reused != nil)
      #expect(Set(stage.told).count == 1)
      #expect(stage.stale >= 1)
      #expect(wrong == 0)
      // And the new registration works.
      _ = try System.write(replacement?.raw ?? -1, from: [1])
      try await until("the new one is told") { wrong > 0 }
      reused?.cancel()
      stage.end()
    }
  }

  @Test("a number closed without cancelling and used again belongs to the new registration")
  func closedWithoutCancel() async throws {
    try await onLoop {
      let first = try System.pipe()
      let number = first.output.raw
      let old = try Registration(raw: number, interest: .read) { _ in Issue.record("the old one") }
      let second = try System.pipe()
      #expect(dup2(second.output.raw, number) == number)
      var told = 0
      let new = try Registration(raw: number, interest: .read) { _ in told += 1 }
      #expect(!old.isActive)
      #expect(new.isActive)
      old.cancel()
      _ = try System.write(second.input.raw, from: [1])
      try await until("the new one is told") { told > 0 }
      new.cancel()
    }
  }

  @Test("a number cannot be watched twice, nor a regular file or a closed number at all")
  func refusals() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      let registration = try Registration(raw: pipe.output.raw, interest: .read) { _ in }
      #expect(throws: Errno.exists) {
        _ = try Registration(raw: pipe.output.raw, interest: .read) { _ in }
      }
      #expect(registration.isActive)
      registration.cancel()
      let file = try System.openFile("/proc/version", flags: O_RDONLY)
      let folder = try ScratchFolder()
      try System.writeFile(folder.file("plain"), [1])
      let plain = try System.openFile(folder.file("plain"), flags: O_RDONLY)
      #expect(throws: Errno.notPermitted) {
        _ = try Registration(raw: plain.raw, interest: .read) { _ in }
      }
      #expect(throws: Errno(code: EBADF)) {
        _ = try Registration(raw: 1_000_000, interest: .read) { _ in }
      }
      _ = file.raw
    }
  }

  @Test("a number can be watched again after cancel") func again() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      _ = try System.write(pipe.input.raw, from: [1])
      for _ in 0..<50 {
        var told = 0
        let registration = try Registration(raw: pipe.output.raw, interest: .read) { _ in
          told += 1
        }
        try await until("told") { told > 0 }
        registration.cancel()
        registration.cancel()
        #expect(!registration.isActive)
      }
    }
  }

  @Test("letting go of a registration ends it and frees what its handler holds")
  func lettingGo() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      var held: Held? = Held()
      weak let witness = held
      var registration: Registration? = try Registration(raw: pipe.output.raw, interest: .read) {
        [held] _ in
        _ = held
        Issue.record("told")
      }
      held = nil
      #expect(witness != nil && registration != nil)
      registration = nil
      _ = try System.write(pipe.input.raw, from: [1])
      await turns(3)
      #expect(witness == nil)
    }
  }

  @Test("an owning registration closes its descriptor when it is cancelled, once")
  func owning() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      let descriptor = try System.duplicate(pipe.output.raw)
      let raw = descriptor.raw
      let registration = try Registration(owning: descriptor, interest: .read) { _ in }
      #expect(registration.raw == raw)
      #expect(isOpen(raw))
      registration.cancel()
      #expect(!isOpen(raw))
      registration.cancel()
    }
  }
}

private final class Held {}

/// Some pipes that become ready in one and the same turn.
@Loop private final class Stage {
  let outputs: [PipeOutput]
  private let inputs: [PipeOutput]
  var registrations: [Registration?]
  var told: [Int] = []
  private let staleBefore = EventLoop.shared.metrics.eventsStale

  init(readyCount: Int) throws {
    var outputs: [PipeOutput] = []
    var inputs: [PipeOutput] = []
    for _ in 0..<readyCount {
      let pipe = try System.pipe()
      outputs.append(PipeOutput(try System.duplicate(pipe.output.raw)))
      inputs.append(PipeOutput(try System.duplicate(pipe.input.raw)))
    }
    self.outputs = outputs
    self.inputs = inputs
    registrations = Array(repeating: nil, count: readyCount)
  }

  var stale: UInt64 { EventLoop.shared.metrics.eventsStale - staleBefore }

  func watch(_ index: Int, _ handler: @escaping @Loop (Stage) -> Void) throws {
    registrations[index] = try Registration(raw: outputs[index].raw, interest: .read) {
      [unowned self] _ in
      handler(self)
    }
  }

  /// This code is a job of the loop: all of these events are there before the next wait.
  func makeReady() {
    for input in inputs {
      do {
        _ = try System.write(input.raw, from: [1])
      } catch {
        Issue.record("\(error)")
      }
    }
  }

  func end() {
    for registration in registrations { registration?.cancel() }
  }
}

/// A descriptor that can stand in an array.
private final class PipeOutput: Sendable {
  private let descriptor: Descriptor
  var raw: Int32 { descriptor.raw }
  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
