import Model
import TestSupport
import Testing

@testable import Sync

@Suite("What a keeper is asked for") struct KeeperWatchTests {
  private static let minuteUs: Int64 = 60_000_000
  private static let dayUs: Int64 = 24 * 60 * minuteUs

  private static func parts(_ count: Int) -> [ProofPart] {
    let run = RunId(origin: CommandFoldTests.node(1), incarnation: Incarnation(7))
    let log = LogId(run, .telemetry)
    return (0..<count).map { place in
      let first = UInt64(10 * place + 1)
      return ProofPart(log, first...(first + 9))
    }
  }

  private static func words(_ prng: inout Prng) -> [UInt64] {
    (0..<KeeperWatch.wordCount).map { _ in prng.next() }
  }

  @Test("every range is asked for once before it counts, in requests of at most eight")
  func fresh() {
    for seed in 0..<20 as Range<UInt64> {
      var prng = Prng(seed: seed)
      var watch = KeeperWatch()
      let all = Self.parts(1 + prng.below(300))
      var (open, asked, looks) = (all, [ProofPart](), 0)
      while !open.isEmpty, looks < 20 {
        looks += 1
        let isDue = watch.isDue(nowUs: 0)
        #expect(isDue, "seed \(seed): what is left is due at once")
        let requests = watch.requests(
          fresh: open, proven: [], words: Self.words(&prng), nowUs: 0)
        #expect(requests.allSatisfy { (1...Limits.proofPartsMax).contains($0.count) })
        for part in requests.joined() { watch.note(part, .proven, nowUs: 0) }
        asked += requests.joined()
        open.removeAll { requests.joined().contains($0) }
      }
      #expect(Set(asked) == Set(all) && asked.count == all.count, "seed \(seed)")
      #expect(watch.failedCount == 0)
    }
  }

  @Test("nothing is due twice within half a minute") func pace() {
    var watch = KeeperWatch()
    let due = [0, 1, 29_999_999, 30_000_000].map { watch.isDue(nowUs: $0) }
    #expect(due == [true, false, false, true])
  }

  @Test("what failed is asked for again after ten minutes, and told until it is proven or gone")
  func failures() {
    var prng = Prng(seed: 1)
    var watch = KeeperWatch()
    let all = Self.parts(3)
    func asked(_ minutes: Int64) -> Set<ProofPart> {
      let requests = watch.requests(
        fresh: all, proven: [], words: Self.words(&prng), nowUs: minutes * Self.minuteUs)
      return Set(requests.joined())
    }
    #expect(asked(0).count == 3)
    watch.note(all[0], .differs, nowUs: 0)
    watch.note(all[1], .notHere, nowUs: 0)
    #expect(asked(9) == [all[2]] && watch.failedCount == 2)
    #expect(asked(10).count == 3)
    watch.note(all[0], .proven, nowUs: 0)
    #expect(watch.failedCount == 1)
    // The keeper names the other one no longer.
    _ = watch.requests(fresh: [], proven: [], words: Self.words(&prng), nowUs: 0)
    #expect(watch.failedCount == 0)
  }

  /// A keeper that has proven everything loses 1 % of it; after how many days it is noticed.
  private static func daysUntilNoticed(_ seed: UInt64, lost: Int, of count: Int) -> Int {
    var prng = Prng(seed: seed)
    var watch = KeeperWatch()
    let all = parts(count)
    let gone = Set(all.shuffled(using: &prng).prefix(lost))
    for day in 1...60 {
      let requests = watch.requests(
        fresh: [], proven: all, words: words(&prng), nowUs: Int64(day) * dayUs)
      if requests.joined().contains(where: { gone.contains($0) }) { return day }
    }
    return 61
  }

  @Test("a keeper that lost 1 % later is noticed within seven days in 98 of 100 cases")
  func loss() {
    let days = (0..<1_000 as Range<UInt64>).map { Self.daysUntilNoticed($0, lost: 20, of: 2_000) }
    let late = days.count { $0 > 7 }
    #expect(late <= 20, "\(late) of 1,000 seeds took longer")
    #expect(Set(days).count > 1, "every seed chooses alike")
  }

  @Test("each is as likely as any other, and none comes twice") func even() {
    var prng = Prng(seed: 5)
    let all = Self.parts(10)
    var counts: [ProofPart: Int] = [:]
    for _ in 0..<4_000 {
      let chosen = KeeperWatch.choose(all, 3, Self.words(&prng))
      #expect(Set(chosen).count == 3)
      for part in chosen { counts[part, default: 0] += 1 }
    }
    #expect(counts.count == 10)
    // 1,200 each, with a standard deviation of 29.
    #expect(counts.values.allSatisfy { (1_050...1_350).contains($0) }, "\(counts.values)")
    #expect(KeeperWatch.choose(all, 99, Self.words(&prng)).count == 10)
  }
}
