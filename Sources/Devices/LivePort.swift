public import Model

/// What a board's HELLO said, as far as identity goes.
public struct HelloFacts: Hashable, Sendable {
  /// The 8-byte id; all zero while the board has none.
  public var companionId: [UInt8]
  /// Drawn by the board at each boot.
  public var bootNonce: UInt32
  /// The hardware's own number, or 0.
  public var hardwareHint: UInt64
  /// The hash of the descriptor.
  public var descriptorHash: UInt64
  /// The descriptor's model, where the descriptor is known; empty otherwise.
  public var model: String

  /// Puts the facts together.
  public init(
    companionId: [UInt8], bootNonce: UInt32, hardwareHint: UInt64 = 0,
    descriptorHash: UInt64 = 0, model: String = ""
  ) {
    self.companionId = companionId
    self.bootNonce = bootNonce
    self.hardwareHint = hardwareHint
    self.descriptorHash = descriptorHash
    self.model = model
  }
}

/// A port that is plugged in now.
public struct LivePort: Hashable, Sendable {
  /// How far we went with it.
  public enum State: Hashable, Sendable {
    /// Listed, not opened: it was there at start and nobody said it may be opened.
    case present
    /// Being opened.
    case opening
    /// Open, being read.
    case listening
    /// It could not be opened.
    case failed(PortError)
    /// A person said to leave it alone.
    case ignored
  }

  /// What was heard on it since it was opened.
  public enum Evidence: Hashable, Sendable {
    /// Nothing yet.
    case none
    /// Nothing for so long that it counts.
    case silence
    /// Lines of text, the first of them quoted; no HELLO.
    case text(String)
    /// A HELLO.
    case hello(HelloFacts)
  }

  /// What udev says.
  public internal(set) var facts: PortFacts
  /// Whether it was there when the daemon started.
  public let atStart: Bool
  /// How far we went.
  public internal(set) var state: State = .present
  /// What was heard.
  public internal(set) var evidence: Evidence = .none
  /// The remembered device expected here by its USB facts.
  public internal(set) var expected: DeviceIdentity?
  /// The device its readings are filed under; nil while there is none.
  public internal(set) var binding: DeviceIdentity?
  /// Whether that is only until a person has answered a question.
  public internal(set) var bindingIsProvisional = false
  /// The speed it was opened with, in baud.
  public internal(set) var speedBaud = RememberedDevice.speedBaudDefault

  /// Whether no HELLO came in the time a board takes to say one.
  var isSettled = false
  /// The id offered to a board that has none.
  var offer: Offer?
  /// The socket where its device was before this binding; nil for a newcomer.
  var socketBefore: String?
  /// How often it was tried to open.
  var openAttempts = 0

  /// An id offered to a board, and the boot it was offered to.
  struct Offer: Hashable, Sendable {
    let id: [UInt8]
    let bootNonce: UInt32
  }

  init(facts: PortFacts, atStart: Bool) {
    self.facts = facts
    self.atStart = atStart
  }

  /// The HELLO heard, if one was.
  var hello: HelloFacts? {
    if case .hello(let hello) = evidence { return hello }
    return nil
  }

  /// The port in words that outlast the plug: what is in which socket.
  var lastingName: String {
    facts.bus == .simulated
      ? facts.syspath : "\(facts.usbId)@\(facts.socket)#\(facts.portNumber)"
  }
}
