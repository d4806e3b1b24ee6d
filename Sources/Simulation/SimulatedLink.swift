internal import Model
internal import Storage
internal import Sync

/// The way from a node that was told another's address to that other: what the network does to it,
/// and how far the asker has come.
struct SimulatedLink {
  enum Phase {
    case idle
    case greeting(HelloInitiator)
    case proving(HelloInitiator.Introduced)
    case exchanging(NodeSession, [ExchangeChannel: AskingChannel])
  }

  /// Where a request goes.
  enum Path: Hashable {
    case hello
    case session
    case channel(SessionId, ExchangeChannel)
    /// Outside any session: whose places both took.
    case succession

    var text: String {
      switch self {
      case .hello: return "hello"
      case .session: return "session"
      case .channel(_, let channel): return "channel \(channel.rawValue)"
      case .succession: return "succession"
      }
    }
  }

  let asker: Int
  let other: Int
  /// Who was met there last, or named when it was set up.
  var peer: NodeId
  var phase = Phase.idle
  /// Whether anything passes, and which direction passes nothing.
  var isUp = true
  var losesRequests = false
  var losesAnswers = false
  var latencyUs: Int64 = 50_000
  var bitsPerSecond: Int64 = 1_000_000
  /// What the exchange knows of the other side outlives sessions, not the asker's run.
  var machines: [ExchangeChannel: ExchangeMachine] = [:]
  /// The letters under way, by path.
  var pending: [Path: UInt64] = [:]
  var sentAtUs: [UInt64: Int64] = [:]
  var pausedUntilUs: Int64 = 0
  /// What a keeper was asked to prove.
  var proof: (nonce: [UInt8], ranges: [KeptRange])?
  /// When an asker that is a keeper offers proofs.
  var offers = ProofOffers(pauseUs: SiteSimulation.offerPauseUs)
  /// What the asker's running clock said when a letter left, and the other's when it answered;
  /// what the asker knows of that.
  var clockAt: [UInt64: (reading: ClockReading, echoUs: Int64)] = [:]
  var answerAt: [UInt64: ClockReading] = [:]
  var echoUs: Int64 = 0
  /// How many bytes the answer had that is being looked at.
  var cameCount = 0
  /// When each channel began to compare last, and when that one began which came to rest last.
  var wokenAtUs: [ExchangeChannel: Int64] = [:]
  var restedAtUs: [ExchangeChannel: Int64] = [:]
  /// When it was asked last whose places were taken.
  var successionsAtUs: Int64 = -60_000_000
  /// Whether something is left alone in this session.
  var hasStalled = false
  var requestCount = 0
  /// Requests since all has healed, and how many are too many.
  var healedCount = 0
  static let healedMax = 2_000

  init(asker: Int, other: Int, peer: NodeId) {
    self.asker = asker
    self.other = other
    self.peer = peer
  }

  /// How long so many bytes are under way, in µs.
  func travelUs(_ bytes: Int) -> Int64 {
    latencyUs + Int64(bytes + 120) * 8_000_000 / bitsPerSecond
  }

  /// Whether a channel waits to be woken.
  func isIdle(_ channel: ExchangeChannel) -> Bool {
    guard case .exchanging(_, let channels) = phase else { return false }
    return channels[channel]?.isBusy == false
  }

  /// The session is over, whatever was under way.
  mutating func endSession() {
    if case .exchanging(_, let channels) = phase {
      for (channel, asking) in channels { machines[channel] = asking.machine }
    }
    phase = .idle
    pending = [:]
    restedAtUs = [:]
    offers = ProofOffers(pauseUs: SiteSimulation.offerPauseUs)
  }

  /// The asker's run is over.
  mutating func forget() {
    endSession()
    machines = [:]
  }
}
