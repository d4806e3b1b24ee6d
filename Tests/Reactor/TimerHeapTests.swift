import TestSupport
import Testing

@testable import Reactor

@Suite("Timer heap") struct TimerHeapTests {
  /// The same by brute force: the armed timers with their deadlines and arming numbers.
  private struct Model {
    var armed: [Int: (deadlineUs: Int64, arming: UInt64)] = [:]

    mutating func popDue(nowUs: Int64) -> Int? {
      let due = armed.filter { $0.value.deadlineUs <= nowUs }
      let first = due.min {
        ($0.value.deadlineUs, $0.value.arming) < ($1.value.deadlineUs, $1.value.arming)
      }
      if let first { armed[first.key] = nil }
      return first?.key
    }
  }

  @Test(
    "any mixture of arming, re-arming, cancelling and firing agrees with brute force",
    arguments: 0..<64 as Range<UInt64>)
  func agreesWithModel(seed: UInt64) {
    var generator = Prng(seed: seed)
    var heap = TimerHeap()
    var model = Model()
    for step in 0..<800 {
      let timer = Int.random(in: 0..<40, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0, 1:
        let deadlineUs = Int64.random(in: 0..<50, using: &generator)
        model.armed[timer] = (deadlineUs, heap.arm(timer, deadlineUs: deadlineUs))
      case 2:
        heap.cancel(timer)
        model.armed[timer] = nil
      default:
        let nowUs = Int64.random(in: 0..<50, using: &generator)
        let expected = model.popDue(nowUs: nowUs)
        #expect(heap.popDue(nowUs: nowUs)?.timer == expected, "seed \(seed), step \(step)")
      }
      #expect(heap.count == model.armed.count, "seed \(seed), step \(step)")
      #expect(heap.isArmed(timer) == (model.armed[timer] != nil), "seed \(seed), step \(step)")
    }
  }

  @Test("an empty heap has nothing due") func empty() {
    var heap = TimerHeap()
    #expect(heap.first == nil)
    #expect(heap.popDue(nowUs: .max) == nil)
    heap.cancel(3)
    #expect(heap.count == 0)
  }
}
