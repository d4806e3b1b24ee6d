import Model
import Reactor
import TestSupport
import Testing

@testable import Api
@testable import Gateway
@testable import Storage
@testable import Sync

@Suite("Bundles", .serialized) struct BundleTests {
  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Test("a bundle brings everything, and a second time nothing") @Loop func twice() async throws {
    let world = try await BundleWorld()
    let bundle = try await world.maker.export().flatMap { $0 }
    let first = try await world.taker.importing(bundle)
    #expect(first.ending == .whole && first.dropped == 0 && first.waiting == 0)
    #expect(first.maker == "\(world.maker.key.id)")
    let seen = try await world.taker.seen()
    #expect(try await world.maker.seen() == seen)
    #expect(first.kept == Int(seen.values.reduce(0) { $0 + $1.count }))
    #expect(world.taker.carriers == [world.maker.key.id])
    let reported = world.taker.reports.reduce(0) { $0 + $1.entriesKept + $1.commitsKept }
    #expect(reported == first.kept)
    let second = try await world.taker.importing(bundle)
    #expect(second.kept == 0 && second.known == first.kept && second.ending == .whole)
    #expect(try await world.taker.seen() == seen)
    try await world.end()
  }

  @Test("a cut bundle gives every record that is whole, and the whole one the rest")
  @Loop func cut() async throws {
    let world = try await BundleWorld(commits: 30)
    let bundle = try await world.maker.export().flatMap { $0 }
    var prng = Prng(seed: 7)
    var kept = 0
    let cuts = (0..<12).map { _ in 113 + prng.below(bundle.count - 113) }.sorted()
    for cut in cuts {
      let came = try await world.taker.importing(
        Array(bundle[..<cut]), pieceBytes: 1 + prng.below(9_000))
      #expect(came.ending == .cut, "cut at \(cut)")
      // A longer part holds all that a shorter one held.
      #expect(came.known == kept, "cut at \(cut)")
      kept += came.kept
    }
    #expect(kept > 0)
    let whole = try await world.taker.importing(bundle)
    #expect(whole.known == kept && whole.ending == .whole)
    #expect(try await world.maker.seen() == (try await world.taker.seen()))
    try await world.end()
  }

  @Test("a signature that fails, and bytes behind it, are told and take no record away")
  @Loop func forged() async throws {
    let world = try await BundleWorld(commits: 10)
    var bundle = try await world.maker.export().flatMap { $0 }
    bundle[bundle.count - 1] ^= 1
    let came = try await world.taker.importing(bundle)
    #expect(came.ending == .forged && came.dropped == 0)
    #expect(try await world.maker.seen() == (try await world.taker.seen()))
    bundle[bundle.count - 1] ^= 1
    let longer = try await world.taker.importing(bundle + [UInt8](repeating: 1, count: 100))
    #expect(longer.ending == .forged && longer.known == came.kept)
    try await world.end()
  }

  @Test("a record whose signature fails is dropped and counted, the others are kept")
  @Loop func record() async throws {
    let world = try await BundleWorld(commits: 1)
    let run = RunId(origin: world.maker.key.id, incarnation: Incarnation(7))
    let epoch = try #require(ClockEpoch([UInt8](repeating: 3, count: 16)))
    let other = try #require(NodeKey(seed: [UInt8](repeating: 5, count: 32)))
    var writer = BundleWriter(site: world.site, key: world.maker.key, recipient: nil)
    for (seq, key) in [(UInt64(1), world.maker.key), (2, other)] {
      let entry = SignedEntry(
        lane: .state, seq: seq, clockEpoch: epoch, kind: 60_000, body: [1],
        previousLink: [UInt8](repeating: 0, count: 32), incarnation: run.incarnation, key: key)
      writer.add { $0.add(entry, of: run) }
    }
    let bundle = writer.take() + writer.finish().bytes
    let came = try await world.taker.importing(bundle)
    #expect(came.kept == 1 && came.dropped == 1 && came.ending == .whole)
    try await world.end()
  }

  @Test("a bundle of another site is refused whole") @Loop func otherSite() async throws {
    let world = try await BundleWorld(commits: 3)
    world.taker.site = SiteId([UInt8](repeating: 8, count: 32))
    let bundle = try await world.maker.export().flatMap { $0 }
    let code = await BundleWorld.code { _ = try await world.taker.importing(bundle) }
    #expect(code == "bundle.other-site")
    #expect(try await world.taker.seen().isEmpty && world.taker.reports.isEmpty)
    try await world.end()
  }

  @Test("what is no bundle is refused, and of one that was altered the part before is kept")
  @Loop func malformed() async throws {
    let world = try await BundleWorld(commits: 30)
    var bundle = try await world.maker.export().flatMap { $0 }
    for file in [[], Array("id,time\n".utf8), [UInt8](repeating: 0, count: 4_000)] {
      let code = await BundleWorld.code { _ = try await world.taker.importing(file) }
      #expect(code == "bundle.malformed", "\(file.count) bytes")
    }
    #expect(try await world.taker.seen().isEmpty)
    bundle[bundle.count / 2] ^= 0xFF
    let code = await BundleWorld.code { _ = try await world.taker.importing(bundle) }
    #expect(code == "bundle.malformed")
    #expect(try await !world.taker.seen().isEmpty)
    // Neither is under way any more: there is room for two others.
    _ = try await world.taker.desk.beginImport()
    _ = try await world.taker.desk.beginImport()
    try await world.end()
  }

  @Test("records of nobody known wait, and are counted") @Loop func waiting() async throws {
    let world = try await BundleWorld(commits: 2)
    world.taker.members = []
    let came = try await world.taker.importing(try await world.maker.export().flatMap { $0 })
    #expect(came.kept == 0 && came.waiting > 0)
    try await world.end()
  }

  @Test("what follows those who belong is judged by them") @Loop func members() async throws {
    let world = try await BundleWorld(commits: 1)
    let newcomer = try #require(NodeKey(seed: [UInt8](repeating: 5, count: 32)))
    world.taker.onReport = { world.taker.members.insert(newcomer.id) }
    let epoch = try #require(ClockEpoch([UInt8](repeating: 3, count: 16)))
    var writer = BundleWriter(site: world.site, key: world.maker.key, recipient: nil)
    for (kind, lane, key) in [(UInt16(20), Lane.control, world.maker.key), (9, .state, newcomer)] {
      let entry = SignedEntry(
        lane: lane, seq: 1, clockEpoch: epoch, kind: kind, body: [1],
        previousLink: [UInt8](repeating: 0, count: 32), incarnation: Incarnation(7), key: key)
      let run = RunId(origin: key.id, incarnation: Incarnation(7))
      writer.add { $0.add(entry, of: run) }
    }
    let came = try await world.taker.importing(writer.take() + writer.finish().bytes)
    #expect(came.kept == 2 && came.waiting == 0)
    try await world.end()
  }

  @Test("a bundle for a node leaves out what that is known to have")
  @Loop func recipient() async throws {
    let world = try await BundleWorld(commits: 20)
    let all = try await world.maker.export().flatMap { $0 }
    _ = try await world.taker.importing(all)
    world.maker.known[world.taker.key.id] = try await world.taker.store.vector()
    var prng = Prng(seed: 2)
    try await world.maker.work(1, &prng)
    let rest = try await world.maker.export(for: world.taker.key.id).flatMap { $0 }
    let came = try await world.taker.importing(rest)
    #expect(came.known == 0 && came.kept == 3)
    #expect(try await world.maker.seen() == (try await world.taker.seen()))
    try await world.end()
  }

  @Test("a large bundle comes in pieces of at most 1 MiB, and so it goes in")
  @Loop func large() async throws {
    let world = try await BundleWorld(commits: 2_500, textBytes: 190)
    let pieces = try await world.maker.export()
    #expect(pieces.count > 1 && pieces.dropLast().allSatisfy { $0.count == 1 << 20 })
    let came = try await world.taker.importing(pieces.flatMap { $0 })
    #expect(came.ending == .whole && came.known == 0)
    #expect(try await world.maker.seen() == (try await world.taker.seen()))
    try await world.end()
  }

  @Test("more bundles than there is room for are refused; those that nobody asks for end")
  @Loop func limits() async throws {
    let world = try await BundleWorld(commits: 1)
    let desk = world.maker.desk
    var exports: [String] = []
    for _ in 0..<BundleDesk.exportsMax { exports.append(try await desk.beginExport(for: nil)) }
    #expect(await BundleWorld.code { _ = try await desk.beginExport(for: nil) } == "too-many")
    for _ in 0..<BundleDesk.importsMax { _ = try await desk.beginImport() }
    #expect(await BundleWorld.code { _ = try await desk.beginImport() } == "too-many")
    desk.forgetUnused(nowUs: Clock.bootUs() + BundleDesk.unusedUs - 60_000_000)
    #expect(try await !desk.exportPiece(exports[0]).isEmpty)
    desk.forgetUnused(nowUs: Clock.bootUs() + BundleDesk.unusedUs)
    #expect(
      await BundleWorld.code { _ = try await desk.exportPiece(exports[0]) } == "not-found")
    let again = try await desk.beginImport()
    #expect(await BundleWorld.code { try await desk.importPiece("00", [1]) } == "not-found")
    #expect(await BundleWorld.code { _ = try await desk.endImport(again) } == "bundle.malformed")
    try await world.end()
  }

  @Test("a node of no site neither writes nor reads any") @Loop func noSite() async throws {
    let world = try await BundleWorld(commits: 1)
    world.maker.site = nil
    let desk = world.maker.desk
    #expect(await BundleWorld.code { _ = try await desk.beginExport(for: nil) } == "site.none")
    #expect(await BundleWorld.code { _ = try await desk.beginImport() } == "site.none")
    try await world.end()
  }
}

@Suite("What stands where in a bundle") struct BundlePlanTests {
  private let run: RunId
  private let later: RunId

  init() throws {
    let origin = try #require(NodeId([UInt8](repeating: 1, count: 32)))
    run = RunId(origin: origin, incarnation: Incarnation(1))
    later = RunId(origin: origin, incarnation: Incarnation(2))
  }

  /// What is asked, one log a word, where the store gives all, or so many of each log at a time.
  private func asked(_ plan: BundlePlan, each most: UInt64? = nil) -> [String] {
    var plan = plan
    var words: [String] = []
    for _ in 0..<1_000 {
      guard let asked = plan.next() else { return words }
      for log in asked.keys.sorted() {
        words.append("\(log.run.incarnation.number)/\(log.lane.rawValue) \(asked[log] ?? .init())")
      }
      let given = asked.mapValues { seqs in
        guard let most, let first = seqs.ranges.first else { return seqs }
        return Intervals(first.lowerBound...min(first.upperBound, first.lowerBound + most - 1))
      }
      plan.took(asked, given: given, isFull: most != nil)
    }
    Issue.record("it never ends")
    return words
  }

  @Test("who belongs stands first, then lanes 0, 1, 4 and 3, then the newest of every run by turns")
  func order() {
    let wanted: [LogId: Intervals] = [
      LogId(run, .telemetry): Intervals(1...2_000), LogId(later, .telemetry): Intervals(1...10),
      LogId(run, .state): Intervals(1...5), LogId(later, .blobs): Intervals(1...2),
      LogId(run, .control): Intervals(1...9), LogId(run, .rollups): Intervals(1...3),
    ]
    let plan = BundlePlan(wanted, membership: [LogId(run, .control): Intervals([2...3, 12...12])])
    #expect(
      asked(plan) == [
        "1/0 2-3", "1/0 1 4-9", "1/1 1-5", "2/4 1-2", "1/3 1-3", "1/2 977-2000", "2/2 1-10",
        "1/2 1-976",
      ])
  }

  @Test("what did not fit is asked again, what cannot be given is not") func again() {
    let plan = BundlePlan([LogId(run, .state): Intervals(1...3)], membership: [:])
    #expect(asked(plan, each: 1) == ["1/1 1-3", "1/1 2-3", "1/1 3"])
    var refused = plan
    let first = refused.next() ?? [:]
    refused.took(first, given: [:], isFull: true)
    #expect(refused.next() == nil)
  }
}
