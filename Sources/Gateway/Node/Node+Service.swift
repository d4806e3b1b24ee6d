internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// What the API asks, answered from what the node knows.
extension Node: NodeService {
  var access: any AccessService { people }

  func devices() -> [DeviceView] { deviceViews() }

  func device(_ device: String) throws(ServiceError) -> DeviceView {
    if let port = port(named: device) { return view(of: port) }
    return view(of: try find(device))
  }

  func rename(
    _ device: String, to name: String?, author: String
  ) async throws(ServiceError) -> DeviceView {
    let identity = try find(device)
    try await ask(.named(identity, name ?? ""), author: author)
    publish(identity)
    return view(of: identity)
  }

  func open(
    _ device: String, always: Bool, author: String
  ) async throws(ServiceError) -> DeviceView {
    let found: LivePort?
    if let direct = port(named: device) {
      found = direct
    } else {
      let identity = try find(device)
      found = registry.port(of: identity) ?? registry.port(expecting: identity)
    }
    guard let port = found else {
      throw ServiceError(
        status: 409, code: "absent", parameters: ["device": device],
        detail: "\(device) is not plugged in", remedy: "plug it in: it is then opened by itself")
    }
    let syspath = port.facts.syspath
    guard !rule(at: syspath).isLeftAlone else {
      throw ServiceError(
        status: 409, code: "port.left-alone", parameters: ["node": port.facts.devnode],
        detail: "the configuration says to leave \(port.facts.devnode) alone",
        remedy: "take kind = \"ignored\" out of its table under [ports]")
    }
    openRequests.insert(syspath)
    try await ask(.openRequested(syspath: syspath), author: author)
    let identity = registry.port(at: port.facts.syspath).flatMap { $0.binding ?? $0.expected }
    if always, let identity { try await ask(.setOpenPolicy(identity, true), author: author) }
    return registry.port(at: port.facts.syspath).map(view(of:)) ?? view(of: port)
  }

  func forget(_ device: String, author: String) async throws(ServiceError) {
    try await ask(.forgotten(try find(device)), author: author)
  }

  func assign(
    _ provisional: String, to device: String, author: String
  ) async throws(ServiceError) -> DeviceView {
    let target = try find(device)
    try await ask(.assigned(from: try find(provisional), to: target), author: author)
    return view(of: target)
  }

  func send(
    _ request: CommandRequest, to device: String, author: String
  ) async throws(ServiceError) -> CommandView {
    try await issue(request, to: try find(device), author: author)
  }

  func commands(device: String?, limit: Int) async throws(ServiceError) -> [CommandView] {
    var identity: DeviceIdentity?
    if let device { identity = try find(device) }
    let own = desk.orders(of: identity)
    let others = siteCommands.all.filter { life in
      life.issued.node != settings.node && (identity == nil || life.issued.identity == identity)
    }
    guard !others.isEmpty else { return own.prefix(limit).map(\.view) }
    // What other nodes carry out stands beside it, by when it was given as far as that is known.
    return Array(
      (own + others.reversed().map { CommandOrder($0) }).prefix(limit).map(\.view))
  }

  func command(id: String) async throws(ServiceError) -> CommandView {
    let key = Hex.bytes(id).flatMap(CommandId.init)
    let found = key.flatMap { key in
      desk.order(key) ?? siteCommands.life(key).map { CommandOrder($0) }
    }
    guard let order = found else {
      throw ServiceError(
        status: 404, code: "not-found", parameters: ["command": id],
        detail: "no command has the id \(id)", remedy: "bivouac commands lists them")
    }
    return order.view
  }

  func questions() -> [QuestionView] { registry.questions.map(Problems.view) }

  func answer(
    _ answer: String, question: String, author: String
  ) async throws(ServiceError) {
    guard let asked = registry.questions.first(where: { $0.id.text == question }) else {
      throw ServiceError(
        status: 404, code: "not-found", parameters: ["question": question],
        detail: "no open question has the id \(question)", remedy: "bivouac devices lists them")
    }
    guard let meaning = Problems.answer(answer, to: asked) else {
      let answers = Problems.view(asked).answers.joined(separator: ", ")
      throw ServiceError(
        status: 422, code: "bad-argument", parameters: ["argument": "answer"],
        detail: "\(answer) is no answer to this question", remedy: "answer one of: \(answers)")
    }
    try await ask(.answered(asked.id, meaning), author: author)
    publish(asked, answered: true)
  }

  func subscribe(_ sink: @escaping @Loop (LiveEvent) -> Void) -> Int { feed.subscribe(sink) }

  func unsubscribe(_ subscription: Int) { feed.unsubscribe(subscription) }

  // MARK: Helpers

  /// Hands a person's wish to the registry, and waits until what follows is on disk.
  private func ask(
    _ event: DeviceRegistry.Event, author: String
  ) async throws(ServiceError) {
    refusal = nil
    self.author = author
    decide(event)
    self.author = "node"
    if let refusal {
      self.refusal = nil
      throw Problems.service(refusal)
    }
    try await recorder.flush()
  }

  /// The live port that a text names outright: its syspath, node, or the identity of its socket.
  private func port(named text: String) -> LivePort? {
    registry.ports.first { port in
      port.facts.syspath == text || port.facts.devnode == text
        || (port.binding == nil && port.expected == nil
          && IdentityLadder.candidate(for: port.facts)?.identity.text == text)
    }
  }

  /// The device that a text names.
  func find(_ text: String) throws(ServiceError) -> DeviceIdentity {
    var entries: [DeviceIdentity: DeviceName.Entry] = [:]
    for device in registry.remembered {
      entries[device.identity] = DeviceName.Entry(identity: device.identity, name: device.name)
    }
    for port in registry.ports {
      guard let identity = attachments[port.facts.syspath]?.identity ?? port.binding else {
        continue
      }
      // What `devices` shows in its column of ports is understood too.
      if port.facts.devnode == text || port.facts.syspath == text { return identity }
      if entries[identity] == nil {
        entries[identity] = DeviceName.Entry(identity: identity, name: "")
      }
    }
    let ordered = entries.keys.sorted().compactMap { entries[$0] }
    return try DeviceName.find(text, among: ordered)
  }
}
