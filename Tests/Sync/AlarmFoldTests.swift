import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Episodes of alarms") struct AlarmFoldTests {
  private typealias Records = AlarmRecords

  @Test("an episode is open, then over, and unseen until somebody has seen it")
  func life() throws {
    var fold = AlarmFold()
    fold.take(Records.raised(1))
    #expect(fold.counts == (1, 1, 1) && fold.open.map(\.id) == [Records.episode(1)])
    fold.take(Records.cleared(1))
    #expect(fold.counts == (0, 1, 0) && fold.open.isEmpty && fold.unacknowledged.count == 1)
    fold.take(Records.seen(1, comment: "réparé"))
    #expect(fold.counts == (0, 0, 0) && fold.unacknowledged.isEmpty)
    let episode = try #require(fold.episode(Records.episode(1)))
    #expect(!episode.isOpen && episode.acknowledged?.fact.comment == "réparé")
    #expect(episode.raised.fact.sinceUs == 1 && episode.rule == nil)
    #expect(fold.episode(Records.episode(2)) == nil)
  }

  @Test("seen while it goes on it is seen, and goes on")
  func seenEarly() {
    let fold = AlarmFold([Records.raised(1), Records.seen(1)])
    #expect(fold.counts == (1, 0, 0))
  }

  @Test("what comes before the beginning waits for it, and is no episode until then")
  func before() {
    var fold = AlarmFold([Records.seen(1), Records.cleared(1)])
    #expect(fold.counts == (0, 0, 0) && fold.all.isEmpty && fold == AlarmFold())
    fold.take(Records.raised(1))
    #expect(fold.counts == (0, 0, 0) && fold.all.count == 1)
    #expect(fold == AlarmFold([Records.raised(1), Records.cleared(1), Records.seen(1)]))
  }

  @Test("of two of one kind the lower record counts, and a success rather than a failure")
  func ranks() throws {
    let records = [
      Records.raised(1), Records.seen(1, by: 4, comment: "b"), Records.seen(1, by: 2, comment: "a"),
      Records.told(1, 7, .delivered, seq: 9), Records.told(1, 7, .givenUp, seq: 8),
      Records.told(1, 7, .givenUp, seq: 8, moment: .cleared),
      Records.told(1, 8, .delivered, seq: 6, moment: .test),
    ]
    for order in [records, records.reversed()] {
      let episode = try #require(AlarmFold(order).episode(Records.episode(1)))
      #expect(episode.acknowledged?.fact.comment == "a")
      #expect(Set(episode.deliveries.map(\.fact.outcome)) == [.delivered, .givenUp])
      #expect(episode.deliveries.count == 2)
    }
  }

  @Test("every order of arrival gives the same fold", arguments: 0..<60 as Range<UInt64>)
  func orders(seed: UInt64) {
    var prng = Prng(seed: seed)
    var records: [AlarmRecords.Record] = []
    for number in 1...8 {
      let isTrusted = prng.chance(70)
      records.append(
        Records.raised(number, wallUs: Int64(prng.below(5)), trusted: isTrusted))
      if prng.chance(20) { records.append(Records.raised(number, seq: 10 * number + 5)) }
      if prng.chance(60) { records.append(Records.cleared(number)) }
      if prng.chance(20) { records.append(Records.cleared(number, seq: 10 * number + 6)) }
      for person in 1...3 as ClosedRange<UInt8> where prng.chance(40) {
        records.append(Records.seen(number, by: person, comment: "\(person)"))
      }
      for seq in 0..<4 where prng.chance(50) {
        records.append(
          Records.told(
            number, UInt8(prng.below(2)), prng.chance(50) ? .delivered : .givenUp,
            seq: 100 * number + seq))
      }
    }
    var folds: Set<AlarmFold> = []
    var lists: Set<[FactId]> = []
    for _ in 0..<20 {
      let fold = AlarmFold(records.shuffled(using: &prng))
      folds.insert(fold)
      lists.insert(fold.all.map(\.id))
    }
    #expect(folds.count == 1 && lists.count == 1, "seed \(seed)")
  }

  @Test(
    "beyond the limit the newest are kept, whatever the order and who has seen them",
    arguments: 0..<4 as Range<UInt64>)
  func bounded(seed: UInt64) {
    var prng = Prng(seed: seed)
    let count = Limits.alarmsEndedMax + 40
    var records: [AlarmRecords.Record] = []
    for number in 1...count {
      records += [Records.raised(number), Records.cleared(number)]
      if prng.chance(50) { records.append(Records.seen(number)) }
    }
    // Older than all, and still going on.
    records.append(Records.raised(count + 1, wallUs: -5))
    // A clock that nobody vouched for, ahead by centuries, drives nothing else out.
    records += [
      Records.raised(count + 2, wallUs: 1 << 60, trusted: false), Records.cleared(count + 2),
    ]
    let inOrder = AlarmFold(records)
    #expect(inOrder == AlarmFold(records.shuffled(using: &prng)), "seed \(seed)")
    #expect(inOrder.all.count == Limits.alarmsEndedMax + 2)
    #expect(inOrder.open.map(\.id) == [Records.episode(count + 1)])
    #expect(inOrder.episode(Records.episode(40)) == nil)
    #expect(inOrder.episode(Records.episode(41)) != nil)
    #expect(inOrder.episode(Records.episode(count + 2)) != nil)
  }

  @Test("what comes late of an episode that has left memory brings it back to nobody's eyes")
  func late() {
    var records: [AlarmRecords.Record] = []
    for number in 1...Limits.alarmsEndedMax + 1 {
      records += [Records.raised(number), Records.cleared(number)]
    }
    var fold = AlarmFold(records)
    let before = fold
    fold.take(Records.seen(1))
    #expect(fold == before && fold.episode(Records.episode(1)) == nil)
  }

  @Test("what never begins takes no more memory than its limit")
  func awaited() {
    var fold = AlarmFold()
    for number in 1...Limits.alarmsAwaitedMax + 10 { fold.take(Records.seen(number)) }
    for number in 1...Limits.alarmsAwaitedMax + 10 { fold.take(Records.raised(number)) }
    #expect(fold.unacknowledged.count == 10)
  }

  @Test("registers of the vectors are rules and recipients, and are written as they were")
  func registers() throws {
    var counts: [UInt8: Int] = [:]
    for vector in Vector.all where vector.form == "journal-2" && vector.verdict == "golden" {
      guard
        case .registerWrite(let write) = try JournalDecoder.decode(kind: 2, vector.bytes)?.content,
        let value = write.value
      else { continue }
      switch write.key.space {
      case 14: #expect(try AlarmRule(decoding: value).encoded() == value, "\(vector.name)")
      case 15: #expect(try AlarmRecipient(decoding: value).encoded() == value)
      default: continue
      }
      counts[write.key.space, default: 0] += 1
    }
    #expect(counts == [14: 7, 15: 1])
  }

  @Test("a recipient comes back from its bytes, and no other bytes are taken")
  func recipient() throws {
    let told = AlarmRecipient(
      name: "Ada", way: .mail, address: "ada@example.org", language: .french,
      leastSeverity: .alarm, isEnabled: false)
    let bytes = told.encoded()
    #expect(try AlarmRecipient(decoding: bytes) == told)
    for length in bytes.indices {
      #expect(throws: DecodeError.self) { try AlarmRecipient(decoding: Array(bytes[..<length])) }
    }
    #expect(throws: DecodeError.self) { try AlarmRecipient(decoding: bytes + [0]) }
    for (place, value) in [(0, 2), (5, 3), (bytes.count - 3, 0), (bytes.count - 1, 4)]
      as [(Int, UInt8)]
    {
      var altered = bytes
      altered[place] = value
      #expect(throws: DecodeError.self, "byte \(place)") { try AlarmRecipient(decoding: altered) }
    }
  }
}
