import Model
import TestSupport
import Testing

@Suite("Bucket grids") struct BucketGridTests {
  /// µs since 1970 of a time in UTC.
  private func utc(_ year: Int64, _ month: Int, _ day: Int, _ hour: Int64 = 0, _ minute: Int64 = 0)
    throws -> Int64
  {
    let days = try #require(CivilDate(year: year, month: month, day: day)).days
    return (days * 86_400 + hour * 3_600 + minute * 60) * 1_000_000
  }

  private func grid(_ length: String, _ zone: String?) throws -> BucketGrid {
    try grid(length, rules: try zone.map { try ZoneTable.zone($0) })
  }

  private func grid(_ text: String, rules zone: TimeZoneRules?) throws -> BucketGrid {
    let length = try #require(BucketLength(text: text))
    return try #require(BucketGrid(length, zone: zone))
  }

  /// The lengths of buckets, in minutes.
  private func minutes(_ length: String, _ zone: String, _ span: Range<Int64>) throws -> [Int64] {
    try grid(length, zone).buckets(in: span).map { ($0.upperBound - $0.lowerBound) / 60_000_000 }
  }

  @Test("days have 23 and 25 hours where clocks change")
  func days() throws {
    let spring = try utc(2024, 3, 29, 23)..<utc(2024, 4, 1, 22)
    #expect(try minutes("1d", "Europe/Paris", spring) == [1_440, 1_380, 1_440])
    let autumn = try utc(2024, 10, 25, 22)..<utc(2024, 10, 28, 23)
    #expect(try minutes("1d", "Europe/Paris", autumn) == [1_440, 1_500, 1_440])
    // Half an hour on Lord Howe Island.
    let island = try utc(2024, 4, 5, 13)..<utc(2024, 4, 7, 13, 30)
    #expect(try minutes("1d", "Australia/Lord_Howe", island) == [1_440, 1_470])
  }

  @Test("clocks that skip midnight begin their day where they jump")
  func midnightSkipped() throws {
    // São Paulo, 4 November 2018: from 00:00 to 01:00 at 03:00 UTC.
    let bucket = try grid("1d", "America/Sao_Paulo").bucket(containing: utc(2018, 11, 4, 12))
    #expect(bucket == (try utc(2018, 11, 4, 3))..<(try utc(2018, 11, 5, 2)))
  }

  @Test("a day that a zone skipped has no bucket")
  func daySkipped() throws {
    // Apia went from 29 December 2011 to the 31st.
    let span = try utc(2011, 12, 29, 10)..<utc(2012, 1, 1, 10)
    let buckets = Array(try grid("1d", "Pacific/Apia").buckets(in: span))
    #expect(
      buckets.map(\.lowerBound) == [
        try utc(2011, 12, 29, 10), try utc(2011, 12, 30, 10), try utc(2011, 12, 31, 10),
      ])
    #expect(try minutes("1h", "Pacific/Apia", span) == Array(repeating: 60, count: 72))
  }

  @Test("clocks set back over midnight give one midnight to days and two to hours")
  func midnightRepeated() throws {
    // St John's, 29 October 2006: from 00:01 back to 23:01, at 02:31 UTC.
    let span = try utc(2006, 10, 29, 2)..<utc(2006, 10, 29, 5, 30)
    #expect(try minutes("1d", "America/St_Johns", span) == [1_440, 1_500])
    let starts = try grid("1h", "America/St_Johns").buckets(in: span).map(\.lowerBound)
    #expect(
      starts == [
        try utc(2006, 10, 29, 1, 30), try utc(2006, 10, 29, 2, 30), try utc(2006, 10, 29, 3, 30),
        try utc(2006, 10, 29, 4, 30),
      ])
  }

  @Test(
    "hours of a day whose clocks change, as the documentation says",
    arguments: [
      ("1h", 3, Array(repeating: 60, count: 23)), ("1h", 10, Array(repeating: 60, count: 25)),
      ("6h", 3, [300, 360, 360, 360]), ("6h", 10, [420, 360, 360, 360]),
      ("2h", 3, [120, 60] + Array(repeating: 120, count: 10)),
      ("2h", 10, [120, 60] + Array(repeating: 120, count: 11)),
      ("3h", 10, [240] + Array(repeating: 180, count: 7)),
      ("24h", 3, [1_380]), ("24h", 10, [1_500]),
      ("7h", 3, [360, 420, 420, 180]), ("7h", 10, [480, 420, 420, 180]),
    ] as [(String, Int, [Int64])])
  func hours(length: String, month: Int, expected: [Int64]) throws {
    let day = try grid("1d", "Europe/Paris").bucket(
      containing: utc(2024, month, month == 3 ? 31 : 27, 12))
    #expect(try minutes(length, "Europe/Paris", day) == expected)
  }

  @Test("a half hour set back makes the hour it happens in longer")
  func lordHowe() throws {
    let day = try grid("1d", "Australia/Lord_Howe").bucket(containing: utc(2024, 4, 7))
    #expect(
      try minutes("1h", "Australia/Lord_Howe", day)
        == [60, 90] + Array(repeating: 60, count: 22))
  }

  @Test("weeks begin on Monday, months and years on their first, several count as documented")
  func calendarUnits() throws {
    let time = try utc(2026, 11, 22, 15)
    func start(_ length: String) throws -> Int64 {
      try grid(length, nil).bucket(containing: time).lowerBound
    }
    #expect(try start("1w") == utc(2026, 11, 16))
    #expect(try start("1mo") == utc(2026, 11, 1))
    #expect(try start("3mo") == utc(2026, 10, 1))
    #expect(try start("1y") == utc(2026, 1, 1))
    #expect(try start("10y") == utc(2020, 1, 1))
    #expect(try start("7h") == time / 25_200_000_000 * 25_200_000_000)
  }

  @Test("more than a day of hours in a zone is refused")
  func tooLong() throws {
    let length = try #require(BucketLength(text: "25h"))
    #expect(BucketGrid(length, zone: try ZoneTable.zone("Europe/Paris")) == nil)
    #expect(BucketGrid(length) != nil)
  }

  @Test(
    "buckets follow each other without gap and contain what they are asked for",
    arguments: 0..<12 as Range<UInt64>)
  func tiling(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let lengths = ["90s", "7m", "15m", "1h", "5h", "6h", "1d", "3d", "1w", "1mo", "1y"]
    for name in ZoneTable.zones {
      let zone = try ZoneTable.zone(name)
      for text in lengths {
        let grid = try grid(text, rules: zone)
        var time = ZoneTable.from + Int64(prng.below(Int(ZoneTable.to - ZoneTable.from)))
        let change = zone.period(at: time).end
        if prng.chance(70), change < .max { time = change + Int64(prng.below(20_000)) - 15_000 }
        let what: Comment = "seed \(seed), \(name), \(text), \(time)"
        var bucket = grid.bucket(containing: time * 1_000_000)
        #expect(bucket.contains(time * 1_000_000), what)
        for _ in 0..<20 {
          let next = grid.bucket(containing: bucket.upperBound)
          #expect(next.lowerBound == bucket.upperBound, what)
          let inside = next.lowerBound + Int64(prng.below(Int(next.upperBound - next.lowerBound)))
          #expect(grid.bucket(containing: inside) == next, what)
          bucket = next
        }
      }
    }
  }

  @Test("the ends of time are borders, not traps")
  func ends() throws {
    for text in ["1s", "1h", "1d", "1w", "1mo", "100y"] {
      for name in ["Europe/Paris", nil] {
        let grid = try grid(text, name)
        let last = grid.bucket(containing: .max)
        #expect(last.upperBound == .max)
        #expect(grid.bucket(containing: .min).lowerBound == .min)
        #expect(Array(grid.buckets(in: (Int64.max - 1)..<Int64.max)).count == 1)
      }
    }
  }
}
