internal import Api
internal import Devices
internal import Model
internal import Storage
internal import Sync

/// What people hide, add and say: facts of the journal, answered from what is on disk.
extension Node {
  // MARK: Deletions

  func deletions(_ wanted: FactsRequest) async throws(ServiceError) -> DeletionsPage {
    let facts = try await facts()
    let asked = try FactsAsked(wanted, devices: try identities(wanted.device))
    let (found, next) = try asked.page(facts.deletions) { (deletion: Deletion) in
      (deletion.id, .series(deletion.scope), deletion.utc)
    }
    return DeletionsPage(deletions: found.map { view(of: $0, $1) }, next: next)
  }

  func delete(
    _ request: DeletionRequest, author: String
  ) async throws(ServiceError) -> DeletionsPage {
    let reason = try FactText.checked(request.reason, "reason", Limits.reasonBytesMax)
    let devices = try identities(request.device)
    let utc = request.fromUs..<request.toUs
    try await requireRoom { $0.deletions.standingCount + devices.count }
    var added: [FactId] = []
    for device in devices {
      let scope = try scope(device, request.channel)
      let deletion = Deletion(
        id: newFactId(), scope: scope, utc: utc, pieces: try await pieces(of: utc, device),
        reason: reason)
      try await recorder.write(.deletion(deletion), author: author)
      added.append(deletion.id)
      publish(.deletion, .series(scope), utc)
    }
    let facts = try await facts()
    show(facts.hidden, of: devices)
    let stated = added.compactMap { facts.deletions.known($0) }
    return DeletionsPage(deletions: stated.map { view(of: $0.stated, $0.withdrawn) })
  }

  func undelete(
    _ id: String, reason: String, author: String
  ) async throws(ServiceError) -> DeletionView {
    let found = try FactId.find(id, in: try await facts().deletions)
    let withdrawal = try FactText.withdrawal(of: found.stated.fact.id, reason)
    try await recorder.write(.deletionUndone(withdrawal), author: author)
    let deletion = found.stated.fact
    publish(.deletion, .series(deletion.scope), deletion.utc)
    let facts = try await facts()
    show(facts.hidden, of: [deletion.scope.device])
    let after = facts.deletions.known(deletion.id)
    return view(of: found.stated, after?.withdrawn)
  }

  /// The last values of devices as deletions let them be seen.
  private func show(_ hidden: HiddenSpans, of devices: [DeviceIdentity]) {
    self.hidden = hidden
    for device in devices { publish(device) }
  }

  private func pieces(
    of utc: Range<Int64>, _ device: DeviceIdentity
  ) async throws(ServiceError) -> [Deletion.Piece] {
    do throws(DatabaseError) {
      return try await history.pieces(of: utc, device)
    } catch {
      throw Problems.service(error)
    }
  }

  private func view(
    of noted: Noted<Deletion>, _ withdrawn: Noted<Withdrawal>?
  ) -> DeletionView {
    let deletion = noted.fact
    var view = DeletionView(
      id: deletion.id.description, device: owner(of: deletion.scope.device).text,
      channel: deletion.scope.channel, fromUs: deletion.utc.lowerBound,
      toUs: deletion.utc.upperBound, reason: deletion.reason, author: noted.stamp.author,
      atUs: noted.stamp.wallUs, trusted: noted.stamp.trusted)
    view.undone = withdrawn?.view
    return view
  }

  // MARK: Annotations

  func annotations(_ wanted: FactsRequest) async throws(ServiceError) -> AnnotationsPage {
    let facts = try await facts()
    let asked = try FactsAsked(wanted, devices: try identities(wanted.device))
    let (found, next) = try asked.page(facts.annotations) { (annotation: Annotation) in
      (annotation.id, annotation.subject, annotation.utc)
    }
    return AnnotationsPage(annotations: found.map { view(of: $0, $1) }, next: next)
  }

  func annotate(
    _ request: AnnotationRequest, author: String
  ) async throws(ServiceError) -> AnnotationView {
    let text = try FactText.checked(request.text, "text", Limits.annotationBytesMax)
    guard !text.isEmpty else { throw FactText.refusal("text", "there are no words") }
    var subject = Annotation.Subject.node(settings.node)
    if let device = request.device {
      let identity = owner(of: try find(device))
      subject = .series(try scope(identity, request.channel))
    }
    try await requireRoom { $0.annotations.standingCount + 1 }
    let annotation = Annotation(
      id: newFactId(), subject: subject, fromUs: request.fromUs,
      toUs: request.toUs ?? request.fromUs, text: text)
    try await recorder.write(.annotation(annotation), author: author)
    publish(.annotation, subject, annotation.utc)
    guard let known = try await facts().annotations.known(annotation.id) else {
      throw FactText.notFound(annotation.id.description)
    }
    return view(of: known.stated, known.withdrawn)
  }

  func removeAnnotation(
    _ id: String, reason: String, author: String
  ) async throws(ServiceError) -> AnnotationView {
    let found = try FactId.find(id, in: try await facts().annotations)
    let annotation = found.stated.fact
    let withdrawal = try FactText.withdrawal(of: annotation.id, reason)
    try await recorder.write(.annotationRemoved(withdrawal), author: author)
    publish(.annotation, annotation.subject, annotation.utc)
    let after = try await facts().annotations.known(annotation.id)
    return view(of: found.stated, after?.withdrawn)
  }

  private func view(
    of noted: Noted<Annotation>, _ withdrawn: Noted<Withdrawal>?
  ) -> AnnotationView {
    let annotation = noted.fact
    var scope: SeriesScope?
    if case .series(let found) = annotation.subject { scope = found }
    var view = AnnotationView(
      id: annotation.id.description, device: scope.map { owner(of: $0.device).text },
      channel: scope?.channel, fromUs: annotation.fromUs, toUs: annotation.toUs,
      text: annotation.text, author: noted.stamp.author, atUs: noted.stamp.wallUs,
      trusted: noted.stamp.trusted)
    view.removed = withdrawn?.view
    return view
  }

  // MARK: What they share

  /// What is on record now.
  func facts() async throws(ServiceError) -> FactsOnRecord {
    do throws(DatabaseError) {
      return try await history.facts()
    } catch {
      throw Problems.service(error)
    }
  }

  /// Refuses one fact too many: nobody looks through so many, and all are kept in memory.
  func requireRoom(_ count: (FactsOnRecord) -> Int) async throws(ServiceError) {
    guard count(try await facts()) <= Limits.factsStandingMax else {
      throw ServiceError(
        status: 409, code: "too-many", parameters: ["limit": "\(Limits.factsStandingMax)"],
        detail: "\(Limits.factsStandingMax) of these are kept at most",
        remedy: "take back what is no longer needed")
    }
  }

  /// Every identity that makes up the device that a text names; nil for no device named.
  func identities(_ device: String?) throws(ServiceError) -> [DeviceIdentity]? {
    guard let device else { return nil }
    return try identities(device)
  }

  /// Every identity that makes up the device that a text names, itself first.
  func identities(_ device: String) throws(ServiceError) -> [DeviceIdentity] {
    parts(of: try find(device)).compactMap { $0 }
  }

  /// The device that an identity's readings are filed under.
  func owner(of identity: DeviceIdentity) -> DeviceIdentity {
    registry.device(identity)?.partOf ?? identity
  }

  func scope(
    _ device: DeviceIdentity, _ channel: String?
  ) throws(ServiceError) -> SeriesScope {
    let scope = SeriesScope(device, channel)
    guard scope.isValid, channel != "" else {
      throw FactText.refusal("channel", "a key has 1 to \(Channel.keyBytesMax) bytes of ASCII")
    }
    return scope
  }

  func publish(
    _ what: HistoryChange.What, _ subject: Annotation.Subject, _ utc: Range<Int64>
  ) {
    var event = LiveEvent()
    var change = HistoryChange(what, fromUs: utc.lowerBound, toUs: utc.upperBound)
    if case .series(let scope) = subject {
      change.device = owner(of: scope.device).text
      change.channel = scope.channel
    }
    event.history = change
    feed.publish(event)
  }

  func newFactId() -> FactId {
    guard let id = FactId(randomBytes16()) else {
      preconditionFailure("sixteen bytes make an id")
    }
    return id
  }
}

extension Annotation {
  /// Its span; an instant takes one microsecond.
  var utc: Range<Int64> { fromUs..<(fromUs == toUs && toUs < .max ? toUs + 1 : toUs) }
}

extension Noted<Withdrawal> {
  /// As the API shows it.
  var view: WithdrawalView {
    WithdrawalView(author: stamp.author, atUs: stamp.wallUs, reason: fact.reason)
  }
}
