import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Have-vectors") struct HaveVectorTests {
  private static func vector(_ prng: inout Prng) throws -> HaveVector {
    var vector = HaveVector()
    for _ in 0..<prng.below(5) {
      let run = try Signers.run(UInt8(prng.below(2)), UInt64(1 + prng.below(3)))
      let lane = Lane.allCases[prng.below(5)]
      let seen = intervals(&prng)
      let held = prng.chance(50) ? seen : seen.intersection(intervals(&prng))
      vector[LogId(run, lane)] = HaveLog(seen: seen, held: held)
    }
    return vector
  }

  private static func intervals(_ prng: inout Prng) -> Intervals {
    Intervals(
      (0..<prng.below(4)).map { _ in
        let low = UInt64(1 + prng.below(30))
        return low...(low + UInt64(prng.below(4)))
      })
  }

  @Test(
    "what was written is read again, and a delta leads from any to any other",
    arguments: 0..<200 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let (left, right) = (try Self.vector(&prng), try Self.vector(&prng))
    #expect(try HaveVector(decoding: left.encoded()) == left, "seed \(seed)")
    let delta = VectorDelta(from: left, to: right)
    let again = try VectorDelta(decoding: delta.encoded())
    #expect(again == delta, "seed \(seed)")
    #expect(try again.applied(to: left) == right, "seed \(seed)")
    #expect((left.digest == right.digest) == (left == right), "seed \(seed)")
  }

  @Test("a delta is laid over its own base only, and its result is compared")
  func staleBase() throws {
    let log = LogId(try Signers.run(0, 1), .state)
    var (one, two, other) = (HaveVector(), HaveVector(), HaveVector())
    one[log] = HaveLog(held: Intervals(1...3))
    two[log] = HaveLog(held: Intervals(1...9))
    other[log] = HaveLog(held: Intervals(1...4))
    let delta = VectorDelta(from: one, to: two)
    #expect(throws: VectorDelta.Failure.base) { try delta.applied(to: other) }
    var bytes = delta.encoded()
    bytes[20] ^= 1  // A byte of the digest of the result.
    let altered = try VectorDelta(decoding: bytes)
    #expect(throws: VectorDelta.Failure.result) { try altered.applied(to: one) }
  }

  @Test("joining takes what was seen, and never what another holds")
  func join() throws {
    let log = LogId(try Signers.run(0, 1), .telemetry)
    var (one, two) = (HaveVector(), HaveVector())
    one[log] = HaveLog(seen: Intervals(1...5), held: Intervals(1...2))
    two[log] = HaveLog(held: Intervals(4...9))
    one.join(seenOf: two)
    #expect(one[log].seen == Intervals(1...9))
    #expect(one[log].held == Intervals(1...2))
  }

  @Test("joins of what was seen commute, repeat and group", arguments: 0..<100 as Range<UInt64>)
  func laws(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let three = [
      try Self.vector(&prng), try Self.vector(&prng), try Self.vector(&prng),
    ]
    func joined(_ order: [Int]) -> [LogId: Intervals] {
      var sum = HaveVector()
      for index in order { sum.join(seenOf: three[index]) }
      return sum.logs.mapValues(\.seen)
    }
    let first = joined([0, 1, 2])
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 0, 1, 2, 2]] {
      #expect(joined(order) == first, "seed \(seed), \(order)")
    }
  }

  @Test("what the other holds and was never seen here is wanted, and nothing else")
  func wanted() throws {
    let run = try Signers.run(0, 1)
    let (one, two) = (LogId(run, .state), LogId(run, .telemetry))
    var (mine, theirs) = (HaveVector(), HaveVector())
    mine[one] = HaveLog(seen: Intervals(1...5), held: Intervals())
    theirs[one] = HaveLog(seen: Intervals(1...9), held: Intervals(3...8))
    theirs[two] = HaveLog(held: Intervals(1...1))
    #expect(mine.wanted(from: theirs) == [one: Intervals(6...8), two: Intervals(1...1)])
    #expect(theirs.wanted(from: mine).isEmpty)
  }

  // MARK: Runs that are left out

  private struct Chain {
    var vector = HaveVector()
    var parents: [RunId: IncarnationBegun.Parent] = [:]

    /// Runs 1 to `count` of a node, each with 3 entries of state and 2 commits.
    init(_ count: UInt64) throws {
      for number in 1...count {
        let run = try Signers.run(0, number)
        vector[LogId(run, .state)] = HaveLog(held: Intervals(1...3))
        vector[LogId(run, .telemetry)] = HaveLog(held: Intervals(1...2))
        guard number > 1 else { continue }
        parents[run] = IncarnationBegun.Parent(
          incarnation: Incarnation(number - 1), heads: [0, 3, 2, 0, 0])
      }
    }
  }

  @Test("complete runs above one are left out and put back")
  func implied() throws {
    let chain = try Chain(30)
    let short = chain.vector.leavingOutImplied { chain.parents[$0] }
    #expect(short.logs.count == 2)
    #expect(short[LogId(try Signers.run(0, 30), .state)].ancestors == 29)
    let read = try HaveVector(decoding: short.encoded())
    #expect(read.puttingBackImplied { chain.parents[$0] } == chain.vector)
    #expect(read.puttingBackImplied { _ in nil }.logs.count == 2)
  }

  @Test("a run that is not complete, or came further than its child knows, is listed")
  func incomplete() throws {
    var chain = try Chain(4)
    let (second, third) = (try Signers.run(0, 2), try Signers.run(0, 3))
    chain.vector[LogId(second, .state)] = HaveLog(seen: Intervals(1...3), held: Intervals(1...2))
    chain.vector[LogId(third, .telemetry)] = HaveLog(held: Intervals(1...4))
    let short = chain.vector.leavingOutImplied { chain.parents[$0] }
    #expect(short.logs.keys.map(\.run.incarnation.number).sorted() == [2, 2, 3, 3, 4, 4])
    #expect(short.puttingBackImplied { chain.parents[$0] } == chain.vector)
  }

  @Test("who has the child and nothing of its parent does not seem to have the parent")
  func childOnly() throws {
    let chain = try Chain(2)
    let child = try Signers.run(0, 2)
    var vector = HaveVector()
    vector[LogId(child, .state)] = HaveLog(held: Intervals(1...3))
    let short = vector.leavingOutImplied { chain.parents[$0] }
    #expect(short == vector)
    #expect(short.puttingBackImplied { chain.parents[$0] } == vector)
  }

  @Test("runs that name each other as parents end nothing and lose nothing")
  func circle() throws {
    var chain = try Chain(3)
    chain.parents[try Signers.run(0, 1)] = IncarnationBegun.Parent(
      incarnation: Incarnation(3), heads: [0, 3, 2, 0, 0])
    let short = chain.vector.leavingOutImplied { chain.parents[$0] }
    #expect(short == chain.vector)
    var claimed = short
    claimed[LogId(try Signers.run(0, 1), .state)].ancestors = 60_000
    #expect(
      claimed.puttingBackImplied { chain.parents[$0] }.logs.mapValues(\.seen)
        == chain.vector.logs.mapValues(\.seen))
  }

  @Test("two children of one parent leave it out once, and it comes back whole")
  func twoChildren() throws {
    var chain = try Chain(3)
    chain.parents[try Signers.run(0, 3)] = chain.parents[try Signers.run(0, 2)]
    let short = chain.vector.leavingOutImplied { chain.parents[$0] }
    #expect(short.logs.keys.map(\.run.incarnation.number).sorted() == [2, 2, 3, 3])
    #expect(short.puttingBackImplied { chain.parents[$0] } == chain.vector)
  }
}
