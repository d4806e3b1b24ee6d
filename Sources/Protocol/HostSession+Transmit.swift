extension HostSession {
  /// Timers other than those that only send.
  mutating func expire(nowUs: Int64, emit: (HostAction) -> Void) {
    window.expire(nowUs: nowUs)
    if case .waiting = phase { return }
    if nowUs - heardUs >= Self.silenceUs {
      let wasAttached = isAttached
      phase = .waiting
      openingDueUs = nil
      if wasAttached { emit(.detached(.silent)) }
      return
    }
    guard isAttached else { return }
    expireCommand(nowUs: nowUs, emit: emit)
    for index in 0..<hello.epochCount where nowUs - epochs[index].ackSentUs >= Self.ackUs {
      // An older epoch that is wholly on disk needs no more words; the running one keeps the
      // session alive.
      if index == 0 || epochs[index].durable < epochs[index].next { epochs[index].ackDue = true }
    }
  }

  private mutating func expireCommand(nowUs: Int64, emit: (HostAction) -> Void) {
    guard let command = inFlight else { return }
    switch command.state {
    case .sending:
      guard command.lifeEndUs - nowUs < 1000 else { return }
      // Nothing was heard of it, and whether the board has it decides what can be said of it.
      inFlight?.state = .querying
      renewSession(nowUs: nowUs)
    case .running(let untilUs, let askUs):
      guard nowUs < untilUs else {
        inFlight = nil
        emit(.commandUnknown(command.key))
        return
      }
      guard nowUs >= askUs, command.key.session != plan.session else { return }
      // A board takes no COMMAND of an earlier session, but says what became of it after RESUME.
      inFlight?.state = .running(untilUs: untilUs, askUs: nowUs + Self.askCarriedUs)
      openingDueUs = openingDueUs ?? nowUs
    case .querying, .carried: break
    }
  }

  /// Sends what is due, in the order of precedence, as far as the window allows.
  mutating func transmit(nowUs: Int64, emit: (HostAction) -> Void) {
    // One frame of each kind, and one ACK for each epoch, at most: a bound, not a policy.
    for _ in 0..<Window.entriesMax {
      guard sendOne(nowUs: nowUs, emit: emit) else { return }
    }
  }

  /// Sends the first thing due; false when nothing is due, or it does not fit the window yet.
  private mutating func sendOne(nowUs: Int64, emit: (HostAction) -> Void) -> Bool {
    if case .waiting = phase { return false }
    if resetToBootDue {
      var body = Body()
      ResetToBoot(deviceId: hello.deviceId).write(into: &body)
      guard send(body, as: .other, nowUs: nowUs, emit: emit) else { return false }
      resetToBootDue = false
      return true
    }
    if let dueUs = openingDueUs, nowUs >= dueUs {
      return sendOpening(nowUs: nowUs, emit: emit)
    }
    guard isAttached else { return false }
    if let dueUs = commandDueUs, nowUs >= dueUs {
      return sendCommand(nowUs: nowUs, emit: emit)
    }
    if let index = ackIndex {
      let epoch = epochs[index]
      var body = Body()
      Ack(
        epoch: epoch.epoch, durable: epoch.durable, received: epoch.received,
        limit: limit(index), again: epoch.againDue
      ).write(into: &body)
      guard send(body, as: .ack, nowUs: nowUs, emit: emit) else { return false }
      if epoch.againDue {
        epochs[index].againSentUs = nowUs
        counts.againRequests &+= 1
      }
      epochs[index].ackDue = false
      epochs[index].againDue = false
      epochs[index].ackSentUs = nowUs
      return true
    }
    guard nowUs >= nextProbeUs else { return false }
    var body = Body()
    TimeProbe(cookie: probeCookie &+ 1).write(into: &body)
    guard send(body, as: .time, nowUs: nowUs, emit: emit) else { return false }
    noteProbe(nowUs: nowUs)
    return true
  }

  private mutating func send(
    _ body: Body, as kind: Window.Kind, nowUs: Int64, emit: (HostAction) -> Void
  ) -> Bool {
    let frameBytes = body.count + Limits.frameOverheadBytes
    guard window.holds(frameBytes, of: Int(hello.windowBytes)) else { return false }
    window.sent(kind, frameBytes: frameBytes, nowUs: nowUs)
    emit(.send(body))
    return true
  }

  private mutating func sendOpening(nowUs: Int64, emit: (HostAction) -> Void) -> Bool {
    var body = Body()
    var kind = Window.Kind.resume
    var nextUs: Int64? = nowUs + Self.repeatUs
    switch phase {
    case .waiting, .asking:
      openingDueUs = nil
      return false
    case .provisioning(let deviceId):
      Provision(nonce: hello.nonce, deviceId: deviceId).write(into: &body)
      kind = .provision
      nextUs = nil
    case .reading:
      let rest = Int(hello.descriptorBytes) - descriptorOffset
      let most = Int(hello.bodyBytesToHostMax) - DescriptorChunk.bytesAt
      DescriptorRead(
        offset: UInt16(descriptorOffset), length: UInt8(min(rest, most))
      ).write(into: &body)
      kind = .descriptorRead
    case .resuming, .attached:
      var resume = Resume(session: plan.session, limit: limit(0))
      for index in 0..<hello.epochCount {
        resume.append(
          Resume.Entry(epoch: epochs[index].epoch, durable: epochs[index].durable))
      }
      resume.write(into: &body)
    }
    guard send(body, as: kind, nowUs: nowUs, emit: emit) else { return false }
    openingDueUs = nextUs
    return true
  }

  private mutating func sendCommand(nowUs: Int64, emit: (HostAction) -> Void) -> Bool {
    guard let command = inFlight else { return false }
    var body = Body()
    // One that runs is only asked after, and may outlive its life: 0 cannot be said.
    let lifeMs = UInt32(truncatingIfNeeded: max(1, (command.lifeEndUs - nowUs) / 1000))
    Command(
      epoch: command.key.epoch, session: command.key.session, id: command.key.id,
      lifeMs: lifeMs, leaseMs: command.leaseMs, op: command.op
    ).write(arguments: command.arguments.span, into: &body)
    guard send(body, as: .command, nowUs: nowUs, emit: emit) else { return false }
    if case .running(let untilUs, _) = command.state {
      inFlight?.state = .running(untilUs: untilUs, askUs: nowUs + Self.askUs)
    } else {
      inFlight?.state = .sending(nextUs: nowUs + Self.repeatUs)
    }
    return true
  }

  /// When COMMAND is next due: until a RESULT comes, and then to learn of the last one.
  private var commandDueUs: Int64? {
    guard let command = inFlight else { return nil }
    switch command.state {
    case .sending(let nextUs): return nextUs
    case .running(_, let askUs): return command.key.session == plan.session ? askUs : nil
    case .querying, .carried: return nil
    }
  }

  /// How long a running command is waited for before it is asked after.
  func askPeriodUs(_ command: InFlight) -> Int64 {
    command.key.session == plan.session ? Self.askUs : Self.askCarriedUs
  }

  /// The epoch whose ACK goes first: one that asks again, else the newest that has news.
  private var ackIndex: Int? {
    for index in 0..<hello.epochCount where epochs[index].againDue { return index }
    for index in 0..<hello.epochCount where epochs[index].ackDue { return index }
    return nil
  }

  /// Samples with a seq below it may be sent; older epochs have none.
  func limit(_ index: Int) -> UInt32 {
    guard index == 0 else { return UInt32.max }
    let (limit, overflow) = epochs[0].durable.addingReportingOverflow(Limits.samplesAheadMax)
    return overflow ? UInt32.max : limit
  }

  // MARK: Time

  /// When the next probe is due: by its schedule, or because the board is quiet.
  private var nextProbeUs: Int64 {
    // A board that takes long to reply is not asked twice: only the last question counts.
    if let sentUs = probeSentUs { return max(probeDueUs, sentUs + Self.probeUs) }
    return min(probeDueUs, heardUs + Self.quietUs)
  }

  private mutating func noteProbe(nowUs: Int64) {
    probeCookie &+= 1
    probeSentUs = nowUs
    probesSent += 1
    if probesSent < 4 {
      probeDueUs = nowUs + 100_000
    } else if nowUs - attachedUs < 120_000_000 {
      probeDueUs = nowUs + 15_000_000
    } else {
      probeDueUs = nowUs + 60_000_000
    }
  }

  // MARK: Waking

  /// The earliest time at which `tick` has something to do; nil when only the board can go on.
  mutating func planWake(nowUs: Int64) -> Int64? {
    isQuiet = false
    if case .waiting = phase { return nil }
    var next = heardUs + Self.silenceUs
    var isBlocked = resetToBootDue
    func consider(_ dueUs: Int64) {
      // What is due and still here was held back by the window.
      if dueUs <= nowUs { isBlocked = true } else { next = min(next, dueUs) }
    }
    if let dueUs = openingDueUs { consider(dueUs) }
    if isAttached {
      switch inFlight?.state {
      case .sending(let nextUs):
        consider(nextUs)
        // From 999 µs before its end on, less than 1 ms is left, which cannot be said.
        next = min(next, (inFlight?.lifeEndUs ?? next) - 999)
      case .running(let untilUs, let askUs):
        consider(askUs)
        next = min(next, untilUs)
      case .querying, .carried, nil: break
      }
      for index in 0..<hello.epochCount {
        if epochs[index].ackDue || epochs[index].againDue { isBlocked = true }
        if index == 0 || epochs[index].durable < epochs[index].next {
          consider(epochs[index].ackSentUs + Self.ackUs)
        }
      }
      consider(nextProbeUs)
    }
    isQuiet = isAttached && !isBlocked && window.isEmpty
    if isBlocked, let clearsUs = window.clearsUs { next = min(next, clearsUs) }
    return max(next, nowUs + 1)
  }
}
