internal import Protocol
public import Reactor

/// A board that this program plays on a pseudo-terminal, for `bivouac simulate` and tests.
///
/// It speaks through the same `DeviceSession` that runs in a board. Its identity is kept as long as
/// this value lives, over resets.
@Loop public final class SimulatedBoard {
  /// What it is.
  public let kind: BoardKind
  /// The path of the line's other side.
  public let path: String
  /// Told what happens to it.
  public var onEvent: (@Loop (BoardEvent) -> Void)?

  private var session: DeviceSession<4096>
  private var port: BoardPort
  private let settings: DeviceSettings
  private var registration: Registration?
  private var timer: LoopTimer?
  /// Held open so that the line does not hang up when a host lets go of it.
  private let line: Descriptor
  private var noise: Noise
  private var startUs: Int64
  private var scannedTicks: UInt64 = 0
  private var wasAttached = false
  private var deviceId: UInt64 = 0

  /// Starts a board that has no identity yet.
  ///
  /// - Parameters:
  ///   - kind: what to play.
  ///   - seed: random; all that is random about the board follows from it.
  ///   - secondsOfDay: the time of day at which the greenhouse begins, since midnight.
  public init(kind: BoardKind, seed: UInt64, secondsOfDay: Int) throws(Errno) {
    self.kind = kind
    var noise = Noise(seed: seed)
    let device: any PlayedDevice
    switch kind {
    case .esp32: device = Esp32Device(seed: noise.next())
    case .otomateCompanion:
      device = OtomateDevice(seed: noise.next(), secondsOfDay: secondsOfDay)
    }
    let terminal = try System.openPseudoTerminal()
    path = terminal.path
    let master = terminal.releaseMaster()
    line = try System.openRawTerminal(path)
    port = BoardPort(raw: master.raw, device: device)

    var settings = DeviceSettings()
    settings.hardwareHint = noise.next() & 0xFFFF_FFFF_FFFF
    settings.descriptorBytes = port.descriptorBytes
    settings.samplesPer1000s = device.samplesPer1000s
    self.settings = settings
    session = DeviceSession(
      settings: settings, ticks: 0, nonce: UInt32(truncatingIfNeeded: noise.next()))
    self.noise = noise
    startUs = Clock.bootUs()

    registration = try Registration(owning: master, interest: .read) { [weak self] _ in
      self?.poll()
    }
    timer = LoopTimer { [weak self] in self?.poll() }
    timer?.arm(afterUs: Limits.pollUs)
  }

  /// Opens the line's other side once more, to be handed to a daemon; the receiver owns it.
  public func openLine() throws(Errno) -> Descriptor { try System.openRawTerminal(path) }

  /// Does what the button of a board does: it starts anew, and keeps its identity.
  public func reset() {
    port.reset()
    session = DeviceSession(
      settings: settings, ticks: 0, nonce: UInt32(truncatingIfNeeded: noise.next()))
    startUs = Clock.bootUs()
    scannedTicks = 0
    tellAttachment()
  }

  /// Unplugs the board for ever: the line hangs up.
  public func close() {
    registration?.cancel()
    registration = nil
    timer?.cancel()
    timer = nil
  }

  /// Samples made since the last reset.
  public var samplesMade: UInt32 { session.samplesMade }
  /// Samples that a full ring dropped since the last reset.
  public var samplesDropped: UInt32 { session.samplesDropped }
  /// Samples that no host has on disk yet.
  public var samplesHeld: Int { session.samplesHeld }
  /// The run of the board; 0 while it has no identity.
  public var epoch: UInt32 { session.epoch }
  /// Whether a host has accepted its session.
  public var isAttached: Bool { session.isAttached }

  // MARK: Running

  private func poll() {
    let elapsedMs = UInt64(max(0, Clock.bootUs() - startUs)) / 1000
    let ticks = UInt32(truncatingIfNeeded: elapsedMs)
    scan(elapsedMs: elapsedMs, ticks: ticks)
    // A poll takes at most 256 bytes; what was read is taken now, since no event comes for it.
    repeat { session.poll(ticks: ticks, port: &port) } while port.hasBytes
    if let outcome = port.device.takeFinished() { session.finish(outcome) }
    for event in port.takeEvents() { onEvent?(event) }
    if session.deviceId != deviceId {
      deviceId = session.deviceId
      if deviceId != 0 && session.epoch == 1 { onEvent?(.provisioned(deviceId)) }
    }
    tellAttachment()
    if port.isResetWanted { reset() }
    // At the very tick of the next scan: a steady period is what costs least on the line.
    let scanUs = startUs + Int64(scannedTicks + port.device.periodMs) * 1000
    timer?.arm(atUs: min(scanUs, Clock.bootUs() + Limits.pollUs))
  }

  private func tellAttachment() {
    guard session.isAttached != wasAttached else { return }
    wasAttached = session.isAttached
    onEvent?(.attached(wasAttached))
  }

  /// Makes the scans that are due. Ticks never run backwards in a session, so that late ones are
  /// dated when they are made.
  private func scan(elapsedMs: UInt64, ticks: UInt32) {
    let periodMs = port.device.periodMs
    if elapsedMs > scannedTicks + periodMs * Limits.scansBehindMax {
      scannedTicks = elapsedMs - periodMs
    }
    while elapsedMs >= scannedTicks + periodMs {
      scannedTicks += periodMs
      var samples: [(UInt8, Int64)] = []
      port.device.scan(elapsedMs: periodMs) { samples.append(($0, $1)) }
      for (channel, value) in samples {
        // Refused in the first two seconds and without an identity: nothing is numbered then.
        _ = session.push(channel: channel, integer: value, ticks: ticks)
      }
    }
  }
}
