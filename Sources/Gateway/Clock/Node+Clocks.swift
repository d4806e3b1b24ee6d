internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// When the node's boots were: what dates them, and what an administrator says.
extension Node {
  /// The latest time that is taken, in µs: the end of the year 9999.
  private static let utcUsMax: Int64 = 253_402_300_799_999_999
  /// The longest time since a boot that is taken, in µs: a century.
  private static let bootUsMax: Int64 = 36_525 * 86_400_000_000
  /// How far off an override may be at most, and is where nothing is said, in µs.
  private static let boundUsMax: Int64 = 366 * 86_400_000_000
  private static let boundUsDefault: Int64 = 60_000_000
  /// The least digits of an id that name a boot.
  private static let digitsMin = 4

  func clocks() async throws(ServiceError) -> ClocksList {
    let known = try await knownClocks()
    return ClocksList(clocks: known.boots.map { view(of: $0, known.timeline) })
  }

  func setClock(
    _ epoch: String, _ request: ClockOverrideRequest, author: String
  ) async throws(ServiceError) -> ClockEpochView {
    let known = try await knownClocks()
    let boot = try find(epoch, in: known)
    let wanted = try Self.checked(request)
    if request.anyway != true, let found = known.contradiction(to: wanted, of: boot) {
      throw Self.refusal(found, of: boot)
    }
    return try await write(wanted.encoded(), of: boot, author: author)
  }

  func resetClock(
    _ epoch: String, author: String
  ) async throws(ServiceError) -> ClockEpochView {
    let known = try await knownClocks()
    let boot = try find(epoch, in: known)
    guard known.timeline.override(of: boot.clockEpoch) != nil else {
      throw ServiceError(
        status: 409, code: "no-override", parameters: ["clock": Self.short(boot)],
        detail: "nobody has said when the boot \(Self.short(boot)) was",
        remedy: "nothing is left to do")
    }
    return try await write(nil, of: boot, author: author)
  }

  private func write(
    _ value: [UInt8]?, of boot: BootOnRecord, author: String
  ) async throws(ServiceError) -> ClockEpochView {
    let key = ClockOverride.key(boot.clockEpoch)
    try await recorder.write(
      .registerWrite(
        RegisterWrite(key: key, value: value, replaces: recorder.registers.replaces(key))),
      author: author)
    log.write(
      .notice, "clock.override",
      ["boot": "\(boot.clockEpoch)", "set": "\(value != nil)", "author": author])
    dateByOverride()
    var event = LiveEvent()
    event.history = HistoryChange(.clock)
    feed.publish(event)
    // Boots beside it may lie between two that are dated now.
    hasPlacedBoots = false
    placeEarlierBoots()
    let known = try await knownClocks()
    guard let now = known.boots.first(where: { $0.clockEpoch == boot.clockEpoch }) else {
      throw Self.notFound(boot.clockEpoch.description)
    }
    return view(of: now, known.timeline)
  }

  /// Brings the derived table up to date: a little at a time, beside everything else. Answers are
  /// right without it, only slower. And what deletions hide may lie elsewhere.
  func dateBlocks() {
    Task { @Loop in
      do throws(DatabaseError) {
        while try await store.dateBlocks() {}
        hidden = try await history.facts().hidden
      } catch {
        guard error.kind != .closed else { return }
        log.write(.warning, "storage.not.dated", ["cause": error.description])
      }
    }
  }

  /// Takes in what holds of the boot that runs now: live values are dated by it.
  func dateByOverride() {
    let key = ClockOverride.key(settings.clockEpoch)
    guard let value = recorder.registers.value(key) else {
      present = nil
      return
    }
    do throws(DecodeError) {
      present = PresentOverride(try ClockOverride(decoding: value), settings.clockEpoch)
    } catch {
      present = nil  // as everywhere, what cannot be read says nothing
    }
  }

  private func knownClocks() async throws(ServiceError) -> ClocksOnRecord {
    do throws(DatabaseError) {
      return try await history.clocks()
    } catch {
      throw Problems.service(error)
    }
  }

  // MARK: What was asked

  private func find(
    _ text: String, in known: ClocksOnRecord
  ) throws(ServiceError) -> BootOnRecord {
    let found = known.boots.filter { boot in
      text == "present"
        ? boot.clockEpoch == settings.clockEpoch : boot.clockEpoch.description.hasPrefix(text)
    }
    guard text.utf8.count >= Self.digitsMin, let first = found.first else {
      throw Self.notFound(text)
    }
    guard found.count == 1 else {
      throw ServiceError(
        status: 409, code: "ambiguous-id", parameters: ["id": text],
        detail: "\(found.count) ids begin with \(text)", remedy: "give more of its digits")
    }
    return first
  }

  private static func notFound(_ text: String) -> ServiceError {
    ServiceError(
      status: 404, code: "no-such-clock", parameters: ["clock": text],
      detail: "the node has no boot \(text) on record", remedy: "bivouac clock lists its boots")
  }

  private static func checked(
    _ request: ClockOverrideRequest
  ) throws(ServiceError) -> ClockOverride {
    let note = try FactText.checked(request.note, "note", Limits.noteBytesMax)
    let bootUs = request.bootUs ?? 0
    guard (0...bootUsMax).contains(bootUs) else {
      throw FactText.refusal("bootUs", "it is not between 0 and a century after the boot")
    }
    let boundUs = request.boundUs ?? boundUsDefault
    guard (0...boundUsMax).contains(boundUs) else {
      throw FactText.refusal("boundUs", "it is not between 0 and a year")
    }
    guard request.utcUs >= 0, request.utcUs <= utcUsMax else {
      throw FactText.refusal("utcUs", "it is not between the years 1970 and 9999")
    }
    guard request.utcUs >= bootUs else {
      throw FactText.refusal("utcUs", "the boot would have begun before 1970")
    }
    return ClockOverride(bootUs: bootUs, utcUs: request.utcUs, boundUs: boundUs, note: note)
  }

  private static func refusal(
    _ found: ClockContradiction, of boot: BootOnRecord
  ) -> ServiceError {
    var parameters = ["clock": short(boot)]
    let detail: String
    switch found {
    case .anchors(let offUs, let boundUs):
      let off = seconds(Int64(clamping: offUs.magnitude))
      let side = offUs < 0 ? "before" : "after"
      parameters.merge(
        ["against": "anchors", "side": side, "off": off, "bound": seconds(boundUs)]
      ) { $1 }
      detail =
        "that is \(off) s \(side) what is known of the boot \(short(boot)), and both together can"
        + " be off by \(seconds(boundUs)) s at most"
    case .before(let number, let offUs):
      parameters.merge(
        ["against": "before", "number": "\(number)", "off": seconds(offUs)]
      ) { $1 }
      detail =
        "the boot \(short(boot)) would begin \(seconds(offUs)) s before boot \(number) ended"
    case .after(let number, let offUs):
      parameters.merge(["against": "after", "number": "\(number)", "off": seconds(offUs)]) { $1 }
      detail = "the boot \(short(boot)) would end \(seconds(offUs)) s after boot \(number) began"
    }
    return ServiceError(
      status: 409, code: "clock-contradicted", parameters: parameters, detail: detail,
      remedy: "look at the time again; with anyway it counts all the same")
  }

  /// Seconds to the millisecond, as JSON and people write them.
  private static func seconds(_ us: Int64) -> String {
    let fraction = "\(us / 1_000 % 1_000 + 1_000)".dropFirst()
    return "\(us / 1_000_000)" + (us / 1_000 % 1_000 == 0 ? "" : ".\(fraction)")
  }

  private static func short(_ boot: BootOnRecord) -> String {
    String(boot.clockEpoch.description.prefix(8))
  }

  // MARK: What is shown

  private func view(of boot: BootOnRecord, _ timeline: Timeline) -> ClockEpochView {
    let isPresent = boot.clockEpoch == settings.clockEpoch
    let lastUs = isPresent ? max(boot.lastUs, Clock.bootUs()) : boot.lastUs
    var view = ClockEpochView(
      epoch: boot.clockEpoch.description, number: boot.number, isPresent: isPresent,
      lastUs: lastUs)
    view.claimedUs = boot.claimedUs
    if let (override, stamp) = timeline.override(of: boot.clockEpoch) {
      view.override = ClockOverrideView(
        bootUs: override.bootUs, utcUs: override.utcUs, boundUs: override.boundUs,
        note: override.note, author: stamp.author, atUs: stamp.wallUs, trusted: stamp.trusted)
    }
    guard let (origin, count) = timeline.node.basis(of: boot.clockEpoch) else { return view }
    switch origin {
    case .kernel: (view.basis, view.anchors) = (.anchors, count)
    case .unknown: view.basis = .neighbours
    case .person: view.basis = .override
    }
    func utcUs(_ bootUs: Int64) -> Int64? {
      timeline.node.date(NodeTime(clockEpoch: boot.clockEpoch, bootUs: bootUs))?.utcUs
    }
    (view.fromUs, view.toUs) = (utcUs(0), utcUs(lastUs))
    view.boundUs = timeline.boundUs(of: boot.clockEpoch, 0...lastUs)
    return view
  }
}

/// What an administrator says of the boot that runs now, ready to date live values.
struct PresentOverride {
  private var timeline = Timeline()
  private let clockEpoch: ClockEpoch

  init(_ override: ClockOverride, _ clockEpoch: ClockEpoch) {
    self.clockEpoch = clockEpoch
    timeline.apply(
      .anchor(
        Anchor(
          bootUs: override.bootUs, utcUs: override.utcUs, errorUs: override.boundUs,
          origin: .person)), in: clockEpoch)
  }

  /// UTC of a time of this boot.
  func date(_ bootUs: Int64) -> Dating? {
    timeline.node.date(NodeTime(clockEpoch: clockEpoch, bootUs: bootUs))
  }
}
