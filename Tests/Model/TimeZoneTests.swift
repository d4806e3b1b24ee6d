import Model
import TestSupport
import Testing

@Suite("Time zones") struct TimeZoneTests {
  @Test(
    "every change of clocks from 1900 to 2100 is the one that others know",
    arguments: ["zoneinfo", "glibc"])
  func changesAgree(source: String) throws {
    var ours: [ZoneTable.Change] = []
    for name in ZoneTable.zones {
      let zone = try ZoneTable.zone(name)
      var period = zone.period(at: ZoneTable.from)
      ours.append(.init(zone: name, seconds: ZoneTable.from, offset: period.offset))
      while period.end <= ZoneTable.to {
        let next = zone.period(at: period.end)
        #expect(next.start == period.end)
        #expect(zone.offset(at: period.end - 1) == period.offset)
        if next.offset != period.offset {
          ours.append(.init(zone: name, seconds: period.end, offset: next.offset))
        }
        period = next
      }
    }
    let theirs = try ZoneTable.changes(source)
    #expect(theirs.count > 2_000)
    #expect(ours.filter { !theirs.contains($0) } == [])
    #expect(theirs.filter { !ours.contains($0) } == [])
  }

  @Test(
    "a local time is found again at every instant that shows it", arguments: 0..<8 as Range<UInt64>)
  func localTimes(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    for name in ZoneTable.zones {
      let zone = try ZoneTable.zone(name)
      for _ in 0..<100 {
        // Half of them close to a change of clocks.
        var seconds = ZoneTable.from + Int64(prng.below(Int(ZoneTable.to - ZoneTable.from)))
        let change = zone.period(at: seconds).end
        if prng.chance(50), change < .max { seconds = change + Int64(prng.below(14_400)) - 7_200 }
        let local = zone.local(at: seconds) + (prng.chance(30) ? 3_600 : 0)
        expect(zone, local, "seed \(seed), \(name), local \(local)")
      }
    }
  }

  /// What `instants` says, seen from the other direction.
  private func expect(_ zone: TimeZoneRules, _ local: Int64, _ what: Comment) {
    let first = zone.firstInstant(ofLocal: local)
    #expect(zone.local(at: first) >= local, what)
    #expect(zone.local(at: first - 1) < local, what)
    switch zone.instants(ofLocal: local) {
    case .once(let instant):
      #expect(zone.local(at: instant) == local, what)
      #expect(instant == first, what)
    case .repeated(let instant, let last):
      #expect(instant == first && last > first, what)
      #expect(zone.local(at: instant) == local && zone.local(at: last) == local, what)
    case .skipped(let instant):
      #expect(instant == first, what)
      #expect(zone.local(at: instant) > local, what)
    }
  }

  @Test("a skipped and a repeated hour of Paris are told as such")
  func gapAndOverlap() throws {
    let paris = try ZoneTable.zone("Europe/Paris")
    // 31 March 2024 02:30 and 27 October 2024 02:30.
    #expect(paris.instants(ofLocal: 1_711_852_200) == .skipped(at: 1_711_846_800))
    #expect(
      paris.instants(ofLocal: 1_729_996_200)
        == .repeated(first: 1_729_989_000, last: 1_729_992_600))
  }

  @Test(
    "a rule of daylight saving time holds for ever",
    arguments: [
      // All year, as RFC 8536 writes it; the southern half; a Julian day; hours beyond a day.
      ("EST5EDT4,0/0,J365/25", 4_102_444_800, -14_400),
      ("<-03>3<-02>,M10.3.0,M2.4.0", 4_102_444_800, -7_200),
      ("IST-2IDT,M3.4.4/26,M10.5.0", 4_113_000_000, 10_800),
      ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 4_118_000_000, 37_800),
      ("AAA+1:30:30", 4_118_000_000, -5_430),
      // J60 is 1 March in leap years too; this is 29 February 2096.
      ("AAA3BBB,J60,J300", 3_981_355_200, -10_800), ("AAA3BBB,59,J300", 3_981_355_200, -7_200),
    ] as [(String, Int64, Int64)])
  func rules(rule: String, seconds: Int64, offset: Int64) throws {
    let zone = try TimeZoneRules(name: "Some/Rule", file: Self.file(rule: rule))
    #expect(zone.offset(at: seconds) == offset)
    #expect(zone.period(at: seconds).end > seconds)
  }

  @Test(
    "a rule that POSIX would not write is refused",
    arguments: [
      "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "C-1", "<CET-1",
      "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,J0,J5", "CET-25", "CET-1CEST,M3.5.0/168,M10.5.0",
      "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1:60", "CET-1CEST,366,5",
    ])
  func rulesRefused(rule: String) {
    #expect(throws: TimeZoneFileError.badRule) {
      try TimeZoneRules(name: "Some/Rule", file: Self.file(rule: rule))
    }
  }

  /// A file of version 2 that has nothing but a rule.
  static func file(rule: String) -> [UInt8] {
    let header = Array("TZif2".utf8) + Array(repeating: UInt8(0), count: 15)
    let counts: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4]
    let data: [UInt8] = [0, 0, 0, 0, 0, 0] + Array("UTC\0".utf8)
    return (header + counts + data) + (header + counts + data) + Array("\n\(rule)\n".utf8)
  }

  @Test("a file of version 1 is read from its 32-bit part, which ends in 2037")
  func versionOne() throws {
    var file = try ZoneTable.file("Europe/Paris")
    let whole = try TimeZoneRules(name: "Europe/Paris", file: file)
    file[4] = 0
    let old = try TimeZoneRules(name: "Europe/Paris", file: file)
    for time in stride(from: Int64(-1_000_000_000), to: 2_100_000_000, by: 1_000_000) {
      #expect(old.offset(at: time) == whole.offset(at: time))
    }
    #expect(old.offset(at: 4_000_000_000) == 3_600)
    // The end of June and of December 2099.
    #expect(whole.offset(at: 4_086_000_000) == 7_200)
    #expect(whole.offset(at: 4_086_000_000 - 180 * 86_400) == 3_600)
  }

  @Test("every truncated file is refused")
  func truncated() throws {
    for name in ["Europe/Paris", "Etc/UTC", "Africa/Casablanca"] {
      let file = try ZoneTable.file(name)
      for count in 0..<file.count {
        #expect(throws: TimeZoneFileError.self, "\(name) cut at \(count)") {
          try TimeZoneRules(name: name, file: Array(file[..<count]))
        }
      }
    }
  }

  @Test("a file with flipped bits never stops the process", arguments: 0..<16 as Range<UInt64>)
  func flipped(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    var readable = 0
    for name in ["Europe/Paris", "Australia/Lord_Howe", "Etc/UTC", "Pacific/Apia"] {
      let file = try ZoneTable.file(name)
      for _ in 0..<100 {
        var broken = file
        for _ in 0...prng.below(6) {
          broken[prng.below(broken.count)] ^= 1 << UInt8(prng.below(8))
        }
        guard let zone = try? TimeZoneRules(name: name, file: broken) else { continue }
        readable += 1
        for _ in 0..<10 {
          let time = Int64(bitPattern: prng.next()) >> Int64(prng.below(30))
          for text in ["1h", "7m", "1d", "1mo"] {
            let length = try #require(BucketLength(text: text))
            let grid = try #require(BucketGrid(length, zone: zone))
            let bucket = grid.bucket(containing: time)
            #expect(
              bucket.contains(time), "seed \(seed), \(name), \(text), \(time): \(bucket)")
          }
        }
      }
    }
    #expect(readable > 0)
  }

  @Test("what is no zone's file is told apart")
  func refused() {
    func error(_ file: [UInt8]) -> TimeZoneFileError? {
      do throws(TimeZoneFileError) {
        _ = try TimeZoneRules(name: "Some/Zone", file: file)
        return nil
      } catch { return error }
    }
    var file = Self.file(rule: "UTC0")
    #expect(error(file) == nil)
    file[0] = 0x74
    #expect(error(file) == .notTimeZone)
    file = Self.file(rule: "UTC0")
    file[4] = 0x31
    #expect(error(file) == .unknownVersion(0x31))
    #expect(error(Array(repeating: 0, count: 65_537)) == .tooLarge("bytes"))
    #expect(error([]) == .truncated)
    file = Self.file(rule: "UTC0")
    file[33] = 0xFF
    #expect(error(file) == .tooLarge("changes"))
  }

  @Test(
    "only names that cannot leave the folder of zones are names of zones",
    arguments: [
      ("Europe/Paris", true), ("America/Argentina/Buenos_Aires", true), ("Etc/GMT+12", true),
      ("UTC", true), ("America/Port-au-Prince", true), ("", false), ("/etc/passwd", false),
      ("../etc/passwd", false), ("Europe/../Paris", false), ("Europe//Paris", false),
      ("Europe/Paris/", false), ("Europe/Pa ris", false), ("Europe\0Paris", false), (".", false),
      ("Été", false), (String(repeating: "a", count: 65), false),
    ])
  func names(name: String, isValid: Bool) { #expect(ZoneName.isValid(name) == isValid) }
}
