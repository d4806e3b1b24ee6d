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
  /// When a commit with readings of it came last, in µs of CLOCK_BOOTTIME.
  var heardUs: Int64
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
  func noteElsewhere(_ devices: Set<DeviceIdentity>) {
    let nowUs = Clock.bootUs()
    for device in devices where registry.port(of: device) == nil {
      guard elsewhere.shown[device] != nil || elsewhere.shown.count < Self.elsewhereMax else {
        continue
      }
      elsewhere.shown[device, default: ElsewhereShown(heardUs: nowUs)].heardUs = nowUs
      elsewhere.waiting.insert(device)
    }
    guard !elsewhere.waiting.isEmpty, elsewhere.task == nil else { return }
    elsewhere.task = Task { @Loop [weak self] in
      try? await Task.sleep(for: .microseconds(Self.elsewhereUs))
      await self?.readElsewhere()
    }
  }

  private func readElsewhere() async {
    let waiting = elsewhere.waiting
    elsewhere.waiting = []
    for device in waiting.sorted() {
      var request = ReadingsRequest()
      request.device = device.text
      request.last = 1
      do throws(ServiceError) {
        let page = try await readings(request)
        show(page.readings, of: device)
      } catch {
        // One that is not remembered yet, or a disk that does not answer: shown when it is.
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

  /// Completes the view of a device that another node has.
  func describeElsewhere(_ view: inout DeviceView, _ identity: DeviceIdentity) {
    guard let gateway = gateway(of: identity) else { return }
    view.gateway = sites?.name(of: gateway) ?? "\(gateway)"
    view.state = .elsewhere
    guard let shown = elsewhere.shown[identity] else { return }
    view.heardAgoMs = (Clock.bootUs() - shown.heardUs) / 1_000
    for index in view.channels.indices {
      view.channels[index].last = shown.last[view.channels[index].key]
    }
  }
}
