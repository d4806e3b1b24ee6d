internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// What was set in two places at once: shown with all that was written, and decided by a person.
extension SiteDesk {
  /// Spaces that only the daemons write: which of two holds there is nobody's concern.
  private static let unasked: Set<RegisterSpace> = [.lastSeen, .forgotten, .answer]

  func conflicts() -> ConflictsList {
    let found = standing().map { key, siblings in
      ConflictView(id: Self.id(of: key), values: siblings.map { view(of: $0, key) })
    }
    return ConflictsList(conflicts: found.sorted { $0.id < $1.id })
  }

  func decide(
    _ id: String, _ decision: ConflictDecision, author: String
  ) async throws(ServiceError) -> ConflictsList {
    guard let (key, siblings) = standing().first(where: { Self.id(of: $0.0) == id }) else {
      throw ServiceError(
        status: 404, code: "not-found", parameters: ["conflict": id],
        detail: "no conflict \(id) stands", remedy: "bivouac config conflicts lists them")
    }
    guard let chosen = siblings.first(where: { Self.text(of: $0.record) == decision.record })
    else {
      throw Self.badArgument("record")
    }
    try await recorder.write(
      .registerWrite(
        RegisterWrite(
          key: key, value: chosen.value, replaces: recorder.registers.replaces(key))),
      author: author)
    node?.learnDevices()
    return conflicts()
  }

  /// Gives a setting the value back that an entry of the audit wrote, whatever was written since.
  /// It is a write like any other: it can be taken back alike.
  func restore(_ id: String, author: String) async throws(ServiceError) -> ConflictsList {
    guard let write = try await written(id) else {
      throw ServiceError(
        status: 404, code: "audit.unknown", parameters: ["entry": id],
        detail: "the audit has no entry \(id)",
        remedy: "bivouac audit shows those that can be given back, with their numbers")
    }
    guard AuditText.isRestorable(write) else {
      throw ServiceError(
        status: 409, code: "audit.not-restorable", parameters: ["entry": id],
        detail: "what the entry \(id) wrote cannot be given back",
        remedy: "names, kinds, settings, rules, recipients and retention can; people and tokens"
          + " are set anew")
    }
    let now = recorder.registers.siblings(write.key)
    if now.count != 1 || now[0].value != write.value {
      try await recorder.write(
        .registerWrite(
          RegisterWrite(
            key: write.key, value: write.value,
            replaces: recorder.registers.replaces(write.key))),
        author: author)
      node?.learnDevices()
    }
    return conflicts()
  }

  /// The write of a register behind an entry of the audit.
  private func written(_ id: String) async throws(ServiceError) -> RegisterWrite? {
    guard let row = Int64(id), row > 0, let history = node?.history else { return nil }
    do throws(DatabaseError) {
      guard case .registerWrite(let write)? = try await history.audited(row)?.content else {
        return nil
      }
      return write
    } catch {
      throw Problems.service(error)
    }
  }

  /// How long a count of conflicts is good enough for the status, in µs: it goes through every
  /// register.
  private static let countedUs: Int64 = 5_000_000

  /// How many conflicts stand; counted again where something may have changed since.
  var conflictsStanding: Int {
    let (nowUs, news) = (Clock.bootUs(), newsCount(.state))
    if let known = conflictsKnown, known.news == news || nowUs - known.atUs < Self.countedUs {
      return known.count
    }
    let count = standing().count
    conflictsKnown = (nowUs, news, count)
    return count
  }

  private func standing() -> [(RegisterKey, [RegisterSibling])] {
    let fold = recorder.registers
    return fold.disputed.compactMap { key in
      guard let space = RegisterSpace(rawValue: key.space), !Self.unasked.contains(space) else {
        return nil
      }
      return (key, fold.siblings(key))
    }
  }

  private func view(of sibling: RegisterSibling, _ key: RegisterKey) -> ConflictValueView {
    let write = RegisterWrite(key: key, value: sibling.value, replaces: [])
    let words = AuditText.register(write, nil)
    var view = ConflictValueView(
      record: Self.text(of: sibling.record), what: words?.what ?? "other",
      parameters: words?.parameters ?? [:], author: sibling.stamp.author,
      node: name(of: sibling.record.origin), atUs: sibling.stamp.wallUs,
      trusted: sibling.stamp.trusted)
    view.removed = sibling.value == nil
    let value = SettingValue(key, sibling.value)
    (view.rule, view.keeps, view.recipient) = (value.rule, value.keeps, value.recipient)
    return view
  }

  private static func id(of key: RegisterKey) -> String {
    Hex.text(Blake2b.hash256([key.space] + key.bytes).prefix(8))
  }

  private static func text(of record: RecordId) -> String {
    "\(Hex.text(record.origin.bytes.prefix(8)))-\(record.incarnation)-\(record.seq)"
  }
}
