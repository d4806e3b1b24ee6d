internal import Sync

/// The `[retention]` table.
extension ConfigurationReader {
  /// Its keys. The names are what operators write: never rename.
  private enum RetentionKey: String, CaseIterable {
    case raw
    case minutes
    case keepAfterAck = "keep_after_ack"
    case quota
    case ballast
  }

  private enum SnapshotKey: String, CaseIterable {
    case quota
  }

  private static let prefix = "retention."

  mutating func readRetention(
    _ entries: [TomlEntry], onto retention: inout Configuration.Retention
  ) {
    var wanted = retention
    var last: TomlEntry?
    for entry in entries {
      guard let key = known(entry, as: RetentionKey.self, in: Self.prefix) else { continue }
      switch key {
      case .raw:
        if let age = age(entry) {
          wanted.rule.rawUs = age.limit
          last = entry
        }
      case .minutes:
        if let age = age(entry) {
          wanted.rule.minutesUs = age.limit
          last = entry
        }
      case .keepAfterAck:
        // For ever is longer than any age that can be said.
        if let age = age(entry) {
          wanted.keepAfterAckUs = age.limit ?? RetentionText.ageUs.upperBound
        }
      case .quota: if let quota = quota(entry) { wanted.quota = quota }
      case .ballast:
        if let size = size(entry, ConfigurationLimits.ballastBytes, example: "16MB") {
          wanted.ballastBytes = size.limit ?? 0
        }
      }
    }
    if let last, wanted.rule.isUpsideDown {
      let (raw, minutes) = (
        RetentionText.text(ageUs: wanted.rule.rawUs),
        RetentionText.text(ageUs: wanted.rule.minutesUs)
      )
      error(
        .retentionOrder, last, in: Self.prefix,
        "minutes (\(minutes)) would go before readings (\(raw)) become minutes",
        "keep minutes at least as long as raw", ["raw": raw, "minutes": minutes])
      wanted.rule = retention.rule
    }
    retention = wanted
  }

  /// The `[snapshots]` table.
  mutating func readSnapshots(
    _ entry: TomlEntry, onto snapshots: inout Configuration.Snapshots
  ) {
    let prefix = "snapshots."
    guard known(entry, as: SnapshotKey.self, in: prefix) != nil,
      let text = string(entry, in: prefix, example: "256MB")
    else { return }
    do throws(RetentionText.Refusal) {
      let range = ConfigurationLimits.snapshotQuotaBytes
      snapshots.quotaBytes = try RetentionText.size(text, in: range).limit
    } catch {
      self.error(
        .badSize, entry, in: prefix, "\(prefix)\(entry.key) = \"\(text)\": \(error.why)",
        "write a size such as 256MB, or none", ["value": text])
    }
  }

  private mutating func age(_ entry: TomlEntry) -> RetentionSetting.Part? {
    guard let text = string(entry, in: Self.prefix, example: "90d") else { return nil }
    do throws(RetentionText.Refusal) {
      return try RetentionText.age(text)
    } catch {
      self.error(
        .badAge, entry, in: Self.prefix, "\(Self.prefix)\(entry.key) = \"\(text)\": \(error.why)",
        "write an age such as 12h, 90d, 8w, 2y, or forever", ["value": text])
      return nil
    }
  }

  private mutating func size(
    _ entry: TomlEntry, _ range: ClosedRange<Int64>, example: String
  ) -> RetentionSetting.Part? {
    guard let text = string(entry, in: Self.prefix, example: example) else { return nil }
    do throws(RetentionText.Refusal) {
      return try RetentionText.size(text, in: range)
    } catch {
      refuse(entry, text, error, "write a size such as \(example), or none")
      return nil
    }
  }

  private mutating func quota(_ entry: TomlEntry) -> RoomJudge.Quota? {
    guard let text = string(entry, in: Self.prefix, example: "8GB") else { return nil }
    do throws(RetentionText.Refusal) {
      if let share = try RetentionText.share(text) { return .percent(share) }
      let part = try RetentionText.size(text, in: ConfigurationLimits.databaseQuotaBytes)
      return part.limit.map { .bytes($0) } ?? .reserve
    } catch {
      refuse(
        entry, text, error, "write a size such as 8GB, a share of the disk such as 80%, or none")
      return nil
    }
  }

  private mutating func refuse(
    _ entry: TomlEntry, _ text: String, _ refusal: RetentionText.Refusal, _ remedy: String
  ) {
    error(
      .badSize, entry, in: Self.prefix,
      "\(Self.prefix)\(entry.key) = \"\(text)\": \(refusal.why)", remedy, ["value": text])
  }
}
