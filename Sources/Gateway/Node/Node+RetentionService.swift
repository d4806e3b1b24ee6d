internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// What people ask and say of how long readings are kept.
extension Node {
  /// Settings that may stand at one time: each is kept in memory.
  static let retentionSettingsMax = 4_096
  /// Records of what went that one answer shows, the newest first.
  static let trimmingsShownMax = 64

  func retentionView() async throws(ServiceError) -> RetentionView {
    let rules = retentionRules
    let fold = retention.trimmings
    var view = RetentionView(
      standard: rules.standard.view, databaseQuota: settings.retention.quota.text,
      agesCount: retention.nowUs != nil,
      settings: rules.settings.map { self.view(of: $0, $1, rules) }
        .sorted { ($0.device, $0.channel ?? "") < ($1.device, $1.channel ?? "") },
      went: fold.entries.suffix(Self.trimmingsShownMax).reversed().map { self.view(of: $0) },
      unseen: fold.unseenCount)
    view.keepAfterAck = RetentionText.text(ageUs: settings.retention.keepAfterAckUs)
    view.keepers = sites?.keeperNodes.map { sites?.name(of: $0) ?? "\($0)" } ?? []
    view.waiting = retention.tally.waiting
    let space: DatabaseSpace
    do throws(DatabaseError) {
      space = try await store.space()
    } catch {
      throw Problems.service(error)
    }
    let usedBytes = space.bytes - space.freeBytes
    (view.usedBytes, view.freeBytes) = (usedBytes, space.freeBytes)
    if let total = DiskSpace.totalBytes(settings.stateFolder) {
      view.reserveBytes = RoomJudge.reserveBytes(total, usedBytes: usedBytes)
      view.databaseQuotaBytes = retention.judge.quotaBytes(total)
    }
    return view
  }

  func retention(of device: String) async throws(ServiceError) -> DeviceRetentionView {
    let owner = owner(of: try find(device))
    let rules = retentionRules
    let parts = parts(of: owner).compactMap { $0 }
    let held: [String: [HeldBlocks]]
    do throws(DatabaseError) {
      held = try await history.held(parts)
    } catch {
      throw Problems.service(error)
    }
    var channels = Set(held.keys).union(view(of: owner).channels.map(\.key))
    for scope in rules.settings.keys where scope.device == owner {
      if let channel = scope.channel { channels.insert(channel) }
    }
    return DeviceRetentionView(
      device: owner.text, said: rules.settings[SeriesScope(owner)]?.view,
      channels: channels.sorted().map { channel in
        ChannelRetentionView(
          channel: channel, said: rules.settings[SeriesScope(owner, channel)]?.view,
          rule: rules.rule(owner, channel).view, held: (held[channel] ?? []).map(\.view))
      })
  }

  func setRetention(
    _ device: String, _ request: RetentionRequest, author: String
  ) async throws(ServiceError) -> RetentionSettingView {
    let scope = try await retentionScope(device, request.channel)
    let setting = RetentionSetting(
      raw: try RetentionAsked.age("raw", request.raw),
      minutes: try RetentionAsked.age("minutes", request.minutes),
      quota: try RetentionAsked.size("quota", request.quota))
    guard !setting.isEmpty else { throw RetentionAsked.nothing }
    let rules = retentionRules
    try RetentionAsked.check(setting, rules.base(of: scope))
    guard rules.settings[scope] != nil || rules.settings.count < Self.retentionSettingsMax else {
      throw ServiceError(
        status: 409, code: "too-many", parameters: ["limit": "\(Self.retentionSettingsMax)"],
        detail: "\(Self.retentionSettingsMax) of these are kept at most",
        remedy: "take back what is no longer needed")
    }
    try await write(setting, for: scope, author: author)
    return view(of: scope, setting, retentionRules)
  }

  func resetRetention(
    _ device: String, channel: String?, author: String
  ) async throws(ServiceError) {
    let scope = try standingScope(device, channel)
    guard retentionRules.settings[scope] != nil else {
      throw ServiceError(
        status: 404, code: "retention.not-set",
        parameters: ["device": device, "channel": channel ?? ""],
        detail: "nothing was said of how long \(channel ?? "all") of \(device) is kept",
        remedy: "bivouac retention lists what was")
    }
    try await write(nil, for: scope, author: author)
  }

  func acknowledge(
    _ request: AcknowledgeRequest, author: String
  ) async throws(ServiceError) -> RetentionView {
    let note = try FactText.checked(request.note, "note", Sync.Limits.reasonBytesMax)
    let fold = retention.trimmings
    var target: FactId?
    if let text = request.id {
      let found = fold.entries.filter { $0.trimming.id.description.hasPrefix(text) }
      guard text.utf8.count >= 4, let first = found.first else { throw FactText.notFound(text) }
      guard found.count == 1 else {
        throw ServiceError(
          status: 409, code: "ambiguous-id", parameters: ["id": text],
          detail: "\(found.count) ids begin with \(text)", remedy: "give more of its digits")
      }
      target = first.trimming.id
    }
    // Said twice is no mistake, and no second record.
    let isUnseen = fold.entries.contains { entry in
      entry.seen == nil && (target == nil || entry.trimming.id == target)
    }
    if isUnseen || (target == nil && fold.unseenCount > 0) {
      try await recorder.write(
        .trimmingSeen(TrimmingSeen(target: target, note: note)), author: author)
    }
    return try await retentionView()
  }

  // MARK: Helpers

  /// The scope of what was said; of a device that is forgotten, or filed under another one since,
  /// what was said of itself.
  private func standingScope(
    _ device: String, _ channel: String?
  ) throws(ServiceError) -> SeriesScope {
    if let identity = DeviceIdentity(text: device) {
      let own = try scope(identity, channel)
      if retentionRules.settings[own] != nil { return own }
    }
    return try scope(owner(of: try find(device)), channel)
  }

  /// The scope that a person names; a channel must be one that the device has, or had.
  private func retentionScope(
    _ device: String, _ channel: String?
  ) async throws(ServiceError) -> SeriesScope {
    let owner = owner(of: try find(device))
    let scope = try scope(owner, channel)
    guard let channel, !view(of: owner).channels.contains(where: { $0.key == channel }) else {
      return scope
    }
    let known: [String]
    do throws(DatabaseError) {
      let parts = parts(of: owner).compactMap { $0 }
      known = try await history.compactedSeries(SeriesQuery(devices: parts)).map(\.channel)
    } catch {
      throw Problems.service(error)
    }
    guard known.contains(channel) else {
      throw Self.unknownChannel(
        channel, of: device, Set(known + view(of: owner).channels.map(\.key)))
    }
    return scope
  }

  private func write(
    _ setting: RetentionSetting?, for scope: SeriesScope, author: String
  ) async throws(ServiceError) {
    let key = scope.registerKey
    try await recorder.write(
      .registerWrite(
        RegisterWrite(
          key: key, value: setting?.encoded(), replaces: recorder.registers.replaces(key))),
      author: author)
    // All of it is looked at again now, not within the hour.
    (retention.dueUs, retention.compactUs) = (0, 0)
    keepRoom()
  }

  private func view(
    of scope: SeriesScope, _ setting: RetentionSetting, _ rules: RetentionRules
  ) -> RetentionSettingView {
    RetentionSettingView(
      device: scope.device.text, channel: scope.channel, said: setting.view,
      rule: rules.rule(scope, with: setting).view)
  }

  private func view(of entry: TrimmingFold.Entry) -> TrimmingView {
    let trimming = entry.trimming
    return TrimmingView(
      id: trimming.id.description, atUs: entry.stamp.wallUs, trusted: entry.stamp.trusted,
      freedBytes: trimming.freedBytes, readings: trimming.readings,
      went: trimming.series.map { series in
        TrimmedView(
          device: owner(of: series.device).text, channel: series.channel,
          left: series.level == .minutes ? "minutes" : "summaries",
          reason: series.reason.isQuota ? "quota" : "space", readings: series.readings,
          bytes: series.bytes, fromUs: series.utc?.lowerBound, toUs: series.utc?.upperBound,
          isUnacknowledged: series.reason.isUnacknowledged)
      }, more: trimming.rest.series,
      seen: entry.seen.map {
        WithdrawalView(author: $0.stamp.author, atUs: $0.stamp.wallUs, reason: $0.note)
      })
  }
}

/// Checks what a person wants of retention.
enum RetentionAsked {
  static func age(
    _ argument: String, _ text: String?
  ) throws(ServiceError) -> RetentionSetting.Part {
    guard let text else { return .inherited }
    do throws(RetentionText.Refusal) {
      return try RetentionText.age(text)
    } catch {
      throw refusal("retention.bad-age", argument, text, error, "12h, 90d, 8w, 2y or forever")
    }
  }

  static func size(
    _ argument: String, _ text: String?
  ) throws(ServiceError) -> RetentionSetting.Part {
    guard let text else { return .inherited }
    do throws(RetentionText.Refusal) {
      return try RetentionText.size(text, in: ConfigurationLimits.channelQuotaBytes)
    } catch {
      throw refusal("retention.bad-size", argument, text, error, "100MB, 2GB or none")
    }
  }

  /// Refuses minutes that would go before readings become minutes.
  static func check(_ setting: RetentionSetting, _ base: RetentionRule) throws(ServiceError) {
    var wanted = base
    if setting.raw != .inherited { wanted.rawUs = setting.raw.limit }
    if setting.minutes != .inherited { wanted.minutesUs = setting.minutes.limit }
    guard wanted.isUpsideDown else { return }
    let raw = RetentionText.text(ageUs: wanted.rawUs)
    let minutes = RetentionText.text(ageUs: wanted.minutesUs)
    throw ServiceError(
      status: 422, code: "retention.order", parameters: ["raw": raw, "minutes": minutes],
      detail: "minutes (\(minutes)) would go before readings (\(raw)) become minutes",
      remedy: "keep minutes at least as long as raw; what is not said follows the default")
  }

  static var nothing: ServiceError {
    ServiceError(
      status: 422, code: "retention.nothing", detail: "nothing is said of raw, minutes or quota",
      remedy: "say at least one; to follow the default again, reset it")
  }

  private static func refusal(
    _ code: String, _ argument: String, _ text: String, _ refusal: RetentionText.Refusal,
    _ examples: String
  ) -> ServiceError {
    ServiceError(
      status: 422, code: code, parameters: ["argument": argument, "value": text],
      detail: "\(argument) cannot be \"\(text)\": \(refusal.why)",
      remedy: "write it as \(examples)")
  }
}

extension RetentionRule {
  /// As the API shows it.
  var view: RetentionRuleView {
    RetentionRuleView(
      raw: RetentionText.text(ageUs: rawUs), minutes: RetentionText.text(ageUs: minutesUs),
      quota: RetentionText.text(bytes: quotaBytes))
  }
}

extension RetentionSetting {
  /// As the API shows it.
  var view: RetentionRuleView {
    RetentionRuleView(
      raw: RetentionText.text(age: raw), minutes: RetentionText.text(age: minutes),
      quota: RetentionText.text(size: quota))
  }
}

extension RoomJudge.Quota {
  /// As the configuration has it; nil for none.
  var text: String? {
    switch self {
    case .reserve: nil
    case .bytes(let bytes): RetentionText.text(bytes: bytes)
    case .percent(let percent): "\(percent)%"
    }
  }
}

extension HeldBlocks {
  /// As the API shows it.
  var view: HeldView {
    let names: [BlockLevel: String] = [.raw: "raw", .minutes: "minutes", .gone: "summaries"]
    return HeldView(
      level: names[level] ?? "raw", readings: readings, bytes: bytes, fromUs: utc?.lowerBound,
      toUs: utc?.upperBound)
  }
}
