internal import Api
internal import Model
internal import Reactor
internal import Sync
internal import Web

/// Recipients as people ask for them.
extension Node {
  func recipients() -> RecipientsList {
    var list = RecipientsList(recipients: [], unreadable: 0)
    for (bytes, _) in recorder.registers.all(.recipient) {
      guard let key = AlarmKey(bytes), let view = recipientView(key) else {
        list.unreadable += 1
        continue
      }
      list.recipients.append(view)
    }
    list.recipients.sort { ($0.recipient.name, $0.id) < ($1.recipient.name, $1.id) }
    return list
  }

  func setRecipient(
    _ id: String?, _ content: RecipientContent, author: String
  ) async throws(ServiceError) -> RecipientView {
    let named = try id.map { (id) throws(ServiceError) in try recipientKey(id) }
    let recipient = try recipient(content, replacing: named)
    if named == nil,
      recorder.registers.all(.recipient).count >= DeliveryDesk.recipientsMax
    {
      throw ServiceError(
        status: 409, code: "too-many", parameters: ["limit": "\(DeliveryDesk.recipientsMax)"],
        detail: "\(DeliveryDesk.recipientsMax) recipients are kept at most",
        remedy: "remove what is no longer needed")
    }
    guard let key = named ?? AlarmKey(Array(randomBytes16().prefix(8))) else {
      preconditionFailure("eight bytes make a key")
    }
    try await writeRecipient(recipient.encoded(), as: key, author: author)
    guard let view = recipientView(key) else { throw Self.noRecipient(key.description) }
    return view
  }

  func removeRecipient(_ id: String, author: String) async throws(ServiceError) {
    try await writeRecipient(nil, as: try recipientKey(id), author: author)
  }

  /// Tells a recipient at once that the way works; throws `delivery.failed` where it does not.
  func testRecipient(_ id: String, author: String) async throws(ServiceError) {
    let key = try recipientKey(id)
    guard let value = recorder.registers.value(key.recipient),
      let recipient = Self.recipient(value), let episode = FactId(randomBytes16())
    else { throw Self.noRecipient(id) }
    guard !alarms.isTesting else {
      throw ServiceError(
        status: 503, code: "delivery.busy", detail: "another test is under way",
        remedy: "try again in half a minute")
    }
    alarms.isTesting = true
    defer { alarms.isTesting = false }
    let letter = DeliveryDesk.Letter(episode: episode, recipient: key, moment: .test)
    let outcome: Letter.Outcome
    if let output = recipient.output {
      outcome = try await testOutput(output)
    } else {
      outcome = await tell(letter, recipient, nil)
    }
    let isTold = outcome.kind == .delivered
    try await recorder.write(
      .alarmDelivered(
        AlarmDelivered(
          episode: episode, recipient: key, moment: .test,
          outcome: isTold ? .delivered : .givenUp, reason: isTold ? "" : outcome.kind.rawValue)),
      author: author)
    guard isTold else {
      throw ServiceError(
        status: 502, code: "delivery.failed",
        parameters: [
          "reason": outcome.words, "status": "\(outcome.status)", "kind": outcome.kind.rawValue,
        ],
        detail: "it could not be told: \(outcome.words)",
        remedy: "look at its address, the network, and [alarms] in the configuration")
    }
  }

  private func writeRecipient(
    _ value: [UInt8]?, as key: AlarmKey, author: String
  ) async throws(ServiceError) {
    try await recorder.write(
      .registerWrite(
        RegisterWrite(
          key: key.recipient, value: value, replaces: recorder.registers.replaces(key.recipient))),
      author: author)
    log.write(
      .notice, "alarm.recipient",
      ["recipient": "\(key)", "set": "\(value != nil)", "author": author])
  }

  private func recipientView(_ key: AlarmKey) -> RecipientView? {
    let siblings = recorder.registers.siblings(key.recipient)
    guard let first = siblings.first, let value = first.value,
      let recipient = Self.recipient(value)
    else { return nil }
    var view = RecipientView(
      id: key.description, recipient: RecipientText.content(recipient),
      author: first.stamp.author, atUs: first.stamp.wallUs, trusted: first.stamp.trusted,
      conflict: siblings.count > 1)
    if let output = recipient.output {
      let (word, line) = stateOfOutput(output)
      (view.state, view.failures, view.reason) = (word, line?.failures ?? 0, line?.reason)
    } else if let line = alarms.deliveries.lines[key] {
      view.waiting = line.waiting.count + (line.underWay == nil ? 0 : 1)
      (view.failures, view.reason) = (line.failures, line.reason)
    }
    return view
  }

  /// The recipient that a person asks for; a rule that it names is there, or was named before.
  private func recipient(
    _ content: RecipientContent, replacing key: AlarmKey?
  ) throws(ServiceError) -> AlarmRecipient {
    let output = content.way == "output" ? try output(content) : nil
    let recipient = try RecipientText.recipient(content, output: output)
    let before = key.flatMap { recorder.registers.value($0.recipient) }.flatMap(Self.recipient)
    for rule in recipient.rules where before?.rules.contains(rule) != true {
      guard recorder.registers.value(rule.rule) != nil else {
        throw AlarmText.refusal("rules", "no rule of alarms has the id \(rule)")
      }
    }
    return recipient
  }

  private func recipientKey(_ id: String) throws(ServiceError) -> AlarmKey {
    let keys = recorder.registers.all(.recipient).compactMap { AlarmKey($0.key) }
    guard let key = keys.first(where: { $0.description == id }) else {
      throw Self.noRecipient(id)
    }
    return key
  }

  private static func noRecipient(_ id: String) -> ServiceError {
    ServiceError(
      status: 404, code: "not-found", parameters: ["recipient": id],
      detail: "no recipient of alarms has the id \(id)",
      remedy: "GET /api/v1/recipients lists them")
  }
}
