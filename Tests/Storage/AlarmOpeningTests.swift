import Model
import Sync
import Testing

@testable import Storage

@Suite("Alarms on disk") struct AlarmOpeningTests {
  private func id(_ number: UInt8) throws -> FactId {
    try #require(FactId([UInt8](repeating: number, count: 16)))
  }

  private func raised(_ number: UInt8) throws -> JournalContent {
    let key = try #require(AlarmKey([UInt8](repeating: 9, count: 8)))
    return .alarmRaised(
      AlarmRaised(
        episode: try id(number), rule: key, ruleBytes: [1], sinceUs: 5,
        value: AlarmValue(.float(1.5), unit: "Cel")))
  }

  private func contents() throws -> [JournalContent] {
    [
      try raised(1), try raised(2),
      .alarmAcknowledged(AlarmAcknowledged(episode: try id(1), comment: "vu")),
      .alarmCleared(AlarmCleared(episode: try id(1), reason: .normal, value: nil)),
      try raised(3),
      .alarmCleared(AlarmCleared(episode: try id(3), reason: .ruleRemoved, value: nil)),
    ]
  }

  @Test("what is folded at the start is what was folded on the way, after every end of the program")
  func folded() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    var incremental = AlarmFold()
    for (number, content) in try contents().enumerated() {
      // Each in a run of its own, ended as by kill -9.
      let options = Fixture.options(path, run: UInt64(number + 1), boot: UInt8(1 + number / 3))
      let core = try StoreCore(options)
      #expect(try core.open().alarms == incremental, "entry \(number)")
      let entry = JournalEntry(stamp: Fixture.stamp(Int64(number)), content: content)
      let receipt = try core.commit(
        PendingCommit(content: nil, clock: Fixture.clock(), journal: [entry]))
      let record = try #require(receipt.journal.last)
      #expect(record.lane == .control)
      incremental.apply(entry, record: record, clockEpoch: options.clockEpoch)
    }
    let opening = try StoreCore(Fixture.options(path, run: 99)).open()
    #expect(opening.alarms == incremental && opening.unappliedCount == 0)
    #expect(opening.alarms.open.map(\.id) == [try id(2)])
    #expect(opening.alarms.counts == (1, 2, 1))
    let episode = try #require(opening.alarms.episode(try id(3)))
    #expect(episode.clockEpoch == Fixture.clockEpoch(2))
    #expect(episode.cleared?.fact.reason == .ruleRemoved)
  }

  @Test("rules are registers, and a rule that was removed is none")
  func rules() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let key = try #require(AlarmKey([UInt8](repeating: 9, count: 8)))
    let rule = AlarmRule(
      name: "warm", scope: SeriesScope(Fixture.board, "temp"),
      condition: .above(.init(limit: 215, exponent: -1)))
    for (run, value) in [rule.encoded(), nil].enumerated() {
      let core = try StoreCore(Fixture.options(path, run: UInt64(2 * run + 1)))
      let registers = try core.open().registers
      let write = RegisterWrite(
        key: key.rule, value: value, replaces: registers.replaces(key.rule))
      _ = try core.commit(
        PendingCommit(
          content: nil, clock: Fixture.clock(),
          journal: [JournalEntry(stamp: Fixture.stamp(), content: .registerWrite(write))]))
      let opening = try StoreCore(Fixture.options(path, run: UInt64(2 * run + 2))).open()
      let found = opening.registers.all(.alarmRule)
      #expect(found.map(\.value) == (value.map { [$0] } ?? []))
      #expect(try found.map { try AlarmRule(decoding: $0.value) } == (value == nil ? [] : [rule]))
    }
  }
}
