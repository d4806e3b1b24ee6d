internal import Model
internal import Reactor
internal import Web

/// `watch`: a line for each reading as it comes in, and for each change of a device.
///
/// It comes back by itself when the daemon restarts, and says what it may have missed.
@Loop final class Watch {
  private let conversation: Conversation
  private var names: [String: String] = [:]
  private var states: [String: DeviceView.State] = [:]
  private var left: Int
  private var shown = RecentReadings()
  private var durable = 0
  private var durableTimer: LoopTimer?
  private var following: Task<Void, Never>?
  private var lastEventId: String?
  private var isOver = false
  private var hasConnected = false

  private var output: any Output { conversation.output }
  private var page: Page { conversation.page }

  init(_ conversation: Conversation) throws(Failure) {
    self.conversation = conversation
    left = try conversation.arguments.count("count", max: 1_000_000_000) ?? .max
    durableTimer = LoopTimer { [weak self] in self?.sayDurable() }
  }

  func run() async throws(Failure) -> ExitCode {
    conversation.onInterrupt = { [weak self] in
      self?.end()
      return true
    }
    var query = Query()
    for device in conversation.arguments.positionals { query.add("device", device) }
    while !isOver {
      do {
        try await follow(query)
      } catch {
        // Before the first connection a failure is the person's to know; later it passes.
        guard hasConnected, error.code == .noDaemon || error.code == .failure else {
          throw error
        }
        if isOver { break }
        await Pause.wait(us: Int64(CliLimits.reconnectMs) * 1_000)
      }
    }
    sayDurable()
    return .success
  }

  private func follow(_ query: Query) async throws(Failure) {
    if !conversation.settings.isJson {
      let devices = try await conversation.daemon.get([DeviceView].self, "/devices")
      for device in devices {
        names[device.id] = device.name
        states[device.id] = device.state
      }
      if devices.isEmpty, !hasConnected { conversation.write(.noDevices) }
    }
    let outcome = Outcome()
    let (daemon, since) = (conversation.daemon, lastEventId)
    following = Task { @Loop in
      do throws(Failure) {
        try await daemon.follow(query, lastEventId: since) { [weak self] in self?.take($0) }
      } catch {
        outcome.failure = error
      }
    }
    await following?.value
    following = nil
    guard !isOver else { return }
    if hasConnected { output.note(conversation.say(.feedLost)) }
    throw outcome.failure ?? Failure(.failure, .connectionLost)
  }

  @Loop private final class Outcome {
    var failure: Failure?
  }

  private func end() {
    isOver = true
    following?.cancel()
  }

  private func take(_ event: ServerSentEvent) {
    guard !isOver else { return }
    lastEventId = event.id ?? lastEventId
    switch event.event {
    case "open":
      if hasConnected { output.note(conversation.say(.feedBack)) }
      hasConnected = true
    case "missed":
      output.note(conversation.say(.feedMissed))
    default:
      do {
        let live = try JSON.decode(LiveEvent.self, from: Array(event.data.utf8))
        guard show(live, event.data) else { return end() }
        if left == 0 { end() }
      } catch {
        output.note(conversation.say(.answerNotUnderstood(error.description)))
      }
    }
  }

  /// False once nobody reads any more.
  private func show(_ event: LiveEvent, _ data: String) -> Bool {
    if conversation.settings.isJson {
      if event.reading != nil { left -= 1 }
      return output.write(data + "\n")
    }
    if let reading = event.reading { return show(reading) }
    if let device = event.device { return show(device) }
    if let command = event.command {
      return output.write(lines: [
        note(command.device, CommandPage.life([command.state], of: command, page))
      ])
    }
    if let question = event.question, event.answered != true {
      let text = page.say(.question(question)) + " " + page.say(.seeQuestions)
      return output.write(lines: [note(question.device, TextWidth.harmless(text))])
    }
    return true
  }

  private func show(_ reading: ReadingView) -> Bool {
    guard shown.insert(reading) else {
      // It was shown when it came in; now it is on disk.
      if !reading.pending { countDurable() }
      return true
    }
    left -= 1
    return output.write(
      lines: [ReadingPage.line(reading, name: names[reading.device], page)])
  }

  private func show(_ device: DeviceView) -> Bool {
    names[device.id] = device.name
    guard states.updateValue(device.state, forKey: device.id) != device.state else { return true }
    var text = page.say(.state(device.state))
    if device.simulated { text += ", " + page.say(.simulated) }
    if let node = device.node { text += " (\(node))" }
    if let problem = device.problem { text += page.say(.colon) + page.say(.problem(problem)) }
    return output.write(lines: [note(device.id, TextWidth.harmless(text))])
  }

  private func note(_ device: String, _ text: String) -> String {
    let time = " " + WallTime.clock(us: Clock.wallUs(), inUtc: page.isInUtc)
    let name = TextWidth.cut(TextWidth.harmless(names[device] ?? device), to: 16)
    return page.tone(.faint, time) + " " + TextWidth.pad(name, to: 16) + " " + text
  }

  private func countDurable() {
    durable += 1
    if durableTimer?.isArmed == false { durableTimer?.arm(afterUs: CliLimits.durableGatherUs) }
  }

  private func sayDurable() {
    guard durable > 0, output.isTerminal else { return }
    output.write(lines: [page.tone(.faint, "  " + page.say(.nowDurable(durable)))])
    durable = 0
  }
}

/// The readings that were shown, so that each is shown once; bounded, the oldest are forgotten.
struct RecentReadings {
  private struct Key: Hashable {
    let device: String
    let channel: String
    let epoch: UInt32?
    let number: UInt64
  }

  private var keys: Set<Key> = []
  private var order: [Key] = []
  private var head = 0

  /// True when it was not there yet.
  mutating func insert(_ reading: ReadingView) -> Bool {
    // A board numbers its samples; of others the time is all there is.
    let number =
      reading.seq.map(UInt64.init) ?? UInt64(bitPattern: reading.nodeUs ?? reading.arrivalUs)
    let key = Key(
      device: reading.device, channel: reading.channel, epoch: reading.epoch, number: number)
    guard keys.insert(key).inserted else { return false }
    order.append(key)
    if order.count - head > CliLimits.readingsRememberedMax {
      keys.remove(order[head])
      head += 1
    }
    if head > CliLimits.readingsRememberedMax {
      order.removeFirst(head)
      head = 0
    }
    return true
  }
}
