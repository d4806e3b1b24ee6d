public import Model

/// Which series the blocks hold.
extension HistoryCore {
  /// Series that a block was ever made of, with their local numbers, by name.
  func compacted(
    _ query: SeriesQuery, _ limit: Int
  ) throws(DatabaseError) -> [(id: Int64, name: SeriesName)] {
    let columns = "SELECT id, kind, identity, channel FROM series INDEXED BY series_by_name WHERE "
    let order = " ORDER BY kind, identity, channel LIMIT \(limit)"
    guard let devices = query.devices else {
      var rows = try database.prepare(columns + "(kind, identity, channel) > (?, ?, ?)" + order)
      rows.bind(1, query.after.map { Int64($0.device.kind.rawValue) } ?? -1)
      rows.bind(2, query.after?.device.bytes ?? [])
      rows.bind(3, query.after?.channel ?? "")
      return try names(&rows, limit)
    }
    var rows = try database.prepare(
      columns + "kind = ? AND identity = ? AND channel > ?" + order)
    var found: [(id: Int64, name: SeriesName)] = []
    for device in Set(devices).sorted() where found.count < limit {
      if let after = query.after, device < after.device { continue }
      rows.bind(1, Int64(device.kind.rawValue))
      rows.bind(2, device.bytes)
      rows.bind(3, query.after.map { $0.device == device ? $0.channel : "" } ?? "")
      found += try names(&rows, limit - found.count)
    }
    return found
  }

  private func names(
    _ rows: inout Statement, _ limit: Int
  ) throws(DatabaseError) -> [(id: Int64, name: SeriesName)] {
    defer { rows.reset() }
    var found: [(id: Int64, name: SeriesName)] = []
    while found.count < limit, try rows.step() {
      guard
        let kind = UInt8(exactly: rows.int64(1)).flatMap(DeviceIdentity.Kind.init(rawValue:)),
        let device = DeviceIdentity(kind: kind, bytes: rows.blob(2))
      else { throw Damage(.altered, "series").error(database.path) }
      found.append((rows.int64(0), SeriesName(device: device, channel: rows.text(3))))
    }
    return found
  }
}

/// A channel of a device.
public struct SeriesName: Hashable, Sendable {
  /// The device.
  public var device: DeviceIdentity
  /// The channel's key.
  public var channel: String

  /// Names one.
  public init(device: DeviceIdentity, channel: String) {
    self.device = device
    self.channel = channel
  }
}

extension SeriesName: Comparable {
  /// By device, then the bytes of the key: as the database's index has them.
  public static func < (left: Self, right: Self) -> Bool {
    if left.device != right.device { return left.device < right.device }
    return left.channel.utf8.lexicographicallyPrecedes(right.channel.utf8)
  }
}

/// Which series are listed.
public struct SeriesQuery: Hashable, Sendable {
  /// Of these devices; nil for all.
  public var devices: [DeviceIdentity]?
  /// Those whose names come after this one; nil from the first on.
  public var after: SeriesName?
  /// How many at most, up to `Limits.seriesPageMax`.
  public var limit: Int

  /// Puts a query together.
  public init(
    devices: [DeviceIdentity]? = nil, after: SeriesName? = nil, limit: Int = Limits.seriesPageMax
  ) {
    self.devices = devices
    self.after = after
    self.limit = limit
  }

  func wants(_ device: DeviceIdentity) -> Bool { devices?.contains(device) ?? true }
}

extension History {
  /// Channels of devices that a block was ever made of, by name; rows of `hot` may hold others.
  public func compactedSeries(_ query: SeriesQuery) throws(DatabaseError) -> [SeriesName] {
    let core = try opened()
    let limit = min(max(query.limit, 1), Limits.seriesPageMax)
    return try core.reading { () throws(DatabaseError) in
      try core.compacted(query, limit).map(\.name)
    }
  }
}
