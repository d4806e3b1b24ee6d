public import Model

extension DeviceRegistry {
  /// What the registry is told.
  public enum Event: Hashable, Sendable {
    /// A port is there; `atStart` when it was there before the daemon.
    case portAppeared(PortFacts, atStart: Bool)
    /// More is known of a port.
    case portChanged(PortFacts)
    /// A port is gone.
    case portVanished(syspath: String)
    /// How opening went; no error means it is open.
    case openResult(syspath: String, error: PortError?)
    /// An open port stopped working, before udev said that it is gone.
    case lineLost(syspath: String, error: PortError)
    /// The configuration says to leave the port alone: it was not opened, or was closed.
    case openDeclined(syspath: String)
    /// The time asked for with `Action.retryOpen` has come.
    case retryDue(syspath: String)
    /// A person asked to open the port.
    case openRequested(syspath: String)
    /// A board said HELLO; said again when its descriptor, and so its model, is known.
    case helloHeard(syspath: String, hello: HelloFacts)
    /// The board that said HELLO cannot be the one it says: its numbering belongs to another
    /// (PROTOCOL.md 4.3). Its readings get a provisional identity, and a question is asked.
    case copyHeard(syspath: String)
    /// A line of text came.
    case textHeard(syspath: String, line: String)
    /// No HELLO came in the time asked for with `Action.watchSilence`.
    case silentFor(syspath: String)
    /// A person answered.
    case answered(QuestionId, Answer)
    /// A person named a device; an empty name takes the name away.
    case named(DeviceIdentity, String)
    /// A person said whose readings those of a provisional identity are.
    case assigned(from: DeviceIdentity, to: DeviceIdentity)
    /// A person said to forget a device; its readings stay.
    case forgotten(DeviceIdentity)
    /// A person said whether to open a device found at start; nil follows its kind.
    case setOpenPolicy(DeviceIdentity, Bool?)
    /// A person said what a device is.
    case setKind(DeviceIdentity, DeviceKind)
    /// A person or the configuration gave a line speed, in baud, used from the next opening on.
    case setSpeed(DeviceIdentity, baud: UInt32)
  }

  /// What the shell has to do.
  public enum Action: Hashable, Sendable {
    /// Open the port at this speed, and answer with `Event.openResult`.
    case open(syspath: String, devnode: String, speedBaud: UInt32)
    /// Close the port.
    case close(syspath: String)
    /// Answer with `Event.retryDue` after this time.
    case retryOpen(syspath: String, afterMs: Int64)
    /// Answer with `Event.silentFor` after this time unless a HELLO with an id came.
    case watchSilence(syspath: String, afterMs: Int64)
    /// Give the board this id, for the boot with this nonce only.
    case provision(syspath: String, id: [UInt8], bootNonce: UInt32)
    /// File the readings of the port under this identity from now on.
    case bind(syspath: String, identity: DeviceIdentity)
    /// Stop filing readings of the port: nothing says whose they are.
    case unbind(syspath: String)
    /// Ask a person.
    case raise(Question)
    /// The question is answered or has lost its object.
    case withdraw(QuestionId)
    /// Keep this, in place of what was kept of the same identity.
    case remember(RememberedDevice)
    /// Keep nothing of this identity.
    case forget(DeviceIdentity)
    /// Show the readings of the first as those of the second.
    case assign(from: DeviceIdentity, to: DeviceIdentity)
    /// Put it in the log.
    case note(Note)
    /// Tell the person that it cannot be done.
    case refuse(Refusal)
  }

  /// What is worth a line in the log.
  public enum Note: Hashable, Sendable {
    /// A remembered board is expected here and says nothing; it may sleep.
    case expectedButSilent(DeviceIdentity)
    /// The old port of this socket was never reported gone; the new one took its place.
    case staleReplaced(syspath: String)
    /// The descriptor changed, the model did not: new firmware.
    case descriptorChanged(DeviceIdentity)
    /// A copied board keeps a provisional identity until it is given an id of its own.
    case copyNeedsOwnId(DeviceIdentity)
    /// A device was forgotten to make room.
    case forgottenForRoom(DeviceIdentity)
    /// All places are taken by named devices: this one is used but not remembered.
    case rememberedFull(DeviceIdentity)
    /// Too many questions are open: this one was not asked.
    case questionsFull
    /// Too many ports are live: this one is ignored.
    case portsFull(syspath: String)
  }

  /// Why a person's wish was not fulfilled.
  public enum Refusal: Hashable, Sendable {
    /// No such question is open.
    case unknownQuestion(QuestionId)
    /// No such device is remembered or live.
    case unknownDevice(DeviceIdentity)
    /// No such port is live.
    case unknownPort(syspath: String)
    /// The answer does not fit the question.
    case answerDoesNotFit(QuestionId)
    /// Another device has this name.
    case nameTaken(by: DeviceIdentity)
    /// The name is longer than `DeviceLimits.nameBytesMax` or holds control characters.
    case nameNotPossible
    /// The device is plugged in, on another port.
    case deviceIsLive(DeviceIdentity)
    /// A device cannot be assigned to itself, nor one that is not provisional.
    case notAssignable(DeviceIdentity)
  }
}
