/// The daemon's health as the API shows it.
public struct StatusView: Codable, Sendable, Equatable {
  /// Version of the program.
  public var version: String
  /// The node's id: its public key in hexadecimal.
  public var node: String
  /// This run's number; nil before its first commit.
  public var incarnation: String?
  /// Seconds since the daemon started.
  public var uptimeSeconds: Int64
  /// What the node knows of the time.
  public var clock: ClockView
  /// What goes to disk.
  public var storage: StorageView
  /// How long turns of the loop took.
  public var loop: LoopView
  /// What the HTTP servers hold; nil while none runs.
  public var http: HttpView?
  /// Who may do what; nil from a daemon that asks nobody.
  public var access: AccessView?
  /// Alarms; nil from a daemon that has none.
  public var alarms: AlarmTallyView?
  /// This node among others; nil from a daemon that knows of none.
  public var sync: SyncTallyView?
  /// The sites that this daemon keeps apart; nil where there is one, and for whoever is not on this
  /// machine.
  public var sites: [HubSiteView]?
  /// Devices by state.
  public var devices: [String: Int]
  /// Questions that wait for a person.
  public var questions: [QuestionView]
  /// What a person should know: configuration warnings, refusals, faults.
  public var notices: [ProblemView]

  /// Puts a status together.
  public init(
    version: String, node: String, incarnation: String?, uptimeSeconds: Int64, clock: ClockView,
    storage: StorageView, loop: LoopView, devices: [String: Int], questions: [QuestionView],
    notices: [ProblemView]
  ) {
    self.version = version
    self.node = node
    self.incarnation = incarnation
    self.uptimeSeconds = uptimeSeconds
    self.clock = clock
    self.storage = storage
    self.loop = loop
    self.devices = devices
    self.questions = questions
    self.notices = notices
  }
}

/// What a node knows of the time.
public struct ClockView: Codable, Sendable, Equatable {
  /// Microseconds of CLOCK_BOOTTIME.
  public var bootUs: Int64
  /// The wall clock, microseconds since 1970.
  public var wallUs: Int64
  /// Whether the kernel says that the wall clock is synchronised.
  public var trusted: Bool
  /// The kernel's estimate of the largest error, in microseconds; nil when not trusted.
  public var errorUs: Int64?

  /// Puts an observation together.
  public init(bootUs: Int64, wallUs: Int64, trusted: Bool, errorUs: Int64?) {
    self.bootUs = bootUs
    self.wallUs = wallUs
    self.trusted = trusted
    self.errorUs = errorUs
  }
}

/// What goes to disk.
public struct StorageView: Codable, Sendable, Equatable {
  /// `recording`, or `waiting` while commits fail (readings then stay in memory and on boards).
  public var state: String
  /// Commits of this run.
  public var commits: UInt64
  /// Readings committed in this run.
  public var readings: UInt64
  /// Readings that wait for the next commit.
  public var pendingReadings: Int
  /// Bytes of the database and of free disk; nil when unknown.
  public var databaseBytes: Int64?, freeBytes: Int64?
  /// Series that are kept, or some more: one that comes back may count twice; nil when unknown.
  public var series: Int64?
  /// Why it waits, if it does.
  public var problem: ProblemView?
  /// How far the look at everything stored has come; nil from a daemon that takes none.
  public var inspection: InspectionView?
  /// What became of commits that have waited long enough; nil from a daemon that leaves them.
  public var compaction: CompactionView?
  /// What is written to the disk; nil where the kernel does not say.
  public var wear: WearView?
  /// The file that keeps room; nil from a daemon that has none.
  public var ballast: BallastView?
  /// What readings gave way; nil from a daemon that keeps all.
  public var trimming: TrimmingTallyView?

  /// Puts the parts together.
  public init(state: String, commits: UInt64, readings: UInt64, pendingReadings: Int) {
    self.state = state
    self.commits = commits
    self.readings = readings
    self.pendingReadings = pendingReadings
  }
}

/// A look at everything stored, which tells what the disk has altered or lost.
public struct InspectionView: Codable, Sendable, Equatable {
  /// `running` or `done`.
  public var state: String
  /// Commits that are what was written.
  public var commits: Int64
  /// Places that are not; the log names each, and a notice the first.
  public var damages: Int
  /// Whether SQLite's own check of the whole file was part of it: not of a large one.
  public var structureChecked: Bool

  /// Puts the parts together.
  public init(state: String, commits: Int64, damages: Int, structureChecked: Bool) {
    self.state = state
    self.commits = commits
    self.damages = damages
    self.structureChecked = structureChecked
  }
}

/// Commits turned into blocks, since the daemon's start.
public struct CompactionView: Codable, Sendable, Equatable {
  /// `idle` or `running`.
  public var state: String
  /// Runs of commits that became blocks together.
  public var ranges: Int64 = 0
  /// Commits in them.
  public var commits: Int64 = 0
  /// Readings in them.
  public var readings: Int64 = 0
  /// Blocks.
  public var blocks: Int64 = 0
  /// Bytes of the commits before.
  public var bytesBefore: Int64 = 0
  /// Bytes of the blocks and what is told of them, after.
  public var bytesAfter: Int64 = 0
  /// How long it took, in microseconds.
  public var durationUs: Int64 = 0
  /// Runs that failed.
  public var failures: Int64 = 0
  /// Why the last one failed, if it did.
  public var problem: ProblemView?

  /// Nothing done yet.
  public init(state: String) { self.state = state }
}

/// What is written to the disk of the database, since the daemon's start.
public struct WearView: Codable, Sendable, Equatable {
  /// `device`: everything written to the block device; `process`: by the daemon alone.
  public var source: String
  /// Bytes.
  public var writtenBytes: Int64
  /// In so many seconds.
  public var overSeconds: Int64
  /// Bytes in a day at this rate; nil in the first ten minutes.
  public var bytesPerDay: Int64?
  /// Whole years that a card of the device's size lasts at this rate when it can be rewritten 300
  /// times, at most 1000; nil where the size is unknown.
  public var cardYears: Int64?

  /// Puts the parts together.
  public init(source: String, writtenBytes: Int64, overSeconds: Int64) {
    self.source = source
    self.writtenBytes = writtenBytes
    self.overSeconds = overSeconds
  }
}

/// How long the loop's turns took, waiting for a processor left out.
public struct LoopView: Codable, Sendable, Equatable {
  /// Turns since the start.
  public var turns: UInt64
  /// The longest, in microseconds.
  public var lagMaxUs: Int64
  /// The most processor time that one of them used, in microseconds.
  public var busyMaxUs: Int64
  /// How many took longer than 50 ms.
  public var over50Ms: UInt64

  /// Puts the parts together.
  public init(turns: UInt64, lagMaxUs: Int64, busyMaxUs: Int64, over50Ms: UInt64) {
    self.turns = turns
    self.lagMaxUs = lagMaxUs
    self.busyMaxUs = busyMaxUs
    self.over50Ms = over50Ms
  }
}

/// Something wrong, in a form that programs compare and the command line translates.
public struct ProblemView: Codable, Sendable, Equatable {
  /// A stable code such as `port.permission`; the API's own: never rename.
  public var code: String
  /// The values that its sentence needs, such as `group` or `holder`.
  public var parameters: [String: String]
  /// The English sentence: what, why, and what to do next.
  public var detail: String

  /// Puts a problem together.
  public init(code: String, parameters: [String: String] = [:], detail: String) {
    self.code = code
    self.parameters = parameters
    self.detail = detail
  }
}

/// A question that only a person can answer.
public struct QuestionView: Codable, Sendable, Equatable {
  /// A stable id.
  public var id: String
  /// What is asked: `what-is-this`, `same-identity`, `same-board-new-memory`, `moved`, `changed`,
  /// `clone`, `present-not-opened`.
  public var kind: String
  /// The device or port it is about, in text form.
  public var device: String
  /// The values that its sentence needs.
  public var parameters: [String: String]
  /// The answers that are understood.
  public var answers: [String]
  /// The English sentence.
  public var text: String

  /// Puts a question together.
  public init(
    id: String, kind: String, device: String, parameters: [String: String], answers: [String],
    text: String
  ) {
    self.id = id
    self.kind = kind
    self.device = device
    self.parameters = parameters
    self.answers = answers
    self.text = text
  }
}
