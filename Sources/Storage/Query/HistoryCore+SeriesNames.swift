public import Model

/// Which series the blocks hold.
extension HistoryCore {
  /// Every channel of every device that a block was ever made of.
  func compactedSeries() throws(DatabaseError) -> [SeriesName] {
    try reading { () throws(DatabaseError) in
      var rows = try database.prepare("SELECT kind, identity, channel FROM series")
      var names: [SeriesName] = []
      while try rows.step() {
        guard
          let kind = UInt8(exactly: rows.int64(0)).flatMap(DeviceIdentity.Kind.init(rawValue:)),
          let device = DeviceIdentity(kind: kind, bytes: rows.blob(1))
        else { throw Damage(.altered, "series").error(database.path) }
        names.append(SeriesName(device: device, channel: rows.text(2)))
      }
      return names
    }
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

extension History {
  /// Every channel of every device that a block was ever made of, in no order; rows of `hot` may
  /// hold others.
  public func compactedSeries() throws(DatabaseError) -> [SeriesName] {
    try opened().compactedSeries()
  }
}
