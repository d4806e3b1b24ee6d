internal import Codec
internal import Model
internal import Sync

extension HistoryCore {
  /// Looks at one range: its row, and every block that its header names, against the hashes there.
  func inspectRange(_ id: Int64, _ inspection: inout Inspection) {
    do throws(DatabaseError) {
      let (row, damage) = try examinedRange(id)
      guard let row else {
        inspection.note(damage ?? Damage(.missing, "commit_range", id...id))
        return
      }
      var isWhole = true
      for damage in try damages(row) {
        inspection.note(damage)
        isWhole = false
      }
      if isWhole { inspection.count(row.id, row.last - row.id + 1) }
    } catch {
      inspection.note(Damage(.unreadable, "commit_range", id...id, message: error.message))
    }
  }

  private func examinedRange(_ id: Int64) throws(DatabaseError) -> (row: RangeRow?, Damage?) {
    do throws(DatabaseError) {
      return (try blocks.rangeRow(id), nil)
    } catch {
      guard error.kind == .damaged, error.code == 0 else { throw error }
      return (nil, Damage(.altered, "commit_range", id...id))
    }
  }

  /// What is wrong with the blocks of a range.
  private func damages(_ range: RangeRow) throws(DatabaseError) -> [Damage] {
    var found: [Damage] = []
    var next = range.header.blocks[...]
    while let first = next.first {
      let named = next.prefix { $0.identity == first.identity && $0.channel == first.channel }
      next = next.dropFirst(named.count)
      let name = "\(first.identity)/\(first.channel)"
      guard let series = try blocks.seriesId(first.identity, first.channel) else {
        found.append(Damage(.missing, "series", range.id...range.id, message: name))
        continue
      }
      let (rows, damages) = try blocks.examined(series: series, range: range.id)
      found += damages
      if rows.map(\.part) != Array(0..<Int64(named.count)) {
        found.append(
          Damage(
            .missing, "block", range.id...range.id,
            message: "\(name): \(rows.count) of \(named.count)"))
        continue
      }
      for (row, block) in zip(rows, named) {
        if let damage = try damage(row, block) { found.append(damage) }
      }
    }
    return found
  }

  private func damage(_ row: BlockRow, _ named: RangeBlock) throws(DatabaseError) -> Damage? {
    guard row.count == Int64(named.count),
      Blake2b.content(row.summary) == named.summaryHash
    else { return row.damage(.altered, "not the block of the header") }
    guard row.level != .gone else {
      return row.pack == 0 && row.bytes == 0 ? nil : row.damage(.altered, "not gone")
    }
    switch try blocks.load(row) {
    case .failure(let damage): return damage
    case .success(let bytes):
      if row.level == .minutes { return Self.damage(row, minutes: bytes) }
      return Blake2b.content(bytes) == named.contentHash
        ? nil : row.damage(.altered, "not the block of the header")
    }
  }

  /// What is wrong with minutes: nobody has signed them, but the quarters say what they come to.
  private static func damage(_ row: BlockRow, minutes bytes: [UInt8]) -> Damage? {
    do throws(CodecError) {
      let minutes = try SummaryCodec.decode(bytes.span, by: .minutes)
      var left = minutes[...]
      for quarter in try SummaryCodec.decode(row.summary.span) {
        let own = left.prefix { Self.quarter(of: $0) == quarter.quarter }
        left = left.dropFirst(own.count)
        guard own.reduce(0, { $0 + $1.count }) == quarter.count,
          own.reduce(0, { $0 + $1.numbers }) == quarter.numbers
        else { return row.damage(.altered, "minutes of other readings") }
        if case .float = row.form { continue }
        let sum = own.reduce(Int64(0)) { $0 &+ $1.sum }
        let (least, most) = (own.map(\.min).min(), own.map(\.max).max())
        guard sum == quarter.sum, least == quarter.min, most == quarter.max else {
          return row.damage(.altered, "minutes of other readings")
        }
      }
      return left.isEmpty ? nil : row.damage(.altered, "minutes of other readings")
    } catch {
      return row.damage(.altered, "minutes: \(error.reason) at \(error.offset)")
    }
  }
}
