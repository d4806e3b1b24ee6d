internal import Devices
internal import Model
internal import Storage
internal import Sync

/// What the node is started with: the configuration, checked, and who it is.
struct NodeSettings: Sendable {
  /// Who it is.
  var node: NodeId
  /// Who it was before it changed its key.
  var former: [NodeId] = []
  /// The number of this run.
  var incarnation: Incarnation
  /// The kernel's boot id.
  var clockEpoch: ClockEpoch
  /// Most time between two commits.
  var commitIntervalUs: Int64 = 10_000_000
  /// Whether it looks for no devices: it is there for other nodes.
  var isHub = false
  /// Which ports found at start are opened.
  var openAtStart = DeviceRegistry.OpenAtStart.known
  /// What is said of single ports.
  var portRules = PortRules()
  /// Whether simulated boards are taken.
  var simulationAllowed = true
  /// How long readings are kept, and in how much room.
  var retention = Configuration.Retention()
  /// What contents of snapshots may take together, in bytes; nil for no quota of their own.
  var snapshotQuotaBytes: Int64? = Configuration.Snapshots().quotaBytes
  /// How it sends mail for alarms.
  var mail = Configuration.Mail()
  /// Series that it takes up; beyond, new ones are refused.
  var seriesMax = Limits.seriesMax
  /// What was odd about the configuration.
  var notices: [ProblemView] = []
  /// How often the wall clock is looked at. A look costs a microsecond and wakes the loop once.
  var clockCheckUs: Int64 = 16_000_000
  /// The folder of the database, for the status.
  var stateFolder: String

  /// The database's file.
  var databasePath: String

  /// Whether an origin is this node, under its present key or one before.
  func isOwn(_ origin: NodeId) -> Bool { origin == node || former.contains(origin) }
}
