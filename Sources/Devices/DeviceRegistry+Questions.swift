internal import Model

/// Doubts, and what people say to them.
extension DeviceRegistry {
  /// Files the port's readings under a new provisional identity and asks.
  mutating func doubt(_ subject: Question.Subject, on syspath: String) {
    withdrawQuestions(of: syspath)
    guard let port = live[syspath] else { return }
    if !port.bindingIsProvisional {
      // What a program plays is simulated for ever, its doubtful readings too.
      bind(syspath, to: freshProvisional(simulated: port.facts.bus == .simulated))
      live[syspath]?.bindingIsProvisional = true
    }
    raise(subject, on: syspath)
  }

  mutating func raise(_ subject: Question.Subject, on syspath: String) {
    guard let port = live[syspath] else { return }
    let question = Question(
      subject: subject, syspath: syspath, port: port.lastingName, meanwhile: port.binding)
    guard openQuestions[question.id] != nil || openQuestions.count < DeviceLimits.questionsMax
    else {
      questionsRefused &+= 1
      return actions.append(.note(.questionsFull))
    }
    if openQuestions.updateValue(question, forKey: question.id) != question {
      actions.append(.raise(question))
    }
  }

  mutating func withdraw(_ id: QuestionId) {
    if openQuestions.removeValue(forKey: id) != nil { actions.append(.withdraw(id)) }
  }

  mutating func take(_ answer: Answer, to id: QuestionId) {
    guard let question = openQuestions[id] else {
      return actions.append(.refuse(.unknownQuestion(id)))
    }
    switch (question.subject, answer) {
    case (.whatIsThis, .kind(let kind)):
      guard let identity = question.meanwhile else { return }
      withdraw(id)
      setKind(kind, of: identity)
    case (.whatIsThis, .another):
      withdraw(id)
      if let identity = question.meanwhile { update(identity) { $0.answered = true } }
    case (_, .kind): actions.append(.refuse(.answerDoesNotFit(id)))
    case (.newMemory(_, let now), .same(let old)):
      guard devices[old] != nil, old != now else {
        return actions.append(.refuse(.unknownDevice(old)))
      }
      withdraw(id)
      makePart(now, of: old)
    case (.newMemory, .another): withdraw(id)
    case (_, .same(let identity)): takeAs(identity, question)
    case (_, .another): takeAsAnother(question)
    }
  }

  /// The port is that of a known device.
  private mutating func takeAs(_ identity: DeviceIdentity, _ question: Question) {
    guard let device = devices[identity] else {
      return actions.append(.refuse(.unknownDevice(identity)))
    }
    if let other = holder(of: identity), other.facts.syspath != question.syspath {
      guard question.subject == .sameIdentityTwice(identity) else {
        return actions.append(.refuse(.deviceIsLive(identity)))
      }
      take(device, on: question.syspath, from: other.facts.syspath)
      return
    }
    take(device, on: question.syspath, from: nil)
  }

  private mutating func take(
    _ device: RememberedDevice, on syspath: String, from other: String?
  ) {
    guard let port = live[syspath] else { return }
    withdrawQuestions(of: syspath)
    if let hello = port.hello,
      let own = IdentityLadder.companion(
        id: hello.companionId, simulated: port.facts.bus == .simulated),
      own != device.identity
    {
      // A board's readings stay under its own id: it is shown as part of the other.
      return makePart(own, of: device.identity)
    }
    if let other { doubt(.sameIdentityTwice(device.identity), on: other) }
    if let before = port.binding, port.bindingIsProvisional {
      actions.append(.assign(from: before, to: device.identity))
    }
    bind(syspath, to: device.identity)
    var device = device
    if let hello = port.hello { learn(hello, in: &device) }
    if case .text = port.evidence { device.kind = .text }
    place(&device, at: port.facts)
    remember(device)
  }

  /// The port is that of a device not known yet.
  private mutating func takeAsAnother(_ question: Question) {
    guard let port = live[question.syspath] else { return }
    withdrawQuestions(of: question.syspath)
    if port.hello != nil {
      // It carries the id of another board and keeps carrying it until that is erased.
      if let meanwhile = port.binding { actions.append(.note(.copyNeedsOwnId(meanwhile))) }
      return
    }
    guard let candidate = candidate(for: port.facts), let before = port.binding else { return }
    // The identity of these facts may still be that of a device that has moved away.
    let identity = isTaken(candidate.identity) ? before : candidate.identity
    var device = RememberedDevice(identity: identity)
    if case .text = port.evidence { device.kind = .text }
    if identity != before {
      if port.bindingIsProvisional { actions.append(.assign(from: before, to: identity)) }
      bind(question.syspath, to: identity)
    }
    live[question.syspath]?.bindingIsProvisional = false
    let asks = port.evidence == .silence
    place(&device, at: port.facts)
    remember(device)
    if asks { raise(.whatIsThis, on: question.syspath) }
  }

  private mutating func makePart(_ part: DeviceIdentity, of whole: DeviceIdentity) {
    if devices[part] != nil { update(part) { $0.partOf = whole } }
    actions.append(.assign(from: part, to: whole))
  }

  mutating func assign(_ from: DeviceIdentity, to: DeviceIdentity) {
    guard let device = devices[to] else { return actions.append(.refuse(.unknownDevice(to))) }
    let isTemporary = from.kind == .provisional || from.kind == .simulated
    guard from != to, isTemporary, devices[from] == nil else {
      return actions.append(.refuse(.notAssignable(from)))
    }
    guard let port = holder(of: from) else { return actions.append(.assign(from: from, to: to)) }
    guard holder(of: to) == nil else { return actions.append(.refuse(.deviceIsLive(to))) }
    take(device, on: port.facts.syspath, from: nil)
  }
}
