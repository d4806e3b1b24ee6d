internal import Api
internal import Devices
internal import Model
internal import Protocol
internal import Reactor
internal import Sync

/// What people and programs see of devices.
extension Node {
  // MARK: Feed

  /// Tells watchers that a device changed.
  func publish(_ identity: DeviceIdentity?) {
    guard feed.isWatched, let identity else { return }
    var event = LiveEvent()
    event.device = view(of: identity)
    feed.publish(event)
  }

  /// Tells watchers that a port changed, whether a device is known behind it or not.
  func publish(portAt syspath: String) {
    guard feed.isWatched, let port = registry.port(at: syspath) else { return }
    var event = LiveEvent()
    event.device = view(of: port)
    feed.publish(event)
  }

  /// Tells watchers of a question.
  func publish(_ question: Question, answered: Bool) {
    guard feed.isWatched else { return }
    var event = LiveEvent()
    event.question = Problems.view(question)
    event.answered = answered
    feed.publish(event)
  }

  /// Tells watchers of readings that came in; they are not on disk yet.
  func publish(
    _ run: SampleRun, epoch: UInt32, arrivalUs: Int64, _ attachment: Attachment
  ) {
    let clock = ClockObservation.now()
    for sample in run.samples {
      let last = ShownSamples.Last(sample: sample, epoch: epoch, arrivalUs: arrivalUs)
      var event = LiveEvent()
      event.reading = view(of: last, run.value(sample), attachment, clock)
      feed.publish(event)
    }
  }

  // MARK: Devices

  /// Every device that is plugged in or remembered, by name, then id.
  func deviceViews() -> [DeviceView] {
    var views = registry.ports.map(view(of:))
    let shown = Set(views.map(\.id))
    for device in registry.remembered where device.partOf == nil {
      guard !shown.contains(device.identity.text), registry.port(of: device.identity) == nil else {
        continue
      }
      views.append(view(of: device.identity))
    }
    return views.sorted { ($0.name ?? "~", $0.id) < ($1.name ?? "~", $1.id) }
  }

  /// How many devices are in each state: what `deviceViews` would show, without making it.
  func deviceStates() -> [String: Int] {
    var states: [String: Int] = [:]
    var shown: Set<String> = []
    for port in registry.ports {
      let attachment = attachments[port.facts.syspath]
      shown.insert(shownId(of: port, attachment))
      states[state(of: port, attachment).rawValue, default: 0] += 1
    }
    for device in registry.remembered where device.partOf == nil {
      let identity = device.identity
      guard registry.port(of: identity) == nil,
        shown.isEmpty || !shown.contains(identity.text)
      else { continue }
      let state = registry.port(expecting: identity).map {
        self.state(of: $0, attachments[$0.facts.syspath])
      }
      let away: DeviceView.State = gateway(of: identity) == nil ? .absent : .elsewhere
      states[(state ?? away).rawValue, default: 0] += 1
    }
    return states
  }

  func view(of identity: DeviceIdentity) -> DeviceView {
    if let port = registry.port(of: identity) ?? registry.port(expecting: identity) {
      return view(of: port)
    }
    var view = DeviceView(
      id: identity.text, state: .absent, simulated: identity.isSimulated)
    describe(&view, registry.device(identity))
    if let descriptor = descriptorOf[identity].flatMap({ descriptors[$0] }) {
      describe(&view, descriptor)
    }
    describeElsewhere(&view, identity)
    return view
  }

  func view(of port: LivePort) -> DeviceView {
    let syspath = port.facts.syspath
    let attachment = attachments[syspath]
    let expected = attachment?.identity ?? port.binding ?? port.expected
    let name = shownId(of: port, attachment)
    let isSimulated = port.facts.bus == .simulated
    var view = DeviceView(
      id: name, state: state(of: port, attachment), simulated: isSimulated)
    view.provisional = port.bindingIsProvisional
    view.node = port.facts.devnode
    view.path = isSimulated ? nil : port.facts.socket
    describe(&view, expected.flatMap { registry.device($0) })
    view.problem = attachment?.problem ?? problems[syspath]
    if view.problem == nil, port.state == .present {
      view.problem = ProblemView(
        code: "present-not-opened", parameters: ["device": name, "node": port.facts.devnode],
        detail: "\(port.facts.devnode) was there when the daemon started, and opening it may reset"
          + " what is behind it: bivouac devices open \(name)")
    }
    view.questions = registry.questions.filter { $0.syspath == syspath }.map(\.id.text)
    if let attachment {
      describe(&view, attachment.descriptor)
      describe(&view, attachment.shown.channels)
      let clock = ClockObservation.now()
      for index in view.channels.indices {
        view.channels[index].last = attachment.shown.last(index).flatMap {
          let last = self.view(of: $0.sample, $0.value, attachment, clock)
          return isHidden(last, attachment, clock) ? nil : last
        }
      }
      view.link = attachment.view
      view.log = attachment.log
      view.epoch = attachment.hello?.epochs[0].epoch
      view.heardAgoMs = attachment.link.heardUs.map { (clock.bootUs - $0) / 1000 }
    }
    return view
  }

  /// What a port is shown as: its device, else what is most like one.
  private func shownId(of port: LivePort, _ attachment: Attachment?) -> String {
    let expected = attachment?.identity ?? port.binding ?? port.expected
    return expected?.text ?? IdentityLadder.candidate(for: port.facts)?.identity.text
      ?? port.facts.syspath
  }

  private func state(of port: LivePort, _ attachment: Attachment?) -> DeviceView.State {
    switch port.state {
    case .present, .ignored: return .presentNotOpened
    case .failed: return .cannotOpen
    case .opening, .listening: break
    }
    guard let attachment else { return .listening }
    guard let heardUs = attachment.link.heardUs, attachment.identity != nil else {
      return .listening
    }
    let isFresh = Clock.bootUs() - heardUs < 60_000_000
    return attachment.link.isAttached && isFresh ? .connected : .quiet
  }

  private func describe(_ view: inout DeviceView, _ device: RememberedDevice?) {
    guard let device else { return }
    view.name = device.name.isEmpty ? nil : device.name
    view.kind = device.kind == .unknown ? nil : device.kind.rawValue
    if !device.model.isEmpty { view.model = device.model }
  }

  private func describe(_ view: inout DeviceView, _ descriptor: BoardDescriptor) {
    if !descriptor.model.isEmpty { view.model = descriptor.model }
    if !descriptor.firmware.isEmpty { view.firmware = descriptor.firmware }
    describe(&view, descriptor.channels)
    view.commands = descriptor.commands.map { command in
      CommandSpecView(
        name: command.name, op: command.op,
        arguments: command.arguments.map { $0.isText ? $0.name + ":text" : $0.name },
        takesLease: command.takesLease, signal: command.takesAlarms)
    }
  }

  private func describe(_ view: inout DeviceView, _ channels: [Channel]) {
    view.channels = channels.map { ChannelView($0) }
  }

  // MARK: Readings

  /// Whether a deletion hides a last value; where nothing dates it the wall clock does, as for
  /// stored readings.
  private func isHidden(
    _ last: ReadingView, _ attachment: Attachment, _ clock: ClockObservation
  ) -> Bool {
    guard !hidden.isEmpty, let identity = attachment.identity else { return false }
    let nodeUs = last.nodeUs ?? last.arrivalUs
    let utcUs = last.timeUs ?? nodeUs + (clock.wallUs - clock.bootUs)
    return hidden.hides(identity, last.channel, utcUs: utcUs)
  }

  private func view(
    of last: ShownSamples.Last, _ value: SampleValue, _ attachment: Attachment,
    _ clock: ClockObservation
  ) -> ReadingView {
    let identity = attachment.identity
    let channel = attachment.shown.channels[Int(last.sample.channel)]
    let durable = identity.flatMap { recorder.durable.cursor(of: $0, epoch: last.epoch)?.next } ?? 0
    var view = ReadingView(
      device: identity?.text ?? "", channel: channel.key, unit: channel.unit,
      value: value.value(exponent: channel.exponent),
      arrivalUs: last.arrivalUs, quality: .uncertain, pending: last.sample.seq >= durable,
      simulated: attachment.isSimulated)
    view.epoch = last.epoch
    view.seq = last.sample.seq
    view.ticksMs = last.sample.ticksMs
    guard last.epoch == attachment.hello?.epochs[0].epoch, let line = attachment.fit.line else {
      return view
    }
    let nodeUs = line.bootUs(atTicks: last.sample.ticksMs)
    view.nodeUs = nodeUs
    view.boundUs = line.boundUs(atTicks: last.sample.ticksMs)
    let quality: TimeQuality = line.quality == .good ? .good : .provisional
    if let dated = present?.date(nodeUs) {
      view.timeUs = dated.utcUs
      view.boundUs = view.boundUs.flatMap { bound in dated.boundUs.map { bound + $0 } }
      view.quality = quality
      return view
    }
    guard clock.trusted else { return view }
    view.timeUs = nodeUs + (clock.wallUs - clock.bootUs)
    view.boundUs = view.boundUs.map { $0 + clock.errorUs }
    view.quality = quality
    return view
  }
}
