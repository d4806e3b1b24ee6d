extension HostSession {
  /// Takes the body of one good frame; `body` stays valid for whoever takes the actions.
  ///
  /// The samples in it go to `sample` as they are read. They are none before `.samples` says so,
  /// and then those from its `first` on: whoever wants them need not decode the body again.
  public mutating func receive(
    body: Span<UInt8>, nowUs: Int64, sample: (Sample) -> Void = { _ in },
    emit: (HostAction) -> Void
  ) {
    counts.bodies &+= 1
    heardUs = nowUs
    window.heard(nowUs: nowUs)
    do {
      try dispatch(body, nowUs: nowUs, sample: sample, emit: emit)
    } catch {
      counts.malformed &+= 1
    }
    // Of a thousand frames nearly all are samples that make nothing due: the wake asked for holds.
    if isQuiet, let wakeUs, nowUs < wakeUs { return }
    finish(nowUs: nowUs, emit: emit)
  }

  private mutating func dispatch(
    _ body: Span<UInt8>, nowUs: Int64, sample: (Sample) -> Void, emit: (HostAction) -> Void
  ) throws(Malformed) {
    guard !body.isEmpty, let type = MessageType(rawValue: body[0]) else {
      counts.unknownType &+= 1
      return
    }
    if type != .samples && type != .gap { isQuiet = false }
    switch type {
    case .hello: try receiveHello(body, nowUs: nowUs, emit: emit)
    case .descriptor: try receiveDescriptor(body, nowUs: nowUs, emit: emit)
    case .samples: try receiveSamples(body, nowUs: nowUs, sample: sample, emit: emit)
    case .gap: try receiveGap(body, nowUs: nowUs, emit: emit)
    case .result: receiveResult(try CommandResult(body), nowUs: nowUs, emit: emit)
    case .timeReply: receiveTimeReply(try TimeReply(body), nowUs: nowUs, emit: emit)
    case .log: emit(.log(level: try LogLine(body).level))
    case .provision, .descriptorRead, .resume, .ack, .command, .time, .resetToBoot:
      counts.unknownType &+= 1
    }
  }

  // MARK: HELLO and descriptor

  private mutating func receiveHello(
    _ body: Span<UInt8>, nowUs: Int64, emit: (HostAction) -> Void
  ) throws(Malformed) {
    guard let (version, deviceId) = Hello.versionAndId(of: body) else { throw .short }
    guard version == Hello.version else {
      counts.otherVersion &+= 1
      emit(.otherVersion(version, deviceId: deviceId))
      return
    }
    let heard = try Hello(body)
    window.answered(.provision)
    let isRepeated = saysTheSame(heard)
    hello = heard
    switch phase {
    case .waiting: break
    case .asking, .reading:
      if isRepeated { return }
    case .resuming:
      // The board has not heard RESUME: no need to wait for the rest of the 500 ms.
      if isRepeated { return hurryOpening(nowUs: nowUs) }
    case .provisioning:
      if isRepeated {
        openingDueUs = nowUs
        return
      }
    case .attached: emit(.detached(.hello))
    }
    phase = .asking
    openingDueUs = nil
    emit(.hello(heard))
  }

  /// Whether a HELLO comes from the same boot, under the same id, with the same list of epochs.
  private func saysTheSame(_ other: Hello) -> Bool {
    guard hello.deviceId == other.deviceId, hello.nonce == other.nonce,
      hello.descriptorHash == other.descriptorHash,
      hello.descriptorBytes == other.descriptorBytes, hello.epochCount == other.epochCount
    else { return false }
    for index in 0..<hello.epochCount
    where hello.epochs[index].epoch != other.epochs[index].epoch { return false }
    return true
  }

  private mutating func hurryOpening(nowUs: Int64) {
    guard let dueUs = openingDueUs else { return }
    openingDueUs = min(dueUs, max(nowUs, dueUs - Self.repeatUs / 2))
  }

  private mutating func receiveDescriptor(
    _ body: Span<UInt8>, nowUs: Int64, emit: (HostAction) -> Void
  ) throws(Malformed) {
    let chunk = try DescriptorChunk(body)
    window.answered(.descriptorRead)
    let rest = Int(hello.descriptorBytes) - descriptorOffset
    guard case .reading = phase, Int(chunk.offset) == descriptorOffset, chunk.count <= rest else {
      counts.ignored &+= 1
      return
    }
    emit(.descriptorChunk(offset: descriptorOffset, count: chunk.count))
    for index in DescriptorChunk.bytesAt..<body.count { descriptorHash.update(body[index]) }
    descriptorOffset += chunk.count
    openingDueUs = nowUs
    if descriptorOffset == Int(hello.descriptorBytes) { endDescriptor(emit) }
  }

  // MARK: Samples

  /// What is left of `count` numbers from `first` on after those that came before; nil when
  /// nothing.
  private mutating func continuation(
    index: UInt8, first: UInt32, count: UInt32, nowUs: Int64
  ) -> (first: UInt32, count: UInt32)? {
    guard isAttached, Int(index) < hello.epochCount else {
      counts.ignored &+= 1
      return nil
    }
    let received = epochs[Int(index)].received
    guard first <= received else {
      counts.outOfOrder &+= 1
      askAgain(Int(index), nowUs: nowUs)
      return nil
    }
    let (end, overflow) = first.addingReportingOverflow(count)
    guard !overflow, end > received else {
      counts.repeated &+= UInt64(count)
      return nil
    }
    // An older epoch is finished: its end was said once.
    guard index == 0 || end <= epochs[Int(index)].next else {
      counts.malformed &+= 1
      return nil
    }
    counts.repeated &+= UInt64(received - first)
    return (received, end - received)
  }

  private mutating func askAgain(_ index: Int, nowUs: Int64) {
    if let sentUs = epochs[index].againSentUs, nowUs - sentUs < Self.againUs { return }
    epochs[index].againDue = true
    isQuiet = false
  }

  private mutating func receiveSamples(
    _ body: Span<UInt8>, nowUs: Int64, sample: (Sample) -> Void, emit: (HostAction) -> Void
  ) throws(Malformed) {
    let samples = try SamplesDecoder(body, each: sample)
    let (index, first, count) = (samples.index, samples.first, samples.count)
    guard let rest = continuation(index: index, first: first, count: count, nowUs: nowUs) else {
      return
    }
    let end = rest.first + rest.count
    guard end <= limit(Int(index)) else {
      counts.beyondLimit &+= 1
      return
    }
    epochs[Int(index)].received = end
    epochs[Int(index)].againSentUs = nil
    counts.samples &+= UInt64(rest.count)
    emit(.samples(epoch: epochs[Int(index)].epoch, first: rest.first, count: rest.count))
  }

  private mutating func receiveGap(
    _ body: Span<UInt8>, nowUs: Int64, emit: (HostAction) -> Void
  ) throws(Malformed) {
    let gap = try Gap(body)
    let rest = continuation(index: gap.index, first: gap.first, count: gap.count, nowUs: nowUs)
    guard let rest else { return }
    epochs[Int(gap.index)].received = rest.first + rest.count
    epochs[Int(gap.index)].againSentUs = nil
    counts.gapSamples &+= UInt64(rest.count)
    emit(.gap(epoch: epochs[Int(gap.index)].epoch, first: rest.first, count: rest.count))
  }

  // MARK: Commands

  private mutating func receiveResult(
    _ result: CommandResult, nowUs: Int64, emit: (HostAction) -> Void
  ) {
    guard isAttached || isResuming, result.attached == plan.session else {
      counts.ignored &+= 1
      return
    }
    window.answered(.resume)
    window.answered(.command)
    let answersResume = openingDueUs != nil
    openingDueUs = nil
    if isResuming { begin(nowUs: nowUs, emit: emit) }
    if result.session == plan.session { lastCommandId = max(lastCommandId, result.id) }
    defer { if lastCommandId == UInt16.max && inFlight == nil { renewSession(nowUs: nowUs) } }
    guard let command = inFlight else { return }
    if result.session == command.key.session && result.id == command.key.id {
      take(result, of: command, nowUs: nowUs, emit: emit)
      return
    }
    switch command.state {
    case .carried, .querying:
      guard answersResume else { return }
      inFlight = nil
      // A new epoch has forgotten what the one before did.
      let isKnown = command.key.epoch == epochs[0].epoch
      emit(isKnown ? .commandNotReceived(command.key) : .commandUnknown(command.key))
    case .sending, .running: break
    }
  }

  private mutating func take(
    _ result: CommandResult, of command: InFlight, nowUs: Int64, emit: (HostAction) -> Void
  ) {
    guard result.status == .running else {
      inFlight = nil
      emit(.result(command.key, status: result.status, value: result.value))
      return
    }
    if case .running = command.state { return }
    let leaseUs = Int64(command.leaseMs) * 1000
    let askUs = nowUs + askPeriodUs(command)
    inFlight?.state = .running(
      untilUs: nowUs + (leaseUs > 0 ? leaseUs : Self.runningUs), askUs: askUs)
    emit(.result(command.key, status: .running, value: result.value))
  }

  /// The board has accepted the session.
  private mutating func begin(nowUs: Int64, emit: (HostAction) -> Void) {
    phase = .attached
    attachedUs = nowUs
    probesSent = 0
    probeDueUs = nowUs
    probeSentUs = nil
    for index in 0..<hello.epochCount { epochs[index].ackSentUs = nowUs }
    counts.sessions &+= 1
    emit(.attached(session: plan.session))
  }

  // MARK: Time

  private mutating func receiveTimeReply(
    _ reply: TimeReply, nowUs: Int64, emit: (HostAction) -> Void
  ) {
    guard isAttached, reply.cookie == probeCookie, let sentUs = probeSentUs else {
      counts.ignored &+= 1
      return
    }
    window.answered(.time)
    probeSentUs = nil
    emit(
      .timeProbe(
        ClockProbe(
          sentUs: sentUs, receivedUs: nowUs, ticks: reply.ticks, segment: reply.segment)))
  }
}
