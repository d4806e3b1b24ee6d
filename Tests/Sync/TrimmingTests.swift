import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Retention settings and records of what went") struct TrimmingTests {
  private let board = Samples.board(1)

  private func fold(_ settings: [(SeriesScope, RetentionSetting)]) -> RegisterFold {
    var fold = RegisterFold()
    for (index, (scope, setting)) in settings.enumerated() {
      let stamp = Stamp(trusted: true, bootUs: 1, wallUs: Int64(index), author: "local:0")
      guard let node = NodeId([UInt8](repeating: 7, count: 32)) else { return fold }
      fold.apply(
        RegisterWrite(key: scope.registerKey, value: setting.encoded(), replaces: []),
        record: RecordId(
          origin: node, incarnation: Incarnation(1), lane: .state, seq: UInt64(index + 1)),
        stamp: stamp)
    }
    return fold
  }

  @Test("a channel follows its device, and that the default, each part for itself")
  func inheritance() {
    let rules = RetentionRules(
      standard: RetentionRule(rawUs: 10, minutesUs: 20, quotaBytes: 30),
      registers: fold([
        (SeriesScope(board), RetentionSetting(raw: .limited(15), quota: .unlimited)),
        (SeriesScope(board, "temp"), RetentionSetting(minutes: .unlimited, quota: .limited(7))),
      ]))
    #expect(rules.rule(board, "temp") == RetentionRule(rawUs: 15, minutesUs: nil, quotaBytes: 7))
    #expect(rules.rule(board, "ph") == RetentionRule(rawUs: 15, minutesUs: 20))
    #expect(
      rules.rule(Samples.board(2), "ph")
        == RetentionRule(rawUs: 10, minutesUs: 20, quotaBytes: 30))
    #expect(
      rules.rule(SeriesScope(board, "temp"), with: RetentionSetting())
        == RetentionRule(rawUs: 15, minutesUs: 20))
  }

  @Test("minutes are never kept shorter than readings, whatever the default becomes")
  func minutesLast() {
    let standard = RetentionRule(rawUs: 10, minutesUs: 20)
    #expect(RetentionSetting(raw: .limited(90)).rule(over: standard).minutesUs == 90)
    #expect(RetentionSetting(raw: .unlimited).rule(over: standard).minutesUs == nil)
    #expect(RetentionSetting(minutes: .limited(5)).rule(over: standard).minutesUs == 10)
  }

  @Test("a register that cannot be read counts as not set")
  func damaged() {
    var registers = fold([(SeriesScope(board), RetentionSetting(raw: .limited(15)))])
    let key = SeriesScope(board).registerKey
    guard let node = NodeId([UInt8](repeating: 7, count: 32)) else { return }
    registers.apply(
      RegisterWrite(key: key, value: [9], replaces: registers.replaces(key)),
      record: RecordId(origin: node, incarnation: Incarnation(1), lane: .state, seq: 9),
      stamp: Stamp(trusted: true, bootUs: 1, wallUs: 9, author: "x"))
    #expect(
      RetentionRules(standard: RetentionRule(), registers: registers).rule(board, "t")
        == RetentionRule())
  }

  @Test("settings come back from their bytes", arguments: 0..<200 as Range<UInt64>)
  func coding(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let parts = (0..<3).map { _ -> RetentionSetting.Part in
      switch prng.below(3) {
      case 0: .inherited
      case 1: .unlimited
      default: .limited(max(1, Int64(bitPattern: prng.next() >> UInt64(1 + prng.below(62)))))
      }
    }
    let setting = RetentionSetting(raw: parts[0], minutes: parts[1], quota: parts[2])
    #expect(try RetentionSetting(decoding: setting.encoded()) == setting, "seed \(seed)")
    let scope = SeriesScope(
      Samples.identity(&prng), prng.chance(50) ? nil : "c\(prng.below(9))")
    #expect(
      try SeriesScope(decodingRegister: scope.registerKey.bytes) == scope, "seed \(seed)")
  }

  @Test(
    "nonsense in a register is refused",
    arguments: [[], [3, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0]])
  func nonsense(bytes: [UInt8]) {
    #expect(throws: DecodeError.self) { try RetentionSetting(decoding: bytes) }
  }

  // MARK: What went

  private func trimming(_ number: UInt8, series: Int = 1) -> Trimming {
    guard let id = FactId([UInt8](repeating: number, count: 16)) else {
      preconditionFailure("sixteen bytes")
    }
    return Trimming(
      id: id, freedBytes: 1,
      series: (0..<series).map {
        TrimmedSeries(
          device: board, channel: "c\($0)", level: .minutes, reason: .space, readings: 10,
          blocks: 1, bytes: Int64($0), utc: nil)
      })
  }

  private func entry(_ content: JournalContent, wallUs: Int64 = 0) -> JournalEntry {
    JournalEntry(
      stamp: Stamp(trusted: true, bootUs: 1, wallUs: wallUs, author: "local:7"), content: content)
  }

  @Test("of very many channels those with the most bytes are named, and the rest is summed up")
  func bounded() {
    let trimming = trimming(1, series: Limits.trimmedSeriesMax + 30)
    #expect(trimming.series.count == Limits.trimmedSeriesMax)
    #expect(trimming.series.first?.channel == "c30")
    #expect(trimming.rest.series == 30 && trimming.rest.readings == 300)
    #expect(trimming.rest.bytes == (0..<30).reduce(0, +))
    #expect(trimming.readings == Int64(10 * (Limits.trimmedSeriesMax + 30)))
    let bytes = JournalEncoder.encode(entry(.trimming(trimming)))
    #expect(bytes.count < Limits.journalBytesMax)
  }

  @Test("what went is an alarm until a person has seen it, and who it was stays known")
  func seen() {
    var fold = TrimmingFold()
    for number: UInt8 in 1...3 { fold.apply(entry(.trimming(trimming(number)))) }
    fold.apply(entry(.trimming(trimming(2))))
    #expect(fold.entries.count == 3 && fold.unseenCount == 3)
    fold.apply(
      entry(.trimmingSeen(TrimmingSeen(target: trimming(2).id, note: "vu")), wallUs: 9))
    #expect(fold.entries.map { $0.seen?.note } == [nil, "vu", nil])
    fold.apply(entry(.trimmingSeen(TrimmingSeen(target: nil, note: ""))))
    #expect(fold.unseenCount == 0)
    #expect(fold.entries[1].seen?.stamp.wallUs == 9)
    fold.apply(entry(.trimming(trimming(4))))
    #expect(fold.unseenCount == 1)
  }

  @Test("beyond the limit the oldest are dropped, seen ones first, and the unseen still count")
  func dropped() {
    var fold = TrimmingFold()
    for number in 0..<Limits.trimmingsKeptMax {
      fold.apply(entry(.trimming(trimming(UInt8(number)))))
    }
    fold.apply(entry(.trimmingSeen(TrimmingSeen(target: trimming(5).id, note: ""))))
    guard let id = FactId([UInt8](repeating: 1, count: 15) + [2]) else { return }
    var other = trimming(0)
    other.id = id
    fold.apply(entry(.trimming(other)))
    #expect(fold.entries.count == Limits.trimmingsKeptMax && fold.olderUnseen == 0)
    other.id = FactId([UInt8](repeating: 1, count: 15) + [3]) ?? id
    fold.apply(entry(.trimming(other)))
    #expect(fold.olderUnseen == 1 && fold.unseenCount == Limits.trimmingsKeptMax + 1)
    fold.apply(entry(.trimmingSeen(TrimmingSeen(target: nil, note: ""))))
    #expect(fold.unseenCount == 0)
  }
}
