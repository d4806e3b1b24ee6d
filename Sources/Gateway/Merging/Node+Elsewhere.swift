internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// What is shown of a device that another node has: its last values as they are on this disk.
struct ElsewhereShown {
  /// By the channel's key.
  var last: [String: ReadingView] = [:]
  /// When a commit with readings of it came last in a session of this run, in µs of CLOCK_BOOTTIME;
  /// nil where none did: then its newest reading says when it was heard.
  var heardUs: Int64?
}

/// What is at hand of devices that other nodes have.
struct ElsewhereBook {
  var shown: [DeviceIdentity: ElsewhereShown] = [:]
  /// Those whose last values are to be read anew, and what reads them.
  var waiting: Set<DeviceIdentity> = []
  var task: Task<Void, Never>?
}

/// Devices of other nodes, as their records come in.
extension Node {
  /// The most devices whose last values are kept at hand; of others only the stored ones are shown.
  static let elsewhereMax = 1_024
  /// How long what comes in gathers before the last values are read, in µs.
  static let elsewhereUs: Int64 = 500_000

  /// Readings of these devices came from another node, and are on the disk.
  ///
  /// - Parameter isNow: whether they came in a session; else they lay on the disk, or came in a
  ///   file, which says nothing of when the device was heard.
  func noteElsewhere(_ devices: Set<DeviceIdentity>, isNow: Bool = true) {
    let nowUs = Clock.bootUs()
    for device in devices.sorted() where registry.port(of: device) == nil {
      guard elsewhere.shown[device] != nil || elsewhere.shown.count < Self.elsewhereMax else {
        continue
      }
      if isNow {
        elsewhere.shown[device, default: ElsewhereShown()].heardUs = nowUs
      } else if elsewhere.shown[device] == nil {
        elsewhere.shown[device] = ElsewhereShown()
      }
      elsewhere.waiting.insert(device)
    }
    guard !elsewhere.waiting.isEmpty, elsewhere.task == nil else { return }
    elsewhere.task = Task { @Loop [weak self] in
      try? await Task.sleep(for: .microseconds(Self.elsewhereUs))
      await self?.readElsewhere()
    }
  }

  /// Has the last values read of every device that another node has: at the start, and after a file
  /// was imported. For each channel that is one page of its newest end, whatever lies before it.
  func recallElsewhere() {
    let others = registry.remembered.map(\.identity).filter { gateway(of: $0) != nil }
    noteElsewhere(Set(others), isNow: false)
  }

  private func readElsewhere() async {
    let waiting = elsewhere.waiting
    elsewhere.waiting = []
    // One that is not remembered yet has no place where it could be shown.
    for device in waiting.sorted() where !isEnding && registry.device(device) != nil {
      do throws(ServiceError) {
        show(try await lastReadings(of: device), of: device)
      } catch {
        // A disk that does not answer: shown when it does.
      }
    }
    elsewhere.task = nil
    if !elsewhere.waiting.isEmpty { noteElsewhere([]) }
  }

  private func show(_ readings: [ReadingView], of device: DeviceIdentity) {
    guard var shown = elsewhere.shown[device] else { return }
    for reading in readings where shown.last[reading.channel] != reading {
      shown.last[reading.channel] = reading
      guard feed.isWatched else { continue }
      var event = LiveEvent()
      event.reading = reading
      feed.publish(event)
    }
    elsewhere.shown[device] = shown
    publish(device)
  }

  /// How long ago a device was heard, in ms; nil where nobody can say, as without a clock that is
  /// vouched for.
  private func heardAgoMs(_ shown: ElsewhereShown) -> Int64? {
    if let heardUs = shown.heardUs { return (Clock.bootUs() - heardUs) / 1_000 }
    let now = discipline.observation()
    guard let newestUs = shown.last.values.compactMap(\.timeUs).max(), now.trusted else {
      return nil
    }
    return max(0, now.wallUs - newestUs) / 1_000
  }

  /// Completes the view of a device that another node has.
  func describeElsewhere(_ view: inout DeviceView, _ identity: DeviceIdentity) {
    guard let gateway = gateway(of: identity) else { return }
    view.gateway = sites?.name(of: gateway) ?? "\(gateway)"
    view.state = .elsewhere
    guard let shown = elsewhere.shown[identity] else { return }
    view.heardAgoMs = heardAgoMs(shown)
    for index in view.channels.indices {
      view.channels[index].last = shown.last[view.channels[index].key]
    }
  }
}
