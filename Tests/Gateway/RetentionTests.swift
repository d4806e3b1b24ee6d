import Glibc
import Model
import Storage
import Sync
import Testing

@testable import Api
@testable import Cli
@testable import Gateway
@testable import Reactor

@Suite("Ages, sizes and room") struct RetentionTests {
  init() { EventLoop.shared.start() }

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

  @Test("compaction wants much room on a large disk, and little where room is wanted at once")
  func compaction() {
    func may(_ free: Int64, on diskBytes: Int64, isUrgent: Bool) -> Bool {
      RoomJudge.mayCompact(diskBytes: diskBytes, freeBytes: free, isUrgent: isUrgent)
    }
    for (wanted, isUrgent) in [(33_554_432, false), (1_048_576, true)] as [(Int64, Bool)] {
      #expect(!may(wanted - 1, on: disk, isUrgent: isUrgent))
      #expect(may(wanted, on: disk, isUrgent: isUrgent))
    }
    #expect(may(1_048_576, on: 16 << 20, isUrgent: false))
  }

  @Test(
    "what a run makes free on a full disk is enough for compaction, however small the database",
    arguments: [1_000, 4_000_000, 16_000_000, 2_000_000_000] as [Int64])
  func enough(used: Int64) {
    let wanted = want(free: 0, used: used, isFull: true)
    #expect(RoomJudge.mayCompact(diskBytes: disk, freeBytes: wanted.freeBytes, isUrgent: true))
    // And then nothing more goes.
    #expect(want(free: 0, used: used, inside: wanted.freeBytes, isFull: true).isEmpty)
  }

  // MARK: The rules of a device with parts

  @Test("a device's rules hold for its parts, and those of a part for nobody") func parts() {
    let devices = (1...3).compactMap { DeviceIdentity(text: "sim-000000000000000\($0)") }
    guard devices.count == 3, let node = NodeId([UInt8](repeating: 7, count: 32)) else {
      Issue.record("no devices")
      return
    }
    let (owner, part, other) = (devices[0], devices[1], devices[2])
    var registers = RegisterFold()
    for (number, scope) in [
      SeriesScope(owner), SeriesScope(owner, "t"), SeriesScope(part), SeriesScope(part, "rh"),
      SeriesScope(other),
    ].enumerated() {
      let setting = RetentionSetting(raw: .limited(Int64(number + 1) * 86_400_000_000))
      let write = RegisterWrite(key: scope.registerKey, value: setting.encoded(), replaces: [])
      registers.apply(
        write,
        record: RecordId(
          origin: node, incarnation: Incarnation(1), lane: .state, seq: UInt64(number + 1)),
        stamp: Stamp(trusted: false, bootUs: 1, wallUs: 2, author: "test"))
    }
    let rules = RetentionRules(standard: RetentionRule(rawUs: 1), registers: registers)

    func days(_ order: TrimOrder, _ device: DeviceIdentity, _ channel: String) -> Int64 {
      (order.rule(of: SeriesName(device: device, channel: channel)).rawUs ?? 0) / 86_400_000_000
    }
    var apart = TrimOrder()
    apart.take(rules, owner: { $0 }, parts: { [$0] })
    #expect(days(apart, part, "t") == 3 && days(apart, part, "rh") == 4)

    var joined = TrimOrder()
    joined.take(
      rules, owner: { $0 == part ? owner : $0 }, parts: { $0 == owner ? [owner, part] : [$0] })
    for identity in [owner, part] {
      #expect(days(joined, identity, "rh") == 1 && days(joined, identity, "t") == 2)
    }
    #expect(days(joined, other, "t") == 5)
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

  @Test("a ballast that cannot be made is tried again after a minute, then two, up to an hour")
  @Loop func backoff() async throws {
    let folder = try ConfigurationTests.Folder()
    let path = folder.path + "/bivouac.db"
    let node = try #require(NodeId([UInt8](repeating: 7, count: 32)))
    let epoch = try #require(ClockEpoch([UInt8](repeating: 1, count: 16)))
    let (store, _) = try await Store.open(
      StoreOptions(path: path, node: node, clockEpoch: epoch, incarnation: Incarnation(1)))
    let ballast = Ballast(
      folder: folder.path + "/missing", wantedBytes: 65_536,
      retainer: Retainer(store: store, path: path), log: Log(threshold: .error))
    func look(_ seconds: Int64) async -> Bool {
      let wasDue = ballast.isMissing(nowUs: seconds * 1_000_000)
      await ballast.restore(diskBytes: 1 << 40, freeBytes: 1 << 30, nowUs: seconds * 1_000_000)
      return wasDue
    }
    var tries: [Int64] = []
    for minute in 0...500 as ClosedRange<Int64> where await look(minute * 60) {
      tries.append(minute * 60)
    }
    let waits = zip(tries.dropFirst(), tries).map { $0 - $1 }
    #expect(waits == [60, 120, 240, 480, 960, 1920] + [Int64](repeating: 3600, count: 7))
    #expect(ballast.view.state == "missing")
    // With the cause gone it is made at the next try, and not before.
    try System.makeFolder(folder.path + "/missing")
    defer {
      _ = unsafe unlink(folder.path + "/missing/ballast")
      _ = unsafe rmdir(folder.path + "/missing")
    }
    #expect(await !look(tries[tries.count - 1] + 3599))
    #expect(ballast.view.state == "missing")
    #expect(await look(tries[tries.count - 1] + 3600))
    #expect(ballast.view.state == "held")
    try await store.close()
    for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(path + suffix) }
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
      "config.bad-size", "config.retention-order", "keeper.unproven",
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
