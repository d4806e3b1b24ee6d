import Sync
import TestSupport
import Testing

@Suite("How often one may try") struct LoginLimiterTests {
  private let second: Int64 = 1_000_000

  @Test("five failures are free, then each attempt waits twice as long, at most 300 s")
  func doubling() {
    var limiter = LoginLimiter()
    var nowUs: Int64 = 5
    for _ in 0..<5 {
      #expect(limiter.attempt("a", "ada", nowUs: nowUs) == nil)
      limiter.failed()
    }
    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300] as [Int64] {
      #expect(limiter.attempt("a", "ada", nowUs: nowUs) == wait)
      #expect(limiter.attempt("a", "ada", nowUs: nowUs + wait * second - 1) == 1)
      nowUs += wait * second
      #expect(limiter.attempt("a", "ada", nowUs: nowUs) == nil)
      limiter.failed()
    }
    #expect(limiter.failureCount == 17)
  }

  @Test("an address that tries many names waits too, and another address does not")
  func addresses() {
    var limiter = LoginLimiter()
    for number in 0..<5 { #expect(limiter.attempt("a", "\(number)", nowUs: 0) == nil) }
    #expect(limiter.attempt("a", "new", nowUs: 0) == 1)
    #expect(limiter.attempt("b", "new", nowUs: 0) == nil)
  }

  @Test("a success clears its name, and its address of what the name had cost") func success() {
    var limiter = LoginLimiter()
    for _ in 0..<4 { _ = limiter.attempt("a", "ada", nowUs: 0) }
    _ = limiter.attempt("a", "bob", nowUs: 0)
    #expect(limiter.attempt("a", "ada", nowUs: second) == nil)
    limiter.succeeded("a", "ada")
    for _ in 0..<4 { #expect(limiter.attempt("a", "ada", nowUs: second) == nil) }
    // Bob's one failure is still held against the address.
    #expect(limiter.attempt("a", "ada", nowUs: second) == 1)
  }

  @Test("an attempt that was not looked at costs nothing") func abandoned() {
    var limiter = LoginLimiter()
    for _ in 0..<20 {
      #expect(limiter.attempt("a", "ada", nowUs: 0) == nil)
      limiter.abandoned("a", "ada")
    }
    #expect(limiter.count == 0)
  }

  @Test("after an hour without failures nothing is held against anybody") func forgotten() {
    var limiter = LoginLimiter()
    for _ in 0..<5 { _ = limiter.attempt("a", "ada", nowUs: 0) }
    #expect(limiter.attempt("a", "ada", nowUs: second / 2) == 1)
    let later = 3_601 * second
    for _ in 0..<5 { #expect(limiter.attempt("a", "ada", nowUs: later) == nil) }
    #expect(limiter.attempt("a", "ada", nowUs: later) == 1)
  }

  @Test("many names from one address are forgotten before the address") func bounded() {
    var limiter = LoginLimiter()
    var nowUs: Int64 = 0
    for number in 0..<3_000 {
      nowUs += 301 * second
      _ = limiter.attempt("a", "\(number)", nowUs: nowUs)
    }
    #expect(limiter.count <= 1_024)
    #expect(limiter.attempt("a", "ada", nowUs: nowUs) == 300)
  }
}
