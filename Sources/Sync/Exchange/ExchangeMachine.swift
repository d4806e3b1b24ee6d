public import Model

/// The asking side of an exchange on one channel: compares, tells, pulls and pushes by turns until
/// neither side lacks what the other can serve (docs/sync-format.md, section 9).
///
/// Pure: a shell carries its requests, stores what comes and reports how that went. Whatever the
/// other side says, it comes to rest: what does not come twice is left alone in this session, and
/// a round that moves nothing is the last one until a vector changes.
public struct ExchangeMachine: Sendable {
  /// What happens.
  public enum Event: Sendable {
    /// A session is there, or this node's vector changed, or the other side's was said to have.
    case wake(mine: HaveVector)
    /// The answer to the request that is under way, of a pull and a push too.
    case answered(ExchangeAnswer)
    /// What a pull brought is on disk; whether its seal came.
    case stored(mine: HaveVector)
    /// The request that is under way brought no answer, or one that is not one.
    case cut
  }

  /// What is to be done.
  public enum Action: Hashable, Sendable {
    /// Send this; of a pull, store what comes, then say `answered` and `stored`.
    case request(ExchangeRequest)
    /// Push a batch of these, in their order, of so many bytes.
    case push([LogPart], bytesMax: Int)
    /// Both sides know the same, as far as they can: nothing to do before a wake.
    case rest(stalled: UInt64)
    /// The other side wants to be left alone for so long.
    case pause(seconds: UInt32, code: String)
  }

  private enum State: Hashable, Sendable {
    case resting
    case comparing
    case telling(isWhole: Bool)
    case pulling([LogPart])
    case storing([LogPart])
    case pushing([LogPart])
  }

  /// Which of the two vectors.
  public let channel: ExchangeChannel
  /// How much is asked for at once.
  public var window = ExchangeWindow()
  private var state = State.resting
  private var mine = HaveVector()
  private var theirs: HaveVector?
  /// Its digest, which it names itself by.
  private var theirsDigest: [UInt8]?
  /// The last of mine that the other side understood.
  private var told: HaveVector?
  private var pulls: ExchangePlan
  private var pushes: ExchangePlan
  private var hasMoved = false
  private var isPullsTurn = true
  private var isWakeWaiting = false
  private var wholeAsked = false
  /// Whether both vectors were compared in this session.
  private var isCompared = false

  /// Whose records are asked for; nil for everybody's. What others push is taken all the same.
  private let origins: Set<NodeId>?

  /// Begins at rest, knowing nothing of the other side. It may outlive a session.
  ///
  /// With `origins` it asks for the records of these alone: for a gateway that only gives, and gets
  /// back what it has lost, under the keys that it had before too.
  public init(_ channel: ExchangeChannel, origins: Set<NodeId>? = nil) {
    self.channel = channel
    self.origins = origins
    pulls = ExchangePlan(channel)
    pushes = ExchangePlan(channel)
  }

  /// A new session: what did not come in the last one is asked for again.
  public mutating func beginSession() {
    isCompared = false
    if SeededBug.stallOutlivesSession.isOn { return window.beginSession() }
    pulls = ExchangePlan(channel)
    pushes = ExchangePlan(channel)
    window.beginSession()
  }

  /// The other side's vector, as it is known here.
  public var known: HaveVector? { theirs }

  /// What the other side is known to hold and this one lacks, and the other way round.
  public var missing: (here: [LogId: Intervals], there: [LogId: Intervals]) {
    let theirs = theirs ?? HaveVector()
    return (wanted(from: theirs), theirs.wanted(from: mine))
  }

  private func wanted(from theirs: HaveVector) -> [LogId: Intervals] {
    let all = mine.wanted(from: theirs)
    guard let origins else { return all }
    return all.filter { origins.contains($0.key.run.origin) }
  }

  /// The single entry point.
  public mutating func handle(_ event: Event) -> [Action] {
    switch (event, state) {
    case (.wake(let vector), .resting):
      mine = vector
      hasMoved = false
      wholeAsked = false
      return pushAtOnce() ?? compare()
    case (.wake(let vector), _):
      mine = vector
      isWakeWaiting = true
      return []
    case (.cut, .resting): return []
    case (.cut, _):
      state = .resting
      return []
    case (.answered(.refused(let code, let seconds)), _):
      state = .resting
      return [.pause(seconds: seconds, code: code)]
    case (.answered(let answer), .comparing): return compared(answer)
    case (.answered(.told(let isUnderstood)), .telling(let isWhole)):
      return toldThem(isUnderstood, isWhole)
    case (.answered(.pulled), .pulling(let parts)):
      state = .storing(parts)
      return []
    case (.stored(let vector), .storing(let parts)), (.stored(let vector), .pulling(let parts)):
      return stored(vector, parts)
    case (.stored(let vector), _):
      mine = vector
      return []
    case (.answered(.pushed(let message, _, _)), .pushing(let parts)):
      return pushed(message, parts)
    case (.answered, _):
      // An answer to something else: the session is not to be trusted further than that.
      state = .resting
      return [.pause(seconds: 60, code: "confused")]
    }
  }

  /// State that the other side lacked when it was heard last goes before anything is compared: an
  /// alarm is not to wait for two round trips. Of telemetry, of which there is much and which
  /// several may carry, nothing goes that may have come there meanwhile.
  private mutating func pushAtOnce() -> [Action]? {
    guard channel == .state, isCompared, let theirs else { return nil }
    let pushing = pushes.next(theirs.wanted(from: mine), to: theirs)
    guard !pushing.isEmpty else { return nil }
    // Whatever comes of it, both compare afterwards.
    hasMoved = true
    isWakeWaiting = false
    isPullsTurn = true
    state = .pushing(pushing)
    return [.push(pushing, bytesMax: window.bytes)]
  }

  private mutating func compare() -> [Action] {
    state = .comparing
    isWakeWaiting = false
    return [.request(.compare(mine: mine.digest, yours: theirsDigest))]
  }

  private mutating func compared(_ answer: ExchangeAnswer) -> [Action] {
    switch answer {
    case .same:
      told = mine
      isCompared = true
      return plan()
    case .differs(let message, let since):
      guard learn(message) else {
        guard !wholeAsked else {
          state = .resting
          return [.pause(seconds: 60, code: "vector")]
        }
        wholeAsked = true
        return compare()
      }
      return tell(since: since)
    default:
      state = .resting
      return [.pause(seconds: 60, code: "confused")]
    }
  }

  private mutating func tell(since: [UInt8]?) -> [Action] {
    if let told, told.digest == since {
      state = .telling(isWhole: false)
      return [.request(.tell(.delta(VectorDelta(from: told, to: mine))))]
    }
    state = .telling(isWhole: true)
    return [.request(.tell(.whole(mine)))]
  }

  private mutating func toldThem(_ isUnderstood: Bool, _ isWhole: Bool) -> [Action] {
    if isUnderstood {
      told = mine
      isCompared = true
      return plan()
    }
    guard !isWhole else {
      state = .resting
      return [.pause(seconds: 60, code: "vector")]
    }
    return tell(since: nil)
  }

  /// What goes next: pulls and pushes by turns, then another look, then rest.
  private mutating func plan() -> [Action] {
    let theirs = theirs ?? HaveVector()
    let pulling = pulls.next(wanted(from: theirs), to: mine)
    let pushing = pushes.next(theirs.wanted(from: mine), to: theirs)
    if !pulling.isEmpty, isPullsTurn || pushing.isEmpty {
      isPullsTurn = false
      state = .pulling(pulling)
      return [.request(.pull(bytesMax: window.bytes, pulling))]
    }
    if !pushing.isEmpty {
      isPullsTurn = true
      state = .pushing(pushing)
      return [.push(pushing, bytesMax: window.bytes)]
    }
    if hasMoved || isWakeWaiting || SeededBug.emptyRoundRepeats.isOn {
      hasMoved = false
      return compare()
    }
    state = .resting
    return [.rest(stalled: pulls.stalledCount + pushes.stalledCount)]
  }

  private mutating func stored(_ vector: HaveVector, _ parts: [LogPart]) -> [Action] {
    let isAny = parts.contains { $0.hasMoved(mine, vector) }
    mine = vector
    note(parts, isAny, isPull: true)
    return plan()
  }

  private mutating func pushed(_ message: VectorMessage, _ parts: [LogPart]) -> [Action] {
    let before = theirs ?? HaveVector()
    guard learn(message) else { return compare() }
    let after = theirs ?? HaveVector()
    let isAny = parts.contains { $0.hasMoved(before, after) }
    note(parts, isAny, isPull: false)
    return plan()
  }

  /// Takes what the other side says of its vector; where that cannot be understood nothing is known
  /// of it any more, and the next comparison asks for the whole.
  private mutating func learn(_ message: VectorMessage) -> Bool {
    theirs = message.applied(to: theirs)
    theirsDigest = theirs?.digest
    if SeededBug.deltaOnStaleBase.isOn, theirs != nil, case .delta(let delta) = message {
      theirsDigest = delta.result
    }
    if SeededBug.floorMergedIntoSeen.isOn { mergeFloors() }
    return theirs != nil
  }

  /// The seeded bug: what the other side no longer holds counts as seen here.
  private mutating func mergeFloors() {
    for (log, state) in theirs?.logs ?? [:] {
      mine[log].seen.join(state.seen.subtracting(state.held))
    }
  }

  private mutating func note(_ parts: [LogPart], _ isAny: Bool, isPull: Bool) {
    if isAny { hasMoved = true }
    switch (isPull, isAny) {
    case (true, true): pulls.moved(parts)
    case (true, false): pulls.failed(parts)
    case (false, true): pushes.moved(parts)
    case (false, false): pushes.failed(parts)
    }
  }
}

extension LogPart {
  /// Whether anything of it came: records, or blocks of a range that is not whole yet.
  fileprivate func hasMoved(_ before: HaveVector, _ after: HaveVector) -> Bool {
    let (old, new) = (before[log], after[log])
    if !new.seen.intersection(seqs).subtracting(old.seen).isEmpty { return true }
    let known = Dictionary(old.begun.map { ($0.first, $0.blocks) }) { first, _ in first }
    return new.begun.contains { $0.blocks > known[$0.first] ?? 0 }
  }
}
