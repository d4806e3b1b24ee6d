import Model
import Sync
import TestSupport
import Testing

/// Entries of a small world: one name, few generations.
private struct AccessWorld {
  let name = "ada"

  func record(_ seq: UInt64, origin: UInt8 = 1) -> RecordId {
    guard let node = NodeId([UInt8](repeating: origin, count: 32)) else {
      preconditionFailure("32 bytes")
    }
    return RecordId(origin: node, incarnation: Incarnation(1), lane: .state, seq: seq)
  }

  func stamp(_ wallUs: Int64, trusted: Bool = true) -> Stamp {
    Stamp(trusted: trusted, bootUs: 0, wallUs: wallUs, author: "local:1000")
  }

  func user(_ role: Role, generation: UInt64, password: String = "x") -> [UInt8] {
    UserRecord(role: role, generation: generation, password: Array(password.utf8)).encoded()
  }

  func revocation(generation: UInt64) -> AccessRevocation {
    AccessRevocation(.user, key: Array(name.utf8), generation: generation, reason: "")
  }

  func write(_ value: [UInt8]?, replacing replaced: [RecordId] = []) -> RegisterWrite {
    RegisterWrite(key: UserRecord.key(name), value: value, replaces: replaced)
  }
}

@Suite("Who counts") struct AccessFoldTests {
  private let world = AccessWorld()

  /// What is told of a person: the same for the same state.
  private func told(_ fold: AccessFold, _ registers: RegisterFold) -> AccessFold.User? {
    fold.user(world.name, in: registers)
  }

  @Test("a revoked generation never counts, whatever is written after it") func revokedForEver() {
    var (fold, registers) = (AccessFold(), RegisterFold())
    registers.apply(
      world.write(world.user(.admin, generation: 7)), record: world.record(1),
      stamp: world.stamp(1))
    #expect(told(fold, registers)?.record.role == .admin)
    fold.apply(world.revocation(generation: 7))
    #expect(told(fold, registers) == nil)
    // A change of role made by who had not seen the revocation, with a far later clock.
    registers.apply(
      world.write(world.user(.admin, generation: 7, password: "new"), replacing: [world.record(1)]),
      record: world.record(2), stamp: world.stamp(9_000))
    #expect(told(fold, registers) == nil)
    #expect(fold.users(in: registers).isEmpty)
    #expect(!fold.isClaimed(in: registers))
  }

  @Test("the same name added later is another person") func addedAgain() {
    var (fold, registers) = (AccessFold(), RegisterFold())
    registers.apply(
      world.write(world.user(.admin, generation: 7)), record: world.record(1),
      stamp: world.stamp(5))
    fold.apply(world.revocation(generation: 7))
    // Even with a clock that is behind.
    registers.apply(
      world.write(world.user(.viewer, generation: 8)), record: world.record(2),
      stamp: world.stamp(1, trusted: false))
    let user = told(fold, registers)
    #expect(user?.record.role == .viewer)
    #expect(user?.generations == [8])
    #expect(user?.isDisputed == false)
  }

  @Test("two that changed a person at once: one counts, and it is said") func disputed() {
    var (fold, registers) = (AccessFold(), RegisterFold())
    let first = world.record(1)
    registers.apply(
      world.write(world.user(.viewer, generation: 7)), record: first, stamp: world.stamp(1))
    registers.apply(
      world.write(world.user(.operator, generation: 7), replacing: [first]),
      record: world.record(2, origin: 2), stamp: world.stamp(3))
    registers.apply(
      world.write(world.user(.admin, generation: 7), replacing: [first]),
      record: world.record(2, origin: 3), stamp: world.stamp(4, trusted: false))
    #expect(told(fold, registers)?.record.role == .operator)
    #expect(told(fold, registers)?.isDisputed == true)
    fold.apply(world.revocation(generation: 7))
    #expect(told(fold, registers) == nil)
  }

  @Test("a removal that did not see a write takes nothing from it") func removedBeside() {
    var (fold, registers) = (AccessFold(), RegisterFold())
    registers.apply(
      world.write(world.user(.viewer, generation: 1)), record: world.record(1),
      stamp: world.stamp(1))
    registers.apply(
      world.write(world.user(.operator, generation: 2)), record: world.record(1, origin: 2),
      stamp: world.stamp(2))
    fold.apply(world.revocation(generation: 1))
    registers.apply(
      world.write(nil, replacing: [world.record(1)]), record: world.record(2),
      stamp: world.stamp(9))
    #expect(told(fold, registers)?.record.generation == 2)
  }

  @Test("what cannot be read counts for nothing, and hides nothing") func unreadable() {
    var (fold, registers) = (AccessFold(), RegisterFold())
    registers.apply(
      world.write(world.user(.viewer, generation: 1)), record: world.record(1),
      stamp: world.stamp(1))
    registers.apply(
      world.write([2, 0, 0]), record: world.record(1, origin: 2), stamp: world.stamp(2))
    #expect(told(fold, registers)?.record.role == .viewer)
    registers.apply(
      RegisterWrite(
        key: RegisterKey(.user, Array("Ada".utf8)), value: world.user(.admin, generation: 3),
        replaces: []),
      record: world.record(7), stamp: world.stamp(2))
    #expect(fold.users(in: registers).map(\.name) == ["ada"])
    fold.apply(world.revocation(generation: 1))
    #expect(told(fold, registers) == nil)
  }

  @Test("a token counts until it is revoked, and never again") func tokens() {
    var (fold, registers) = (AccessFold(), RegisterFold())
    let id: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    let record = TokenRecord(
      name: "Grafana", permissions: Permissions([.metrics]),
      secretHash: [UInt8](repeating: 9, count: 32))
    func write(_ seq: UInt64) {
      registers.apply(
        RegisterWrite(key: RegisterKey(.token, id), value: record.encoded(), replaces: []),
        record: world.record(seq), stamp: world.stamp(Int64(seq)))
    }
    #expect(fold.token(id, in: registers) == nil)
    write(1)
    #expect(fold.token(id, in: registers)?.record == record)
    #expect(fold.tokens(in: registers).count == 1)
    fold.apply(AccessRevocation(.token, key: id, generation: 0, reason: ""))
    write(2)
    #expect(fold.token(id, in: registers) == nil)
    #expect(fold.tokens(in: registers).isEmpty)
    #expect(fold.token([1], in: registers) == nil)
  }

  @Test("every order of arrival tells the same", arguments: 0..<60)
  func orders(seed: Int) {
    var prng = Prng(seed: UInt64(seed))
    var written: [RecordId] = []
    let steps: [(inout AccessFold, inout RegisterFold) -> Void] = (0..<5).map { number in
      if prng.chance(35) {
        let revocation = world.revocation(generation: UInt64(prng.below(3)))
        return { fold, _ in fold.apply(revocation) }
      }
      let record = world.record(UInt64(number + 1), origin: UInt8(prng.below(3)))
      let stamp = world.stamp(Int64(prng.below(4)), trusted: prng.chance(50))
      let value =
        prng.chance(20)
        ? nil
        : world.user(
          Role.allCases[prng.below(3)], generation: UInt64(prng.below(3)),
          password: "\(prng.below(2))")
      let write = world.write(value, replacing: written.filter { _ in prng.chance(50) })
      written.append(record)
      return { _, registers in registers.apply(write, record: record, stamp: stamp) }
    }
    var first: AccessFold.User??
    for order in Self.permutations(steps.count) {
      var (fold, registers) = (AccessFold(), RegisterFold())
      for index in order { steps[index](&fold, &registers) }
      let now = told(fold, registers)
      if first == nil { first = .some(now) }
      #expect(first == .some(now), "seed \(seed), order \(order)")
    }
  }

  private static func permutations(_ count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return permutations(count - 1).flatMap { shorter in
      (0..<count).map { place in
        Array(shorter[..<place]) + [count - 1] + Array(shorter[place...])
      }
    }
  }
}
