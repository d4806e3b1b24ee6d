internal import Api
internal import Devices
internal import Model
internal import Protocol
internal import Reactor
internal import Storage
internal import Sync

/// A node takes up a bounded number of series: what a board brings beyond is refused, by name and
/// count. Series that it has go on.
extension Node {
  /// Whether a board's samples may come; false where it is to say HELLO again, which it does within
  /// seconds: then it is known what of it is recorded.
  func admit(
    _ descriptor: BoardDescriptor, hash: UInt64, of identity: DeviceIdentity,
    _ attachment: Attachment
  ) -> Bool {
    let nowUs = Clock.bootUs()
    if let admission = attachment.admission, admission.descriptorHash == hash,
      admission.refused.isEmpty || !ledger.isCountDue(nowUs: nowUs)
    {
      return mayAttach(admission, descriptor)
    }
    if attachment.admission?.refused.isEmpty ?? true, ledger.take(descriptor.channels.count) {
      attachment.admission = SeriesAdmission(descriptorHash: hash)
      attachment.recorded = nil
      return true
    }
    lookUp(descriptor, hash: hash, of: identity, attachment)
    return false
  }

  /// A board of which nothing would be recorded keeps its samples: it is not told that they are
  /// safe. One without any description is heard.
  private func mayAttach(_ admission: SeriesAdmission, _ descriptor: BoardDescriptor) -> Bool {
    descriptor.channels.isEmpty || admission.refused.count < descriptor.channels.count
  }

  /// Finds out which channels of a board are new, and whether there is room for them.
  private func lookUp(
    _ descriptor: BoardDescriptor, hash: UInt64, of identity: DeviceIdentity,
    _ attachment: Attachment
  ) {
    guard !attachment.isLookedUp else { return }
    attachment.isLookedUp = true
    Task { @Loop in
      defer { attachment.isLookedUp = false }
      do throws(DatabaseError) {
        let nowUs = Clock.bootUs()
        if ledger.isCountDue(nowUs: nowUs) {
          ledger.count(try await history.seriesCount(), nowUs: nowUs)
        }
        let found = try await history.extents(SeriesQuery(devices: [identity]))
        let known = Set((found.known.map(\.name) + found.unknown).map(\.channel))
        var admission = SeriesAdmission(descriptorHash: hash, known: known)
        let new = descriptor.channels.indices.filter {
          !known.contains(descriptor.channels[$0].key)
        }
        if !ledger.take(new.count) { admission.refused = Set(new) }
        attachment.admission = admission
        note(admission, of: identity, attachment)
      } catch {
        // Asked again at the next HELLO.
        say(attachment, .error, "series.count.failed", ["cause": error.description])
      }
    }
  }

  /// Shows what is refused, or that nothing is any more.
  private func note(
    _ admission: SeriesAdmission, of identity: DeviceIdentity, _ attachment: Attachment
  ) {
    attachment.recorded = nil
    guard !admission.refused.isEmpty else {
      if attachment.problem?.code == Self.limitCode { attachment.problem = nil }
      return publish(identity)
    }
    if !attachment.isOverLimit {
      attachment.isOverLimit = true
      refusedBoards += 1
    }
    showLimit(attachment, identity, refused: admission.refused.count)
    notices.removeAll { $0.code == Self.limitCode }
    notices.append(
      ProblemView(
        code: Self.limitCode,
        parameters: [
          "limit": "\(ledger.limit)", "device": identity.text, "boards": "\(refusedBoards)",
          "channels": "\(admission.refused.count)", "count": "0",
        ],
        detail: Self.limitText(ledger.limit, admission.refused.count, identity, 0)))
    say(
      attachment, .warning, Self.limitCode,
      [
        "device": identity.text, "channels": "\(admission.refused.count)",
        "limit": "\(ledger.limit)",
      ])
    publish(identity)
  }

  private func showLimit(_ attachment: Attachment, _ identity: DeviceIdentity, refused: Int) {
    attachment.problem = ProblemView(
      code: Self.limitCode,
      parameters: [
        "limit": "\(ledger.limit)", "device": identity.text, "channels": "\(refused)",
        "count": "\(attachment.overLimit)",
      ],
      detail: Self.limitText(ledger.limit, refused, identity, attachment.overLimit))
  }

  static let limitCode = "series.limit"

  private static func limitText(
    _ limit: Int, _ channels: Int, _ identity: DeviceIdentity, _ count: UInt64
  ) -> String {
    "this node keeps at most \(limit) series and has them: \(channels) new channel(s) of"
      + " \(identity.text) are not recorded (\(count) readings so far), those that it has go on."
      + " A board that gives itself another identity or other names at each start makes so many:"
      + " find it with bivouac series, correct its firmware, and begin a new state folder"
  }

  /// The channels of a board as its samples are recorded: those that are refused have no key, so
  /// that no commit takes them. Nil while it is not known whether some of them are new.
  func recordedChannels(_ attachment: Attachment) -> [Channel]? {
    let shown = attachment.shown.channels
    let described = attachment.descriptor.channels.count
    if shown.count > described, !takeUndescribed(described..<shown.count, attachment) {
      return nil
    }
    guard let admission = attachment.admission, !admission.refused.isEmpty else { return shown }
    if let recorded = attachment.recorded, recorded.count == shown.count { return recorded }
    var recorded = shown
    for index in admission.refused where index < recorded.count { recorded[index].key = "" }
    attachment.recorded = recorded
    return recorded
  }

  /// Samples may name channels that the description does not: each is a series as well. False
  /// while it is not known whether they are new.
  private func takeUndescribed(_ indices: Range<Int>, _ attachment: Attachment) -> Bool {
    let hash = attachment.hello?.descriptorHash ?? 0
    var admission = attachment.admission ?? SeriesAdmission(descriptorHash: hash)
    for index in indices where index >= attachment.undescribedEnd {
      let key = attachment.shown.channels[index].key
      if admission.known?.contains(key) != true, !ledger.take(1) {
        guard let identity = attachment.identity else { return false }
        guard admission.known != nil else {
          lookUp(attachment.descriptor, hash: hash, of: identity, attachment)
          return false
        }
        admission.refused.insert(index)
        attachment.admission = admission
        note(admission, of: identity, attachment)
      }
      attachment.undescribedEnd = index + 1
    }
    attachment.admission = admission
    return true
  }

  /// A sample of a channel that is not recorded: a gap stands in its place.
  func refuseOverLimit(_ attachment: Attachment) {
    attachment.overLimit += 1
    seriesRefused += 1
    guard let identity = attachment.identity else { return }
    showLimit(attachment, identity, refused: attachment.admission?.refused.count ?? 0)
  }

  /// The notice with what was refused since it was raised.
  func withCount(_ notice: ProblemView) -> ProblemView {
    guard notice.code == Self.limitCode, seriesRefused > 0 else { return notice }
    var counted = notice
    counted.parameters["count"] = "\(seriesRefused)"
    return counted
  }

  /// Refuses to add values to a channel that the node has nothing of, where it has no room for one
  /// more.
  func requireSeriesRoom(
    _ channel: String, of device: DeviceIdentity
  ) async throws(ServiceError) {
    guard !ledger.hasRoom(for: 1) else { return }
    do throws(DatabaseError) {
      let nowUs = Clock.bootUs()
      if ledger.isCountDue(nowUs: nowUs) {
        ledger.count(try await history.seriesCount(), nowUs: nowUs)
      }
      let found = try await history.extents(SeriesQuery(devices: [device]))
      let known = Set((found.known.map(\.name) + found.unknown).map(\.channel))
      guard !known.contains(channel), !ledger.hasRoom(for: 1) else { return }
    } catch {
      throw Problems.service(error)
    }
    throw ServiceError(
      status: 507, code: Self.limitCode,
      parameters: [
        "limit": "\(ledger.limit)", "device": device.text, "channels": "1", "count": "0",
      ],
      detail: "this node keeps at most \(ledger.limit) series and has them: \(channel) of"
        + " \(device.text) would be one more",
      remedy: "name a channel that the device has, or begin a new state folder")
  }

  /// Refuses a board where so many are known already; false when it is.
  func admitDevice(_ identity: DeviceIdentity, _ attachment: Attachment) -> Bool {
    guard !recorder.takes(identity) else { return true }
    let problem = ProblemView(
      code: "devices.limit",
      parameters: ["limit": "\(Sync.Limits.devicesMax)", "device": identity.text],
      detail: "this node knows \(Sync.Limits.devicesMax) boards, as many as it takes, and"
        + " \(identity.text) is a new one: it is not recorded, those that are known go on. A board"
        + " that gives itself another identity at each start makes so many: correct its firmware,"
        + " and begin a new state folder")
    attachment.problem = problem
    if !notices.contains(where: { $0.code == problem.code }) { notices.append(problem) }
    say(
      attachment, .warning, problem.code,
      ["device": identity.text, "limit": "\(Sync.Limits.devicesMax)"])
    publish(identity)
    return false
  }
}
