internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Every channel of every device that has readings.
extension Node {
  /// Pages of rows that are not compacted yet, looked through for series that no block holds.
  private static let newestPagesMax = 8

  func series(
    device: String?, fromUs: Int64?, toUs: Int64?
  ) async throws(ServiceError) -> [SeriesView] {
    let only = try device.map { (text) throws(ServiceError) in try find(text) }
    let owner = only.map { registry.device($0)?.partOf ?? $0 }
    var parts: [SeriesName: [DeviceIdentity]] = [:]
    for name in try await seriesNames() {
      let own = registry.device(name.device)?.partOf ?? name.device
      guard owner == nil || owner == own else { continue }
      parts[SeriesName(device: own, channel: name.channel), default: []].append(name.device)
    }
    let from = fromUs ?? .min
    let span = from..<max(from, toUs ?? .max)
    var found: [SeriesView] = []
    for (name, devices) in parts {
      let query = WindowQuery(
        devices: devices, channel: name.channel, span: span, grid: .whole)
      guard let view = try await view(of: name, query) else { continue }
      found.append(view)
    }
    return found.sorted { ($0.device, $0.channel) < ($1.device, $1.channel) }
  }

  /// One series, summed up; nil when it has no reading there.
  private func view(
    of name: SeriesName, _ query: WindowQuery
  ) async throws(ServiceError) -> SeriesView? {
    let (buckets, unit, kind) = try await sums(query)
    let count = buckets.reduce(0) { $0 + $1.tally.count }
    guard count > 0 else { return nil }
    var view = SeriesView(
      device: name.device.text, channel: name.channel, unit: unit,
      kind: kind.map { "\($0)" } ?? "measurement", count: count,
      simulated: name.device.isSimulated)
    view.fromUs = buckets.map(\.tally.fromUs).min()
    view.toUs = buckets.map(\.tally.toUs).max()
    return view
  }

  /// The names in the blocks, and those of the newest rows.
  private func seriesNames() async throws(ServiceError) -> Set<SeriesName> {
    do throws(DatabaseError) {
      var names = Set(try await history.compactedSeries())
      var query = ReadingQuery()
      query.order = .newestFirst
      query.perSeriesMax = 1
      for _ in 0..<Self.newestPagesMax {
        let page = try await history.page(query)
        names.formUnion(
          page.readings.map { SeriesName(device: $0.device, channel: $0.channel) })
        query.cursor = page.next
        guard page.next != nil else { break }
      }
      return names
    } catch {
      throw Problems.service(error)
    }
  }
}
