internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Sync
internal import Web

/// Telling people of alarms: between the alarms, the desk of deliveries and the courier.
extension Node {
  /// Takes the recipients as they are on disk now.
  func takeRecipients() {
    var known: [AlarmKey: DeliveryDesk.Recipient] = [:]
    for (bytes, value) in recorder.registers.all(.recipient) {
      guard let key = AlarmKey(bytes), let content = Self.recipient(value), content.output == nil,
        let first = recorder.registers.siblings(key.recipient).first
      else { continue }
      known[key] = DeliveryDesk.Recipient(
        content: content, record: first.record, stamp: first.stamp)
    }
    if alarms.deliveryTimer == nil, !known.isEmpty {
      alarms.deliveryTimer = LoopTimer { [weak self] in self?.tickDeliveries() }
    }
    let own = known.isEmpty ? [] : alarms.fold.all.filter(isOwn)
    perform(alarms.deliveries.take(known, episodes: own, nowUs: Clock.bootUs()))
    takeOutputs()
    guard standsIn, !known.isEmpty else { return }
    leave(alarms.fold.all.filter { !isOwn($0) })
  }

  /// An episode has changed on disk.
  func deliver(_ id: FactId) {
    guard !alarms.deliveries.lines.isEmpty, let episode = alarms.fold.episode(id) else { return }
    if isOwn(episode) {
      perform(alarms.deliveries.take(episode, nowUs: Clock.bootUs()))
    } else if standsIn {
      leave([episode])
    }
  }

  /// Whether this node tells of what another one has not told in time.
  private var standsIn: Bool { settings.isHub && settings.mail.standInSeconds > 0 }

  /// Leaves episodes to the nodes that judged them, for a while.
  private func leave(_ episodes: [AlarmEpisode]) {
    perform(
      alarms.deliveries.wait(
        for: episodes, standInUs: settings.mail.standInSeconds * 1_000_000,
        nowUs: Clock.bootUs()))
  }

  func tickDeliveries() { perform(alarms.deliveries.tick(nowUs: Clock.bootUs())) }

  /// The node that judged an alarm tells it.
  private func isOwn(_ episode: AlarmEpisode) -> Bool {
    settings.isOwn(episode.raised.record.origin)
  }

  private func perform(_ actions: [DeliveryDesk.Action]) {
    for action in actions {
      switch action {
      case .send(let letter): Task { @Loop in await self.send(letter) }
      case .note(let letter, let outcome, let reason):
        recorder.note(
          .alarmDelivered(
            AlarmDelivered(
              episode: letter.episode, recipient: letter.recipient, moment: letter.moment,
              outcome: outcome, reason: reason)))
        // Never the address: it may hold a secret.
        log.write(
          outcome == .delivered ? .info : .warning, "alarm.told",
          [
            "episode": "\(letter.episode)", "recipient": "\(letter.recipient)",
            "moment": "\(letter.moment)", "outcome": "\(outcome)", "reason": reason,
          ])
      case .standIn(let id):
        guard let episode = alarms.fold.episode(id) else { continue }
        log.write(.notice, "alarm.stand-in", ["episode": "\(id)"])
        perform(alarms.deliveries.take(episode, nowUs: Clock.bootUs()))
      case .wake(let atUs): alarms.deliveryTimer?.arm(atUs: atUs)
      }
    }
  }

  private func send(_ letter: DeliveryDesk.Letter) async {
    var told = [letter.moment]
    let outcome: DeliveryDesk.Outcome
    if let line = alarms.deliveries.lines[letter.recipient],
      let episode = alarms.fold.episode(letter.episode)
    {
      // What is already over is told at once, with its beginning.
      if letter.moment == .raised, episode.cleared != nil { told.append(.cleared) }
      let result = await tell(letter, line.recipient.content, view(of: episode))
      outcome = Self.outcome(result)
    } else {
      outcome = .refused("gone")
    }
    let failures = alarms.deliveries.lines[letter.recipient]?.failures ?? 0
    perform(alarms.deliveries.done(letter, outcome, told: told, nowUs: Clock.bootUs()))
    // Once for each time that it begins to fail: it may go on for weeks.
    if case .delivered = outcome {
    } else if failures == 0 {
      log.write(
        .warning, "alarm.untold",
        ["recipient": "\(letter.recipient)", "reason": Self.reason(outcome)])
    }
  }

  func tell(
    _ letter: DeliveryDesk.Letter, _ recipient: AlarmRecipient, _ alarm: AlarmView?
  ) async -> Letter.Outcome {
    let text = LetterText(
      letter: letter, recipient: recipient, node: settings.node, alarm: alarm,
      device: alarm?.content.map { shownName($0.device) } ?? "")
    let made: Letter?
    switch recipient.way {
    case .webhook:
      do throws(JSONFailure) { made = try text.webhook() } catch { made = nil }
    case .mail:
      let clock = ClockObservation.now()
      made = text.mail(settings.mail, wallUs: clock.trusted ? clock.wallUs : nil)
    case .output: made = nil  // no letter goes there: `OutputDesk` switches it
    }
    guard var made else {
      return Letter.Outcome(
        kind: .refused, status: 0,
        words: "no mail server: set mail_server and mail_from under [alarms]")
    }
    made.authorities = settings.mail.authorities
    let secret = recipient.way == .mail ? settings.mail.passwordFile : nil
    return await alarms.courier.tell(made, secretFile: secret)
  }

  private func shownName(_ device: String) -> String {
    registry.remembered.first { $0.identity.text == device }?.name ?? device
  }

  private static func outcome(_ outcome: Letter.Outcome) -> DeliveryDesk.Outcome {
    switch outcome.kind {
    case .delivered: .delivered
    case .unreached: .unreached(outcome.words)
    case .refused: .refused(outcome.words)
    }
  }

  private static func reason(_ outcome: DeliveryDesk.Outcome) -> String {
    switch outcome {
    case .delivered: ""
    case .unreached(let words), .refused(let words): words
    }
  }

  static func recipient(_ value: [UInt8]) -> AlarmRecipient? {
    do throws(DecodeError) { return try AlarmRecipient(decoding: value) } catch { return nil }
  }
}

extension JournalContent {
  /// The episode of an alarm that it speaks of.
  var alarmTold: FactId? {
    switch self {
    case .alarmRaised(let fact): fact.episode
    case .alarmCleared(let fact): fact.episode
    case .alarmDelivered(let fact) where fact.moment != .test: fact.episode
    default: nil
    }
  }
}
