import Model
import Sync
import TestSupport
import Testing

@Suite("What an administrator says of a boot") struct ClockOverrideTests {
  private let boot = Self.epoch(1)
  private let other = Self.epoch(2)

  private static func epoch(_ byte: UInt8) -> ClockEpoch {
    guard let epoch = ClockEpoch([UInt8](repeating: byte, count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return epoch
  }

  private func record(_ seq: UInt64) -> RecordId {
    guard let node = NodeId([UInt8](repeating: 7, count: 32)) else {
      preconditionFailure("32 bytes")
    }
    return RecordId(origin: node, incarnation: Incarnation(1), lane: .state, seq: seq)
  }

  private func entry(_ content: JournalContent, wallUs: Int64 = 0) -> JournalEntry {
    JournalEntry(
      stamp: Stamp(trusted: false, bootUs: 0, wallUs: wallUs, author: "local:0"), content: content)
  }

  private func write(
    _ override: ClockOverride?, of epoch: ClockEpoch, replaces: [UInt64] = []
  ) -> JournalEntry {
    entry(
      .registerWrite(
        RegisterWrite(
          key: ClockOverride.key(epoch), value: override?.encoded(),
          replaces: replaces.map(record))))
  }

  private func anchor(_ bootUs: Int64, _ utcUs: Int64) -> JournalEntry {
    entry(.anchor(Anchor(bootUs: bootUs, utcUs: utcUs, errorUs: 3, origin: .kernel)))
  }

  private func dating(_ timeline: Timeline, _ bootUs: Int64 = 0) -> Dating? {
    timeline.node.date(NodeTime(clockEpoch: boot, bootUs: bootUs))
  }

  private let said = ClockOverride(
    bootUs: 1_000_000, utcUs: 900_000_000, boundUs: 5_000, note: "the lamp went on")

  @Test("what was worked out while it counted goes with it, and what was before stays")
  func guesses() {
    func guess(_ utcUs: Int64) -> JournalEntry {
      entry(.anchor(Anchor(bootUs: 0, utcUs: utcUs, errorUs: 9, origin: .unknown)))
    }
    let third = Self.epoch(3)
    var timeline = Timeline()
    timeline.apply(guess(70), record: record(1), in: third)
    timeline.apply(write(said, of: boot), record: record(2), in: boot)
    timeline.apply(guess(50), record: record(3), in: other)
    #expect(timeline.node.isAnchored(other) && timeline.node.isAnchored(third))
    #expect(!timeline.withoutOverrides.isAnchored(other))
    let during = timeline
    timeline.apply(write(nil, of: boot, replaces: [2]), record: record(4), in: boot)
    #expect(!timeline.node.isAnchored(boot) && !timeline.node.isAnchored(other))
    #expect(timeline.node.isAnchored(third))
    #expect(timeline.node.unplaced(since: during.node) == [other])
    // Another word in its place counts as much: boots are placed by it anew.
    timeline = during
    var later = said
    later.utcUs += 5
    timeline.apply(write(later, of: boot, replaces: [2]), record: record(4), in: boot)
    #expect(timeline.node.isAnchored(boot) && !timeline.node.isAnchored(other))
    // The same word again changes nothing.
    timeline = during
    timeline.apply(write(said, of: boot, replaces: [2]), record: record(4), in: boot)
    #expect(timeline.node.isAnchored(other))
  }

  @Test("it alone dates its boot, and no other") func alone() {
    var timeline = Timeline()
    timeline.apply(anchor(0, 10), record: record(1), in: boot)
    timeline.apply(anchor(0, 10), record: record(2), in: other)
    // It is written in one boot and speaks of another.
    let isDating = timeline.apply(write(said, of: boot), record: record(3), in: other)
    #expect(isDating)
    #expect(dating(timeline) == Dating(utcUs: 899_000_000, boundUs: 5_050, quality: .good))
    #expect(timeline.node.date(NodeTime(clockEpoch: other, bootUs: 0))?.utcUs == 10)
    #expect(timeline.override(of: boot)?.override == said)
    #expect(timeline.override(of: boot)?.stamp.author == "local:0")
    #expect(timeline.override(of: other) == nil)
    #expect(timeline.node.basis(of: boot)?.origin == .person)
  }

  @Test("taken back, the anchors date the boot again, those that came meanwhile included")
  func undone() {
    var timeline = Timeline()
    timeline.apply(anchor(0, 10_000), record: record(1), in: boot)
    timeline.apply(write(said, of: boot), record: record(2), in: boot)
    timeline.apply(anchor(60_000_000, 60_020_000), record: record(3), in: boot)
    #expect(dating(timeline, 61_000_000)?.utcUs == 960_000_000)
    timeline.apply(write(nil, of: boot, replaces: [2]), record: record(4), in: boot)
    #expect(timeline.override(of: boot) == nil)
    #expect(dating(timeline)?.utcUs == 10_000)
    #expect(dating(timeline, 61_000_000)?.utcUs == 61_020_000)
    #expect(timeline.withoutOverrides == timeline.node)
  }

  @Test("a boot that nothing else dates is undated again when it is taken back") func nothing() {
    var timeline = Timeline()
    timeline.apply(write(said, of: boot), record: record(1), in: boot)
    #expect(timeline.node.isAnchored(boot))
    timeline.apply(write(nil, of: boot, replaces: [1]), record: record(2), in: boot)
    #expect(!timeline.node.isAnchored(boot))
    #expect(dating(timeline) == nil)
    #expect(timeline.node.basis(of: boot) == nil)
  }

  @Test("the order in which entries come does not matter") func order() throws {
    let later = ClockOverride(bootUs: 0, utcUs: 7_000_000, boundUs: 1, note: "")
    let entries = [
      (anchor(0, 10), record(1)), (write(said, of: boot), record(2)),
      (write(later, of: boot, replaces: [2]), record(3)), (anchor(9_000_000, 9_000_010), record(4)),
    ]
    var prng = Prng(seed: 20_261_121)
    for _ in 0..<24 {
      var timeline = Timeline()
      for (entry, record) in entries.shuffled(using: &prng) {
        timeline.apply(entry, record: record, in: boot)
      }
      #expect(dating(timeline)?.utcUs == 7_000_000)
      #expect(timeline.withoutOverrides.date(NodeTime(clockEpoch: boot, bootUs: 5))?.utcUs == 15)
    }
  }

  @Test("only registers of boots and what dates readings is said to date them") func kinds() {
    var timeline = Timeline()
    let name = RegisterWrite(
      key: RegisterKey(.deviceName, Samples.board(1)), value: [65], replaces: [])
    let isName = timeline.apply(entry(.registerWrite(name)), record: record(1), in: boot)
    #expect(!isName)
    #expect(timeline == Timeline())
    let unreadable = RegisterWrite(key: ClockOverride.key(boot), value: [0xFF], replaces: [])
    let isClock = timeline.apply(entry(.registerWrite(unreadable)), record: record(2), in: boot)
    #expect(isClock)
    #expect(dating(timeline) == nil)
  }

  @Test("a value is what was encoded, and is refused cut short or with a tail") func coding() throws
  {
    #expect(try ClockOverride(decoding: said.encoded()) == said)
    for length in 0..<said.encoded().count {
      #expect(throws: DecodeError.self) {
        try ClockOverride(decoding: Array(said.encoded().prefix(length)))
      }
    }
    #expect(throws: DecodeError.self) { try ClockOverride(decoding: said.encoded() + [0]) }
  }
}
