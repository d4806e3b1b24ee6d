internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Every channel of every device that has readings.
extension Node {
  func series(
    device: String?, fromUs: Int64?, toUs: Int64?
  ) async throws(ServiceError) -> [SeriesView] {
    let only = try device.map { (text) throws(ServiceError) in try find(text) }
    let owner = only.map { registry.device($0)?.partOf ?? $0 }
    let extents = try await extents()
    var known: [SeriesName: [SeriesExtent]] = [:]
    var parts: [SeriesName: [DeviceIdentity]] = [:]
    func owned(_ name: SeriesName) -> SeriesName? {
      let own = self.owner(of: name.device)
      guard owner == nil || owner == own else { return nil }
      parts[SeriesName(device: own, channel: name.channel), default: []].append(name.device)
      return SeriesName(device: own, channel: name.channel)
    }
    for extent in extents.known {
      if let name = owned(extent.name) { known[name, default: []].append(extent) }
    }
    // Of a span, and where the table does not know, what there is must be summed up.
    var summed = Set(extents.unknown.compactMap { owned($0) })
    if fromUs != nil || toUs != nil { summed = Set(parts.keys) }
    let from = fromUs ?? .min
    let span = from..<max(from, toUs ?? .max)
    var found: [SeriesView] = []
    for (name, devices) in parts {
      guard summed.contains(name) else {
        if let view = Self.view(of: name, known[name] ?? []) { found.append(view) }
        continue
      }
      let query = WindowQuery(
        devices: devices, channel: name.channel, span: span, grid: .whole)
      guard let view = try await view(of: name, query) else { continue }
      found.append(view)
    }
    return found.sorted { ($0.device, $0.channel) < ($1.device, $1.channel) }
  }

  /// What the table knows of a device and of what was filed under it.
  private static func view(of name: SeriesName, _ extents: [SeriesExtent]) -> SeriesView? {
    let newestLast = extents.sorted { $0.toUs < $1.toUs }
    guard let first = newestLast.first else { return nil }
    let whole = newestLast.dropFirst().reduce(first) { $0.joined($1) }
    var view = SeriesView(
      device: name.device.text, channel: name.channel, unit: whole.unit,
      kind: whole.kind.map { "\($0)" } ?? "measurement", count: whole.count,
      simulated: name.device.isSimulated)
    (view.fromUs, view.toUs) = (whole.fromUs, whole.toUs)
    return view
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

  private func extents() async throws(ServiceError) -> SeriesExtents {
    do throws(DatabaseError) {
      return try await history.extents()
    } catch {
      throw Problems.service(error)
    }
  }

  /// Refuses a channel that its device never had: an empty answer would pass for one of a channel
  /// without readings.
  func requireChannel(
    _ channel: String, of device: DeviceIdentity
  ) async throws(ServiceError) {
    let parts = Set(parts(of: device).compactMap { $0 })
    var known = Set(view(of: owner(of: device)).channels.map(\.key))
    for part in parts {
      known.formUnion(descriptor(of: part)?.channels.map(\.key) ?? [])
    }
    guard !known.contains(channel) else { return }
    let extents = try await extents()
    for name in extents.known.map(\.name) + extents.unknown where parts.contains(name.device) {
      known.insert(name.channel)
    }
    guard !known.contains(channel) else { return }
    let all = known.sorted().joined(separator: ", ")
    let text = device.text
    throw ServiceError(
      status: 404, code: "unknown-channel",
      parameters: ["device": text, "channel": channel, "known": all],
      detail: "\(text) has no channel \(channel); it has: \(all.isEmpty ? "none yet" : all)",
      remedy: "name one of them, or none for the whole device")
  }
}
