public import Model

/// What is remembered, and how.
extension DeviceRegistry {
  mutating func bind(_ syspath: String, to identity: DeviceIdentity) {
    guard live[syspath]?.binding != identity else { return }
    live[syspath]?.binding = identity
    live[syspath]?.bindingIsProvisional = false
    let device = devices[identity]
    live[syspath]?.socketBefore = device.flatMap { $0.lastSocket.isEmpty ? nil : $0.lastSocket }
    actions.append(.bind(syspath: syspath, identity: identity))
  }

  /// Files nothing of the port any more.
  mutating func release(_ syspath: String) {
    guard live[syspath]?.binding != nil else { return }
    live[syspath]?.binding = nil
    live[syspath]?.bindingIsProvisional = false
    actions.append(.unbind(syspath: syspath))
  }

  /// Notes where a device is, and so where it is expected next time.
  mutating func place(_ device: inout RememberedDevice, at facts: PortFacts) {
    device.lastSocket = facts.socket
    device.usb = candidate(for: facts)?.identity
  }

  /// Keeps a device, and tells the shell when that changes anything.
  mutating func remember(_ device: RememberedDevice) {
    uses += 1
    let known = devices[device.identity]
    guard known != device else { return lastUse[device.identity] = uses }
    guard known != nil || makeRoom(for: device.identity) else { return }
    lastUse[device.identity] = uses
    devices[device.identity] = device
    if let usb = known?.usb, usb != device.usb, deviceByUsb[usb] == device.identity {
      deviceByUsb[usb] = nil
    }
    if let usb = device.usb {
      // One device is expected behind one set of facts: the one seen there last.
      let before = deviceByUsb.updateValue(device.identity, forKey: usb)
      if let before, before != device.identity, var moved = devices[before] {
        moved.usb = nil
        devices[before] = moved
        actions.append(.remember(moved))
      }
    }
    actions.append(.remember(device))
  }

  /// Takes what other nodes say of devices: nothing is to be written for it. Where one is plugged
  /// in here, only what people say of it is taken; one that was forgotten is let go unless it is.
  ///
  /// Returns the devices that are others than before.
  public mutating func learn(
    _ remembered: [RememberedDevice], forgotten: [DeviceIdentity]
  ) -> [DeviceIdentity] {
    var changed: [DeviceIdentity] = []
    for device in remembered {
      var learned = device
      if holder(of: device.identity) != nil, let known = devices[device.identity] {
        learned = known
        learned.name = device.name
        learned.openPolicy = device.openPolicy
        learned.partOf = device.partOf
      }
      guard devices[device.identity] != learned else { continue }
      guard devices[device.identity] != nil || devices.count < DeviceLimits.rememberedMax else {
        devicesRefused &+= 1
        continue
      }
      devices[device.identity] = learned
      changed.append(device.identity)
    }
    for identity in forgotten where devices[identity] != nil && holder(of: identity) == nil {
      devices[identity] = nil
      lastUse[identity] = nil
      changed.append(identity)
    }
    return changed
  }

  /// Forgets the longest unused device without a name when all places are taken.
  private mutating func makeRoom(for identity: DeviceIdentity) -> Bool {
    guard devices.count >= DeviceLimits.rememberedMax else { return true }
    let unnamed = devices.values.filter { $0.name.isEmpty && holder(of: $0.identity) == nil }
    let oldest = unnamed.map { (lastUse[$0.identity] ?? 0, $0.identity) }.min { $0 < $1 }
    guard let oldest = oldest?.1 else {
      devicesRefused &+= 1
      actions.append(.note(.rememberedFull(identity)))
      return false
    }
    drop(oldest)
    actions.append(.note(.forgottenForRoom(oldest)))
    return true
  }

  mutating func drop(_ identity: DeviceIdentity) {
    if let usb = devices[identity]?.usb, deviceByUsb[usb] == identity { deviceByUsb[usb] = nil }
    devices[identity] = nil
    lastUse[identity] = nil
    actions.append(.forget(identity))
  }

  mutating func update(_ identity: DeviceIdentity, _ change: (inout RememberedDevice) -> Void) {
    guard var device = devices[identity] else {
      return actions.append(.refuse(.unknownDevice(identity)))
    }
    change(&device)
    remember(device)
  }

  mutating func setName(_ name: String, of identity: DeviceIdentity) {
    guard name.utf8.count <= DeviceLimits.nameBytesMax,
      name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { return actions.append(.refuse(.nameNotPossible)) }
    let owner = devices.values.filter { $0.name == name && $0.identity != identity }
    if !name.isEmpty, let owner = owner.map(\.identity).min() {
      return actions.append(.refuse(.nameTaken(by: owner)))
    }
    update(identity) { $0.name = name }
  }

  mutating func setKind(_ kind: DeviceKind, of identity: DeviceIdentity) {
    update(identity) {
      $0.kind = kind
      $0.answered = true
    }
    guard kind == .ignored, devices[identity] != nil, let port = holder(of: identity) else {
      return
    }
    let syspath = port.facts.syspath
    withdrawQuestions(of: syspath)
    live[syspath]?.state = .ignored
    live[syspath]?.evidence = .none
    release(syspath)
    actions.append(.close(syspath: syspath))
  }

  /// Forgets a device; one that is plugged in is met again as if for the first time.
  mutating func forget(_ identity: DeviceIdentity) {
    guard devices[identity] != nil else {
      return actions.append(.refuse(.unknownDevice(identity)))
    }
    drop(identity)
    for syspath in live.keys.sorted() where live[syspath]?.expected == identity {
      live[syspath]?.expected = nil
      if live[syspath]?.state == .ignored { live[syspath]?.state = .present }
    }
    guard let port = holder(of: identity) else { return }
    let syspath = port.facts.syspath
    withdrawQuestions(of: syspath)
    release(syspath)
    if let hello = port.hello {
      hear(hello, on: syspath)
    } else if port.isSettled {
      decide(syspath)
    }
  }

  func isTaken(_ identity: DeviceIdentity?) -> Bool {
    guard let identity else { return true }
    return devices[identity] != nil || holder(of: identity) != nil
  }

  mutating func freshProvisional(simulated: Bool) -> DeviceIdentity {
    let kind: DeviceIdentity.Kind = simulated ? .simulated : .provisional
    var identity = DeviceIdentity(kind: kind, bytes: randomBytes())
    while isTaken(identity) { identity = DeviceIdentity(kind: kind, bytes: randomBytes()) }
    guard let identity else { preconditionFailure("eight bytes make an identity") }
    return identity
  }

  /// Eight bytes from the random number of this event, stirred by SplitMix64 (Steele and others,
  /// 2014) so that one event can need several.
  mutating func randomBytes() -> [UInt8] {
    random &+= 0x9E37_79B9_7F4A_7C15
    var mixed = random
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return (0..<8).map { UInt8(truncatingIfNeeded: mixed >> (8 * UInt64($0))) }
  }
}
