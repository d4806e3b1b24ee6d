public import Model
public import Reactor

/// What the API asks of the node; the gateway implements it.
///
/// A device is named by its identity's text, by the name a person gave, or by the beginning of
/// either when that is not ambiguous. `author` says who asks, for example `local:1000`.
@Loop public protocol NodeService: AnyObject {
  /// Who may do what.
  var access: any AccessService { get }
  /// The daemon's health.
  func status() async -> StatusView
  /// Every device that is known or plugged in, ordered by name, then id.
  func devices() -> [DeviceView]
  /// One device. Throws `not-found` or `ambiguous`.
  func device(_ device: String) throws(ServiceError) -> DeviceView
  /// Gives a device a name, or takes it away with nil.
  func rename(_ device: String, to name: String?, author: String) async throws(ServiceError)
    -> DeviceView
  /// Opens a port that was found at start; with `always`, at every start from now on.
  func open(_ device: String, always: Bool, author: String) async throws(ServiceError)
    -> DeviceView
  /// Forgets what was remembered of a device; its readings stay.
  func forget(_ device: String, author: String) async throws(ServiceError)
  /// Files a provisional identity's readings, past and to come, under another device.
  func assign(_ provisional: String, to device: String, author: String) async throws(ServiceError)
    -> DeviceView
  /// Pictures of a device, or of all with nil, newest first; at most `limit`.
  func snapshots(of device: String?, limit: Int) async throws(ServiceError) -> SnapshotsPage
  /// Adds a picture of a device that this node has; answered once it and its manifest are on disk.
  func addSnapshot(_ wanted: SnapshotRequest, of device: String, author: String)
    async throws(ServiceError) -> SnapshotView
  /// The bytes of a picture, by their hash. Throws `snapshot.gone`, `snapshot.elsewhere`,
  /// `snapshot.damaged`.
  func snapshot(_ hash: String) async throws(ServiceError) -> SnapshotFile
  /// Issues a command. It is answered once its issue is on disk.
  func send(_ request: CommandRequest, to device: String, author: String)
    async throws(ServiceError) -> CommandView
  /// Commands, newest first; of one device, or of all with nil. At most `limit`.
  func commands(device: String?, limit: Int) async throws(ServiceError) -> [CommandView]
  /// One command by its id.
  func command(id: String) async throws(ServiceError) -> CommandView
  /// The questions that wait for a person.
  func questions() -> [QuestionView]
  /// Answers a question.
  func answer(_ answer: String, question: String, author: String) async throws(ServiceError)
  /// Stored readings, page by page.
  func readings(_ query: ReadingsRequest) async throws(ServiceError) -> ReadingsPage
  /// Deletions, newest first.
  func deletions(_ wanted: FactsRequest) async throws(ServiceError) -> DeletionsPage
  /// Hides readings, of every identity that makes the device up; answered once it is on disk.
  func delete(_ request: DeletionRequest, author: String) async throws(ServiceError)
    -> DeletionsPage
  /// Undoes a deletion, named by its id or the beginning of it.
  func undelete(_ id: String, reason: String, author: String) async throws(ServiceError)
    -> DeletionView
  /// Entries of late values, newest first.
  func lateValues(_ wanted: FactsRequest) async throws(ServiceError) -> LateValuesPage
  /// Adds late values; answered once they are on disk.
  func addLate(_ request: LateValuesRequest, author: String) async throws(ServiceError)
    -> LateValuesView
  /// Takes late values back, named by their id or the beginning of it.
  func withdrawLate(_ id: String, reason: String, author: String) async throws(ServiceError)
    -> LateValuesView
  /// Annotations, newest first.
  func annotations(_ wanted: FactsRequest) async throws(ServiceError) -> AnnotationsPage
  /// Annotates a time; answered once it is on disk.
  func annotate(_ request: AnnotationRequest, author: String) async throws(ServiceError)
    -> AnnotationView
  /// Takes an annotation away, named by its id or the beginning of it.
  func removeAnnotation(_ id: String, reason: String, author: String) async throws(ServiceError)
    -> AnnotationView
  /// How long everything is kept, and what quotas and full disks took.
  func retentionView() async throws(ServiceError) -> RetentionView
  /// How long the channels of a device are kept, and what is stored of them.
  func retention(of device: String) async throws(ServiceError) -> DeviceRetentionView
  /// Sets how long a device's or a channel's readings are kept; answered once it is on disk.
  func setRetention(_ device: String, _ request: RetentionRequest, author: String)
    async throws(ServiceError) -> RetentionSettingView
  /// Lets a device or a channel follow the default again.
  func resetRetention(_ device: String, channel: String?, author: String)
    async throws(ServiceError)
  /// Notes that a person has seen what went, or one record of it.
  func acknowledge(_ request: AcknowledgeRequest, author: String) async throws(ServiceError)
    -> RetentionView
  /// The rules of alarms, by name.
  func alarmRules() -> AlarmRulesList
  /// Writes a rule of alarms, named by its id, or a new one (nil); answered once it is on disk.
  func setAlarmRule(_ id: String?, _ content: AlarmRuleContent, author: String)
    async throws(ServiceError) -> AlarmRuleView
  /// Removes one; answered once that is on disk.
  func removeAlarmRule(_ id: String, author: String) async throws(ServiceError)
  /// Times that a rule was broken, newest first.
  func alarms(_ wanted: AlarmsRequest) async throws(ServiceError) -> AlarmsPage
  /// Notes that a person has seen one, named by its id or the beginning of it.
  func acknowledgeAlarm(_ id: String, comment: String, author: String)
    async throws(ServiceError) -> AlarmView
  /// After which time a hub raises an alarm for a node that it does not hear.
  func silence() -> SilenceView
  /// Sets it for the whole site; answered once it is on disk.
  func setSilence(_ wanted: SilenceRequest, author: String) async throws(ServiceError)
    -> SilenceView
  /// Whom alarms are told to, by name.
  func recipients() -> RecipientsList
  /// Writes a recipient, named by its id, or a new one (nil); answered once it is on disk.
  func setRecipient(_ id: String?, _ content: RecipientContent, author: String)
    async throws(ServiceError) -> RecipientView
  /// Removes one; answered once that is on disk.
  func removeRecipient(_ id: String, author: String) async throws(ServiceError)
  /// Tells one at once that the way works. Throws `delivery.failed`.
  func testRecipient(_ id: String, author: String) async throws(ServiceError)
  /// Every boot of the node, oldest first, and how it is dated.
  func clocks() async throws(ServiceError) -> ClocksList
  /// Says when a boot was, named by its id, the beginning of it, or `present`; answered once it is
  /// on disk. Throws `clock-contradicted`.
  func setClock(_ epoch: String, _ request: ClockOverrideRequest, author: String)
    async throws(ServiceError) -> ClockEpochView
  /// Takes that back.
  func resetClock(_ epoch: String, author: String) async throws(ServiceError) -> ClockEpochView
  /// What the readings of a series come to, bucket by bucket, page by page. Throws `unknown-zone`.
  func windows(_ query: WindowsRequest) async throws(ServiceError) -> BucketsPage
  /// Series at a number of points that keep their extremes, in the order of the channels.
  func points(_ query: PointsRequest) async throws(ServiceError) -> [PointsView]
  /// A page of the series that have readings in a span of UTC.
  func series(_ query: SeriesRequest) async throws(ServiceError) -> SeriesList
  /// Calls `sink` with every change until `unsubscribe`. The sink must return at once.
  func subscribe(_ sink: @escaping @Loop (LiveEvent) -> Void) -> Int
  /// Ends a subscription.
  func unsubscribe(_ subscription: Int)
  /// Takes over the slave side of a simulated board's pty; refuses whatever is not a pty.
  ///
  /// Returns the port's name, under which the device will appear.
  func adoptSimulated(_ terminal: consuming Descriptor, label: String) throws(ServiceError)
    -> String
}
