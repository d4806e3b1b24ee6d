import Api
import Model
import Reactor

/// A node with two devices and one command; it remembers what it was asked.
@Loop final class FakeNode: NodeService {
  var asked: [String] = []
  let people = FakeAccess()
  var access: any AccessService { people }
  var wanted: ReadingsRequest?
  var wantedFacts: FactsRequest?
  var wantedWindows: WindowsRequest?
  var wantedPoints: PointsRequest?
  var page = ReadingsPage(readings: [], next: "n")
  var sinks: [Int: @Loop (LiveEvent) -> Void] = [:]
  var labels: [String] = []
  /// The slave sides it was given, by their numbers; it owns them.
  var terminals = DescriptorBag()
  var greenhouseId = FakeNode.greenhouse
  private var subscriptions = 0

  nonisolated init() {}

  nonisolated static let greenhouse = "sim-0000000000000001"
  nonisolated static let pump = "board-0000000000000002"

  private func find(_ name: String) throws(ServiceError) -> DeviceView {
    let found = devices().filter { $0.id == name || $0.name == name || $0.id.hasPrefix(name) }
    guard let device = found.first, found.count == 1 else {
      throw ServiceError(
        status: 404, code: "not-found", parameters: ["device": name],
        detail: "nothing is called \(name)", remedy: "list the devices")
    }
    return device
  }

  func status() async -> StatusView {
    var status = StatusView(
      version: "1.2.3", node: "00", incarnation: nil, uptimeSeconds: 1,
      clock: ClockView(bootUs: 1, wallUs: 2, trusted: false, errorUs: nil),
      storage: StorageView(state: "recording", commits: 0, readings: 0, pendingReadings: 0),
      loop: LoopView(turns: 1, lagMaxUs: 2, busyMaxUs: 1, over50Ms: 0), devices: [:],
      questions: [], notices: [])
    status.access = AccessView(claimed: false, sessions: 0, loginFailures: 0)
    return status
  }

  func devices() -> [DeviceView] {
    var greenhouse = DeviceView(id: greenhouseId, state: .connected, simulated: true)
    greenhouse.name = "greenhouse"
    return [greenhouse, DeviceView(id: Self.pump, state: .absent, simulated: false)]
  }

  func device(_ device: String) throws(ServiceError) -> DeviceView { try find(device) }

  func rename(_ device: String, to name: String?, author: String) async throws(ServiceError)
    -> DeviceView
  {
    asked.append("rename \(device) \(name ?? "-") \(author)")
    return try find(device)
  }

  func open(_ device: String, always: Bool, author: String) async throws(ServiceError)
    -> DeviceView
  {
    asked.append("open \(device) \(always) \(author)")
    return try find(device)
  }

  func forget(_ device: String, author: String) async throws(ServiceError) {
    asked.append("forget \(device) \(author)")
  }

  func assign(_ provisional: String, to device: String, author: String) async throws(ServiceError)
    -> DeviceView
  {
    asked.append("assign \(provisional) \(device) \(author)")
    return try find(device)
  }

  func send(_ request: CommandRequest, to device: String, author: String)
    async throws(ServiceError) -> CommandView
  {
    let known = try find(device)
    asked.append("send \(request.name) \(request.arguments) \(author)")
    return CommandView(
      id: "00ff", device: known.id, name: request.name, arguments: request.arguments,
      state: .queued, issuer: author, issuedUs: 1, lifeMs: request.lifeMs ?? 30_000,
      leaseMs: request.leaseMs ?? 0)
  }

  func commands(device: String?, limit: Int) async throws(ServiceError) -> [CommandView] {
    asked.append("commands \(device ?? "-") \(limit)")
    return []
  }

  func command(id: String) async throws(ServiceError) -> CommandView {
    throw ServiceError(
      status: 404, code: "not-found", parameters: ["device": id], detail: "no command \(id)",
      remedy: "list them")
  }

  func questions() -> [QuestionView] { [] }

  func answer(_ answer: String, question: String, author: String) async throws(ServiceError) {
    asked.append("answer \(answer) \(question) \(author)")
  }

  func readings(_ query: ReadingsRequest) async throws(ServiceError) -> ReadingsPage {
    wanted = query
    return page
  }

  func windows(_ query: WindowsRequest) async throws(ServiceError) -> BucketsPage {
    wantedWindows = query
    var page = BucketsPage(
      device: Self.greenhouse, channel: query.channel, unit: "Cel",
      window: query.length?.text ?? "all",
      zone: query.zone ?? "UTC")
    var bucket = BucketView(fromUs: 0, toUs: 3_600_000_000, basis: .summary, approximate: false)
    bucket.avg = 21.5
    page.buckets = [bucket]
    page.next = "3600000000"
    return page
  }

  func points(_ query: PointsRequest) async throws(ServiceError) -> [PointsView] {
    wantedPoints = query
    return query.channels.map {
      var view = PointsView(
        device: Self.greenhouse, channel: $0, unit: "", fromUs: 0, toUs: 1, basis: .raw)
      (view.timeUs, view.count, view.boundsUs) = ([0, 1_000_000], [1, 2], [7, nil])
      (view.avg, view.min, view.max) = ([1.5, 2], [1.5, 1.5], [1.5, 2.5])
      return view
    }
  }

  func series(_ query: SeriesRequest) async throws(ServiceError) -> SeriesList {
    asked.append(
      "series \(query.device ?? "-") \(query.fromUs ?? 0) \(query.toUs ?? 0)"
        + " \(query.limit) \(query.cursor ?? "-")")
    var list = SeriesList(series: [
      SeriesView(
        device: Self.greenhouse, channel: "t", unit: "Cel", kind: "measurement", count: 3,
        simulated: true)
    ])
    if query.cursor == nil { list.next = "01-02" }
    return list
  }

  func subscribe(_ sink: @escaping @Loop (LiveEvent) -> Void) -> Int {
    subscriptions += 1
    sinks[subscriptions] = sink
    return subscriptions
  }

  func unsubscribe(_ subscription: Int) { sinks[subscription] = nil }

  func say(_ event: LiveEvent) {
    for sink in sinks.values { sink(event) }
  }

  func adoptSimulated(_ terminal: consuming Descriptor, label: String) throws(ServiceError)
    -> String
  {
    guard System.isTerminal(terminal.raw) else {
      throw ServiceError(
        status: 400, code: "simulation.not-a-pty", detail: "only ptys", remedy: "pass a pty")
    }
    labels.append(label)
    terminals = DescriptorBag(adopting: [terminal.release()])
    return "port-\(labels.count)"
  }
}
