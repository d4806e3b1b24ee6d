internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// The channels of devices that have readings.
extension Node {
  /// Series of a page that are summed up from their blocks, each by a question of its own; beyond,
  /// the page ends and its cursor goes on.
  private static let summedPerPageMax = 256
  /// Channels that a refusal names.
  private static let namedMax = 32

  /// Some series, by identity of the device and key; one may be filed under another device.
  private struct Listed {
    /// The last one looked at; nil when there are no more.
    var last: SeriesName?
    var series: [(name: SeriesName, parts: [DeviceIdentity], known: [SeriesExtent]?)] = []
  }

  func series(_ request: SeriesRequest) async throws(ServiceError) -> SeriesList {
    var after: SeriesName?
    if let cursor = request.cursor {
      guard let place = SeriesName(cursor: cursor) else {
        throw ServiceError(
          status: 400, code: "bad-argument", parameters: ["argument": "cursor"],
          detail: "\(cursor) is not a cursor", remedy: "pass the `next` of the page before")
      }
      after = place
    }
    let only = try request.device.map { (text) throws(ServiceError) in owner(of: try find(text)) }
    var listed: Listed
    if let only {
      listed = try await owned(by: only, after: after, request.limit)
    } else {
      listed = try await all(after: after, request.limit)
    }
    let isSpan = request.fromUs != nil || request.toUs != nil
    let from = request.fromUs ?? .min
    let span = from..<max(from, request.toUs ?? .max)
    var list = SeriesList(series: [])
    var summed = 0
    for (name, parts, known) in listed.series {
      if let known, !isSpan {
        if let view = Self.view(of: name, known) { list.series.append(view) }
        continue
      }
      let query = WindowQuery(devices: parts, channel: name.channel, span: span, grid: .whole)
      if let view = try await view(of: name, query) { list.series.append(view) }
      summed += 1
      if summed == Self.summedPerPageMax {
        listed.last = name == listed.series.last?.name ? listed.last : name
        break
      }
    }
    list.next = listed.last?.cursor
    return list
  }

  /// Channels of a device, and of what was filed under it.
  private func owned(
    by owner: DeviceIdentity, after: SeriesName?, _ limit: Int
  ) async throws(ServiceError) -> Listed {
    var found: [String: (parts: [DeviceIdentity], known: [SeriesExtent]?)] = [:]
    /// Up to this key all parts are complete.
    var end: String?
    for part in parts(of: owner).compactMap({ $0 }) {
      let place = after.map { SeriesName(device: part, channel: $0.channel) }
      let page = try await extents(SeriesQuery(devices: [part], after: place, limit: limit))
      for extent in page.known {
        var one = found[extent.name.channel] ?? ([], [])
        one.parts.append(part)
        one.known?.append(extent)
        found[extent.name.channel] = one
      }
      for name in page.unknown {
        found[name.channel] = ((found[name.channel]?.parts ?? []) + [part], nil)
      }
      if let last = page.last?.channel {
        end = end.map { Self.precedes(last, $0) ? last : $0 } ?? last
      }
    }
    var listed = Listed()
    for channel in found.keys.sorted(by: Self.precedes) {
      if let end, Self.precedes(end, channel) { break }
      let name = SeriesName(device: owner, channel: channel)
      guard listed.series.count < limit else {
        listed.last = listed.series.last?.name
        return listed
      }
      listed.series.append((name, found[channel]?.parts ?? [], found[channel]?.known))
    }
    if let end { listed.last = SeriesName(device: owner, channel: end) }
    return listed
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// Channels of all devices. Those of devices under which others are filed stand with these.
  private func all(after: SeriesName?, _ limit: Int) async throws(ServiceError) -> Listed {
    let filed = registry.remembered.filter { $0.partOf != nil }
    let owners = Set(filed.compactMap(\.partOf))
    let apart = owners.union(filed.map(\.identity))
    let page = try await extents(SeriesQuery(after: after, limit: limit))
    var found = Listed(last: page.last)
    for extent in page.known where !apart.contains(extent.name.device) {
      found.series.append((extent.name, [extent.name.device], [extent]))
    }
    for name in page.unknown where !apart.contains(name.device) {
      found.series.append((name, [name.device], nil))
    }
    for owner in owners.sorted() {
      if let after, owner < after.device { continue }
      if let last = page.last, last.device < owner { break }
      let listed = try await owned(
        by: owner, after: after?.device == owner ? after : nil, limit)
      for one in listed.series {
        if let last = found.last, last < one.name { break }
        found.series.append(one)
      }
      if let last = listed.last { found.last = found.last.map { min($0, last) } ?? last }
    }
    found.series.sort { $0.name < $1.name }
    if let last = found.last { found.series.removeAll { last < $0.name } }
    if found.series.count > limit {
      found.series.removeLast(found.series.count - limit)
      found.last = found.series.last?.name
    }
    return found
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

  private func extents(_ query: SeriesQuery) async throws(ServiceError) -> SeriesExtents {
    do throws(DatabaseError) {
      return try await history.extents(query)
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
    let extents = try await extents(SeriesQuery(devices: Array(parts)))
    for name in extents.known.map(\.name) + extents.unknown { known.insert(name.channel) }
    guard !known.contains(channel) else { return }
    throw Self.unknownChannel(channel, of: device.text, known)
  }

  static func unknownChannel(
    _ channel: String, of device: String, _ known: Set<String>
  ) -> ServiceError {
    let more = known.count > namedMax ? ", ..." : ""
    let all = known.sorted().prefix(namedMax).joined(separator: ", ") + more
    return ServiceError(
      status: 404, code: "unknown-channel",
      parameters: ["device": device, "channel": channel, "known": all],
      detail: "\(device) has no channel \(channel); it has: \(all.isEmpty ? "none yet" : all)",
      remedy: "name one of them, or none for the whole device")
  }
}

extension SeriesName {
  /// As a cursor of the list: opaque to whoever passes it on.
  fileprivate var cursor: String {
    Hex.text([device.kind.rawValue] + device.bytes) + "-" + Hex.text(channel.utf8)
  }

  fileprivate init?(cursor: String) {
    let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let name = Hex.bytes(parts[0]), let key = Hex.bytes(parts[1]),
      let kind = name.first.flatMap(DeviceIdentity.Kind.init(rawValue:)),
      let device = DeviceIdentity(kind: kind, bytes: Array(name.dropFirst())),
      let channel = String(validating: key, as: UTF8.self)
    else { return nil }
    self.init(device: device, channel: channel)
  }
}
