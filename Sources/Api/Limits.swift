/// The bounds of what the API takes; beyond each a request is refused with a problem that says so.
public enum ApiLimits {
  /// The longest text of a query parameter, in bytes.
  static let textBytesMax = 256
  /// The longest name of a device, in bytes.
  public static let nameBytesMax = 64
  /// The longest URL of a peer, in bytes.
  public static let urlBytesMax = 1_024
  /// The longest invitation in one text, `bivouac:1:...`, in bytes.
  static let invitationBytesMax = 1_200
  /// Nodes that may join by one invitation.
  public static let invitationUsesMax = 1_000
  /// The longest time that an invitation holds, in minutes: a week.
  public static let invitationMinutesMax = 10_080
  /// The longest reason of a revocation, in bytes.
  static let reasonBytesMax = 512
  /// The largest page of readings.
  public static let readingsPerPageMax = 10_000
  /// The most readings of each channel asked for by `last`.
  public static let readingsLastMax = 100_000
  /// The largest page of deletions, late values or annotations.
  public static let factsPerPageMax = 1_000
  /// Values that one request may add; as many as one record holds.
  public static let lateValuesMax = 2_048
  /// Buckets in one page of windows.
  public static let bucketsPerPageMax = 10_000
  /// Series in one page of their list.
  public static let seriesPerPageMax = 10_000
  /// Series in one page of their list unless another number is asked for.
  public static let seriesPerPage = 1_000
  /// Points of one series in one answer.
  public static let pointsMax = 10_000
  /// Channels of which points are told in one answer.
  public static let pointsChannelsMax = 16
  /// Entries in one page of the audit.
  public static let auditPerPageMax = 500
  /// Commands in one answer.
  public static let commandsMax = 1_000
  /// Snapshots in one answer.
  public static let snapshotsMax = 1_000
  /// The longest snapshot, in bytes; as long as one manifest may name.
  public static let snapshotBytesMax = 8 << 20
  /// What a snapshot may be.
  static let snapshotTypes = ["image/jpeg", "image/png"]
  /// Arguments of one command.
  static let commandArgumentsMax = 16
  /// The longest argument of a command, in bytes.
  static let commandArgumentBytesMax = 200
  /// Devices that one viewer of the live feed may name.
  static let liveDevicesMax = 32
  /// Events kept for viewers that come back; a viewer that missed more is told so.
  static let liveEventsKept = 2_048
  /// Channels whose values replace each other for slow viewers; more are numbered anew.
  static let liveChannelsMax = 16_384
  /// How long the feed listens on after its last viewer left, in µs.
  static let liveLingerUs: Int64 = 60_000_000
  /// Boards that one connection may hand over.
  static let boardsPerConnectionMax = 64
  /// The longest line that a connection which hands over boards may send, in bytes.
  static let boardLineBytesMax = 1_024
  /// Descriptors that wait for their line; more ends the connection.
  static let boardDescriptorsWaitingMax = 16
}
