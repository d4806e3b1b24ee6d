/// When a reading was taken, on the clock that took it.
public enum ReadingTime: Hashable, Sendable {
  /// Microseconds of the node's CLOCK_BOOTTIME, in the clock epoch of the commit.
  case node(bootUs: Int64)
  /// Milliseconds since the board's boot `epoch`; `seq` numbers the sample within it.
  case device(epoch: UInt32, seq: UInt32, ticksMs: UInt64)
}

/// One value of one channel of one device at one time.
public struct Reading: Hashable, Sendable {
  /// The device it came from.
  public var device: DeviceIdentity
  /// The channel's key.
  public var channel: String
  /// When, on the clock that took it.
  public var time: ReadingTime
  /// What.
  public var value: Value

  /// Puts a reading together.
  public init(device: DeviceIdentity, channel: String, time: ReadingTime, value: Value) {
    self.device = device
    self.channel = channel
    self.time = time
    self.value = value
  }
}

/// How well the time of a reading is known.
public enum TimeQuality: String, Sendable, CaseIterable {
  /// Fitted over at least a minute of probes, on a node whose clock is trusted.
  case good
  /// Fitted from a few probes.
  case provisional
  /// Known only to lie between its neighbours, or on a node whose clock is not trusted.
  case uncertain
}
