internal import Model

/// Boards that speak the link protocol: the top rung of the ladder.
extension DeviceRegistry {
  mutating func hear(_ hello: HelloFacts, on syspath: String) {
    guard var port = live[syspath], port.state == .listening else { return }
    guard hello.companionId.count == 8 else { return }
    let before = port.hello
    port.evidence = .hello(hello)
    live[syspath] = port
    let simulated = port.facts.bus == .simulated
    guard let identity = IdentityLadder.companion(id: hello.companionId, simulated: simulated)
    else { return offerId(to: syspath, nonce: hello.bootNonce) }
    // While a doubt about this very board is open, its HELLO says nothing new.
    if before?.companionId == hello.companionId, port.bindingIsProvisional { return }
    recognise(identity, hello, on: syspath)
  }

  /// Gives an id to a board that has none; the same one however often this boot asks.
  private mutating func offerId(to syspath: String, nonce: UInt32) {
    guard var port = live[syspath] else { return }
    let simulated = port.facts.bus == .simulated
    // An offer is repeated until it is taken. A board that took one and has no id again lost its
    // memory, whatever its nonce: boards without a good source of noise repeat theirs.
    let isUsed = port.offer.map {
      isTaken(IdentityLadder.companion(id: $0.id, simulated: simulated))
    }
    if port.offer?.bootNonce != nonce || isUsed == true {
      var id = randomBytes()
      while isTaken(IdentityLadder.companion(id: id, simulated: simulated)) { id = randomBytes() }
      port.offer = LivePort.Offer(id: id, bootNonce: nonce)
      live[syspath] = port
    }
    guard let offer = port.offer else { return }
    actions.append(.provision(syspath: syspath, id: offer.id, bootNonce: nonce))
  }

  private mutating func recognise(
    _ identity: DeviceIdentity, _ hello: HelloFacts, on syspath: String
  ) {
    guard let port = live[syspath] else { return }
    if let other = holder(of: identity), other.facts.syspath != syspath {
      guard replaceStale(other, by: port) else {
        if let device = devices[identity], device.hardwareHint != 0,
          isCopy(hello, of: device, on: port)
        {
          return doubt(.sameIdentityTwice(identity), on: syspath)
        }
        return doubtTwins(identity, newcomer: syspath, other: other.facts.syspath)
      }
    }
    guard let device = devices[identity] else { return welcome(identity, hello, on: syspath) }
    if isCopy(hello, of: device, on: port) {
      return doubt(.sameIdentityTwice(identity), on: syspath)
    }
    if !device.model.isEmpty, !hello.model.isEmpty, device.model != hello.model {
      return doubt(
        .changedBehaviour(of: identity, was: device.model, now: hello.model), on: syspath)
    }
    bindBoard(identity, hello, on: syspath)
  }

  /// Whether the board that says this id is visibly not the one that was given it.
  private func isCopy(_ hello: HelloFacts, of device: RememberedDevice, on port: LivePort) -> Bool {
    // Also one that has a number where the other has none: hardware does not change its kind.
    if hello.hardwareHint != device.hardwareHint { return true }
    if hello.hardwareHint != 0 { return false }
    let usb = candidate(for: port.facts)?.identity
    if let usb, let before = device.usb, usb != before, UsbCatalogue.isSerialOfBoard(usb),
      UsbCatalogue.isSerialOfBoard(before)
    {
      return true
    }
    // Without a number of the hardware, an id seen twice counts only where its owner was.
    return device.repeats && usb != device.usb
  }

  /// A board that this node meets for the first time.
  private mutating func welcome(
    _ identity: DeviceIdentity, _ hello: HelloFacts, on syspath: String
  ) {
    let old = predecessor(of: hello, on: syspath)
    let textDevice = live[syspath]?.binding.flatMap { devices[$0] }
    bindBoard(identity, hello, on: syspath)
    if let old {
      raise(.newMemory(of: old, now: identity), on: syspath)
    } else if let textDevice, !textDevice.name.isEmpty {
      raise(
        .changedBehaviour(of: textDevice.identity, was: textDevice.kind.rawValue, now: hello.model),
        on: syspath)
    }
  }

  /// The remembered board that this one may be, with its memory erased or replaced.
  private func predecessor(of hello: HelloFacts, on syspath: String) -> DeviceIdentity? {
    guard let port = live[syspath] else { return nil }
    let usb = candidate(for: port.facts).flatMap { $0.trust == .serial ? $0.identity : nil }
    return devices.values.filter { device in
      guard device.kind == .companion, device.partOf == nil, holder(of: device.identity) == nil
      else { return false }
      if hello.hardwareHint != 0, device.hardwareHint != 0 {
        return hello.hardwareHint == device.hardwareHint
      }
      return usb != nil && device.usb == usb
    }.map(\.identity).min()
  }

  private mutating func bindBoard(
    _ identity: DeviceIdentity, _ hello: HelloFacts, on syspath: String
  ) {
    guard let port = live[syspath] else { return }
    if port.binding != identity {
      withdrawQuestions(of: syspath)
      // What was kept while the port was silent was this board all along.
      if let before = port.binding.flatMap({ devices[$0] }), before.kind == .unknown,
        before.name.isEmpty
      {
        drop(before.identity)
      }
    }
    let known = devices[identity]
    if let known, known.descriptorHash != 0, hello.descriptorHash != 0,
      known.descriptorHash != hello.descriptorHash
    {
      actions.append(.note(.descriptorChanged(identity)))
    }
    bind(syspath, to: identity)
    var device = known ?? RememberedDevice(identity: identity, kind: .companion)
    learn(hello, in: &device)
    place(&device, at: port.facts)
    remember(device)
  }

  func learn(_ hello: HelloFacts, in device: inout RememberedDevice) {
    if device.kind == .unknown || device.kind == .text { device.kind = .companion }
    if !hello.model.isEmpty { device.model = hello.model }
    if hello.descriptorHash != 0 { device.descriptorHash = hello.descriptorHash }
    if hello.hardwareHint != 0 { device.hardwareHint = hello.hardwareHint }
  }

  /// What the board said of itself is true of another: only its host's cursors could tell.
  mutating func doubtCopy(on syspath: String) {
    guard let port = live[syspath], !port.bindingIsProvisional, let identity = port.binding else {
      return
    }
    doubt(.sameIdentityTwice(identity), on: syspath)
  }
}
