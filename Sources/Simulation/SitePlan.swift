/// What a seed makes of a site: how many nodes there are, and what goes wrong.
struct SitePlan {
  var gateways = 3
  var hubs = 1
  /// How long things go wrong, in µs.
  var stormUs: Int64 = 120_000_000
  /// How often a node does something, in µs on the average.
  var workUs: Int64 = 4_000_000
  /// Requests and answers that are lost, cut at a byte, and delivered twice, in percent.
  var lossPercent = 0
  var cutPercent = 0
  var twicePercent = 0
  /// Links that come and go, and how long each state lasts, in µs.
  var hasWindows = false
  var windowUs: Int64 = 20_000_000
  /// Bits in a second, of the slowest and the fastest link.
  var bitsPerSecond: ClosedRange<Int64> = 1_000_000...10_000_000
  /// Whether the power goes, and whether disks fail otherwise.
  var hasPowerCuts = false
  var hasDiskFaults = false
  /// Whether boards change gateways.
  var hasMoves = false
  /// Whether wall clocks are wrong.
  var hasBadClocks = false
  /// Whether somebody alters what it serves.
  var hasLiar = false
  /// Whether disks are put back to a copy of before.
  var hasRestores = false
  /// Whether somebody joins later.
  var hasLateJoiner = false
  /// Whether commits become ranges, and whether ranges go: for want of room, and by their age once
  /// a keeper has proven to have them.
  var hasCompaction = false
  var hasRetention = false
  /// Whether boards are told what to do.
  var hasCommands = false
  /// Whether rights are taken and given, and somebody is shut out.
  var hasRights = false
  /// Whether some run the version before, which does not know all kinds of entries.
  var hasOldVersions = false
  /// Whether a card is copied and both run.
  var hasTwin = false
  /// Whether disks say "synced" and do nothing.
  var hasLies = false
  /// Whether people carry files from one node to another.
  var hasBundles = false
  /// Whether boards are unplugged for a while, and plugged in again.
  var hasUnplugs = false
  /// Whether a member writes what became of orders, its own and others', as no daemon would.
  var hasMeddler = false
  /// Whether others fill a node's disk.
  var hasCrowds = false
  /// Whether somebody signs two contents under one identity.
  var hasForger = false
  /// Whether nodes change their keys, and whether somebody else has a former one.
  var hasRotation = false
  var hasThieves = false
  /// Whether hubs call some gateways, rather than the other way round.
  var hasCallingHubs = false
  /// Whether a keeper makes up some of what it proves.
  var hasFalseKeeper = false

  /// Draws one: each fault is in about half of the seeds, so that some see few of them together.
  init(_ generator: inout Generator) {
    gateways = generator.chance(8) ? 4 + generator.below(9) : 2 + generator.below(2)
    gateways = max(gateways, 2)
    hubs = generator.chance(25) ? 2 + generator.below(2) : 1
    stormUs = 20_000_000 * Int64(2 + generator.below(5))
    workUs = 1_000_000 * Int64(2 + generator.below(5))
    if generator.chance(50) { lossPercent = 1 + generator.below(15) }
    if generator.chance(50) { cutPercent = 1 + generator.below(25) }
    if generator.chance(30) { twicePercent = 1 + generator.below(10) }
    hasWindows = generator.chance(50)
    windowUs = generator.chance(50) ? 20_000_000 : 5_000_000
    if generator.chance(25) { bitsPerSecond = 20_000...20_000 }
    hasPowerCuts = generator.chance(50)
    hasDiskFaults = generator.chance(30)
    hasMoves = generator.chance(40)
    hasBadClocks = generator.chance(40)
    hasLateJoiner = generator.chance(40)
    hasLiar = generator.chance(20)
    hasRestores = generator.chance(30)
    hasCompaction = generator.chance(60)
    hasRetention = generator.chance(50) && hasCompaction
    hasCommands = generator.chance(60)
    hasRights = generator.chance(35)
    hasOldVersions = generator.chance(30)
    hasTwin = generator.chance(20)
    hasLies = generator.chance(15)
    hasBundles = generator.chance(50)
    hasUnplugs = generator.chance(50)
    hasMeddler = generator.chance(40) && hasCommands
    // A disk that has no room for other reasons has none for what a ballast gives back either.
    hasCrowds = generator.chance(40) && !hasDiskFaults
    hasForger = generator.chance(25) && !hasTwin
    hasRotation = generator.chance(40)
    hasThieves = generator.chance(50) && hasRotation
    // Of a copy: what else a seed gives is what it gave before there were these.
    var apart = generator
    hasCallingHubs = apart.chance(40)
    hasFalseKeeper = apart.chance(60) && hasRetention
  }

  /// In a line, for the trace.
  var text: String {
    "\(gateways) gateways, \(hubs) hubs, storm \(stormUs / 1_000_000) s, work \(workUs / 1_000), "
      + "loss \(lossPercent) %, cut \(cutPercent) %, twice \(twicePercent) %, "
      + "windows \(hasWindows ? windowUs / 1_000_000 : 0) s, \(bitsPerSecond.lowerBound) bit/s, "
      + "power \(hasPowerCuts), disk \(hasDiskFaults), moves \(hasMoves), "
      + "clocks \(hasBadClocks), joiner \(hasLateJoiner), "
      + "liar \(hasLiar), restores \(hasRestores), ranges \(hasCompaction), "
      + "retention \(hasRetention), commands \(hasCommands), rights \(hasRights), "
      + "versions \(hasOldVersions), twin \(hasTwin), lies \(hasLies), bundles \(hasBundles), "
      + "unplugs \(hasUnplugs), meddler \(hasMeddler), crowds \(hasCrowds), "
      + "forger \(hasForger), rotation \(hasRotation), thieves \(hasThieves), "
      + "calling hubs \(hasCallingHubs), false keeper \(hasFalseKeeper)"
  }
}
