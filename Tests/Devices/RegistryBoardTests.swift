import Devices
import Model
import Testing

@Suite("Registry: boards that say HELLO") struct RegistryBoardTests {
  private let one = usbFacts(socket: "1", tty: 0)
  private let two = usbFacts(socket: "2", tty: 1)

  @Test("a board is bound by its id, whatever socket and number it comes back on") func follows() {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5)
    #expect(bench.binding(one) == board(5))
    bench.unplug(one)
    bench.plug(two)
    bench.hello(two, id: 5)
    #expect(bench.binding(two) == board(5))
    #expect(bench.registry.questions.isEmpty)
    #expect(bench.kept.count == 1)
  }

  @Test("a HELLO that says nothing new leads to nothing") func repeated() {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5)
    #expect(bench.hello(one, id: 5).isEmpty)
  }

  @Test("a board without an id is offered one, the same for the same boot") func offer() {
    var bench = Bench()
    bench.plug(one)
    let first = bench.hello(one, id: 0, nonce: 9)
    #expect(bench.hello(one, id: 0, nonce: 9) == first)
    #expect(bench.hello(one, id: 0, nonce: 10) != first)
    #expect(bench.binding(one) == nil)
    #expect(first.count == 1)
  }

  @Test("a board that took an id and lost it gets another, even with the same nonce")
  func erased() throws {
    var bench = Bench()
    bench.plug(one)
    let first = bench.hello(one, id: 0, nonce: 9)
    guard case .provision(_, let id, _)? = first.first else {
      Issue.record("no id was offered")
      return
    }
    let number = id.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    bench.hello(one, id: number, nonce: 9)
    #expect(bench.hello(one, id: 0, nonce: 9) != first)
  }

  @Test("a board with the memory of none but known hardware: is it the same board?")
  func newMemory() throws {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5, hint: 77)
    bench.unplug(one)
    bench.plug(two)
    bench.hello(two, id: 0, hint: 77)
    bench.hello(two, id: 6, hint: 77)
    #expect(bench.binding(two) == board(6))
    let question = try #require(bench.registry.questions.first)
    let (old, new) = (try #require(board(5)), try #require(board(6)))
    #expect(question.subject == .newMemory(of: old, now: new))
    let actions = bench.tell(.answered(question.id, .same(as: old)))
    #expect(actions.contains(.assign(from: new, to: old)))
    #expect(bench.kept[new]?.partOf == old)
    #expect(bench.binding(two) == new)
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("another hardware number on the same cable is another board, unasked") func otherBoard() {
    var bench = Bench()
    let cable = usbFacts("0403", "6001", serial: "FT9")
    bench.plug(cable)
    bench.hello(cable, id: 5, hint: 77)
    bench.unplug(cable)
    bench.plug(cable)
    bench.hello(cable, id: 6, hint: 78)
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("two live boards with one id: the second is provisional and a question is asked")
  func twins() throws {
    var bench = Bench()
    bench.plug(one)
    bench.plug(two)
    bench.hello(one, id: 5)
    bench.hello(two, id: 5, nonce: 2)
    let identity = try #require(board(5))
    #expect(bench.binding(one) == identity)
    #expect(bench.binding(two)?.kind == .provisional)
    #expect(bench.registry.port(at: two.syspath)?.bindingIsProvisional == true)
    #expect(bench.registry.questions.map(\.subject) == [.sameIdentityTwice(identity)])
    #expect(bench.hello(two, id: 5, nonce: 2).isEmpty)
  }

  @Test("an id once seen on two boards counts only in its socket") func afterTwins() {
    var bench = Bench()
    bench.plug(one)
    bench.plug(two)
    bench.hello(one, id: 5)
    bench.hello(two, id: 5, nonce: 2)
    bench.unplug(one)
    bench.unplug(two)
    bench.restart()
    bench.plug(two)
    bench.hello(two, id: 5, nonce: 3)
    #expect(bench.binding(two)?.kind == .provisional)
    bench.plug(one)
    bench.hello(one, id: 5, nonce: 4)
    #expect(bench.binding(one) == board(5))
  }

  @Test("a copied id on other hardware is seen even when the original is away") func copy() throws {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5, hint: 77)
    bench.unplug(one)
    bench.plug(two)
    bench.hello(two, id: 5, hint: 78)
    #expect(bench.binding(two)?.kind == .provisional)
    let question = try #require(bench.registry.questions.first)
    let meanwhile = try #require(question.meanwhile)
    #expect(
      bench.tell(.answered(question.id, .another)).contains(.note(.copyNeedsOwnId(meanwhile))))
    #expect(bench.hello(two, id: 5, hint: 78).isEmpty)
  }

  @Test("a known id with another model is a change of behaviour, asked") func model() throws {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5, model: "otomate", hash: 1)
    bench.unplug(one)
    bench.plug(one)
    bench.hello(one, id: 5, model: "badge", hash: 2)
    let identity = try #require(board(5))
    let question = try #require(bench.registry.questions.first)
    #expect(question.subject == .changedBehaviour(of: identity, was: "otomate", now: "badge"))
    let meanwhile = try #require(bench.binding(one))
    let actions = bench.tell(.answered(question.id, .same(as: identity)))
    #expect(actions.contains(.assign(from: meanwhile, to: identity)))
    #expect(bench.binding(one) == identity)
    #expect(bench.kept[identity]?.model == "badge")
  }

  @Test("another descriptor of the same model is new firmware: noted, not asked")
  func firmware() throws {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5, hash: 1)
    let identity = try #require(board(5))
    #expect(bench.hello(one, id: 5, hash: 2).contains(.note(.descriptorChanged(identity))))
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("a remembered board whose port says text is asked about") func nowText() throws {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5, model: "otomate")
    bench.unplug(one)
    bench.plug(one)
    bench.tell(.textHeard(syspath: one.syspath, line: "Welcome"))
    #expect(bench.binding(one) == nil)
    bench.silent(one)
    let identity = try #require(board(5))
    #expect(
      bench.registry.questions.map(\.subject)
        == [.changedBehaviour(of: identity, was: "otomate", now: "Welcome")])
    #expect(bench.binding(one)?.kind == .provisional)
    // Its HELLO was only late.
    bench.hello(one, id: 5, model: "otomate")
    #expect(bench.binding(one) == identity)
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("a remembered board that says nothing is quiet, not a question") func quiet() throws {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5)
    bench.unplug(one)
    bench.plug(one)
    #expect(bench.silent(one) == [.note(.expectedButSilent(try #require(board(5))))])
  }

  @Test("a board that comes back before its old port was reported gone takes its place")
  func stale() {
    var bench = Bench()
    let renumbered = usbFacts(socket: "1", tty: 4)
    bench.plug(one)
    bench.hello(one, id: 5)
    bench.plug(renumbered)
    bench.hello(renumbered, id: 5)
    #expect(bench.binding(renumbered) == board(5))
    #expect(bench.binding(one) == nil)
    #expect(bench.registry.questions.isEmpty)
  }

  @Test("a board whose line is lost is no twin of itself elsewhere") func lostLine() {
    var bench = Bench()
    bench.plug(one)
    bench.hello(one, id: 5)
    bench.tell(
      .lineLost(
        syspath: one.syspath,
        error: PortError(cause: .vanished, devnode: one.devnode, code: 5)))
    bench.plug(two)
    bench.hello(two, id: 5)
    #expect(bench.binding(two) == board(5))
  }

  @Test("simulated boards are simulated for ever, doubtful ones too") func simulated() {
    var bench = Bench()
    let a = PortFacts.simulated(number: 1, devnode: "/dev/pts/1")
    let b = PortFacts.simulated(number: 2, devnode: "/dev/pts/2")
    for facts in [a, b] {
      #expect(bench.plug(facts).isEmpty)
      bench.hello(facts, id: 5)
    }
    #expect(bench.binding(a)?.text == "sim-0500000000000000")
    #expect(bench.binding(b)?.kind == .simulated)
    #expect(bench.binding(b) != bench.binding(a))
  }

  @Test("a HELLO on a port that is not open, or with half an id, is ignored") func nonsense() {
    var bench = Bench()
    bench.plug(one, atStart: true)
    #expect(bench.hello(one, id: 5).isEmpty)
    bench.plug(two)
    let hello = HelloFacts(companionId: [1], bootNonce: 0)
    #expect(bench.tell(.helloHeard(syspath: two.syspath, hello: hello)).isEmpty)
  }
}
