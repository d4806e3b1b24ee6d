import Sync
import Testing

@Suite("Beginnings from one address") struct HelloLimiterTests {
  @Test("some at once, then as many a second as are earned, each address for itself")
  func bucket() {
    var limiter = HelloLimiter()
    for _ in 0..<Limits.hellosAtOnceMax {
      #expect(limiter.attempt("a", nowUs: 1_000_000) == nil)
    }
    #expect(limiter.attempt("a", nowUs: 1_000_000) == 1)
    #expect(limiter.attempt("b", nowUs: 1_000_000) == nil)
    #expect(limiter.refusedCount == 1)
    // A second later some more.
    let taken = (0..<50).count { _ in limiter.attempt("a", nowUs: 2_000_000) == nil }
    #expect(taken == Limits.hellosPerSecond)
    #expect(limiter.refusedCount == 19)
    // What is earned is never more than at the beginning, however long nobody came.
    let after = (0..<200).count { _ in limiter.attempt("a", nowUs: .max / 2) == nil }
    #expect(after == Limits.hellosAtOnceMax)
  }

  @Test("to be turned away costs nothing: who waits as long as it is told goes on")
  func waits() {
    var limiter = HelloLimiter()
    for _ in 0..<200 { _ = limiter.attempt("a", nowUs: 0) }
    let seconds = limiter.attempt("a", nowUs: 0) ?? 0
    #expect(seconds > 0 && limiter.attempt("a", nowUs: seconds * 1_000_000) == nil)
    // A clock that stands, or seems to go back, gives nothing away and does not trap.
    #expect(limiter.attempt("c", nowUs: 5) == nil && limiter.attempt("c", nowUs: .min) == nil)
  }

  @Test("the table is bounded, and the address seen longest ago goes") func bounded() {
    var limiter = HelloLimiter()
    for _ in 0...Limits.hellosAtOnceMax { _ = limiter.attempt("flood", nowUs: 0) }
    for number in 0..<(Limits.helloAddressesMax - 1) {
      _ = limiter.attempt("\(number)", nowUs: Int64(number) + 1)
    }
    #expect(limiter.count == Limits.helloAddressesMax)
    #expect(limiter.attempt("flood", nowUs: 2_000) != nil)
    _ = limiter.attempt("one more", nowUs: 3_000)
    #expect(limiter.count == Limits.helloAddressesMax)
    // The flood was seen just now: it is remembered, and the first of the others is not.
    #expect(limiter.attempt("flood", nowUs: 3_000) != nil)
  }
}
