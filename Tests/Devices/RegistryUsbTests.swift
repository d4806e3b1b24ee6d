import Devices
import Model
import Testing

@Suite("Registry: devices known by their USB facts") struct RegistryUsbTests {
  private func identity(_ text: String) throws -> DeviceIdentity {
    try #require(DeviceIdentity(text: text))
  }

  @Test("a silent port is one question until it is answered, over replug and restart")
  func askedUntilAnswered() throws {
    var bench = Bench()
    let facts = usbFacts()
    bench.plug(facts)
    bench.silent(facts)
    let asked = bench.registry.questions
    #expect(asked.map(\.subject) == [.whatIsThis])
    bench.unplug(facts)
    #expect(bench.registry.questions.isEmpty)
    bench.restart()
    bench.plug(facts)
    bench.silent(facts)
    #expect(bench.registry.questions == asked)
    #expect(bench.binding(facts)?.kind == .portPath)
    // Also where the answer is that nobody knows.
    bench.tell(.answered(try #require(asked.first).id, .another))
    bench.restart()
    bench.plug(facts)
    bench.silent(facts)
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("the answer to it is remembered as the kind") func answeredKind() throws {
    var bench = Bench()
    let facts = usbFacts()
    bench.plug(facts)
    bench.silent(facts)
    let question = try #require(bench.registry.questions.first)
    bench.tell(.answered(question.id, .kind(.printer)))
    #expect(bench.kept.values.map(\.kind) == [.printer])
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("told to ignore it, the port is closed and never opened again") func ignored() throws {
    var bench = Bench()
    let facts = usbFacts()
    bench.plug(facts)
    bench.silent(facts)
    let question = try #require(bench.registry.questions.first)
    #expect(
      bench.tell(.answered(question.id, .kind(.ignored))).contains(.close(syspath: facts.syspath)))
    bench.unplug(facts)
    #expect(bench.plug(facts).isEmpty)
  }

  @Test("lines of text make a device of kind text, unasked") func text() {
    var bench = Bench()
    let facts = usbFacts()
    bench.plug(facts)
    bench.tell(.textHeard(syspath: facts.syspath, line: "T=21.5"))
    #expect(bench.binding(facts) == nil)
    bench.silent(facts)
    #expect(bench.kept.values.map(\.kind) == [.text])
    #expect(bench.registry.questions.isEmpty)
    bench.unplug(facts)
    bench.plug(facts)
    bench.tell(.textHeard(syspath: facts.syspath, line: "T=21.6"))
    #expect(bench.binding(facts)?.kind == .portPath)
  }

  @Test("a unique serial follows the device to any socket") func uniqueSerial() throws {
    var bench = Bench()
    let here = usbFacts("2341", "0042", serial: "5573", socket: "1")
    let there = usbFacts("2341", "0042", serial: "5573", socket: "2", tty: 3)
    bench.plug(here)
    bench.silent(here)
    bench.unplug(here)
    bench.plug(there)
    bench.silent(there)
    #expect(bench.binding(there) == (try identity("usb-2341:0042:5573")))
  }

  @Test("a serial that may repeat, in a new socket: has it moved?") func moved() throws {
    var bench = Bench()
    let here = usbFacts("10c4", "ea60", serial: "S7", socket: "1")
    let there = usbFacts("10c4", "ea60", serial: "S7", socket: "2", tty: 3)
    bench.plug(here)
    bench.silent(here)
    let old = try #require(bench.binding(here))
    bench.unplug(here)
    bench.plug(there)
    bench.silent(there)
    let question = try #require(bench.registry.questions.first)
    #expect(question.subject == .moved(from: old))
    let meanwhile = try #require(bench.binding(there))
    #expect(meanwhile.kind == .provisional)
    let actions = bench.tell(.answered(question.id, .same(as: old)))
    #expect(actions.contains(.assign(from: meanwhile, to: old)))
    // From now on it is expected there, and its old socket is another's.
    bench.unplug(there)
    bench.restart()
    bench.plug(there)
    bench.silent(there)
    #expect(bench.binding(there) == old)
    bench.plug(here)
    bench.silent(here)
    #expect(bench.binding(here) != old)
    // Nobody has said yet what either of them is.
    #expect(bench.registry.questions.map(\.subject) == [.whatIsThis, .whatIsThis])
  }

  @Test("the same question has the same name after a restart") func stableName() throws {
    var bench = Bench()
    let here = usbFacts(socket: "1")
    bench.plug(here)
    bench.silent(here)
    bench.unplug(here)
    bench.plug(usbFacts(socket: "2", tty: 1))
    bench.silent(usbFacts(socket: "2", tty: 1))
    let first = bench.registry.questions.map(\.id)
    bench.restart()
    bench.plug(usbFacts(socket: "2", tty: 9))
    bench.silent(usbFacts(socket: "2", tty: 9))
    #expect(bench.registry.questions.map(\.id) == first)
    #expect(first.count == 1)
  }

  @Test("another device of the model, while the first is plugged in, is simply another")
  func neighbour() {
    var bench = Bench()
    let first = usbFacts(socket: "1")
    let second = usbFacts(socket: "2", tty: 1)
    for facts in [first, second] {
      bench.plug(facts)
      bench.tell(.textHeard(syspath: facts.syspath, line: "x"))
      bench.silent(facts)
    }
    #expect(bench.binding(first) != bench.binding(second))
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("a serial that many share is asked about once per socket") func sharedSerial() throws {
    var bench = Bench()
    let facts = usbFacts("10c4", "ea60", serial: "0001")
    bench.plug(facts)
    bench.silent(facts)
    let question = try #require(bench.registry.questions.first)
    #expect(question.subject == .sharedSerial)
    let actions = bench.tell(.answered(question.id, .another))
    let now = try #require(bench.binding(facts))
    #expect(now.kind == .portPath)
    #expect(actions.contains(.bind(syspath: facts.syspath, identity: now)))
    #expect(bench.registry.questions.map(\.subject) == [.whatIsThis])
    bench.unplug(facts)
    bench.plug(facts)
    bench.silent(facts)
    #expect(bench.binding(facts) == now)
    #expect(bench.registry.questions.map(\.subject) == [.whatIsThis])
  }

  @Test("two live devices with one 'unique' serial: a question, and the serial is trusted no more")
  func fakeFtdi() throws {
    var bench = Bench()
    let first = usbFacts("0403", "6001", serial: "FT7", socket: "1")
    let second = usbFacts("0403", "6001", serial: "FT7", socket: "2", tty: 1)
    for facts in [first, second] {
      bench.plug(facts)
      bench.tell(.textHeard(syspath: facts.syspath, line: "x"))
      bench.silent(facts)
    }
    let serial = try identity("usb-0403:6001:FT7")
    #expect(bench.binding(first) == serial)
    let question = try #require(bench.registry.questions.first)
    #expect(question.subject == .sameIdentityTwice(serial))
    bench.tell(.answered(question.id, .another))
    let other = try #require(bench.binding(second))
    #expect(other.kind == .usbSerialAtPath)
    for facts in [first, second] { bench.unplug(facts) }
    bench.restart()
    for facts in [second, first] {
      bench.plug(facts)
      bench.tell(.textHeard(syspath: facts.syspath, line: "x"))
    }
    #expect(bench.binding(first) == serial)
    #expect(bench.binding(second) == other)
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("names are unique, short and printable") func names() throws {
    var bench = Bench()
    let first = usbFacts(socket: "1")
    let second = usbFacts(socket: "2", tty: 1)
    for facts in [first, second] {
      bench.plug(facts)
      bench.silent(facts)
    }
    let a = try #require(bench.binding(first))
    let b = try #require(bench.binding(second))
    bench.tell(.named(a, "serre 1"))
    #expect(bench.kept[a]?.name == "serre 1")
    #expect(bench.tell(.named(b, "serre 1")) == [.refuse(.nameTaken(by: a))])
    #expect(bench.tell(.named(b, "x\u{1B}[31m")) == [.refuse(.nameNotPossible)])
    #expect(
      bench.tell(.named(b, String(repeating: "n", count: 65))) == [.refuse(.nameNotPossible)])
    bench.tell(.named(a, ""))
    bench.tell(.named(b, "serre 1"))
    #expect(bench.kept[b]?.name == "serre 1")
  }

  @Test("a forgotten device that is plugged in is met as new") func forgotten() throws {
    var bench = Bench()
    let facts = usbFacts()
    bench.plug(facts)
    bench.hello(facts, id: 5)
    let identity = try #require(board(5))
    bench.tell(.named(identity, "n"))
    let actions = bench.tell(.forgotten(identity))
    #expect(actions.contains(.forget(identity)))
    #expect(bench.binding(facts) == identity)
    #expect(bench.kept[identity]?.name == "")
    #expect(bench.tell(.forgotten(try #require(board(9)))).count == 1)
  }

  @Test("readings of a provisional identity are assigned later, even when it is unplugged")
  func assigned() throws {
    var bench = Bench()
    let facts = usbFacts("10c4", "ea60", serial: "0001")
    bench.plug(facts)
    bench.silent(facts)
    let provisional = try #require(bench.binding(facts))
    bench.unplug(facts)
    let known = usbFacts(socket: "5", tty: 5)
    bench.plug(known)
    bench.silent(known)
    let to = try #require(bench.binding(known))
    #expect(
      bench.tell(.assigned(from: provisional, to: to)) == [.assign(from: provisional, to: to)])
    #expect(bench.tell(.assigned(from: to, to: to)) == [.refuse(.notAssignable(to))])
    let nobody = try #require(board(99))
    #expect(
      bench.tell(.assigned(from: provisional, to: nobody)) == [.refuse(.unknownDevice(nobody))])
  }

  @Test("a question that is not open, and an answer that does not fit, are refused") func wrong()
    throws
  {
    var bench = Bench()
    let no = QuestionId(text: "q-0")
    #expect(bench.tell(.answered(no, .another)) == [.refuse(.unknownQuestion(no))])
    let facts = usbFacts("10c4", "ea60", serial: "0001")
    bench.plug(facts)
    bench.silent(facts)
    let question = try #require(bench.registry.questions.first)
    #expect(
      bench.tell(.answered(question.id, .kind(.text)))
        == [.refuse(.answerDoesNotFit(question.id))])
    #expect(bench.registry.questions == [question])
  }

  @Test("with all places taken the longest unseen device without a name makes room")
  func room() throws {
    var remembered: [RememberedDevice] = []
    for id in 1...UInt64(DeviceLimits.rememberedMax) {
      var device = RememberedDevice(identity: try #require(board(id)), kind: .companion)
      device.name = id == 1 ? "named" : ""
      remembered.append(device)
    }
    var bench = Bench(remembered: remembered)
    let facts = usbFacts()
    bench.plug(facts)
    bench.hello(facts, id: 1_000_000)
    #expect(bench.registry.remembered.count == DeviceLimits.rememberedMax)
    #expect(bench.registry.device(try #require(board(1))) != nil)
    #expect(bench.registry.device(try #require(board(2))) == nil)
    #expect(bench.registry.device(try #require(board(1_000_000))) != nil)
  }
}
