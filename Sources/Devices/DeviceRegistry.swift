public import Model

/// Who is plugged in, who is remembered, and what must be asked: the one place that decides
/// which port is opened and under which identity its readings are filed.
///
/// A value without clock, randomness or I/O: every input is an event, every effect an action.
/// Where the facts cannot tell two devices apart it asks, and files readings under a provisional
/// identity until a person has answered.
public struct DeviceRegistry: Sendable {
  /// Which ports found at start are opened.
  public enum OpenAtStart: String, Hashable, Sendable, CaseIterable {
    /// None: opening may reset a board or stop a print.
    case none
    /// Those of remembered devices whose policy allows it.
    case known
    /// All.
    case all
  }

  /// Which ports found at start are opened.
  public let openAtStart: OpenAtStart
  var live: [String: LivePort] = [:]
  var devices: [DeviceIdentity: RememberedDevice] = [:]
  var openQuestions: [QuestionId: Question] = [:]
  /// Which device is expected where the USB facts say this.
  var deviceByUsb: [DeviceIdentity: DeviceIdentity] = [:]
  /// When a device was last of use, in events: the order of forgetting.
  var lastUse: [DeviceIdentity: UInt64] = [:]
  var uses: UInt64 = 0
  /// What the event being handled has led to so far.
  var actions: [Action] = []
  /// The random number of the event being handled, stirred at each use.
  var random: UInt64 = 0
  /// Questions not asked because `DeviceLimits.questionsMax` are open.
  public internal(set) var questionsRefused: UInt64 = 0
  /// Devices used but not remembered because all places are taken by named ones.
  public internal(set) var devicesRefused: UInt64 = 0
  /// Ports ignored because `DeviceLimits.portsMax` are live.
  public internal(set) var portsRefused: UInt64 = 0

  /// Starts with what was remembered, the longest unseen device first.
  public init(openAtStart: OpenAtStart = .known, remembered: [RememberedDevice] = []) {
    self.openAtStart = openAtStart
    for device in remembered.suffix(DeviceLimits.rememberedMax) {
      uses += 1
      lastUse[device.identity] = uses
      devices[device.identity] = device
      if let usb = device.usb { deviceByUsb[usb] = device.identity }
    }
  }

  /// The live ports, by syspath.
  public var ports: [LivePort] { live.values.sorted { $0.facts.syspath < $1.facts.syspath } }

  /// The remembered devices, by identity.
  public var remembered: [RememberedDevice] {
    devices.values.sorted { $0.identity < $1.identity }
  }

  /// The open questions, by id.
  public var questions: [Question] { openQuestions.values.sorted { $0.id < $1.id } }

  /// The live port at a syspath.
  public func port(at syspath: String) -> LivePort? { live[syspath] }

  /// The live port whose readings are filed under an identity.
  public func port(of identity: DeviceIdentity) -> LivePort? { holder(of: identity) }

  /// The live port where a device is expected by its USB facts and nothing else is known yet: one
  /// found at start and not opened, or one whose board has said nothing.
  public func port(expecting identity: DeviceIdentity) -> LivePort? {
    live.values.filter { $0.binding == nil && $0.expected == identity }
      .min { $0.facts.syspath < $1.facts.syspath }
  }

  /// What is remembered of an identity.
  public func device(_ identity: DeviceIdentity) -> RememberedDevice? { devices[identity] }

  /// Takes one event and says what is to be done, in this order.
  ///
  /// `random` is a fresh random number; ids of boards and provisional identities are made of it.
  public mutating func handle(_ event: Event, random: UInt64) -> [Action] {
    self.random = random
    actions = []
    switch event {
    case .portAppeared(let facts, let atStart): appear(facts, atStart: atStart)
    case .portChanged(let facts): change(facts)
    case .portVanished(let syspath): vanish(syspath)
    case .openResult(let syspath, let error): noteOpened(syspath, error)
    case .lineLost(let syspath, let error): loseLine(syspath, error)
    case .openDeclined(let syspath): decline(syspath)
    case .retryDue(let syspath): retry(syspath)
    case .openRequested(let syspath): openOnRequest(syspath)
    case .helloHeard(let syspath, let hello): hear(hello, on: syspath)
    case .copyHeard(let syspath): doubtCopy(on: syspath)
    case .textHeard(let syspath, let line): hearText(line, on: syspath)
    case .silentFor(let syspath): settle(syspath)
    case .answered(let id, let answer): take(answer, to: id)
    case .named(let identity, let name): setName(name, of: identity)
    case .assigned(let from, let to): assign(from, to: to)
    case .forgotten(let identity): forget(identity)
    case .setOpenPolicy(let identity, let policy): update(identity) { $0.openPolicy = policy }
    case .setKind(let identity, let kind): setKind(kind, of: identity)
    case .setSpeed(let identity, let baud): update(identity) { $0.speedBaud = baud }
    }
    defer { actions = [] }
    return actions
  }
}
