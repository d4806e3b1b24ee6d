internal import Codec
internal import Model
internal import Sync

/// What an order lets go of a block, and the packs without it.
extension RetainerCore {
  private enum Target {
    case stay
    /// Minutes, where they take less.
    case minutes(TrimReport.Reason)
    /// Nothing but the summary.
    case gone(TrimReport.Reason)
    /// The same, where minutes would take no less.
    case goneUnlessSmaller(TrimReport.Reason)
  }

  /// The level that the age of a block lets it come to, where nobody is to be waited for.
  private func level(byAge row: BlockRow) throws(DatabaseError) -> BlockLevel {
    let level = try wantedLevel(row)
    guard level > row.level else { return row.level }
    return try keeping.mayGoByAge(row.commits) ? level : row.level
  }

  /// The level that the age of a block says.
  func wantedLevel(_ row: BlockRow) throws(DatabaseError) -> BlockLevel {
    guard let nowUs = order.nowUs, let name = try name(row.series) else { return row.level }
    let rule = order.rule(of: name)
    guard rule.hasAges, let latest = try latest(row, name.device) else { return row.level }
    let (age, overflow) = nowUs.subtractingReportingOverflow(latest)
    guard !overflow else { return row.level }
    return max(row.level, rule.level(ageUs: age, hasRollup: row.hasRollup))
  }

  /// A time in µs of UTC before which all of a block's readings were taken; nil where nobody can
  /// say.
  ///
  /// What nothing dates is as old as what came after it lets it be: the arrival of its range, or
  /// the first boot after it of which the time is known.
  private func latest(
    _ row: BlockRow, _ device: DeviceIdentity
  ) throws(DatabaseError) -> Int64? {
    if let utc = try dated(row, device) { return utc.upperBound }
    let clockEpoch = try history.clockEpoch(of: row.commits)
    let node = history.timeline.node
    if node.isAnchored(clockEpoch) {
      guard let arrivalMs = try arrivalMs(row.commits) else { return nil }
      return node.date(NodeTime(clockEpoch: clockEpoch, bootUs: RangeTime.us(arrivalMs)))?.utcUs
    }
    let epochs = history.clockEpochs
    guard let id = epochs.first(where: { $0.value == clockEpoch })?.key else { return nil }
    // Boots of other nodes are numbered as they came.
    guard id < RowId.foreignFirst else { return nil }
    let next = epochs.filter {
      $0.key > id && $0.key < RowId.foreignFirst && node.isAnchored($0.value)
    }
    .min { $0.key < $1.key }
    return next.flatMap { node.date(NodeTime(clockEpoch: $0.value, bootUs: 0))?.utcUs }
  }

  /// When the last commit of a range was closed, in ms of CLOCK_BOOTTIME; nil, and noted, where the
  /// disk has altered the range's row.
  private func arrivalMs(_ commits: Int64) throws(DatabaseError) -> Int64? {
    do throws(DatabaseError) { return try history.rangeRow(commits).header.arrivalsMs.last } catch {
      guard error.kind == .damaged else { throw error }
      note(Damage(.altered, "commit_range", commits...commits))
      return nil
    }
  }

  /// From when to when a block's readings are dated by what is on record; nil where nothing does.
  private func dated(
    _ row: BlockRow, _ device: DeviceIdentity
  ) throws(DatabaseError) -> ClosedRange<Int64>? {
    let pieces = history.dates.pieces(
      device, epoch: row.epoch, in: try history.clockEpoch(of: row.commits))
    return BlockDates.span(row.start...max(row.start, row.end), pieces)
  }

  /// The channel of a local number; nil, and noted, where that cannot be read.
  func name(_ series: Int64) throws(DatabaseError) -> SeriesName? {
    if let known = names[series] { return known }
    do throws(DatabaseError) {
      guard let found = try history.blocks.series(series) else { return nil }
      if names.count >= Limits.trimmedSeriesKept { names.removeAll(keepingCapacity: true) }
      names[series] = SeriesName(device: found.device, channel: found.channel)
      return names[series]
    } catch {
      guard error.kind == .damaged else { throw error }
      note(Damage(.altered, "series", message: "series \(series)"))
      return nil
    }
  }

  /// Names what is not as it was written, once.
  func note(_ damage: Damage, pack: Int64? = nil) {
    if let pack { damaged.insert(pack) }
    if !report.damages.contains(damage) { report.note(damage) }
  }

  private func target(
    _ row: BlockRow, _ purpose: Purpose
  ) throws(DatabaseError) -> Target {
    switch purpose {
    case .age:
      let level = try level(byAge: row)
      guard level > row.level else { return .stay }
      return level == .gone ? .gone(.age) : .minutes(.age)
    case .sacrifice(let sacrifice, let series, let reason):
      guard series ?? row.series == row.series,
        let first = Sacrifice.next(of: row.level, hasRollup: row.hasRollup)
      else { return .stay }
      switch (sacrifice, first) {
      case (.acknowledged, .raw), (.raw, .raw): return .minutes(reason)
      case (.minutes, .minutes): return .gone(reason)
      case (.minutes, .raw): return .goneUnlessSmaller(reason)
      case (.acknowledged, _), (.raw, _), (.minutes, .acknowledged): return .stay
      }
    }
  }

  /// A pack as it is to be; nil where nothing of it goes.
  func make(_ work: Work) throws(DatabaseError) -> PackTrim? {
    guard !damaged.contains(work.pack), try history.lookups.isRange(work.commits),
      let rows = try rows(of: work)
    else { return nil }
    var targets: [Target] = []
    for row in rows { targets.append(try target(row, work.purpose)) }
    let isAny = targets.contains { if case .stay = $0 { false } else { true } }
    let minutes = Self.onlyMinutes(targets, work.purpose)
    guard isAny, minutes == nil || minutes != fruitless[work.pack],
      let body = try body(of: rows, work)
    else { return nil }
    var new: [UInt8] = []
    var changes: [PackTrim.Change] = []
    var gone: [PackTrim.Gone] = []
    for (row, target) in zip(rows, targets) {
      let stored = body[row.place..<(row.place + row.bytes)]
      var after = row
      var kept = Array(stored)
      // Nothing goes of which nobody could say what it was.
      if let (level, bytes, reason) = reached(row, kept, target),
        let name = try name(row.series)
      {
        (after.level, kept) = (level, bytes)
        gone.append(
          PackTrim.Gone(
            series: row.series, name: name, level: level, reason: reason, readings: row.count,
            bytes: Int64(row.bytes - kept.count), utc: try dated(row, name.device),
            isUnacknowledged: try keeping.isUnacknowledged(row.commits)))
      }
      after.pack = after.level == .gone ? 0 : row.pack
      after.place = after.level == .gone ? 0 : new.count
      if after.level != row.level {
        after.bytes = kept.count
        after.bodyCheck = BlockRow.check(kept.span)
      }
      new += kept
      if after != row { changes.append(PackTrim.Change(row: after, sealBefore: row.seal)) }
    }
    guard gone.isEmpty else {
      return PackTrim(pack: work.pack, body: new, changes: changes, gone: gone)
    }
    if let minutes {
      if fruitless.count >= Limits.fruitlessPacksKept { fruitless.removeAll() }
      fruitless[work.pack] = minutes
    }
    return nil
  }

  /// How many blocks are to become minutes; nil where others are to go whole, and for the quota of
  /// one series. As many are the same ones: what ages want of a pack only grows as long as the
  /// rules hold, and for want of room it is all of them.
  private static func onlyMinutes(_ targets: [Target], _ purpose: Purpose) -> Int? {
    if case .sacrifice(_, ofSeries: .some, _) = purpose { return nil }
    var minutes = 0
    for target in targets {
      switch target {
      case .stay: continue
      case .minutes: minutes += 1
      case .gone, .goneUnlessSmaller: return nil
      }
    }
    return minutes
  }

  /// The blocks whose contents lie in a pack, in their order; nil where one is damaged: then nobody
  /// knows what the pack holds.
  private func rows(of work: Work) throws(DatabaseError) -> [BlockRow]? {
    rowsOfPack.bind(1, work.commits)
    rowsOfPack.bind(2, work.pack)
    defer { rowsOfPack.reset() }
    var rows: [BlockRow] = []
    while try rowsOfPack.step() {
      let (row, isSound) = BlockRow.read(rowsOfPack)
      guard isSound else {
        note(row.damage(.altered), pack: work.pack)
        return nil
      }
      rows.append(row)
    }
    return rows.sorted { $0.place < $1.place }
  }

  /// A pack's bytes; nil where they are not just what its blocks say.
  private func body(
    of rows: [BlockRow], _ work: Work
  ) throws(DatabaseError) -> [UInt8]? {
    packsRead += 1
    switch try pack(of: rows[0]) {
    case .failure(let damage):
      note(damage, pack: work.pack)
      return nil
    case .success(let body):
      var end = 0
      for row in rows {
        guard row.place == end, row.bytes > 0, row.bytes <= body.count - end else {
          note(row.damage(.altered, "its place in the pack"), pack: work.pack)
          return nil
        }
        end += row.bytes
      }
      guard end == body.count else {
        // A block that no row tells of: its bytes stay.
        note(rows[0].damage(.missing, "a neighbour in its pack"), pack: work.pack)
        return nil
      }
      return body
    }
  }

  /// The bytes that hold a block. A place that the disk cannot read ends the run, for SQLite gives
  /// its transaction up; the next one passes over it, or nothing after it would ever go.
  private func pack(of row: BlockRow) throws(DatabaseError) -> Result<[UInt8], Damage> {
    do throws(DatabaseError) { return try history.blocks.pack(of: row) } catch {
      if error.kind == .inputOutput, unreadable.count < Limits.fruitlessPacksKept {
        unreadable.insert(row.pack)
      }
      throw error
    }
  }

  /// The level that a block comes to, and what is kept of its bytes; nil where it stays.
  private func reached(
    _ row: BlockRow, _ stored: [UInt8], _ target: Target
  ) -> (BlockLevel, [UInt8], TrimReport.Reason)? {
    switch target {
    case .stay: return nil
    case .gone(let reason): return (.gone, [], reason)
    case .minutes(let reason):
      guard let minutes = rollup(row, stored), minutes.count < stored.count else { return nil }
      return (.minutes, minutes, reason)
    case .goneUnlessSmaller(let reason):
      guard let minutes = rollup(row, stored), minutes.count >= stored.count else { return nil }
      return (.gone, [], reason)
    }
  }

  /// The minutes of a block in their stored form; nil where there are none, or where the block is
  /// not what was written: then it is named, and stays.
  private func rollup(_ row: BlockRow, _ stored: [UInt8]) -> [UInt8]? {
    do throws(Damage) {
      let content = try BlockReader.content(row, stored.span)
      let form = content.description.form
      let summary = SummaryCodec.encode(SummaryCodec.summaries(of: content), form: form)
      // What stays must be what the readings came to.
      guard summary == row.summary else { throw row.damage(.altered, "summary") }
      guard let minutes = SummaryCodec.summaries(of: content, by: .minutes) else { return nil }
      let bytes = SummaryCodec.encode(minutes, form: form, by: .minutes)
      return StoredContent.pack(bytes)
    } catch {
      note(error)
      return nil
    }
  }
}
