import TestSupport
import Testing

@testable import Sync

@Suite("Acceptance") struct AcceptanceTests {
  private let hash = [UInt8](repeating: 5, count: 32)

  private func judge(
    _ acceptance: inout Acceptance, _ seq: UInt64 = 9, holds: Bool = true,
    known: KnownContent = .none, reason: Unapplied? = nil
  ) -> Verdict {
    acceptance.judge(seq, hash: hash, signatureHolds: holds, known: known) { reason }
  }

  @Test("a record whose signature fails is dropped before anything else is asked")
  func dropped() {
    var acceptance = Acceptance(isMember: false, seen: Intervals())
    #expect(judge(&acceptance, holds: false, known: .hash([1])) == .dropped)
    #expect(acceptance.seen.isEmpty)
  }

  @Test("a record that is here, or was, is known; another content is a conflict")
  func known() {
    var acceptance = Acceptance(isMember: true, seen: Intervals(9...9))
    #expect(judge(&acceptance, known: .hash(hash)) == .known)
    #expect(judge(&acceptance, known: .gone) == .known)
    #expect(judge(&acceptance) == .known)
    let (lower, higher) = ([UInt8](repeating: 4, count: 32), [UInt8](repeating: 6, count: 32))
    #expect(judge(&acceptance, known: .hash(higher)) == .conflict(isLower: true))
    #expect(judge(&acceptance, known: .hash(lower)) == .conflict(isLower: false))
    #expect(acceptance.seen == Intervals(9...9))
  }

  @Test("a record of nobody waits, and is not seen")
  func waits() {
    var acceptance = Acceptance(isMember: false, seen: Intervals())
    #expect(judge(&acceptance) == .waits)
    #expect(acceptance.seen.isEmpty)
  }

  @Test("what cannot be applied is seen, with its reason", arguments: Unapplied.allCases)
  func unapplied(reason: Unapplied) {
    var acceptance = Acceptance(isMember: true, seen: Intervals())
    #expect(judge(&acceptance, reason: reason) == .kept(reason))
    #expect(acceptance.seen == Intervals(9...9))
  }

  @Test("one interval too many is refused, and the smallest hole asked for; one that fills is not")
  func holes() {
    // Every third number, and one beside a hole that is smaller than all others.
    let starts = (1..<UInt64(Limits.intervalsMax - 1)).map { 3 * $0 }
    let seen = Intervals(starts.map { $0...$0 } + [3_500...3_500, 3_502...3_502])
    var acceptance = Acceptance(isMember: true, seen: seen)
    let far: UInt64 = 9_000
    #expect(acceptance.seen.ranges.count == Limits.intervalsMax)
    #expect(judge(&acceptance, far) == .refused(fillFirst: 3_501...3_501))
    #expect(acceptance.seen == seen)
    #expect(judge(&acceptance, 3_501) == .kept(nil))
    #expect(judge(&acceptance, far) == .kept(nil))
    #expect(acceptance.seen.ranges.count == Limits.intervalsMax)
  }

  @Test("every order of arrival of a small world leaves the same behind")
  func orders() {
    // Two contents of 1, one of 2, a forged 2, and 3: by the hash that counts in the end.
    let arrivals: [(seq: UInt64, hash: [UInt8], holds: Bool)] = [
      (1, [1], true), (1, [2], true), (2, [7], true), (2, [3], false), (3, [4], true),
    ]
    var results: Set<[[UInt8]]> = []
    func go(_ left: [Int], _ acceptance: Acceptance, _ state: [UInt64: [UInt8]]) {
      if left.isEmpty { results.insert([1, 2, 3].map { state[$0] ?? [] }) }
      for index in left {
        let arrival = arrivals[index]
        var (acceptance, state) = (acceptance, state)
        let known = state[arrival.seq].map { KnownContent.hash($0) } ?? .none
        let verdict = acceptance.judge(
          arrival.seq, hash: arrival.hash, signatureHolds: arrival.holds, known: known
        ) { nil }
        switch verdict {
        case .kept, .conflict(isLower: true): state[arrival.seq] = arrival.hash
        default: break
        }
        go(left.filter { $0 != index }, acceptance, state)
      }
    }
    go(Array(arrivals.indices), Acceptance(isMember: true, seen: Intervals()), [:])
    #expect(results == [[[1], [7], [4]]])
  }
}
