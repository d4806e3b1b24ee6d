internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Sync

/// Rules of alarms and what came of them, as people ask for them.
extension Node {
  func alarmRules() -> AlarmRulesList {
    var list = AlarmRulesList(rules: [], unreadable: 0)
    for (bytes, _) in recorder.registers.all(.alarmRule) {
      guard let key = AlarmKey(bytes), let view = view(of: key) else {
        list.unreadable += 1
        continue
      }
      list.rules.append(view)
    }
    list.rules.sort { ($0.rule.name, $0.id) < ($1.rule.name, $1.id) }
    return list
  }

  /// Writes a rule, a new one where none is named; answered once it is on disk.
  func setAlarmRule(
    _ id: String?, _ content: AlarmRuleContent, author: String
  ) async throws(ServiceError) -> AlarmRuleView {
    let named = try id.map { (id) throws(ServiceError) in try alarmKey(id) }
    let device = owner(of: try find(content.device))
    let rule = try AlarmText.rule(content, scope: try scope(device, content.channel))
    let key: AlarmKey
    if let named {
      key = named
    } else {
      guard recorder.registers.all(.alarmRule).count < AlarmDesk.rulesMax else {
        throw ServiceError(
          status: 409, code: "too-many", parameters: ["limit": "\(AlarmDesk.rulesMax)"],
          detail: "\(AlarmDesk.rulesMax) rules are kept at most",
          remedy: "remove what is no longer needed")
      }
      guard let new = AlarmKey(Array(randomBytes16().prefix(8))) else {
        preconditionFailure("eight bytes make a key")
      }
      key = new
    }
    try await write(rule.encoded(), as: key, author: author)
    guard let view = view(of: key) else { throw Self.noRule(key.description) }
    return view
  }

  func removeAlarmRule(_ id: String, author: String) async throws(ServiceError) {
    try await write(nil, as: try alarmKey(id), author: author)
  }

  private func write(
    _ value: [UInt8]?, as key: AlarmKey, author: String
  ) async throws(ServiceError) {
    try await recorder.write(
      .registerWrite(
        RegisterWrite(
          key: key.rule, value: value, replaces: recorder.registers.replaces(key.rule))),
      author: author)
    log.write(
      .notice, "alarm.rule",
      ["rule": "\(key)", "set": "\(value != nil)", "author": author])
  }

  func alarms(_ wanted: AlarmsRequest) throws(ServiceError) -> AlarmsPage {
    let fold = alarms.fold
    var found: [AlarmView]
    switch wanted.state {
    case .open: found = fold.open.map { view(of: $0) }
    case .unacknowledged: found = fold.unacknowledged.map { view(of: $0) }
    case .all: found = fold.all.map { view(of: $0) }
    }
    // What the disk does not take yet comes first: it is the newest.
    let unwritten = alarms.unwritten.values.sorted { $0.sinceUs > $1.sinceUs }
    found = unwritten.map { view(of: $0) } + found
    if let cursor = wanted.cursor {
      guard let place = found.firstIndex(where: { $0.id == cursor }) else {
        throw ServiceError(
          status: 400, code: "bad-argument", parameters: ["argument": "cursor"],
          detail: "\(cursor) is not a cursor of this list", remedy: "begin anew without one")
      }
      found.removeFirst(place + 1)
    }
    let counts = fold.counts
    return AlarmsPage(
      alarms: Array(found.prefix(wanted.limit)), open: counts.open + unwritten.count,
      unacknowledged: counts.unacknowledged + unwritten.count,
      unseen: counts.unseen + unwritten.count,
      next: found.count > wanted.limit ? found[wanted.limit - 1].id : nil)
  }

  func acknowledgeAlarm(
    _ id: String, comment: String, author: String
  ) async throws(ServiceError) -> AlarmView {
    let comment = try FactText.checked(comment, "comment", Limits.reasonBytesMax)
    let matches = alarms.fold.all.filter { $0.id.description.hasPrefix(id) }
    guard let episode = matches.first, !id.isEmpty else {
      throw ServiceError(
        status: 404, code: "not-found", parameters: ["alarm": id],
        detail: "no alarm has the id \(id)", remedy: "GET /api/v1/alarms lists them")
    }
    guard matches.count == 1 else {
      throw ServiceError(
        status: 409, code: "ambiguous", parameters: ["alarm": id],
        detail: "\(matches.count) alarms begin with \(id)", remedy: "give more of its id")
    }
    guard episode.acknowledged == nil else {
      throw ServiceError(
        status: 409, code: "alarm.acknowledged", parameters: ["alarm": episode.id.description],
        detail: "somebody has acknowledged it already", remedy: "nothing is left to do")
    }
    guard !comment.isEmpty || episode.rule?.wantsComment != true else {
      throw ServiceError(
        status: 400, code: "alarm.comment", parameters: ["alarm": episode.id.description],
        detail: "its rule wants who acknowledges it to say something",
        remedy: "say what was found or done")
    }
    try await recorder.write(
      .alarmAcknowledged(AlarmAcknowledged(episode: episode.id, comment: comment)), author: author)
    return view(of: alarms.fold.episode(episode.id) ?? episode)
  }

  // MARK: Views

  /// How many there are, for the status.
  var alarmTally: AlarmTallyView {
    let counts = alarms.fold.counts
    return AlarmTallyView(
      rules: alarms.desk.judgedCount, open: counts.open + alarms.unwritten.count,
      unacknowledged: counts.unacknowledged + alarms.unwritten.count,
      unseen: counts.unseen + alarms.unwritten.count)
  }

  /// Tells who watches what has become of an alarm.
  func publishAlarm(_ content: JournalContent) {
    let id: FactId
    switch content {
    case .alarmRaised(let raised): id = raised.episode
    case .alarmCleared(let cleared): id = cleared.episode
    case .alarmAcknowledged(let seen): id = seen.episode
    default: return
    }
    guard feed.isWatched, let episode = alarms.fold.episode(id) else { return }
    var event = LiveEvent()
    event.alarm = view(of: episode)
    feed.publish(event)
  }

  private func alarmKey(_ id: String) throws(ServiceError) -> AlarmKey {
    let keys = recorder.registers.all(.alarmRule).compactMap { AlarmKey($0.key) }
    guard let key = keys.first(where: { $0.description == id }) else { throw Self.noRule(id) }
    return key
  }

  private static func noRule(_ id: String) -> ServiceError {
    ServiceError(
      status: 404, code: "not-found", parameters: ["rule": id],
      detail: "no rule of alarms has the id \(id)", remedy: "GET /api/v1/rules lists them")
  }

  private func view(of key: AlarmKey) -> AlarmRuleView? {
    let siblings = recorder.registers.siblings(key.rule)
    guard let first = siblings.first, let value = first.value else { return nil }
    do throws(DecodeError) {
      return AlarmRuleView(
        id: key.description, rule: AlarmText.content(try AlarmRule(decoding: value)),
        author: first.stamp.author, atUs: first.stamp.wallUs, trusted: first.stamp.trusted,
        conflict: siblings.count > 1)
    } catch {
      return nil
    }
  }

  func view(of episode: AlarmEpisode) -> AlarmView {
    let (raised, stamp) = (episode.raised.fact, episode.raised.stamp)
    // By the same clock as the stamp: whatever it said, the distance is the boot clock's.
    let (sinceUs, isOver) = stamp.wallUs.subtractingReportingOverflow(stamp.bootUs - raised.sinceUs)
    var view = AlarmView(
      id: episode.id.description, rule: raised.rule.description,
      sinceUs: isOver ? stamp.wallUs : sinceUs, trusted: stamp.trusted, recorded: true)
    // By the clock of this boot an age is known whatever the wall clock says.
    if episode.clockEpoch == settings.clockEpoch { view.sinceBootUs = raised.sinceUs }
    let origin = episode.raised.record.origin
    if !settings.isOwn(origin) { view.node = sites?.name(of: origin) ?? "\(origin)" }
    describe(&view, episode.rule, episode.silence)
    (view.value, view.unit) = (raised.value?.value.description, raised.value?.unit)
    view.open = episode.isOpen
    if let cleared = episode.cleared {
      (view.clearedUs, view.clearedTrusted) = (cleared.stamp.wallUs, cleared.stamp.trusted)
      if episode.clearedEpoch == settings.clockEpoch { view.clearedBootUs = cleared.stamp.bootUs }
      view.clearedValue = cleared.fact.value?.value.description
      switch cleared.fact.reason {
      case .normal: view.cleared = "normal"
      case .ruleChanged: view.cleared = "rule-changed"
      case .ruleRemoved: view.cleared = "rule-removed"
      }
    }
    view.acknowledged = episode.acknowledged.map {
      var seen = WithdrawalView(
        author: $0.stamp.author, atUs: $0.stamp.wallUs, reason: $0.fact.comment)
      seen.trusted = $0.stamp.trusted
      return seen
    }
    return view
  }

  /// One that the disk has not taken yet: by the clock as it is now.
  private func view(of raised: AlarmRaised) -> AlarmView {
    let now = ClockObservation.now()
    var view = AlarmView(
      id: raised.episode.description, rule: raised.rule.description,
      sinceUs: now.wallUs - (now.bootUs - raised.sinceUs), trusted: now.trusted, recorded: false)
    view.sinceBootUs = raised.sinceUs
    (view.value, view.unit) = (raised.value?.value.description, raised.value?.unit)
    describe(&view, raised.judged, raised.silence)
    return view
  }
}
