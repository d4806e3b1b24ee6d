internal import Devices
internal import Model
internal import Protocol
internal import Reactor
internal import Sync

/// What the node knows of one open port in this plug: the conversation, and what to show of it.
@Loop final class Attachment {
  /// Lines of a device's log that are kept.
  static let logLinesMax = 50
  /// Descriptors of one plug that are written to the journal; further ones are only used.
  static let descriptorsWrittenMax = 16

  let syspath: String
  let link: CompanionLink
  let isSimulated: Bool
  /// Under which identity this session's samples are filed.
  var identity: DeviceIdentity?
  /// The last HELLO.
  var hello: Hello?
  /// What the board says of itself; empty until its descriptor is known.
  private(set) var descriptor = BoardDescriptor()
  /// The channels of its samples, and the last of each.
  var shown = ShownSamples()
  /// The clock of the running epoch.
  var fit = ClockFit()
  /// The fit last written to the journal.
  var fitWritten: ClockLine?
  var log: [String] = []
  var problem: ProblemView?
  /// Corrupt frames when it was last looked whether another process reads the port too.
  var corruptLooked: UInt32 = 0
  /// When that was, in µs of CLOCK_BOOTTIME.
  var lookedUs: Int64 = 0
  /// Whether no reading came in this attachment yet: the first is committed at once.
  var awaitsFirst = true
  /// Keeps this port from filling the daemon's log.
  var logGate = LogGate()
  var hellos: UInt64 = 0
  var reboots: UInt64 = 0
  var stored: UInt64 = 0
  var declaredLost: UInt64 = 0
  var unknownTail: UInt64 = 0
  /// Readings that were refused by the batch and wait on the board.
  var refused: UInt64 = 0
  /// Readings that no commit can hold; gaps stand in their places.
  var rejected: UInt64 = 0
  /// Which of its channels are recorded; nil before that is decided.
  var admission: SeriesAdmission?
  /// The channels as they are recorded, where some are not.
  var recorded: [Channel]?
  /// Up to which index channels without a description were looked at.
  var undescribedEnd = 0
  /// Whether it is being looked up which of its channels are new.
  var isLookedUp = false
  /// Whether this board was counted among those that bring too many series.
  var isOverLimit = false
  /// Readings of channels that are not recorded; gaps stand in their places.
  var overLimit: UInt64 = 0
  /// Where its readings go to be judged; nil before that is known.
  var alarmTaps: AlarmDesk.Taps?
  /// Descriptors read in this plug.
  var descriptorsRead = 0

  init(syspath: String, link: CompanionLink, isSimulated: Bool) {
    self.syspath = syspath
    self.link = link
    self.isSimulated = isSimulated
  }

  /// Keeps a line for people; the oldest makes room.
  func keep(_ line: String) {
    if log.count >= Self.logLinesMax { log.removeFirst(log.count - Self.logLinesMax + 1) }
    log.append(line)
  }

  /// Takes what the board says of itself. What was shown under the channels of another description
  /// is not of this one.
  func describe(_ descriptor: BoardDescriptor) {
    guard self.descriptor != descriptor else { return }
    self.descriptor = descriptor
    shown = ShownSamples(channels: descriptor.channels)
    (recorded, undescribedEnd, alarmTaps) = (nil, 0, nil)
  }

  /// Starts the books of a new session.
  func begin(_ identity: DeviceIdentity, _ hello: Hello) {
    if self.identity != identity || self.hello?.nonce != hello.nonce {
      fit = ClockFit()
      fitWritten = nil
      shown.forget()
      awaitsFirst = true
    }
    if self.identity != identity {
      (admission, recorded, undescribedEnd, alarmTaps) = (nil, nil, 0, nil)
    }
    self.identity = identity
    self.hello = hello
  }

  /// The counts as the API shows them.
  var view: LinkView {
    let counts = link.counts
    var view = LinkView()
    view.bytesIn = link.port.bytesRead
    view.bytesOut = link.port.bytesWritten
    view.framesGood = UInt64(counts.reader.framesGood)
    view.framesCorrupt = UInt64(counts.reader.corrupt) + UInt64(counts.reader.overruns)
    view.framesMalformed = UInt64(counts.session.malformed)
    view.framesUnknown = UInt64(counts.session.unknownType)
    view.samplesRepeated = counts.session.repeated
    view.samplesStored = stored
    view.samplesDeclaredLost = declaredLost
    view.samplesRejected = rejected + overLimit
    view.samplesUnknownTail = unknownTail
    view.lossesSeen = UInt64(counts.session.outOfOrder)
    view.textLines = UInt64(counts.reader.textLines)
    view.noiseLines = UInt64(counts.reader.noiseLines)
    view.hellos = hellos
    view.reboots = reboots
    view.roundTripUs = link.roundTripUs
    return view
  }
}
