internal import Model
internal import Sync

/// Decides whom to tell what of which alarm, and when to try again: the core, which has no clock.
///
/// What is owed follows from the records alone (an episode, a recipient, and no record that it was
/// told), so that it outlives every restart. It is told at least once: a record that it was told
/// comes after the telling, and a power cut between them has it told again, under the same key.
struct DeliveryDesk {
  /// Recipients that are told; of more those with the lowest keys are, and the others are counted.
  static let recipientsMax = 64
  /// What waits for one recipient; beyond, the oldest is given up, on record.
  static let waitingMax = 256
  /// What is under way at one time: one for a recipient, so that one that hangs holds few up.
  static let underWayMax = 4
  /// The wait after a first failure, in µs; it doubles.
  static let retryUs: Int64 = 5_000_000
  /// The longest wait where nobody could be reached: links come for seconds.
  static let unreachedUsMax: Int64 = 60_000_000
  /// The longest wait after a refusal: somebody has to mend something.
  static let refusedUsMax: Int64 = 3_600_000_000

  /// One thing to be told to one recipient.
  struct Letter: Hashable {
    var episode: FactId
    var recipient: AlarmKey
    var moment: AlarmDelivered.Moment
  }

  /// What became of telling it.
  enum Outcome: Hashable {
    case delivered
    /// Nobody could be reached.
    case unreached(String)
    /// The other side, or what we know of it, says no.
    case refused(String)
  }

  /// What is to be done.
  enum Action: Hashable {
    case send(Letter)
    /// It is to be on record that this was told, or not.
    case note(Letter, AlarmDelivered.Outcome, reason: String)
    /// Another node's episode is to be taken as an own one now: that node has not told it in time.
    case standIn(FactId)
    /// A tick is wanted then.
    case wake(atUs: Int64)
  }

  /// A recipient as the registers have it.
  struct Recipient: Hashable {
    var content: AlarmRecipient
    var record: RecordId
    var stamp: Stamp
  }

  /// How it goes with one recipient.
  struct Line: Hashable {
    var recipient: Recipient
    /// Oldest first.
    var waiting: [Letter] = []
    var underWay: Letter?
    /// Attempts that failed since one did not.
    var failures = 0
    /// Why the last one failed; nil when it did not.
    var reason: String?
    /// When the next one may be, in µs of CLOCK_BOOTTIME.
    var nextUs: Int64 = 0
  }

  /// Episodes of other nodes that are waited for; beyond, one more is told at once.
  static let awaitedMax = 1_024

  private(set) var lines: [AlarmKey: Line] = [:]
  /// When episodes of other nodes are told from here, unless they were told by then.
  private var awaited: [FactId: Int64] = [:]
  /// What was told and is not on disk yet.
  private var noting: Set<Letter> = []
  /// Recipients beyond `recipientsMax`.
  private(set) var overLimitCount = 0

  /// Takes the recipients as the registers have them, and the episodes of this node.
  mutating func take(
    _ recipients: [AlarmKey: Recipient], episodes: [AlarmEpisode], nowUs: Int64
  ) -> [Action] {
    let keys = recipients.keys.sorted { $0.description < $1.description }
    overLimitCount = max(0, keys.count - Self.recipientsMax)
    let kept = keys.prefix(Self.recipientsMax)
    for key in lines.keys where !kept.contains(key) { lines[key] = nil }
    var actions: [Action] = []
    for key in kept {
      guard let recipient = recipients[key], lines[key]?.recipient != recipient else { continue }
      var line = lines[key] ?? Line(recipient: recipient)
      line.recipient = recipient
      // Whoever changed it may have mended it.
      (line.failures, line.nextUs, line.reason) = (0, 0, nil)
      if !recipient.content.isEnabled { line.waiting = [] }
      lines[key] = line
      for episode in episodes.reversed() { actions += owe(episode, key) }
    }
    return actions + tick(nowUs: nowUs)
  }

  /// An episode of this node has changed.
  mutating func take(_ episode: AlarmEpisode, nowUs: Int64) -> [Action] {
    var actions: [Action] = []
    drop(toldOf: episode)
    awaited[episode.id] = nil
    for key in lines.keys.sorted(by: { $0.description < $1.description }) {
      actions += owe(episode, key)
    }
    return actions + tick(nowUs: nowUs)
  }

  /// Episodes of other nodes have changed: they are theirs to tell, for so long.
  mutating func wait(
    for episodes: [AlarmEpisode], standInUs: Int64, nowUs: Int64
  ) -> [Action] {
    for episode in episodes {
      drop(toldOf: episode)
      let isOwed = lines.contains { Self.owed(episode, $0.key, $0.value.recipient) != nil }
      if !isOwed {
        awaited[episode.id] = nil
      } else if awaited[episode.id] == nil {
        awaited[episode.id] = awaited.count < Self.awaitedMax ? nowUs + standInUs : nowUs
      }
    }
    return tick(nowUs: nowUs)
  }

  /// What is on record as told is not told again, by whichever node it was.
  private mutating func drop(toldOf episode: AlarmEpisode) {
    for told in episode.deliveries {
      let letter = Letter(
        episode: episode.id, recipient: told.fact.recipient, moment: told.fact.moment)
      noting.remove(letter)
      lines[letter.recipient]?.waiting.removeAll { $0 == letter }
    }
  }

  /// What became of a letter that was sent; `told` are the moments that it told of.
  mutating func done(
    _ letter: Letter, _ outcome: Outcome, told: [AlarmDelivered.Moment], nowUs: Int64
  ) -> [Action] {
    guard var line = lines[letter.recipient], line.underWay == letter else {
      // The recipient was removed meanwhile; what was told stays told.
      guard outcome == .delivered else { return tick(nowUs: nowUs) }
      return told.map { .note(Self.letter(letter, $0), .delivered, reason: "") }
        + tick(nowUs: nowUs)
    }
    line.underWay = nil
    var actions: [Action] = []
    switch outcome {
    case .delivered:
      (line.failures, line.nextUs, line.reason) = (0, 0, nil)
      // The end first: its record alone makes nothing owed, the other's alone would.
      for moment in told.sorted(by: { $0.rawValue > $1.rawValue }) {
        let letter = Self.letter(letter, moment)
        line.waiting.removeAll { $0 == letter }
        noting.insert(letter)
        actions.append(.note(letter, .delivered, reason: ""))
      }
    case .unreached(let reason):
      retry(&line, letter, reason, longestUs: Self.unreachedUsMax, nowUs)
    case .refused(let reason): retry(&line, letter, reason, longestUs: Self.refusedUsMax, nowUs)
    }
    lines[letter.recipient] = line
    return actions + tick(nowUs: nowUs)
  }

  /// Time went by: what may be sent is, and the next tick is asked for.
  mutating func tick(nowUs: Int64) -> [Action] {
    var actions: [Action] = []
    var nextUs: Int64?
    var underWay = lines.values.count { $0.underWay != nil }
    // Who has waited longest goes first.
    let ready = lines.filter { $0.value.underWay == nil && !$0.value.waiting.isEmpty }
      .sorted {
        ($0.value.nextUs, $0.key.description) < ($1.value.nextUs, $1.key.description)
      }
    for (key, line) in ready {
      guard line.nextUs <= nowUs else {
        nextUs = line.nextUs
        break
      }
      guard underWay < Self.underWayMax, let letter = line.waiting.first else { break }
      lines[key]?.waiting.removeFirst()
      lines[key]?.underWay = letter
      underWay += 1
      actions.append(.send(letter))
    }
    let due = awaited.filter { $0.value <= nowUs }
    for id in due.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      awaited[id] = nil
      actions.append(.standIn(id))
    }
    if let awaitedUs = awaited.values.min() { nextUs = min(nextUs ?? awaitedUs, awaitedUs) }
    if let nextUs { actions.append(.wake(atUs: nextUs)) }
    return actions
  }

  // MARK: What is owed

  private mutating func owe(_ episode: AlarmEpisode, _ key: AlarmKey) -> [Action] {
    guard var line = lines[key], let moment = Self.owed(episode, key, line.recipient) else {
      return []
    }
    let letter = Letter(episode: episode.id, recipient: key, moment: moment)
    guard line.underWay != letter, !line.waiting.contains(letter), !noting.contains(letter) else {
      return []
    }
    line.waiting.append(letter)
    defer { lines[key] = line }
    guard line.waiting.count > Self.waitingMax else { return [] }
    let oldest = line.waiting.removeFirst()
    noting.insert(oldest)
    return [.note(oldest, .givenUp, reason: "too-many")]
  }

  /// What a recipient is still to be told of an episode; nil for nothing.
  static func owed(
    _ episode: AlarmEpisode, _ key: AlarmKey, _ recipient: Recipient
  ) -> AlarmDelivered.Moment? {
    let content = recipient.content
    guard content.wants(episode) else { return nil }
    let told = episode.deliveries.filter { $0.fact.recipient == key }.map(\.fact)
    guard let first = told.first(where: { $0.moment == .raised }) else {
      return episode.isOpen || isLater(episode.raised, recipient) ? .raised : nil
    }
    // The end of what it was not told of means nothing to it.
    guard episode.cleared != nil, content.hearsEnd, first.outcome == .delivered,
      !told.contains(where: { $0.moment == .cleared })
    else { return nil }
    return .cleared
  }

  /// Whether an episode began after the recipient was written last: of what was over before, nobody
  /// is told. By the order of one run's records; between runs by the wall clock, unless only the
  /// episode's was wrong, as after a start without a network.
  private static func isLater(_ raised: Noted<AlarmRaised>, _ recipient: Recipient) -> Bool {
    if raised.record.origin == recipient.record.origin,
      raised.record.incarnation == recipient.record.incarnation,
      raised.record.lane == recipient.record.lane
    {
      return raised.record.seq > recipient.record.seq
    }
    if recipient.stamp.trusted, !raised.stamp.trusted { return true }
    return raised.stamp.wallUs > recipient.stamp.wallUs
  }

  private func retry(
    _ line: inout Line, _ letter: Letter, _ reason: String, longestUs: Int64, _ nowUs: Int64
  ) {
    line.waiting.insert(letter, at: 0)
    line.failures += 1
    line.reason = reason
    line.nextUs = nowUs + min(longestUs, Self.retryUs << Int64(min(line.failures - 1, 12)))
  }

  private static func letter(_ letter: Letter, _ moment: AlarmDelivered.Moment) -> Letter {
    Letter(episode: letter.episode, recipient: letter.recipient, moment: moment)
  }
}

extension DeliveryDesk.Letter {
  /// The same at every attempt, also after a restart: by it the other side knows a repetition.
  var idempotencyKey: String {
    let bytes = episode.bytes + recipient.bytes + [moment.rawValue]
    return Hex.text(Blake2b.content(bytes).prefix(16))
  }
}
