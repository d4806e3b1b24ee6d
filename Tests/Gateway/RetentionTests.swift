import Glibc
import Model
import Sync
import Testing

@testable import Api
@testable import Cli
@testable import Gateway
@testable import Reactor

@Suite("Ages, sizes and room") struct RetentionTests {
  @Test(
    "an age is a number with a unit, or for ever",
    arguments: [
      ("90d", 90 * 86_400_000_000), ("2y", 730 * 86_400_000_000), ("12h", 43_200_000_000),
      ("8 w", 56 * 86_400_000_000), ("1min", 60_000_000), ("1000Y", 31_536_000_000_000_000),
    ] as [(String, Int64)])
  func ages(text: String, us: Int64) throws {
    #expect(try RetentionText.age(text) == .limited(us))
    #expect(try RetentionText.age(RetentionText.text(ageUs: us)) == .limited(us))
  }

  @Test("for ever and no limit are written in words") func words() throws {
    #expect(try RetentionText.age("forever") == .unlimited)
    #expect(try RetentionText.size("none", in: 1...2) == .unlimited)
    #expect(RetentionText.text(ageUs: nil) == "forever" && RetentionText.text(bytes: nil) == "none")
    #expect(RetentionText.text(ageUs: 7_200_000_000) == "2h")
    #expect(RetentionText.text(bytes: 16_000_000) == "16MB")
    #expect(RetentionText.text(bytes: 1_048_576) == "1MiB")
  }

  @Test(
    "what is no age says why",
    arguments: [
      ("90x", .malformed), ("", .malformed), ("d", .malformed), ("1.5d", .malformed),
      ("90", .malformed), ("٣d", .malformed), ("0d", .notPositive), ("-1d", .notPositive),
      ("1001y", .outOfRange(low: "1min", high: "1000y")),
      ("9223372036854775807y", .outOfRange(low: "1min", high: "1000y")),
      ("99999999999999999999d", .malformed),
    ] as [(String, RetentionText.Refusal)])
  func nonsense(text: String, refusal: RetentionText.Refusal) {
    #expect(throws: refusal) { try RetentionText.age(text) }
  }

  @Test("a size is within bounds, and a share is one of a disk") func sizes() throws {
    let range: ClosedRange<Int64> = 100_000...1_000_000_000
    #expect(try RetentionText.size("100MB", in: range) == .limited(100_000_000))
    #expect(try RetentionText.size("1GiB", in: 1...Int64.max) == .limited(1 << 30))
    #expect(throws: RetentionText.Refusal.outOfRange(low: "100KB", high: "1GB")) {
      try RetentionText.size("2GB", in: range)
    }
    #expect(throws: RetentionText.Refusal.notPositive) { try RetentionText.size("-5MB", in: range) }
    #expect(throws: RetentionText.Refusal.malformed) { try RetentionText.size("5XB", in: range) }
    #expect(try RetentionText.share("80%") == 80)
    #expect(try RetentionText.share("80") == nil)
    #expect(throws: RetentionText.Refusal.self) { try RetentionText.share("100%") }
  }

  // MARK: Room

  private let disk: Int64 = 32_000_000_000

  private func want(
    _ quota: RoomJudge.Quota = .reserve, free: Int64, used: Int64, inside: Int64 = 0,
    isFull: Bool = false
  ) -> RoomJudge.Want {
    RoomJudge(quota: quota).want(
      RoomJudge.Figures(
        diskBytes: disk, diskFreeBytes: free, databaseBytes: used + inside,
        databaseFreeBytes: inside), isFull: isFull)
  }

  @Test("with room enough nothing is to go") func roomy() {
    #expect(want(free: 8_000_000_000, used: 10_000_000_000) == RoomJudge.Want())
    #expect(want(free: 0, used: 100_000_000, inside: 100_000_000).isEmpty)
  }

  @Test("on a full disk a little goes at a time, however much the disk lacks") func little() {
    let wanted = want(free: 0, used: 160_000_000)
    #expect(wanted.freeBytes == 12_500_000 && wanted.databaseBytesMax == nil && wanted.isLow)
    #expect(want(free: 0, used: 160_000_000, inside: 12_500_000).isEmpty)
    #expect(want(free: 0, used: 16_000_000_000).freeBytes == 320_000_000)
  }

  @Test("what is free on the disk counts, unless a commit has just found none") func full() {
    #expect(want(free: 300_000_000, used: 10_000_000_000).isEmpty)
    #expect(want(free: 300_000_000, used: 10_000_000_000, isFull: true).freeBytes == 320_000_000)
  }

  @Test("a quota goes down a twentieth further, so that it is not passed again at once")
  func quota() {
    #expect(want(.bytes(1_000_000_000), free: 9_000_000_000, used: 1_000_000_000).isEmpty)
    let wanted = want(.bytes(1_000_000_000), free: 9_000_000_000, used: 1_000_000_001)
    #expect(wanted.databaseBytesMax == 950_000_000 && wanted.freeBytes == 0)
    #expect(
      want(.percent(10), free: 9_000_000_000, used: 3_300_000_000).databaseBytesMax
        == 3_040_000_000)
  }

  @Test("the ballast is small on a small disk, and only made where as much again is left")
  func ballast() {
    #expect(RoomJudge.ballastBytes(16_000_000, 32_000_000_000) == 15_998_976)
    #expect(RoomJudge.ballastBytes(16_000_000, 4 << 20) == 131_072)
    #expect(!RoomJudge.hasRoom(forBallast: 0, 1 << 40))
    #expect(!RoomJudge.hasRoom(forBallast: 16_000_000, 32_000_000))
    #expect(RoomJudge.hasRoom(forBallast: 16_000_000, 33_000_000))
  }

  // MARK: The ballast's file

  @Test("the ballast takes real room, is mended when it is short, and goes at once")
  func file() throws {
    let folder = try ConfigurationTests.Folder()
    let path = BallastFile.path(in: folder.path)
    #expect(BallastFile.bytesHeld(path) == 0)
    #expect(try !BallastFile.release(path))
    try BallastFile.make(path, bytes: 65_536)
    #expect(BallastFile.bytesHeld(path) == 65_536)
    try BallastFile.make(path, bytes: 131_072)
    #expect(BallastFile.bytesHeld(path) == 131_072)
    try BallastFile.make(path, bytes: 8_192)
    #expect(BallastFile.bytesHeld(path) == 8_192)
    #expect(try BallastFile.release(path))
    #expect(!System.exists(path))
  }

  @Test("a file that only says that it is long holds nothing") func sparse() throws {
    let folder = try ConfigurationTests.Folder()
    let path = BallastFile.path(in: folder.path)
    do {
      let file = try System.openFile(path, flags: O_WRONLY | O_CREAT)
      #expect(ftruncate(file.raw, 1 << 20) == 0)
    }
    #expect(BallastFile.bytesHeld(path) == 0)
    try BallastFile.release(path)
  }

  @Test("a ballast that has no room is given back whole") func noRoom() throws {
    let folder = try ConfigurationTests.Folder()
    let path = BallastFile.path(in: folder.path)
    #expect(throws: Errno.self) { try BallastFile.make(path, bytes: 1 << 58) }
    #expect(!System.exists(path))
  }

  // MARK: The alarm

  @Test("the alarm names the channels that lost most, and counts a reading once") func alarm() {
    var fold = TrimmingFold()
    #expect(TrimmingAlarm.view(fold) == nil)
    guard let id = FactId([UInt8](repeating: 1, count: 16)),
      let board = DeviceIdentity(text: "sim-0000000000000001")
    else { return }
    let series = (1...5).flatMap { number in
      TrimmedSeries.Level.allCases.map {
        TrimmedSeries(
          device: board, channel: "c\(number)", level: $0, reason: .space,
          readings: Int64(number * 10), blocks: 1, bytes: 1, utc: nil)
      }
    }
    let stamp = Stamp(trusted: false, bootUs: 1, wallUs: 2, author: "node")
    fold.apply(
      JournalEntry(
        stamp: stamp, content: .trimming(Trimming(id: id, freedBytes: 1, series: series))))
    let view = TrimmingAlarm.view(fold)
    #expect(view?.parameters["readings"] == "150")
    #expect(
      view?.parameters["channels"]
        == "\(board.text)/c5, \(board.text)/c4, \(board.text)/c3 (+2)")
    #expect(view?.detail.contains("bivouac retention acknowledge") == true)
    fold.apply(
      JournalEntry(
        stamp: stamp, content: .trimmingSeen(TrimmingSeen(target: nil, note: ""))))
    #expect(TrimmingAlarm.view(fold) == nil)
  }

  @Test(
    "every refusal has its words in French",
    arguments: [
      "retention.bad-age", "retention.bad-size", "retention.order", "retention.nothing",
      "retention.not-set", "retention.went", "unknown-channel", "config.bad-age",
      "config.bad-size", "config.retention-order",
    ])
  func french(code: String) {
    #expect(Message.isTranslated(code))
  }

  @Test("minutes must not go before readings become minutes, whatever is not said") func order() {
    let base = RetentionRule(rawUs: 90 * 86_400_000_000)
    #expect(throws: ServiceError.self) {
      try RetentionAsked.check(RetentionSetting(minutes: .limited(60_000_000)), base)
    }
    #expect(throws: ServiceError.self) {
      try RetentionAsked.check(
        RetentionSetting(raw: .unlimited, minutes: .limited(60_000_000)), base)
    }
    #expect(throws: Never.self) {
      try RetentionAsked.check(RetentionSetting(raw: .limited(60_000_000)), base)
    }
  }
}
